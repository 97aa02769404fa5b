// SPDX-License-Identifier: MIT
//
// Keys and tag names made from numbers, and the orders in which benchmarks visit them. A name is
// made where it is used: an array of ten million keys would be a cache miss of its own for every
// operation, and part of the memory that is measured.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tc::bench {

// 16 bytes: what kind of name it is, and its number as it lies in memory.
class NumberedName {
 public:
    static constexpr std::size_t size_bytes = 16;

    NumberedName() = default;
    NumberedName(char kind, std::uint64_t number) noexcept : bytes_{'n', 'a', 'm', 'e', ':'} {
        bytes_[6] = kind;
        bytes_[7] = ':';
        std::memcpy(&bytes_[8], &number, sizeof number);
    }
    [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data(), bytes_.size()}; }

 private:
    std::array<char, size_bytes> bytes_{};
};

// xorshift64 (Marsaglia, 2003).
class Random {
 public:
    explicit Random(std::uint64_t seed) noexcept : state_(seed * 0x9E3779B97F4A7C15U + 1) {}

    [[nodiscard]] std::uint64_t next() noexcept {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return state_;
    }
    // REQUIRES: 0 < bound < 2^32. By multiplication, which costs less than a division.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound) noexcept {
        return (next() >> 32) * bound >> 32;
    }

 private:
    std::uint64_t state_;
};

// An order of 0..count-1 that is not theirs: neighbours of one order are far apart in another.
class Shuffle {
 public:
    // REQUIRES: 0 < count < 10^9, which makes each of the primes coprime to it.
    Shuffle(std::uint64_t count, std::uint32_t order) noexcept
        : count_(count), prime_(primes[order % primes.size()]) {}

    [[nodiscard]] std::uint64_t operator()(std::uint64_t index) const noexcept {
        return index * prime_ % count_;
    }

 private:
    static constexpr std::array<std::uint64_t, 5> primes = {
        1'000'000'007, 1'500'000'001, 2'147'483'647, 4'294'967'291, 3'221'225'473};

    std::uint64_t count_;
    std::uint64_t prime_;
};

}  // namespace tc::bench
