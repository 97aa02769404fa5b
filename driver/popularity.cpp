// SPDX-License-Identifier: MIT
#include "driver/popularity.hpp"

#include <algorithm>
#include <cmath>

#include "driver/number_text.hpp"

namespace tc::driver {
namespace {

std::optional<Popularity> parse_zipf(std::string_view exponent_text) {
    // Beyond 10, all draws but one in a thousand are of the first index.
    constexpr double exponent_max = 10;
    const std::optional<double> exponent = parse_number<double>(exponent_text);
    // Written so that it is false for what is no number, too.
    if (!exponent.has_value() || !(*exponent > 0 && *exponent <= exponent_max)) {
        return std::nullopt;
    }
    return Popularity{.kind = Popularity::Kind::zipf, .exponent = *exponent};
}

std::optional<Popularity> parse_hot(std::string_view shares_text) {
    const std::vector<std::string_view> shares = split(shares_text, '/');
    if (shares.size() != 2) {
        return std::nullopt;
    }
    const std::optional<double> draws = parse_number<double>(shares[0]);
    const std::optional<double> indexes = parse_number<double>(shares[1]);
    const auto is_share = [](std::optional<double> percent) {
        return percent.has_value() && *percent > 0 && *percent <= 100;
    };
    if (!is_share(draws) || !is_share(indexes)) {
        return std::nullopt;
    }
    return Popularity{.kind = Popularity::Kind::hot,
                      .hot_draw_share = *draws / 100,
                      .hot_index_share = *indexes / 100};
}

}  // namespace

std::optional<Popularity> parse_popularity(std::string_view text) {
    constexpr std::string_view zipf_prefix = "zipf:";
    constexpr std::string_view hot_prefix = "hot:";
    if (text == "uniform") {
        return Popularity{};
    }
    if (text == "zipf") {
        return Popularity{.kind = Popularity::Kind::zipf};
    }
    if (text == "sequential") {
        return Popularity{.kind = Popularity::Kind::sequential};
    }
    if (text == "hot") {
        return Popularity{.kind = Popularity::Kind::hot};
    }
    if (text.starts_with(zipf_prefix)) {
        return parse_zipf(text.substr(zipf_prefix.size()));
    }
    if (text.starts_with(hot_prefix)) {
        return parse_hot(text.substr(hot_prefix.size()));
    }
    return std::nullopt;
}

IndexDraw::IndexDraw(const Popularity& popularity, std::uint64_t index_count, std::uint64_t first)
    : popularity_(popularity),
      index_count_(index_count),
      next_(first % index_count),
      hot_count_(std::clamp<std::uint64_t>(
          static_cast<std::uint64_t>(
              std::llround(popularity.hot_index_share * static_cast<double>(index_count))),
          1, index_count)),
      // 2^64 is one more than there is.
      hot_threshold_(popularity.hot_draw_share >= 1
                         ? UINT64_MAX
                         : static_cast<std::uint64_t>(popularity.hot_draw_share * 0x1p64)),
      zipf_(index_count, popularity.exponent) {}

}  // namespace tc::driver
