// SPDX-License-Identifier: MIT
//
// How many reads hit: the store beside S3-FIFO, LRU and FIFO as their authors describe them, each
// with the same number of bytes. Every cache sees the same stream of requests; a read that misses
// is followed by a write, as an application would. The first quarter of the requests warms up and
// does not count.
//
// The references pay for an entry its key, its value and --overhead bytes; the store pays what it
// really takes, which the last column shows. With --overhead=0 the references pay that too, so that
// nothing but the policies differs.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "bench/reference_caches.hpp"
#include "bench/workload.hpp"
#include "store/store.hpp"

namespace tc::bench {
namespace {

// What the store takes for an entry of a few hundred bytes.
constexpr std::uint64_t overhead_bytes_usual = 48;

struct Options {
    std::uint64_t request_count = 2'000'000;
    std::uint64_t seed = 1;
    std::uint64_t overhead_bytes = overhead_bytes_usual;  // 0 = what the store takes
    std::uint64_t memory_bytes_max = std::uint64_t{512} * 1024 * 1024;
    std::vector<std::uint64_t> entry_counts{1'000, 10'000, 100'000};
    std::string workload;
};

// The store as a cache of numbers.
class StoreCache {
 public:
    StoreCache(const Workload& workload, std::uint64_t bytes_max)
        : workload_(workload),
          store_({.memory_bytes_max = bytes_max,
                  .stripe_count = 0,
                  .value_bytes_max = workload.value_bytes_max(),
                  .hash_seed = 1}),
          session_(store_),
          value_(workload.value_bytes_max(), 'v') {
        session_.enter(now_ms());
    }
    ~StoreCache() { session_.leave(); }
    StoreCache(const StoreCache&) = delete;
    StoreCache& operator=(const StoreCache&) = delete;

    [[nodiscard]] bool get(std::uint64_t key) {
        end_turn_sometimes();
        write_key(key, workload_.key_bytes, key_);
        return static_cast<bool>(store_.get(session_, key_));
    }

    void put(std::uint64_t key, std::uint64_t) {
        end_turn_sometimes();
        write_key(key, workload_.key_bytes, key_);
        const std::string_view value =
            std::string_view(value_).substr(0, workload_.value_bytes(key));
        const WriteResult result = store_.write(session_, {.key = key_, .value = value});
        refused_count_ += result.outcome == Outcome::ok ? 0 : 1;
    }

    [[nodiscard]] std::uint64_t refused_count() const { return refused_count_; }
    // What an entry takes beyond its key and value, on average.
    [[nodiscard]] double overhead_bytes() const {
        const StoreStats stats = store_.stats();
        return static_cast<double>(stats.used_bytes) /
                   static_cast<double>(std::max<std::uint64_t>(stats.entry_count, 1)) -
               workload_.key_bytes - workload_.value_bytes_mean;
    }

 private:
    static constexpr std::uint64_t turn_operations = 16;
    static constexpr std::uint64_t operations_per_ms = 500;

    [[nodiscard]] std::uint64_t now_ms() const { return 1 + operation_count_ / operations_per_ms; }

    void end_turn_sometimes() {
        ++operation_count_;
        if (session_.should_quiesce()) {
            session_.quiesce();
        }
        if (operation_count_ % turn_operations == 0) {
            session_.leave();
            session_.enter(now_ms());
        }
        if (operation_count_ % (100 * operations_per_ms) == 0) {
            static_cast<void>(store_.upkeep(session_, 0, 1, 256));
        }
    }

    const Workload& workload_;
    Store store_;
    Session session_;
    std::string value_;
    std::string key_;
    std::uint64_t operation_count_ = 0;
    std::uint64_t refused_count_ = 0;
};

// A cache of so many entries of average size.
struct Run {
    const Workload& workload;
    std::uint64_t entry_count;
    std::uint64_t request_count;
    std::uint64_t seed;
    std::uint64_t overhead_bytes;  // for which an entry pays
    std::uint64_t bytes_max;

