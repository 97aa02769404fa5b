// SPDX-License-Identifier: MIT
//
// How many bytes keys or values have: one size, a range of them, or several of these with weights.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "driver/random.hpp"

namespace tc::driver {

class Sizes {
 public:
    struct Range {
        std::uint64_t min = 0;
        std::uint64_t max = 0;     // REQUIRES: >= min
        std::uint64_t weight = 1;  // REQUIRES: >= 1
    };

    explicit Sizes(std::uint64_t size) : Sizes({Range{size, size, 1}}) {}
    // REQUIRES: at least one range.
    explicit Sizes(std::vector<Range> ranges);

    // A range by its weight, and within it each size as often as any other.
    [[nodiscard]] std::uint64_t draw(Random& random) const noexcept {
        return is_fixed() ? min_ : draw_range(random);
    }
    [[nodiscard]] std::uint64_t min() const noexcept { return min_; }
    [[nodiscard]] std::uint64_t max() const noexcept { return max_; }
    [[nodiscard]] bool is_fixed() const noexcept { return min_ == max_; }

 private:
    [[nodiscard]] std::uint64_t draw_range(Random& random) const noexcept;

    std::vector<Range> ranges_;
    std::uint64_t weight_sum_ = 0;
    std::uint64_t min_;
    std::uint64_t max_;
};

// "100", "16-1024", "100:70,16-1024:30" (70 of 100 draws are 100). Nothing for anything else, and
// for sizes over 1 GiB.
[[nodiscard]] std::optional<Sizes> parse_sizes(std::string_view text);

}  // namespace tc::driver
