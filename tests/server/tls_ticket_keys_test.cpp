// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <optional>

#include "server/tls_ticket_keys.hpp"

using namespace tc;

namespace {

constexpr std::uint64_t begin_ms = 5'000;

using Name = std::array<unsigned char, TicketKeys::name_bytes>;

std::optional<TicketKeys::OpeningKey> key_named(TicketKeys& keys, const Name& name,
                                                std::uint64_t now_ms) {
    return keys.opening_key(name, now_ms);
}

}  // namespace

TEST_CASE("a ticket is opened with the key that has sealed it, and by no other") {
    TicketKeys keys(begin_ms);
    const TicketKeys::Key sealing = keys.sealing_key(begin_ms);
    const auto opening = key_named(keys, sealing.name, begin_ms + ticket_life_ms - 1);
    REQUIRE(opening.has_value());
    CHECK(opening->key.cipher_key == sealing.cipher_key);
    CHECK(opening->key.mac_key == sealing.mac_key);
    CHECK_FALSE(opening->is_previous);
    CHECK_FALSE(key_named(keys, Name{}, begin_ms).has_value());
    TicketKeys others(begin_ms);
    CHECK_FALSE(key_named(others, sealing.name, begin_ms).has_value());
    CHECK(others.sealing_key(begin_ms).cipher_key != sealing.cipher_key);
}

TEST_CASE("keys are replaced after the life of a ticket, and gone after two") {
    TicketKeys keys(begin_ms);
    const TicketKeys::Key first = keys.sealing_key(begin_ms);
    const std::uint64_t second_ms = begin_ms + ticket_life_ms;
    const TicketKeys::Key second = keys.sealing_key(second_ms);
    CHECK(second.name != first.name);
    CHECK(second.cipher_key != first.cipher_key);
    CHECK(second.mac_key != first.mac_key);

    const auto old = key_named(keys, first.name, second_ms + ticket_life_ms - 1);
    REQUIRE(old.has_value());
    CHECK(old->is_previous);
    CHECK(old->key.cipher_key == first.cipher_key);
    CHECK_FALSE(key_named(keys, first.name, second_ms + ticket_life_ms).has_value());
    CHECK(key_named(keys, second.name, second_ms + ticket_life_ms)->is_previous);
}

TEST_CASE("keys that nobody has asked for in two lives are not kept as the ones before") {
    TicketKeys keys(begin_ms);
    const TicketKeys::Key first = keys.sealing_key(begin_ms);
    CHECK_FALSE(key_named(keys, first.name, begin_ms + 2 * ticket_life_ms).has_value());
}

TEST_CASE("a clock that stands before the keys were made replaces none of them") {
    TicketKeys keys(begin_ms);
    const TicketKeys::Key first = keys.sealing_key(begin_ms);
    CHECK(keys.sealing_key(0).name == first.name);
}
