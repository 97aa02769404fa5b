// SPDX-License-Identifier: MIT
//
// What one request may name and one reply may hold: the settings below limits. They do not change
// while the server runs, because clients learn them from HELLO.
#pragma once

#include <algorithm>
#include <cstdint>

#include "protocol/frame.h"
#include "protocol/wire.h"
#include "server/settings/settings.hpp"

namespace tc {

struct RequestLimits {
    RequestLimits() = default;
    // REQUIRES: the settings are within the ranges of their table.
    explicit RequestLimits(const Settings& settings) noexcept
        : key_bytes_max(static_cast<std::uint32_t>(settings.key_bytes_max)),
          value_bytes_max(static_cast<std::uint32_t>(settings.value_bytes_max)),
          tags_max(static_cast<std::uint32_t>(settings.tags_max)),
          keys_max(static_cast<std::uint32_t>(settings.keys_max)) {}

    std::uint32_t key_bytes_max = WIRE_KEY_BYTES_MAX;
    std::uint32_t value_bytes_max = WIRE_VALUE_BYTES_MAX;
    std::uint32_t tags_max = WIRE_TAGS_MAX;
    std::uint32_t keys_max = WIRE_KEYS_MAX;
    // The largest entry fits into a frame, and what is said of it into a reply.
    std::uint32_t frame_body_bytes_max =
        wire_frame_body_bytes_max(value_bytes_max, key_bytes_max, tags_max, WIRE_TAG_BYTES_MAX);
    std::uint32_t reply_bytes_max =
        std::max<std::uint32_t>(WIRE_REPLY_BYTES_MAX, frame_body_bytes_max);
};

}  // namespace tc
