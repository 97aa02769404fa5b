// SPDX-License-Identifier: MIT
//
// How long calls took: counts in buckets at most 0.8 % wide, and the longest exactly. Trivially
// copyable, so that a child process can send it to its parent.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace tc::driver {

class LatencyHistogram {
 public:
    void record(std::uint64_t ns) noexcept {
        ++counts_[bucket_of(ns)];
        ++count_;
        max_ns_ = std::max(max_ns_, ns);
        over_1_ms_count_ += ns > 1'000'000 ? 1 : 0;
    }

    // As if what `other` holds had been recorded here too.
    void merge(const LatencyHistogram& other) noexcept {
        for (std::size_t bucket = 0; bucket < bucket_count; ++bucket) {
            counts_[bucket] += other.counts_[bucket];
        }
        count_ += other.count_;
        max_ns_ = std::max(max_ns_, other.max_ns_);
        over_1_ms_count_ += other.over_1_ms_count_;
    }
    // What was recorded since `earlier`, whose maximum it cannot take back. REQUIRES: earlier was a
    // copy of this one.
    [[nodiscard]] LatencyHistogram since(const LatencyHistogram& earlier) const noexcept {
        LatencyHistogram rest = *this;
        for (std::size_t bucket = 0; bucket < bucket_count; ++bucket) {
            rest.counts_[bucket] -= earlier.counts_[bucket];
        }
        rest.count_ -= earlier.count_;
        rest.over_1_ms_count_ -= earlier.over_1_ms_count_;
        return rest;
    }

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    [[nodiscard]] std::uint64_t max_ns() const noexcept { return max_ns_; }
    [[nodiscard]] std::uint64_t over_1_ms_count() const noexcept { return over_1_ms_count_; }

    // The least time that so large a share of the calls did not exceed, rounded up to the end of
    // its bucket; 0 <= quantile <= 1.
    [[nodiscard]] std::uint64_t quantile_ns(double quantile) const noexcept {
        const double wanted = std::ceil(quantile * static_cast<double>(count_));
        const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(wanted));
        std::uint64_t seen = 0;
        for (std::size_t bucket = 0; bucket < bucket_count; ++bucket) {
            seen += counts_[bucket];
            if (seen >= rank) {
                return std::min(upper_end_of(bucket), max_ns_);
            }
        }
        return max_ns_;
    }
    // How many calls took no longer, as far as buckets tell.
    [[nodiscard]] std::uint64_t count_up_to(std::uint64_t ns) const noexcept {
        std::uint64_t seen = 0;
        for (std::size_t bucket = 0; bucket <= bucket_of(ns); ++bucket) {
            seen += counts_[bucket];
        }
        return seen;
    }

    // Of the middles of the buckets.
    [[nodiscard]] double mean_ns() const noexcept {
        double sum = 0;
        for (std::size_t bucket = 0; bucket < bucket_count; ++bucket) {
            sum += static_cast<double>(counts_[bucket]) * middle_of(bucket);
        }
        return count_ == 0 ? 0 : sum / static_cast<double>(count_);
    }
    [[nodiscard]] double deviation_ns() const noexcept {
        const double mean = mean_ns();
        double sum = 0;
        for (std::size_t bucket = 0; bucket < bucket_count; ++bucket) {
            const double distance = middle_of(bucket) - mean;
            sum += static_cast<double>(counts_[bucket]) * distance * distance;
        }
        return count_ == 0 ? 0 : std::sqrt(sum / static_cast<double>(count_));
    }

    // A bucket each below 2^8 ns; from there on 128 to a doubling, up to 2^40 ns, 18 minutes.
    static constexpr std::size_t doubling_buckets = 128;
    static constexpr std::size_t exact_count = 2 * doubling_buckets;
    static constexpr std::size_t doubling_count = 32;
    static constexpr std::size_t bucket_count = exact_count + doubling_count * doubling_buckets;

 private:
    static constexpr std::size_t exact_bits = 8;
    static_assert(exact_count == std::size_t{1} << exact_bits);

    [[nodiscard]] static std::size_t bucket_of(std::uint64_t ns) noexcept {
        if (ns < exact_count) {
            return ns;
        }
        const std::size_t shift = static_cast<std::size_t>(std::bit_width(ns)) - exact_bits;
        return std::min(shift * doubling_buckets + (ns >> shift), bucket_count - 1);
    }
    [[nodiscard]] static std::uint64_t lower_end_of(std::size_t bucket) noexcept {
        if (bucket < exact_count) {
            return bucket;
        }
        const std::size_t shift = bucket / doubling_buckets - 1;
        return std::uint64_t{bucket % doubling_buckets + doubling_buckets} << shift;
    }
    [[nodiscard]] static std::uint64_t upper_end_of(std::size_t bucket) noexcept {
        return lower_end_of(bucket + 1) - 1;
    }
    [[nodiscard]] static double middle_of(std::size_t bucket) noexcept {
        return (static_cast<double>(lower_end_of(bucket)) +
                static_cast<double>(upper_end_of(bucket))) /
               2;
    }

    std::array<std::uint64_t, bucket_count> counts_{};
    std::uint64_t count_ = 0;
    std::uint64_t max_ns_ = 0;
    std::uint64_t over_1_ms_count_ = 0;
};

}  // namespace tc::driver
