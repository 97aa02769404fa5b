// SPDX-License-Identifier: MIT
//
// What an entry costs in resident memory beyond its key and value, whether memory comes back after
// entries go, and what happens at the limit when values change their size. Each case runs in a
// process of its own. No pass mark on memory; a wrong count fails.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "child_process.hpp"
#include "driver/clocks.hpp"
#include "memory_return.hpp"
#include "numbered_name.hpp"
#include "resident_memory.hpp"
#include "store/store.hpp"
#include "store_upkeep.hpp"

namespace tc::bench {

namespace {

constexpr std::uint32_t turn_operations = 64;
constexpr std::uint64_t start_ms = 1;
constexpr double mebibyte = 1024.0 * 1024.0;

struct Options {
    std::uint64_t entry_count = 1'000'000;
    std::uint64_t limit_bytes = std::uint64_t{256} << 20;
    bool has_every_combination = false;
};

// What a case fills the store with.
struct Contents {
    std::uint64_t entry_count = 0;
    std::uint32_t value_bytes = 0;  // 0 = uniform in 1..256
    bool has_ttl = false;
    std::uint32_t tag_count = 0;    // of an entry
    std::uint64_t tag_entries = 1;  // of a tag

    [[nodiscard]] std::uint32_t value_bytes_of(std::uint64_t index) const noexcept {
        return value_bytes != 0 ? value_bytes
                                : 1 + static_cast<std::uint32_t>(Random(index + 1).below(256));
    }
};

constexpr std::uint32_t value_bytes_max = 1'000;
constexpr std::uint32_t tag_count_max = 4;
const std::string value_text(value_bytes_max, 'v');

WriteResult put(Store& store, Session& session, const Contents& contents, std::uint64_t index) {
    std::array<NumberedName, tag_count_max> tags = {NumberedName('a', 0), NumberedName('b', 0),
                                                    NumberedName('c', 0), NumberedName('d', 0)};
    std::array<std::string_view, tag_count_max> names;
    for (std::uint32_t i = 0; i < contents.tag_count; ++i) {
        // Entries that share one tag do not share the next, nor were they stored together.
        const Shuffle order(contents.entry_count, i);
        tags[i] = NumberedName(static_cast<char>('a' + i), order(index) / contents.tag_entries);
        names[i] = tags[i].view();
    }
    WriteRequest request;
    const NumberedName key('k', index);
    request.key = key.view();
    request.value = std::string_view(value_text).substr(0, contents.value_bytes_of(index));
    request.tags = std::span(names.data(), contents.tag_count);
    if (contents.has_ttl) {
        // Deadlines over an hour, none of them near.
        request.ttl_ms = 3'600'000 + index % 3'600 * 1'000;
    }
    return store.write(session, request);
}

// Returns the bytes of keys and values.
std::uint64_t fill(Store& store, Session& session, const Contents& contents) {
    std::uint64_t payload_bytes = 0;
    session.enter(start_ms);
    for (std::uint64_t i = 0; i < contents.entry_count; ++i) {
        if (put(store, session, contents, i).outcome != Outcome::ok) {
            throw std::runtime_error("a PUT was refused");
        }
        payload_bytes += NumberedName::size_bytes + contents.value_bytes_of(i);
        if (i % turn_operations == turn_operations - 1) {
            session.leave();
            session.enter(start_ms);
        }
    }
    session.leave();
    expect_count("entries after filling", store.stats().entry_count, contents.entry_count);
    return payload_bytes;
}

struct Footprint {
    double grown_bytes = 0;    // of the resident set; all of these are per entry
    double payload_bytes = 0;  // key and value
    double account_bytes = 0;  // as the store sees it
    double index_bytes = 0;
    double tag_bytes = 0;

