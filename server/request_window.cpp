// SPDX-License-Identifier: MIT
#include "server/request_window.hpp"

#include "protocol/request_names.h"
#include "server/command.hpp"

namespace tc {

WindowShare RequestWindow::add(std::span<const std::uint8_t> bytes,
                               std::uint32_t frame_body_bytes_max, const Store& store) noexcept {
    const std::size_t begin = count_;
    wire_frame_result end = WIRE_FRAME_COMPLETE;
    while (!is_full()) {
        WindowedRequest& request = requests_[count_];
        end =
            wire_parse_request({bytes.data(), bytes.size()}, frame_body_bytes_max, &request.frame);
        if (end != WIRE_FRAME_COMPLETE) {
            break;
        }
        bytes = bytes.subspan(request.frame.frame_bytes);
        ++count_;
        request.key = {};
        const wire_request_key use = wire_peek_key(&request.frame);
        if (use.key.size != 0) {
            request.key = store.hash(text_of(use.key));
            uses_[use_count_++] = {request.key, use.is_write};
        }
    }
    return {std::span{requests_}.subspan(begin, count_ - begin), end};
}

void RequestWindow::prefetch(const Store& store) const noexcept {
    // A single request waits no less for having been announced.
    if (use_count_ > 1) {
        store.prefetch(std::span{uses_}.first(use_count_));
    }
}

}  // namespace tc
