// SPDX-License-Identifier: MIT
//
// Stop 2 of a request's path: the next frames of what reads brought, parsed together, so that the
// memory of all their entries is on its way before the first is executed. (Batches of 16 to 32, and
// two stages of prefetching, are those of Chen and others, Improving hash join performance through
// prefetching, 2004, and of Valkey 8.)
//
// One a reactor, shared by the connections that a poll found readable. Its requests are views into
// the bytes, valid until those go.
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

// What a window has of one connection's bytes.
struct WindowShare {
    std::span<const WindowedRequest> requests;
    // What stands behind them: COMPLETE when the window was full, otherwise why it is not.
    wire_frame_result end = WIRE_FRAME_NEED_MORE;
};

class RequestWindow {
 public:
    static constexpr std::size_t requests_max = Store::prefetch_max;

    [[nodiscard]] bool is_full() const noexcept { return count_ == requests_max; }
    void clear() noexcept { count_ = use_count_ = 0; }
    // Parses frames from the start of the bytes, until the window is full or they end.
    [[nodiscard]] WindowShare add(std::span<const std::uint8_t> bytes,
                                  std::uint32_t frame_body_bytes_max, const Store& store) noexcept;
    // Once, when all shares are in it.
    void prefetch(const Store& store) const noexcept;

 private:
    std::size_t count_ = 0;
    std::size_t use_count_ = 0;
    std::array<WindowedRequest, requests_max> requests_;
    std::array<KeyUse, requests_max> uses_;
};

}  // namespace tc
