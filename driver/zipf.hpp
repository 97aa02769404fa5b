// SPDX-License-Identifier: MIT
//
// Draws from a Zipf distribution: rank k of 1..n with a probability proportional to k^-exponent, in
// constant time and memory however large n is, and exactly: rejection-inversion (Hörmann and
// Derflinger, Rejection-inversion to generate variates from monotone discrete distributions, ACM
// TOMACS 6(3), 1996).
//
// The area under x^-exponent from k - 1/2 to k + 1/2 is more than the probability of k, as the
// curve is convex, so that k is drawn by inverting the area and kept with the right probability.
#pragma once

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <limits>

namespace tc::driver {

class Zipf {
 public:
    // REQUIRES: rank_count >= 1; exponent > 0, and 1 is as good as any.
    Zipf(std::uint64_t rank_count, double exponent) noexcept
        : rank_count_(rank_count),
          exponent_(exponent),
          // Of the first rank only the part that is its probability, so that it is never rejected.
          area_begin_(area_to(1.5) - 1),
          area_end_(area_to(static_cast<double>(rank_count) + 0.5)),
          sure_distance_(2 - inverse_of_area(area_to(2.5) - height(2))) {
        assert(rank_count >= 1 && exponent > 0);
    }

    // REQUIRES: the generator gives 64 random bits.
    template <typename Random>
    [[nodiscard]] std::uint64_t operator()(Random& random) const noexcept {
        static_assert(Random::min() == 0 &&
                      Random::max() == std::numeric_limits<std::uint64_t>::max());
        while (true) {
            const double unit = static_cast<double>(random() >> 11) * 0x1p-53;
            const double area = area_end_ + unit * (area_begin_ - area_end_);
            const double x = inverse_of_area(area);
            const auto rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(std::llround(x)),
                                                        1, rank_count_);
            const auto k = static_cast<double>(rank);
            // Most draws are so near to k that they need no look at the curve.
            if (k - x <= sure_distance_ || area >= area_to(k + 0.5) - height(k)) {
                return rank;
            }
        }
    }

 private:
    [[nodiscard]] double height(double x) const noexcept {
        return std::exp(-exponent_ * std::log(x));
    }
    // The integral of the curve from 1 to x: (x^(1-s) - 1) / (1-s), and log x where s is 1; written
    // so that it is accurate near there too.
    [[nodiscard]] double area_to(double x) const noexcept {
        const double log_x = std::log(x);
        const double t = (1 - exponent_) * log_x;
        return log_x * (std::abs(t) < 1e-8 ? 1 + t / 2 : std::expm1(t) / t);
    }
    [[nodiscard]] double inverse_of_area(double area) const noexcept {
        // Rounding must not bring it below what log1p takes.
        const double t = std::max((1 - exponent_) * area, -1.0);
        return std::exp(area * (std::abs(t) < 1e-8 ? 1 - t / 2 : std::log1p(t) / t));
    }

    std::uint64_t rank_count_;
    double exponent_;
    double area_begin_;
    double area_end_;
    double sure_distance_;
};

}  // namespace tc::driver
