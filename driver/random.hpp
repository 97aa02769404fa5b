// SPDX-License-Identifier: MIT
//
// Random numbers at two multiplications each: SplitMix64 (Steele, Lea and Flood, Fast splittable
// pseudorandom number generators, OOPSLA 2014). The same seed gives the same numbers everywhere.
#pragma once

#include <cstdint>
#include <limits>

namespace tc::driver {

// Spreads a number over 64 bits; two different numbers never meet.
[[nodiscard]] constexpr std::uint64_t scrambled(std::uint64_t number) noexcept {
    number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9U;
    number = (number ^ (number >> 27)) * 0x94D049BB133111EBU;
    return number ^ (number >> 31);
}

class Random {
 public:
    using result_type = std::uint64_t;
    explicit Random(std::uint64_t seed) noexcept : state_(seed) {}

    [[nodiscard]] static constexpr std::uint64_t min() noexcept { return 0; }
    [[nodiscard]] static constexpr std::uint64_t max() noexcept {
        return std::numeric_limits<std::uint64_t>::max();
    }
    std::uint64_t operator()() noexcept { return scrambled(state_ += 0x9E3779B97F4A7C15U); }

    // From 0 to count - 1. Some come more often than others, by count / 2^64. REQUIRES: count != 0.
    std::uint64_t below(std::uint64_t count) noexcept {
        __extension__ using Wide = unsigned __int128;
        return static_cast<std::uint64_t>((Wide{(*this)()} * count) >> 64);
    }
    // From 0 to just below 1.
    double unit() noexcept { return static_cast<double>((*this)() >> 11) * 0x1p-53; }

 private:
    std::uint64_t state_;
};

}  // namespace tc::driver
