// SPDX-License-Identifier: MIT
//
// Stop 2 of a request's path: the next frames of what a read brought, parsed together, so that the
// memory of all their entries is on its way before the first is executed. (Batches of 16 to 32, and
// two stages of prefetching, are those of Chen and others, Improving hash join performance through
// prefetching, 2004, and of Valkey 8.)
//
// One a reactor. Its requests are views into the bytes, valid until those go.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "protocol/frame.h"
#include "store/store.hpp"

namespace tc {

struct WindowedRequest {
    wire_request frame;
    HashedKey key;  // of a request on one entry; otherwise, or when malformed, empty
};

class RequestWindow {
 public:
    static constexpr std::size_t requests_max = Store::prefetch_max;

    // Parses frames from the start of the bytes, until the window is full or they end.
    void fill(std::span<const std::uint8_t> bytes, std::uint32_t frame_body_bytes_max,
              const Store& store) noexcept;

    [[nodiscard]] std::span<const WindowedRequest> requests() const noexcept {
        return {requests_.data(), count_};
    }
    // What stands behind the requests: COMPLETE when the window was full, otherwise why it is not.
    [[nodiscard]] wire_frame_result end() const noexcept { return end_; }
    // Of what stands there, when it is not COMPLETE: the header's fields, if it has come.
    [[nodiscard]] const wire_request& unfinished() const noexcept {
        return requests_[count_].frame;
    }

 private:
    std::size_t count_ = 0;
    wire_frame_result end_ = WIRE_FRAME_NEED_MORE;
    std::array<WindowedRequest, requests_max + 1> requests_;
    std::array<KeyUse, requests_max> uses_;
};

}  // namespace tc
