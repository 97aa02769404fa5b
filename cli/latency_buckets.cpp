// SPDX-License-Identifier: MIT
#include "cli/latency_buckets.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "cli/quantity.hpp"

namespace tc {
namespace {

// Takes it off the front.
std::optional<std::uint64_t> take_number(std::string_view& text) {
    std::uint64_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    return number;
}

bool take(std::string_view& text, char expected) {
    if (text.empty() || text[0] != expected) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

}  // namespace

std::optional<LatencyBuckets> LatencyBuckets::parse(std::string_view text) {
    LatencyBuckets latency;
    while (!text.empty()) {
        const bool is_first = latency.buckets_.empty();
        if (!is_first && !take(text, ' ')) {
            return std::nullopt;
        }
        const std::optional<std::uint64_t> end_us = take_number(text);
        if (!end_us.has_value() || !take(text, ':')) {
            return std::nullopt;
        }
        const std::optional<std::uint64_t> count = take_number(text);
        const bool is_in_order = is_first || latency.buckets_.back().end_us < *end_us;
        if (count.value_or(0) == 0 || !is_in_order || *count > UINT64_MAX - latency.count_) {
            return std::nullopt;
        }
        latency.add({*end_us, *count});
    }
    return latency;
}

void LatencyBuckets::add(Bucket bucket) {
    buckets_.push_back(bucket);
    count_ += bucket.count;
}

std::uint64_t LatencyBuckets::quantile_us(double quantile) const {
    const auto wanted =
        static_cast<std::uint64_t>(std::ceil(quantile * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (const Bucket& bucket : buckets_) {
        seen += bucket.count;
        if (seen >= wanted) {
            return bucket.end_us;
        }
    }
    return buckets_.empty() ? 0 : buckets_.back().end_us;
}

LatencyBuckets LatencyBuckets::since(const LatencyBuckets& earlier) const {
    LatencyBuckets difference;
    auto before = earlier.buckets_.begin();
    for (const Bucket& bucket : buckets_) {
        const bool was_there = before != earlier.buckets_.end() && before->end_us == bucket.end_us;
        const std::uint64_t count_before = was_there ? before->count : 0;
        if (count_before > bucket.count) {
            return *this;
        }
        if (count_before < bucket.count) {
            difference.add({bucket.end_us, bucket.count - count_before});
        }
        before += was_there ? 1 : 0;
    }
    return before == earlier.buckets_.end() ? difference : *this;
}

std::string summary_text(const LatencyBuckets& latency) {
    if (latency.count() == 0) {
        return "none yet";
    }
    constexpr std::uint64_t ns_per_us = 1000;
    const auto text = [&](double quantile) {
        return latency_text(latency.quantile_us(quantile) * ns_per_us);
    };
    return "p50 " + text(0.5) + "  p99 " + text(0.99) + "  p99.9 " + text(0.999) + "  max " +
           text(1) + "  of " + std::to_string(latency.count());
}

}  // namespace tc
