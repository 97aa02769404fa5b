// SPDX-License-Identifier: MIT
//
// The longest pause by cause: how long one call keeps its thread while the index grows, a huge tag
// or everything goes, a million entries expire at once, or the memory limit is hit. No pass mark
// on time; a wrong count fails.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "child_process.hpp"
#include "pause_cases.hpp"
#include "timed_reactor.hpp"

namespace tc::bench {

void measure_noise(const PauseOptions& options) {
    print_pause_header("Nothing at all: what the clocks see", options.removed_count, "calls");
    run_in_child([&] {
        PauseTimes nothing;
        for (std::uint64_t i = 0; i < options.removed_count; ++i) {
            nothing.measure([] {});
        }
        print_pauses("nothing", nothing);
    });
}

void measure_growth(const PauseOptions& options) {
    constexpr std::uint64_t slice_operations = 16'384;
    print_pause_header("Growth from the first entry on", options.entry_count);
    run_in_child([&] {
        Store store{StoreOptions{}};
        TimedReactor reactor(store);
        PauseTimes calls;
        for (std::uint64_t i = 0; i < options.entry_count; ++i) {
            calls.measure([&] { reactor.put(i); });
            reactor.end_turn_after(i);
            if (i % slice_operations == slice_operations - 1) {
                reactor.run_slice();
            }
        }
        expect_count("entries", store.stats().entry_count, options.entry_count);
        print_pauses("PUT of a new entry", calls);
        print_upkeep(reactor);
    });
}

void measure_flush(const PauseOptions& options) {
    print_pause_header("FLUSH", options.removed_count);
    run_in_child([&] {
        Store store{StoreOptions{}};
        TimedReactor reactor(store);
        PauseTimes calls;
        for (std::uint64_t run = 0; run < options.run_count / 10 + 1; ++run) {
            for (std::uint64_t i = 0; i < options.removed_count; ++i) {
                reactor.put(i);
                reactor.pass_turn_after(i);
            }
            expect_count("entries flushed",
                         calls.measure([&] { return store.flush(reactor.session()); }),
                         options.removed_count);
            reactor.reclaim();
        }
        print_pauses("FLUSH", calls);
        print_upkeep(reactor);
    });
}

namespace {

struct ExpiryCalls {
    PauseTimes gets;
    PauseTimes puts;
};

// A turn of a reactor with clients: entries that live on are read and replaced.
void work_on_living(TimedReactor& reactor, std::uint64_t begin, std::uint64_t count, Random& random,
                    ExpiryCalls& calls) {
    for (int i = 0; i < 48; ++i) {
        const NumberedName key('k', begin + random.below(count));
        if (!calls.gets.measure(
                [&] { return reactor.store().get(reactor.session(), key.view()); })) {
            throw std::runtime_error("an entry that never expires is gone");
        }
    }
    for (int i = 0; i < 16; ++i) {
        calls.puts.measure([&] { reactor.put(begin + random.below(count)); });
    }
}

}  // namespace

// The clock jumps over the whole second, as it does for a reactor that was busy for so long: all of
// its entries are overdue at once. Then it goes on, a millisecond with each turn.
void measure_expiry(const PauseOptions& options) {
    constexpr std::uint64_t ttl_ms = 1'000;
    constexpr std::uint64_t turn_count_max = 100'000;
    print_pause_header("Expiry of entries whose deadlines are in one second",
                       options.removed_count);
    run_in_child([&] {
        const std::uint64_t count = options.removed_count;
        const std::uint64_t living_count = options.bystander_count;
        Store store{StoreOptions{}};
        TimedReactor reactor(store);
        for (std::uint64_t i = 0; i < count + living_count; ++i) {
            reactor.put(i, {}, i < count ? ttl_ms + i % 1'000 : 0);
            reactor.pass_turn_after(i);
        }
        Random random(3);
        ExpiryCalls calls;
        std::uint64_t turn_count = 0;
        for (reactor.set_now(TimedReactor::start_ms + 2 * ttl_ms), reactor.end_turn();
             store.stats().entry_count != living_count && turn_count < turn_count_max;
             ++turn_count, reactor.set_now(reactor.now_ms() + 1)) {
            work_on_living(reactor, count, living_count, random, calls);
            reactor.run_slice();
        }
        expect_count("entries left", store.stats().entry_count, living_count);
        expect_count("entries expired", store.stats().expired, count);
        print_pauses("GET of another entry", calls.gets);
        print_pauses("PUT of another entry", calls.puts);
        print_upkeep(reactor);
    });
}

namespace {

// 100 to 1000 bytes, and one in a hundred of up to 64 KiB.
std::uint64_t eviction_value_bytes(Random& random) {
    return random.below(100) == 0 ? random.below(65'536) : 100 + random.below(900);
}

struct Overfill {
    PauseTimes calls;
    std::uint64_t refused_count = 0;
    std::uint64_t used_bytes_max = 0;
};

void overfill(TimedReactor& reactor, std::uint64_t byte_count, Overfill& overfill) {
    constexpr std::uint64_t slice_operations = 1'024;
    const std::string value(65'536, 'v');
    Random random(5);
    std::uint64_t written_bytes = 0;
    for (std::uint64_t i = 0; written_bytes < byte_count; ++i) {
        const NumberedName key('k', i);
        const std::uint64_t value_bytes = eviction_value_bytes(random);
        const WriteRequest request{.key = key.view(),
                                   .value = std::string_view(value).substr(0, value_bytes)};
        const Outcome outcome =
            overfill.calls
                .measure([&] { return reactor.store().write(reactor.session(), request); })
                .outcome;
        overfill.refused_count += outcome == Outcome::ok ? 0 : 1;
        written_bytes += value_bytes;
        reactor.end_turn_after(i);
        if (i % slice_operations == slice_operations - 1) {
            reactor.run_slice();
            overfill.used_bytes_max =
                std::max(overfill.used_bytes_max, reactor.store().stats().used_bytes);
        }
    }
}

}  // namespace

void measure_eviction(const PauseOptions& options) {
    print_pause_header("Writing ten times the memory limit", options.limit_bytes >> 20, "MiB");
    run_in_child([&] {
        Store store{StoreOptions{.memory_bytes_max = options.limit_bytes}};
        TimedReactor reactor(store);
        Overfill result;
        overfill(reactor, 10 * options.limit_bytes, result);
        print_pauses("PUT", result.calls);
        print_upkeep(reactor);
        std::printf(
            "\n%llu PUTs refused, %llu entries evicted; the account was at most %.3f of "
            "the limit.\n",
            static_cast<unsigned long long>(result.refused_count),
            static_cast<unsigned long long>(store.stats().evicted),
            static_cast<double>(result.used_bytes_max) / static_cast<double>(options.limit_bytes));
        if (result.used_bytes_max > options.limit_bytes + store.options().value_bytes_max) {
            throw std::runtime_error("the account is above the limit and a value");
        }
    });
}

namespace {

struct PauseCase {
    const char* name;
    void (*measure)(const PauseOptions&);
};

constexpr std::array<PauseCase, 9> cases = {{{"noise", measure_noise},
                                             {"growth", measure_growth},
                                             {"invalidate", measure_invalidate},
                                             {"overlaps", measure_overlaps},
                                             {"flush", measure_flush},
                                             {"expiry", measure_expiry},
                                             {"eviction", measure_eviction},
                                             {"bystander", measure_bystander},
                                             {"memory", measure_memory_return}}};

void measure_cases(const std::vector<std::string>& names, const PauseOptions& options) {
    for (const PauseCase& one : cases) {
        if (names.empty() || std::find(names.begin(), names.end(), one.name) != names.end()) {
            one.measure(options);
        }
    }
}

}  // namespace

}  // namespace tc::bench

int main(int argc, char** argv) {
    tc::bench::PauseOptions options;
    std::vector<std::string> names;
    bool is_quick = false;
    std::set<std::string> known;
    for (const auto& one : tc::bench::cases) {
        known.insert(one.name);
    }
    CLI::App app("The longest pauses of the store by cause, in CPU time of the paused thread.");
    app.add_option("--only", names, "the cases to run; all if none is named")
        ->check(CLI::IsMember(known));
    app.add_option("--entries", options.entry_count, "entries to grow to")->capture_default_str();
    app.add_option("--removed", options.removed_count,
                   "entries that are invalidated, flushed or expire together")
        ->capture_default_str();
    app.add_option("--runs", options.run_count,
                   "runs of invalidate; of overlaps, flush and bystander a tenth")
        ->capture_default_str();
    app.add_flag("--quick", is_quick, "tiny cases, to see that it works");
    CLI11_PARSE(app, argc, argv);
    if (is_quick) {
        options = {.entry_count = 20'000,
                   .removed_count = 5'000,
                   .bystander_count = 1'000,
                   .run_count = 3,
                   .limit_bytes = std::uint64_t{16} << 20};
    }
    try {
        tc::bench::measure_cases(names, options);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "pause_bench: %s\n", error.what());
        return 1;
    }
    return 0;
}
