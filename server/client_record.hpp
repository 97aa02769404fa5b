// SPDX-License-Identifier: MIT
//
// What CLIENT LIST tells of a connection. The connection's reactor writes it; any thread may read
// it while it holds the reactor's connections_mutex, which keeps the record alive.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "access/access_table.hpp"
#include "protocol/wire.h"
#include "store/session.hpp"

namespace tc {

// A short text that a client chose: fixed room, so that it costs no allocation.
class ShortText {
 public:
    static constexpr std::uint32_t bytes_max = WIRE_CLIENT_NAME_BYTES_MAX;

    void assign(std::string_view text) noexcept {
        size_ = static_cast<std::uint8_t>(std::min(text.size(), bytes_.size()));
        std::memcpy(bytes_.data(), text.data(), size_);
    }
    [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data(), size_}; }

 private:
    std::array<char, bytes_max> bytes_{};
    std::uint8_t size_ = 0;
};

class ClientRecord {
 public:
    // Immutable once the connection is in its reactor's list.
    std::uint64_t id = 0;
    std::uint64_t connected_at_ms = 0;
    ShortText address;
    std::uint64_t source = 0;  // of AttemptDelays
    bool is_remote = false;    // from another machine
    bool is_encrypted = false;

    // Guarded by the reactor's connections_mutex; set by HELLO, and by CLIENT SETNAME.
    ShortText name;
    ShortText library;
    ShortText user_name;  // likewise; of `user`

    // Written by the reactor alone.
    bool is_greeted = false;  // by HELLO, which is allowed once
    // Who it is. nullptr: there are no users, and everything is allowed. A view into the reactor's
    // table of that generation: Reactor::refresh_access() before it is looked at.
    const User* user = nullptr;
    std::uint64_t access_generation = 0;
    Identity identity;
    std::uint64_t authenticate_until_ms = 0;
    bool is_counted_unauthenticated = false;  // among its reactor's
    std::uint8_t refused_auth_count = 0;
    Counter requests;
    Counter input_bytes;
    Counter output_bytes;
    std::atomic<std::uint64_t> active_at_ms{0};
    std::atomic<std::uint64_t> unsent_bytes{0};
};

// A page of CLIENT LIST: ids above the first and up to the last, in whichever reactor they are.
struct ClientIdRange {
    std::uint64_t after_id;
    std::uint64_t last_id;
    std::size_t count;
    bool is_end;  // nobody is behind it
};

// One client as CLIENT LIST shows it: a copy, so that no lock outlives the gathering.
struct ClientListing {
    std::uint64_t id = 0;
    std::uint64_t age_ms = 0;
    std::uint64_t idle_ms = 0;
    std::uint64_t requests = 0;
    std::uint64_t input_bytes = 0;
    std::uint64_t output_bytes = 0;
    std::uint64_t unsent_bytes = 0;
    std::uint32_t reactor_index = 0;
    ShortText address;
    ShortText name;
    ShortText library;
    ShortText user;
};

}  // namespace tc
