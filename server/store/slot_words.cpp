// SPDX-License-Identifier: MIT
#include "store/slot_words.hpp"

#include <bit>

namespace tc {
namespace {

// Sums act(word, bits) over the words that are not zero. Most blocks are dense or end early, so
// zeros are skipped a cache line at a time.
template <typename Act>
[[gnu::always_inline]] inline std::uint32_t sum_over(ConstBlockWords words, const Act& act) {
    constexpr std::uint32_t line_words = 8;
    std::uint32_t sum = 0;
    for (std::uint32_t begin = 0; begin < block_words; begin += line_words) {
        std::uint64_t any = 0;
        for (std::uint32_t word = begin; word < begin + line_words; ++word) {
            any |= words[word];
        }
        if (any == 0) {
            continue;
        }
        for (std::uint32_t word = begin; word < begin + line_words; ++word) {
            if (words[word] != 0) {
                sum += act(word, words[word]);
            }
        }
    }
    return sum;
}

[[gnu::always_inline]] inline std::uint32_t mark(SlotBitmap* dead, ConstBlockWords words) {
    return sum_over(words, [dead](std::uint32_t word, std::uint64_t bits) {
        const std::uint64_t known = dead[word].load(std::memory_order_relaxed);
        dead[word].store(known | bits, std::memory_order_release);
        return static_cast<std::uint32_t>(std::popcount(bits & ~known));
    });
}

[[gnu::always_inline]] inline std::uint32_t count_alive(const SlotBitmap* dead,
                                                        ConstBlockWords words) {
    return sum_over(words, [dead](std::uint32_t word, std::uint64_t bits) {
        return static_cast<std::uint32_t>(
            std::popcount(bits & ~dead[word].load(std::memory_order_relaxed)));
    });
}

#if defined(__x86_64__)
// The instruction halves the time of an invalidation, but is not in the baseline of x86-64, so it
// is asked for. (target_clones would do the same through an ifunc, whose resolver runs before a
// sanitizer is ready.)
const bool has_popcnt = __builtin_cpu_supports("popcnt") != 0;

[[gnu::target("popcnt")]] std::uint32_t mark_with_popcnt(SlotBitmap* dead, ConstBlockWords words) {
    return mark(dead, words);
}
[[gnu::target("popcnt")]] std::uint32_t count_alive_with_popcnt(const SlotBitmap* dead,
                                                                ConstBlockWords words) {
    return count_alive(dead, words);
}
#else
constexpr bool has_popcnt = false;
constexpr auto mark_with_popcnt = mark;
constexpr auto count_alive_with_popcnt = count_alive;
#endif

}  // namespace

std::uint32_t mark_block(SlotBitmap* dead, ConstBlockWords words) noexcept {
    return has_popcnt ? mark_with_popcnt(dead, words) : mark(dead, words);
}

std::uint32_t count_alive_block(const SlotBitmap* dead, ConstBlockWords words) noexcept {
    return has_popcnt ? count_alive_with_popcnt(dead, words) : count_alive(dead, words);
}

}  // namespace tc
