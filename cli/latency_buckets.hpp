// SPDX-License-Identifier: MIT
//
// The latencies that STATS tells as text, "end:count end:count ...": how many requests took less
// than `end` microseconds, and no less than the end before. Two texts of one server can be
// subtracted, which leaves the requests between them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tc {

class LatencyBuckets {
 public:
    LatencyBuckets() = default;

    // Nothing for a text that is not of this form, with ends that grow and counts above 0.
    [[nodiscard]] static std::optional<LatencyBuckets> parse(std::string_view text);

    [[nodiscard]] std::uint64_t count() const { return count_; }
    // What that share of the requests took less than; at 1 the slowest. 0 without requests.
    // REQUIRES: 0 < quantile <= 1.
    [[nodiscard]] std::uint64_t quantile_us(double quantile) const;

    // What came after `earlier`; all of it when `earlier` has what this has not: then the server
    // was started anew in between.
    [[nodiscard]] LatencyBuckets since(const LatencyBuckets& earlier) const;

 private:
    struct Bucket {
        std::uint64_t end_us;
        std::uint64_t count;
    };

    void add(Bucket bucket);

    std::vector<Bucket> buckets_;  // by end_us; none is empty
    std::uint64_t count_ = 0;
};

// "p50 12.0 us  p99 48.0 us  p99.9 1.02 ms  max 2.05 ms  of 12345"; "none yet".
[[nodiscard]] std::string summary_text(const LatencyBuckets& latency);

}  // namespace tc
