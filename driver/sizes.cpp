// SPDX-License-Identifier: MIT
#include "driver/sizes.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "driver/number_text.hpp"

namespace tc::driver {
namespace {

constexpr std::uint64_t size_max = std::uint64_t{1} << 30;
constexpr std::uint64_t weight_max = 1'000'000'000;

// "16-1024:30"
std::optional<Sizes::Range> parse_range(std::string_view text) {
    const std::vector<std::string_view> parts = split(text, ':');
    const std::vector<std::string_view> ends = split(parts[0], '-');
    if (parts.size() > 2 || ends.size() > 2) {
        return std::nullopt;
    }
    const auto min = parse_number<std::uint64_t>(ends.front());
    const auto max = parse_number<std::uint64_t>(ends.back());
    const auto weight = parts.size() == 2 ? parse_number<std::uint64_t>(parts[1]) : 1;
    if (!min.has_value() || !max.has_value() || !weight.has_value()) {
        return std::nullopt;
    }
    const bool is_sound = *min <= *max && *max <= size_max && *weight >= 1 && *weight <= weight_max;
    return is_sound ? std::optional(Sizes::Range{*min, *max, *weight}) : std::nullopt;
}

}  // namespace

Sizes::Sizes(std::vector<Range> ranges)
    : ranges_(std::move(ranges)), min_(ranges_.front().min), max_(ranges_.front().max) {
    for (const Range& range : ranges_) {
        assert(range.min <= range.max && range.weight >= 1);
        weight_sum_ += range.weight;
        min_ = std::min(min_, range.min);
        max_ = std::max(max_, range.max);
    }
}

std::uint64_t Sizes::draw_range(Random& random) const noexcept {
    std::uint64_t left = random.below(weight_sum_);
    const Range* range = ranges_.data();
    for (; left >= range->weight; ++range) {
        left -= range->weight;
    }
    return range->min + random.below(range->max - range->min + 1);
}

std::optional<Sizes> parse_sizes(std::string_view text) {
    std::vector<Sizes::Range> ranges;
    for (const std::string_view part : split(text, ',')) {
        const std::optional<Sizes::Range> range = parse_range(part);
        if (!range.has_value()) {
            return std::nullopt;
        }
        ranges.push_back(*range);
    }
    return Sizes(std::move(ranges));
}

}  // namespace tc::driver
