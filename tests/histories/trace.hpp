// SPDX-License-Identifier: MIT
//
// A history by key, tag and value: what the interval checks ask it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "histories/intervals.hpp"
#include "histories/operation.hpp"

namespace tc::test {

// A value, from the operation that stored it on.
struct Write {
    std::size_t operation = 0;
    std::uint8_t tags = 0;
    Deadline deadline;
    // From then on it was surely stored: its writer had returned, or somebody who had seen it.
    std::uint64_t known_ns = never_ns;
    std::uint64_t last_look_called_ns = 0;
    std::size_t taken_by = none;  // the INCR that wrote over it

    static constexpr std::size_t none = SIZE_MAX;
};

// An operation that tells what was under its key; value 0 = nothing.
struct Look {
    std::size_t operation = 0;
    std::uint64_t value = 0;
};

struct KeyTrace {
    Intervals writes;    // PUT and INCR; their ids are indices into Trace::writes
    Intervals removals;  // DELETE, whether it found something or not
    std::vector<Look> looks;
    std::vector<std::size_t> operations;  // all of them, by call
};

struct Trace {
    static constexpr std::size_t tags_max = 8;

    explicit Trace(const History& history);

    [[nodiscard]] const Operation& operation_of(const Write& write) const {
        return history[write.operation];
    }
    // The write that left a value; nullptr when none did.
    [[nodiscard]] const Write* write_of(std::uint64_t value) const {
        const auto known = writes_of.find(value);
        return known == writes_of.end() ? nullptr : &writes[known->second];
    }
    // Whether an INVALIDATE of one of the tags, but for this one, may have been between these.
    [[nodiscard]] bool may_be_invalidated(std::uint8_t tags, std::uint64_t begin_ns,
                                          std::uint64_t end_ns) const;
    [[nodiscard]] bool was_invalidated(std::uint8_t tags, std::uint64_t begin_ns,
                                       std::uint64_t end_ns) const;

    const History& history;
    std::vector<KeyTrace> keys;
    std::vector<Write> writes;
    std::unordered_map<std::uint64_t, std::size_t> writes_of;
    std::array<Intervals, tags_max> invalidations;
    // Pairs of operations that left the same value, or that both wrote over the same one.
    std::vector<std::pair<std::size_t, std::size_t>> twice_written;
    std::vector<std::pair<std::size_t, std::size_t>> twice_taken;

 private:
    void add(std::size_t number);
    void add_write(std::size_t number, std::uint8_t tags, const Deadline& deadline);
    void note_looks();
    void inherit();
};

}  // namespace tc::test
