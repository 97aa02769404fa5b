// SPDX-License-Identifier: MIT
//
// What a client did and what it was answered, with the times between which the server must have
// done it. Times are of CLOCK_MONOTONIC, in nanoseconds, the same for all clients of a history.
//
// Every stored value is a number that is stored only once, so a value read says which write it
// comes from. An INCR, too: its amount is unique, and the sum it is answered tells both what it
// read and what it wrote.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace tc::test {

enum class Verb : std::uint8_t { get, put, remove, increment, touch, invalidate };

struct Operation {
    Verb verb = Verb::get;
    std::uint8_t client = 0;
    std::uint16_t key = 0;     // of all but INVALIDATE
    std::uint8_t tags = 0;     // a bit each: those that PUT gives, or that INVALIDATE names (any)
    bool is_found = false;     // GET had a hit; DELETE and TOUCH found the key
    std::uint32_t ttl_ms = 0;  // of PUT and TOUCH; 0 = none
    std::uint64_t value = 0;   // what PUT stored, GET read, INCR left; never 0 when there is one
    std::uint64_t amount = 0;  // of INCR
    std::uint64_t count = 0;   // what INVALIDATE answered
    std::uint64_t called_ns = 0;
    std::uint64_t returned_ns = 0;

    // What an INCR found; 0 = nothing, so it began at 0.
    [[nodiscard]] std::uint64_t value_before() const { return value - amount; }
};

using History = std::vector<Operation>;

// The server counts time in whole milliseconds, so a deadline may be one earlier than the TTL after
// the PUT was sent, and is noticed up to one later.
inline constexpr std::uint64_t clock_grain_ns = 1'000'000;
inline constexpr std::uint64_t never_ns = UINT64_MAX;

// Between which times an entry with this TTL expires, if this operation gave it the TTL.
struct Deadline {
    std::uint64_t earliest_ns = never_ns;
    std::uint64_t latest_ns = never_ns;

    static Deadline of(const Operation& operation) {
        if (operation.ttl_ms == 0) {
            return {};
        }
        const std::uint64_t ttl_ns = std::uint64_t{operation.ttl_ms} * 1'000'000;
        const std::uint64_t earliest_ns = operation.called_ns + ttl_ns;
        return {earliest_ns - std::min(earliest_ns, clock_grain_ns),
                operation.returned_ns + ttl_ns + clock_grain_ns};
    }
    // Whether somebody may have been told, in this operation, that the entry has expired, or that
    // it has not.
    [[nodiscard]] bool may_have_passed(const Operation& operation) const {
        return earliest_ns != never_ns && operation.returned_ns > earliest_ns;
    }
    [[nodiscard]] bool has_surely_passed(const Operation& operation) const {
        return latest_ns != never_ns && operation.called_ns >= latest_ns;
    }
    bool operator==(const Deadline&) const = default;
};

// "client 3: GET key 5 -> 4711 [120, 180] us", times from `origin_ns`.
[[nodiscard]] std::string describe(const Operation& operation, std::uint64_t origin_ns);

}  // namespace tc::test
