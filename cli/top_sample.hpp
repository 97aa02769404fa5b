// SPDX-License-Identifier: MIT
//
// What `tagcache top` knows: what the server told at one moment, and what happened between two of
// them. The second part is arithmetic alone.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/client.hpp"
#include "cli/fields.hpp"
#include "cli/latency_buckets.hpp"

namespace tc {

struct HotName {
    std::string name;
    std::uint64_t rate_per_s;
};

// A connection to the server, and the requests it has sent since it was opened.
struct ClientActivity {
    std::uint64_t id;
    std::string address;
    std::string name;
    std::uint64_t request_count;
};

struct TopSample {
    std::chrono::steady_clock::time_point taken_at;
    std::string address;
    Fields info;
    Fields stats;
    std::vector<HotName> hot_keys;
    std::vector<HotName> hot_tags;
    std::vector<ClientActivity> clients;
};

// Asks the server for all of it, with `name_count_max` hot names of each kind. Throws a Failure.
[[nodiscard]] TopSample take_top_sample(const Client& client, std::uint32_t name_count_max);

// Of the requests that a server distinguishes in its latencies.
struct RequestClass {
    std::string_view name;
    std::string_view field;  // of STATS
};
constexpr std::array<RequestClass, 5> request_classes = {{{"read", "read_latency_us"},
                                                          {"write", "write_latency_us"},
                                                          {"invalidate", "invalidate_latency_us"},
                                                          {"page", "page_latency_us"},
                                                          {"admin", "admin_latency_us"}}};

struct ClientRate {
    ClientActivity client;
    double rate_per_s;
};

// The time between two samples of one server, `before` and `now`, which have to outlive it.
class TopInterval {
 public:
    TopInterval(const TopSample& before, const TopSample& now);

    [[nodiscard]] const TopSample& now() const { return now_; }
    [[nodiscard]] double seconds() const { return seconds_; }
    // What a counter of STATS has grown by. A server that was started anew counts from 0.
    [[nodiscard]] std::uint64_t growth(std::string_view counter) const;
    [[nodiscard]] double rate_per_s(std::string_view counter) const;
    // Nothing without a read.
    [[nodiscard]] std::optional<double> hit_ratio() const;
    [[nodiscard]] LatencyBuckets latency(const RequestClass& request_class) const;
    [[nodiscard]] double rate_per_s(const LatencyBuckets& latency) const;
    // The busiest first; at most so many, and none that was idle.
    [[nodiscard]] std::vector<ClientRate> busiest_clients(std::size_t count_max) const;

 private:
    const TopSample& before_;
    const TopSample& now_;
    double seconds_;
};

}  // namespace tc