    // In percent of the reads.
    template <typename Cache>
    [[nodiscard]] double hit_ratio(Cache& cache) const {
        RequestStream requests(workload, entry_count, seed);
        std::uint64_t hit_count = 0;
        std::uint64_t read_count = 0;
        for (std::uint64_t i = 0; i < request_count; ++i) {
            const Request request = requests.next();
            const bool is_hit = !request.is_write && cache.get(request.key);
            if (!is_hit) {
                cache.put(request.key,
                          workload.key_bytes + workload.value_bytes(request.key) + overhead_bytes);
            }
            if (!request.is_write && i >= request_count / 4) {
                ++read_count;
                hit_count += is_hit ? 1 : 0;
            }
        }
        return 100 * static_cast<double>(hit_count) / static_cast<double>(read_count);
    }
    template <typename Cache>
    [[nodiscard]] double hit_ratio_of() const {
        Cache cache(bytes_max);
        return hit_ratio(cache);
    }
};

void print_row(const Workload& workload, std::uint64_t entry_count, const Options& options) {
    Run run{.workload = workload,
            .entry_count = entry_count,
            .request_count = options.request_count,
            .seed = options.seed,
            .overhead_bytes =
                options.overhead_bytes != 0 ? options.overhead_bytes : overhead_bytes_usual,
            .bytes_max = 0};
    run.bytes_max =
        entry_count * (workload.key_bytes + workload.value_bytes_mean + run.overhead_bytes);
    const std::string name(workload.name);
    if (run.bytes_max > options.memory_bytes_max) {
        std::printf("%-18s %8llu   left out: a cache of %llu MiB\n", name.c_str(),
                    static_cast<unsigned long long>(entry_count),
                    static_cast<unsigned long long>(run.bytes_max >> 20));
        return;
    }
    StoreCache store(workload, run.bytes_max);
    const double ours = run.hit_ratio(store);
    if (options.overhead_bytes == 0) {
        run.overhead_bytes =
            static_cast<std::uint64_t>(std::llround(std::max(store.overhead_bytes(), 0.0)));
    }
    const double s3_fifo = run.hit_ratio_of<S3FifoCache>();
    std::printf("%-18s %8llu %8.2f %8.2f %8.2f %8.2f %+10.2f %9llu %8.1f\n", name.c_str(),
                static_cast<unsigned long long>(entry_count), ours, s3_fifo,
                run.hit_ratio_of<LruCache>(), run.hit_ratio_of<FifoCache>(), ours - s3_fifo,
                static_cast<unsigned long long>(store.refused_count()), store.overhead_bytes());
    std::fflush(stdout);
}

void print_table(const Options& options) {
    std::printf("hits in %% of the reads; %llu requests, seed %llu, overhead %llu\n",
                static_cast<unsigned long long>(options.request_count),
                static_cast<unsigned long long>(options.seed),
                static_cast<unsigned long long>(options.overhead_bytes));
    std::printf("%-18s %8s %8s %8s %8s %8s %10s %9s %8s\n", "workload", "entries", "ours",
                "s3-fifo", "lru", "fifo", "to s3-fifo", "refused", "B/entry");
    for (const std::uint64_t entry_count : options.entry_counts) {
        for (const Workload& workload : workloads()) {
            if (options.workload.empty() || options.workload == workload.name) {
                print_row(workload, entry_count, options);
            }
        }
    }
}

}  // namespace
}  // namespace tc::bench

int main(int argc, char** argv) {
    tc::bench::Options options;
    bool is_quick = false;
    CLI::App app("Compares the store's hit ratio with that of published policies");
    app.add_option("--requests", options.request_count, "requests of each workload")
        ->check(CLI::PositiveNumber);
    app.add_option("--seed", options.seed, "of the requests");
    app.add_option("--entries", options.entry_counts, "sizes of the cache")
        ->check(CLI::PositiveNumber);
    app.add_option("--overhead", options.overhead_bytes,
                   "bytes the references pay for an entry; 0 = as the store");
    app.add_option("--memory-max", options.memory_bytes_max, "leaves larger caches out");
    app.add_option("--workload", options.workload, "only this one");
    app.add_flag("--quick", is_quick, "a tenth of the requests, and no cache of 100000 entries");
    CLI11_PARSE(app, argc, argv);
    if (is_quick) {
        options.request_count /= 10;
        options.entry_counts = {1'000, 10'000};
    }
    tc::bench::print_table(options);
    return 0;
}
