// SPDX-License-Identifier: MIT
//
// How long calls took: counts in buckets 3 % wide, and the longest exactly. Trivially copyable, so
// that a child process can send it to its parent.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace tc::bench {

class LatencyHistogram {
 public:
    void record(std::uint64_t ns) noexcept {
        ++counts_[bucket_of(ns)];
        ++count_;
        max_ns_ = std::max(max_ns_, ns);
        over_1_ms_count_ += ns > 1'000'000 ? 1 : 0;
    }

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    [[nodiscard]] std::uint64_t max_ns() const noexcept { return max_ns_; }
    [[nodiscard]] std::uint64_t over_1_ms_count() const noexcept { return over_1_ms_count_; }

    // The upper end of the bucket that holds the quantile; 0 <= quantile <= 1.
    [[nodiscard]] std::uint64_t quantile_ns(double quantile) const noexcept {
        const auto wanted = static_cast<std::uint64_t>(quantile * static_cast<double>(count_));
        std::uint64_t seen = 0;
        for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
            seen += counts_[bucket];
            if (seen > wanted) {
                return std::min(upper_end_of(bucket), max_ns_);
            }
        }
        return max_ns_;
    }

 private:
    // Below 64 ns a bucket each; from there on 32 to a doubling, up to 2^40 ns, 18 minutes.
    static constexpr std::size_t exact_count = 64;
    static constexpr std::size_t doubling_count = 34;
    static constexpr std::size_t bucket_count = exact_count + doubling_count * 32;

    [[nodiscard]] static std::size_t bucket_of(std::uint64_t ns) noexcept {
        if (ns < exact_count) {
            return ns;
        }
        const auto shift = static_cast<std::size_t>(std::bit_width(ns)) - 6;
        return std::min(exact_count + (shift - 1) * 32 + ((ns >> shift) - 32), bucket_count - 1);
    }
    [[nodiscard]] static std::uint64_t upper_end_of(std::size_t bucket) noexcept {
        if (bucket < exact_count) {
            return bucket;
        }
        const std::size_t shift = (bucket - exact_count) / 32 + 1;
        return ((std::uint64_t{(bucket - exact_count) % 32 + 33}) << shift) - 1;
    }

    std::array<std::uint64_t, bucket_count> counts_{};
    std::uint64_t count_ = 0;
    std::uint64_t max_ns_ = 0;
    std::uint64_t over_1_ms_count_ = 0;
};

}  // namespace tc::bench
