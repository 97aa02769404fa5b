// SPDX-License-Identifier: MIT
//
// What echo_server and its clients speak: a request says how long it is and how long its reply
// shall be. The reply begins with the request's head, and what follows it has no meaning.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace tc::bench {

// As long as a header of our own protocol, so that messages can be as long as those.
struct EchoHead {
    std::uint32_t request_bytes = 0;  // head included, like reply_bytes
    std::uint32_t reply_bytes = 0;
    std::uint32_t number = 0;
};
static_assert(sizeof(EchoHead) == 12);

// Both ends are on one machine, so its order of bytes will do. REQUIRES: bytes has room for a head.
[[nodiscard]] inline EchoHead read_echo_head(std::span<const std::uint8_t> bytes) noexcept {
    EchoHead head;
    std::memcpy(&head, bytes.data(), sizeof head);
    return head;
}

[[nodiscard]] inline bool is_valid(const EchoHead& head) noexcept {
    constexpr std::uint32_t message_bytes_max = 2 * 1024 * 1024;
    return head.request_bytes >= sizeof head && head.request_bytes <= message_bytes_max &&
           head.reply_bytes >= sizeof head && head.reply_bytes <= message_bytes_max;
}

}  // namespace tc::bench
