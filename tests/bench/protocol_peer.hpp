// SPDX-License-Identifier: MIT
//
// The other end of a load protocol, for its tests: takes what it sends, feeds it what a server
// would answer, in pieces of any size.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "driver/protocol.hpp"

namespace tc::driver {

inline bool operator==(const Completion& left, const Completion& right) {
    return left.number == right.number && left.outcome == right.outcome &&
           left.reason == right.reason && left.value_bytes == right.value_bytes;
}
inline std::ostream& operator<<(std::ostream& out, const Completion& completion) {
    return out << "{number " << completion.number << ", outcome "
               << static_cast<int>(completion.outcome) << ", reason " << completion.reason
               << ", value bytes " << completion.value_bytes << '}';
}

}  // namespace tc::driver

namespace tc::bench::test {

using driver::Completion;
using driver::Completions;
using driver::Operation;
using driver::Outcome;
using driver::Verb;

class ProtocolPeer {
 public:
    explicit ProtocolPeer(std::unique_ptr<driver::Protocol> protocol)
        : protocol_(std::move(protocol)) {}

    void append(std::uint32_t number, const Operation& operation) {
        REQUIRE(protocol_->append(number, operation, completions_));
    }

    // Everything it has to send, taken a few bytes at a time.
    std::string take_output() {
        std::string taken;
        while (!protocol_->output().empty()) {
            const auto part = protocol_->output();
            const std::size_t size = std::min<std::size_t>(part.size(), 11);
            taken.append(reinterpret_cast<const char*>(part.data()), size);
            protocol_->sent(size);
        }
        return taken;
    }

    // False when the protocol had enough.
    bool feed(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto room = protocol_->room();
            REQUIRE(!room.empty());
            const std::size_t size = std::min(room.size(), bytes.size());
            std::copy_n(bytes.data(), size, reinterpret_cast<char*>(room.data()));
            if (!protocol_->received(size, completions_)) {
                return false;
            }
            bytes.remove_prefix(size);
        }
        return true;
    }

    [[nodiscard]] const Completions& completions() const { return completions_; }
    [[nodiscard]] driver::Protocol& protocol() { return *protocol_; }

 private:
    std::unique_ptr<driver::Protocol> protocol_;
    Completions completions_;
};

// make() gives a peer whose requests are on their way. Whether the answers arrive at once, in two
// pieces or byte for byte, the completions are these.
inline void check_every_split(const std::function<ProtocolPeer()>& make, const std::string& answers,
                              const Completions& expected) {
    for (std::size_t split = 0; split <= answers.size(); ++split) {
        CAPTURE(split);
        ProtocolPeer peer = make();
        REQUIRE(peer.feed(std::string_view(answers).substr(0, split)));
        REQUIRE(peer.feed(std::string_view(answers).substr(split)));
        REQUIRE(peer.completions() == expected);
    }
    ProtocolPeer peer = make();
    for (const char byte : answers) {
        REQUIRE(peer.feed({&byte, 1}));
    }
    CHECK(peer.completions() == expected);
}

inline Operation get(std::string_view key) {
    return {.verb = Verb::get, .key = key, .value = {}, .tags = {}};
}
inline Operation put(std::string_view key, std::string_view value,
                     std::span<const std::string_view> tags = {}, std::uint64_t ttl_ms = 0) {
    return {.verb = Verb::put, .key = key, .value = value, .tags = tags, .ttl_ms = ttl_ms};
}
inline Operation invalidate(std::span<const std::string_view> tags) {
    return {.verb = Verb::invalidate, .key = {}, .value = {}, .tags = tags};
}

}  // namespace tc::bench::test
