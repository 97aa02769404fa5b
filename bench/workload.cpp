// SPDX-License-Identifier: MIT
#include "bench/workload.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace tc::bench {
namespace {

using Pattern = Workload::Pattern;

constexpr std::array all_workloads{
    Workload{"zipf 0.8", Pattern::zipf, 0.8, 0, 16, 128, 10},
    Workload{"zipf 1.0", Pattern::zipf, 1.0, 0, 16, 128, 10},
    Workload{"zipf 1.2", Pattern::zipf, 1.2, 0, 16, 128, 10},
    Workload{"zipf 1.0 + scans", Pattern::zipf_and_scans, 1.0, 0, 16, 128, 10},
    Workload{"loop of 1.25", Pattern::loop, 1, 0, 16, 128, 1.25},
    Workload{"twitter c1", Pattern::zipf, 2.68, 0.01, 80, 267, 10},
    Workload{"twitter c6", Pattern::zipf, 1.0, 0.02, 44, 252, 10},
    Workload{"twitter c12", Pattern::zipf, 0.30, 0.80, 44, 1030, 10},
    Workload{"twitter c18", Pattern::zipf, 2.10, 0.04, 18, 37, 10},
    Workload{"twitter c24", Pattern::zipf, 1.37, 0.01, 32, 699, 10},
    Workload{"twitter c25", Pattern::zipf, 0.99, 0.05, 49, 28, 10},
    Workload{"twitter c37", Pattern::zipf, 0.43, 0.37, 72, 20134, 10},
    Workload{"twitter c52", Pattern::zipf, 1.21, 0.09, 20, 273, 10},
};

// The finalizer of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators,
// OOPSLA 2014).
std::uint64_t hash_of(std::uint64_t key) noexcept {
    key += 0x9E3779B97F4A7C15;
    key = (key ^ key >> 30) * 0xBF58476D1CE4E5B9;
    key = (key ^ key >> 27) * 0x94D049BB133111EB;
    return key ^ key >> 31;
}

constexpr double scan_share = 0.3;

}  // namespace

std::uint32_t Workload::value_bytes(std::uint64_t key) const noexcept {
    return 1 + static_cast<std::uint32_t>(hash_of(key) % value_bytes_max());
}

std::span<const Workload> workloads() noexcept {
    return all_workloads;
}

RequestStream::RequestStream(const Workload& workload, std::uint64_t entry_count,
                             std::uint64_t seed)
    : workload_(workload),
      random_(seed),
      zipf_(static_cast<std::uint64_t>(
                std::llround(static_cast<double>(entry_count) * workload.key_count_per_entry)),
            workload.exponent),
      key_count_(static_cast<std::uint64_t>(
          std::llround(static_cast<double>(entry_count) * workload.key_count_per_entry))),
      scan_length_(entry_count / 2),
      next_fresh_key_(key_count_ + 1) {}

Request RequestStream::next() {
    return {.key = next_key(), .is_write = draw(workload_.write_share)};
}

std::uint64_t RequestStream::next_key() {
    switch (workload_.pattern) {
        case Pattern::loop: return next_loop_key_++ % key_count_;
        case Pattern::zipf_and_scans:
            // So that scans are scan_share of all requests.
            if (scan_left_ == 0 &&
                draw(scan_share / (1 - scan_share) / static_cast<double>(scan_length_))) {
                scan_left_ = scan_length_;
            }
            if (scan_left_ != 0) {
                --scan_left_;
                return next_fresh_key_++;
            }
            return zipf_(random_);
        case Pattern::zipf: break;
    }
    return zipf_(random_);
}

bool RequestStream::draw(double probability) {
    return static_cast<double>(random_() >> 11) * 0x1p-53 < probability;
}

void write_key(std::uint64_t key, std::uint32_t key_bytes, std::string& text) {
    text.assign(key_bytes, 'k');
    for (std::size_t i = key_bytes; i > 0 && key_bytes - i < 16; --i) {
        text[i - 1] = "0123456789abcdef"[key & 15];
        key >>= 4;
    }
}

}  // namespace tc::bench