    [[nodiscard]] double overhead_bytes() const noexcept { return grown_bytes - payload_bytes; }
};

Footprint measure_footprint(const Contents& contents) {
    return in_child([&contents] {
        const std::uint64_t start_bytes = resident_bytes();
        Store store{StoreOptions{}};
        Session session(store);
        const auto payload_bytes = static_cast<double>(fill(store, session, contents));
        StoreUpkeep::give_back_memory();
        const StoreStats stats = store.stats();
        const auto count = static_cast<double>(contents.entry_count);
        return Footprint{static_cast<double>(resident_bytes() - start_bytes) / count,
                         payload_bytes / count, static_cast<double>(stats.used_bytes) / count,
                         static_cast<double>(stats.index_bytes) / count,
                         static_cast<double>(stats.tag_bytes) / count};
    });
}

std::string value_name(std::uint32_t value_bytes) {
    return value_bytes == 0 ? "1..256" : std::to_string(value_bytes);
}

void print_footprint(const Contents& contents, const Footprint& footprint) {
    std::printf("| %s | %s | %u | %7.1f | %7.1f | %6.1f | %7.1f | %6.1f | %6.1f |",
                value_name(contents.value_bytes).c_str(), contents.has_ttl ? "yes" : "no",
                contents.tag_count, footprint.grown_bytes, footprint.payload_bytes,
                footprint.overhead_bytes(), footprint.account_bytes, footprint.index_bytes,
                footprint.tag_bytes);
}

constexpr std::array<std::uint32_t, 4> value_sizes = {0, 32, 100, 1'000};
constexpr std::array<std::uint64_t, 3> tag_sizes = {1, 10, 1'000};

void print_average(const char* what, double overhead_bytes, double payload_bytes) {
    std::printf(
        "Average %s: %.1f bytes beyond key and value (%.1f); goals: %.1f (56 B + 6 %%), "
        "then %.1f (40 B + 2 %%).\n",
        what, overhead_bytes, payload_bytes, 56 + 0.06 * payload_bytes, 40 + 0.02 * payload_bytes);
}

// The edges' cost is what the same entries cost more than without tags. Tags' names, of 16 bytes,
// are part of it.
void measure_tags(const Contents& untagged, const Footprint& without) {
    for (const std::uint32_t tag_count : {1U, tag_count_max}) {
        for (const std::uint64_t tag_entries : tag_sizes) {
            Contents contents = untagged;
            contents.tag_count = tag_count;
            contents.tag_entries = tag_entries;
            const Footprint footprint = measure_footprint(contents);
            print_footprint(contents, footprint);
            std::printf(" %llu | %.1f |\n", static_cast<unsigned long long>(tag_entries),
                        (footprint.grown_bytes - without.grown_bytes) / tag_count);
            std::fflush(stdout);
        }
    }
}

void measure_footprints(const Options& options) {
    std::printf(
        "\n## Resident memory per entry, %llu entries, keys of 16 bytes\n\n"
        "| value | TTL | tags | RSS | key+value | beyond | account | index | tags' "
        "| entries of a tag | an edge |\n|---|---|---|---|---|---|---|---|---|---|---|\n",
        static_cast<unsigned long long>(options.entry_count));
    std::array<double, 2> overhead_bytes{};
    double payload_bytes = 0;
    for (const std::uint32_t value_bytes : value_sizes) {
        for (const bool has_ttl : {false, true}) {
            const Contents contents{options.entry_count, value_bytes, has_ttl};
            const Footprint footprint = measure_footprint(contents);
            print_footprint(contents, footprint);
            std::printf(" | |\n");
            std::fflush(stdout);
            overhead_bytes[has_ttl ? 1 : 0] += footprint.overhead_bytes() / value_sizes.size();
            payload_bytes += footprint.payload_bytes / value_sizes.size() / 2;
            if (options.has_every_combination || (value_bytes == 100 && has_ttl)) {
                measure_tags(contents, footprint);
            }
        }
    }
    std::printf("\n");
    print_average("without TTL", overhead_bytes[0], payload_bytes);
    print_average("with TTL", overhead_bytes[1], payload_bytes);
    std::printf("Goals for an edge: 16 B for tags of 1000 and more entries, 32 B at 10.\n");
}

enum class Removal : std::uint8_t { by_key, by_tag, by_expiry, by_flush };

constexpr std::array<const char*, 4> removal_names = {"DELETE of each", "INVALIDATE", "expiry",
                                                      "FLUSH"};
constexpr std::uint64_t short_ttl_ms = 1'000;

struct GiveBack {
    double start_bytes = 0;
    double full_bytes = 0;
    double removal_seconds = 0;
    MemoryReturn after;  // the removal
};

void fill_tagged(Store& store, Session& session, std::uint64_t entry_count) {
    const Contents contents{entry_count};
    const NumberedName tag('a', 0);
    const std::string_view name = tag.view();
    session.enter(start_ms);
    for (std::uint64_t i = 0; i < entry_count; ++i) {
        const NumberedName key('k', i);
        const std::string_view value =
            std::string_view(value_text).substr(0, contents.value_bytes_of(i));
        if (store
                .write(
                    session,
                    {.key = key.view(), .value = value, .tags = {&name, 1}, .ttl_ms = short_ttl_ms})
                .outcome != Outcome::ok) {
            throw std::runtime_error("a PUT was refused");
        }
        if (i % turn_operations == turn_operations - 1) {
            session.leave();
            session.enter(start_ms);
        }
    }
    session.leave();
}

std::uint64_t remove_each(Store& store, Session& session, std::uint64_t entry_count) {
    const Shuffle order(entry_count, 2);
    std::uint64_t removed_count = 0;
    for (std::uint64_t i = 0; i < entry_count; ++i) {
        const NumberedName key('k', order(i));
        removed_count += store.remove(session, key.view(), std::nullopt) == Outcome::ok ? 1 : 0;
        if (i % turn_operations == turn_operations - 1) {
            session.leave();
            session.enter(start_ms);
        }
    }
    return removed_count;
}

// Everything but expiry, which only takes time.
void remove_all(Store& store, Session& session, Removal removal, std::uint64_t entry_count) {
    const NumberedName tag('a', 0);
    const std::string_view name = tag.view();
    std::uint64_t removed_count = entry_count;
    session.enter(start_ms);
    if (removal == Removal::by_key) {
        removed_count = remove_each(store, session, entry_count);
    } else if (removal == Removal::by_tag) {
        removed_count = store.invalidate(session, {&name, 1}, TagMatch::any);
    } else if (removal == Removal::by_flush) {
        removed_count = store.flush(session);
    }
    session.leave();
    expect_count("entries removed", removed_count, entry_count);
}

// Another reactor: it fills the store, and then only does its share of the upkeep.
class FillingThread {
 public:
    FillingThread(Store& store, std::uint64_t entry_count)
        : thread_([this, &store, entry_count](const std::stop_token& stop) {
              Session session(store);
              fill_tagged(store, session, entry_count);
              is_filled_ = true;
              is_filled_.notify_one();
              StoreUpkeep upkeep(store, session, 1, 2);
              while (!stop.stop_requested()) {
                  upkeep.run_turn(now_ms_);
                  StoreUpkeep::give_back_memory();
                  std::this_thread::sleep_for(std::chrono::milliseconds(1));
              }
          }) {
        is_filled_.wait(false);
    }
    void set_now(std::uint64_t now_ms) noexcept { now_ms_ = now_ms; }

 private:
    std::atomic<bool> is_filled_{false};
    std::atomic<std::uint64_t> now_ms_{start_ms};
    std::jthread thread_;
};

GiveBack measure_give_back(Removal removal, std::uint64_t entry_count, bool from_another_thread) {
    return in_child([=] {
        GiveBack result;
        result.start_bytes = static_cast<double>(resident_bytes());
        Store store{StoreOptions{}};
        Session session(store);
        std::optional<FillingThread> filler;
        if (from_another_thread) {
            filler.emplace(store, entry_count);
        } else {
            fill_tagged(store, session, entry_count);
        }
        StoreUpkeep upkeep(store, session, 0, from_another_thread ? 2 : 1);
        result.full_bytes = static_cast<double>(resident_bytes());
        const std::uint64_t begin_ns = driver::now_ns();
        remove_all(store, session, removal, entry_count);
        result.removal_seconds = static_cast<double>(driver::now_ns() - begin_ns) / 1e9;
        const std::uint64_t now_ms =
            removal == Removal::by_expiry ? start_ms + short_ttl_ms : start_ms;
        if (filler) {
            filler->set_now(now_ms);
        }
        result.after = wait_for_memory(store, upkeep, result.start_bytes, now_ms);
        expect_count("entries left", store.stats().entry_count, 0);
        return result;
    });
}

void print_give_back(const GiveBack& result) {
    std::printf(
        " %.1f | %.1f | %.1f | %.1f | %s | %.3f | %.3f | %.3f |\n", result.start_bytes / mebibyte,
        result.full_bytes / mebibyte, result.after.end_bytes / mebibyte,
        allowed_bytes_after(result.start_bytes) / mebibyte, result.after.is_back ? "yes" : "NO",
        result.removal_seconds, result.after.cpu_seconds, result.after.wall_seconds);
    std::fflush(stdout);
}

void measure_give_backs(const Options& options) {
    std::printf(
        "\n## Memory given back, %llu entries with values of 1..256 bytes and a tag\n\n"
        "| removed by | filled by | start MiB | full MiB | end MiB | allowed MiB | back "
        "| removal s | then CPU s | wall s |\n|---|---|---|---|---|---|---|---|---|---|\n",
        static_cast<unsigned long long>(options.entry_count));
    for (const Removal removal :
         {Removal::by_key, Removal::by_tag, Removal::by_expiry, Removal::by_flush}) {
        for (const bool from_another_thread : {false, true}) {
            std::printf("| %s | %s |", removal_names[static_cast<std::size_t>(removal)],
                        from_another_thread ? "another thread" : "this thread");
            print_give_back(measure_give_back(removal, options.entry_count, from_another_thread));
        }
    }
}

struct Shift {
    double resident_share_max = 0;  // of the limit, at the samples
    double account_share_max = 0;
    std::array<std::uint64_t, 2> stored_count{};  // of small values, then of large ones
    std::array<std::uint64_t, 2> refused_count{};
    std::uint64_t evicted_count = 0;
    std::uint64_t entry_count = 0;  // at the end
};

void sample(const Store& store, std::uint64_t limit_bytes, std::uint64_t start_bytes,
            Shift& shift) {
    const auto limit = static_cast<double>(limit_bytes);
    shift.resident_share_max = std::max(
        shift.resident_share_max, static_cast<double>(resident_bytes() - start_bytes) / limit);
    shift.account_share_max =
        std::max(shift.account_share_max, static_cast<double>(store.stats().used_bytes) / limit);
}

Shift measure_shift(std::uint64_t limit_bytes) {
    return in_child([=] {
        const std::uint64_t start_bytes = resident_bytes();
        Store store{StoreOptions{.memory_bytes_max = limit_bytes}};
        Session session(store);
        StoreUpkeep upkeep(store, session);
        Shift shift;
        std::uint64_t index = 0;
        session.enter(start_ms);
        for (std::size_t phase = 0; phase < 2; ++phase) {
            const std::uint32_t value_bytes = phase == 0 ? 100 : 1'000;
            // Three times what fits, if an entry cost nothing beyond its value.
            const std::uint64_t write_count = 3 * limit_bytes / value_bytes;
            const std::uint64_t sample_writes = write_count / 100 + 1;
            for (std::uint64_t i = 0; i < write_count; ++i, ++index) {
                const Outcome outcome =
                    put(store, session, {write_count, value_bytes}, index).outcome;
                ++(outcome == Outcome::ok ? shift.stored_count : shift.refused_count)[phase];
                if (i % turn_operations == turn_operations - 1) {
                    session.leave();
                    session.enter(start_ms);
                }
                if (i % sample_writes == 0) {
                    upkeep.run_slice();
                    StoreUpkeep::give_back_memory();
                    sample(store, limit_bytes, start_bytes, shift);
                }
            }
        }
        session.leave();
        shift.evicted_count = store.stats().evicted;
        shift.entry_count = store.stats().entry_count;
        return shift;
    });
}

void print_shift(const Options& options) {
    const Shift shift = measure_shift(options.limit_bytes);
    const double limit = static_cast<double>(options.limit_bytes);
    const auto number = [](std::uint64_t count) { return static_cast<unsigned long long>(count); };
    std::printf(
        "\n## From values of 100 to values of 1000 bytes at a limit of %.0f MiB\n\n"
        "Largest RSS at 200 samples: %.3f of the limit (G9 allows %.3f); largest account: "
        "%.3f.\n100 B: %llu stored, %llu refused; 1000 B: %llu stored, %llu refused; "
        "%llu evicted, %llu entries at the end.\n",
        limit / mebibyte, shift.resident_share_max, 1.15 + 64 * mebibyte / limit,
        shift.account_share_max, number(shift.stored_count[0]), number(shift.refused_count[0]),
        number(shift.stored_count[1]), number(shift.refused_count[1]), number(shift.evicted_count),
        number(shift.entry_count));
}

}  // namespace

}  // namespace tc::bench

int main(int argc, char** argv) {
    tc::bench::Options options;
    std::uint64_t limit_mebibytes = options.limit_bytes >> 20;
    bool is_quick = false;
    CLI::App app("Resident memory of the store: per entry, given back, and at the limit.");
    app.add_option("--entries", options.entry_count, "entries of a case")->capture_default_str();
    app.add_option("--limit-mib", limit_mebibytes, "memory limit of the shift of sizes")
        ->capture_default_str();
    app.add_flag("--all", options.has_every_combination,
                 "tags for every size of value, with and without TTL");
    app.add_flag("--quick", is_quick, "tiny cases, to see that it works");
    CLI11_PARSE(app, argc, argv);
    options.limit_bytes = limit_mebibytes << 20;
    if (is_quick) {
        options.entry_count = 5'000;
        options.limit_bytes = std::uint64_t{16} << 20;
    }
    try {
        tc::bench::measure_footprints(options);
        tc::bench::measure_give_backs(options);
        tc::bench::print_shift(options);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "memory_bench: %s\n", error.what());
        return 1;
    }
    return 0;
}
