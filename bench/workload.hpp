// SPDX-License-Identifier: MIT
//
// Streams of requests to a cache, made up: no trace is needed, and a seed gives the same stream
// everywhere. A key is a number, whose text and value size are fixed by its hash.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>

#include "driver/zipf.hpp"

namespace tc::bench {

struct Workload {
    enum class Pattern : std::uint8_t {
        zipf,
        zipf_and_scans,  // three requests in ten are of scans, each of keys never seen before
        loop,            // all keys in order, over and over
    };

    std::string_view name;
    Pattern pattern;
    double exponent;     // of the Zipf distribution
    double write_share;  // of the requests
    std::uint32_t key_bytes;
    std::uint32_t value_bytes_mean;
    // How many keys there are, for each entry that the cache holds.
    double key_count_per_entry;

    // From 1 to twice the mean, uniformly.
    [[nodiscard]] std::uint32_t value_bytes(std::uint64_t key) const noexcept;
    [[nodiscard]] std::uint32_t value_bytes_max() const noexcept {
        return 2 * value_bytes_mean - 1;
    }
};

// Six patterns of the textbook, and eight of Twitter's 54 cache clusters by the means that were
// published with their traces (github.com/twitter/cache-trace, stat/2020Mar.md): key and value
// sizes, share of writes, exponent. Their expiry is left out, as the policies know none.
[[nodiscard]] std::span<const Workload> workloads() noexcept;

struct Request {
    std::uint64_t key;
    bool is_write;
};

class RequestStream {
 public:
    RequestStream(const Workload& workload, std::uint64_t entry_count, std::uint64_t seed);

    [[nodiscard]] Request next();

 private:
    [[nodiscard]] std::uint64_t next_key();
    [[nodiscard]] bool draw(double probability);

    const Workload& workload_;
    std::mt19937_64 random_;
    driver::Zipf zipf_;
    std::uint64_t key_count_;
    std::uint64_t scan_length_;
    std::uint64_t scan_left_ = 0;
    std::uint64_t next_fresh_key_;
    std::uint64_t next_loop_key_ = 0;
};

// The key's text, of exactly so many bytes; from 16 on no two keys share one.
void write_key(std::uint64_t key, std::uint32_t key_bytes, std::string& text);

}  // namespace tc::bench
