// SPDX-License-Identifier: MIT
#include "server/request_window.hpp"

#include "protocol/request_names.h"
#include "server/command.hpp"

namespace tc {

void RequestWindow::fill(std::span<const std::uint8_t> bytes, std::uint32_t frame_body_bytes_max,
                         const Store& store) noexcept {
    std::size_t use_count = 0;
    count_ = 0;
    end_ = WIRE_FRAME_COMPLETE;
    while (count_ < requests_max) {
        WindowedRequest& request = requests_[count_];
        end_ =
            wire_parse_request({bytes.data(), bytes.size()}, frame_body_bytes_max, &request.frame);
        if (end_ != WIRE_FRAME_COMPLETE) {
            break;
        }
        bytes = bytes.subspan(request.frame.frame_bytes);
        ++count_;
        request.key = {};
        const wire_request_key use = wire_peek_key(&request.frame);
        if (use.key.size != 0) {
            request.key = store.hash(text_of(use.key));
            uses_[use_count++] = {request.key, use.is_write};
        }
    }
    // A single request waits no less for having been announced.
    if (use_count > 1) {
        store.prefetch(std::span{uses_}.first(use_count));
    }
}

}  // namespace tc
