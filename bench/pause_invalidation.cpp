// SPDX-License-Identifier: MIT
//
// pause_bench: a tag that very many entries carry is invalidated.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "bystander.hpp"
#include "child_process.hpp"
#include "memory_return.hpp"
#include "pause_cases.hpp"
#include "timed_reactor.hpp"

namespace tc::bench {

namespace {

// Two tags with as many entries each; the last `shared_count` of the one are the first of the
// other.
struct HugeTags {
    std::uint64_t tag_entries = 0;
    std::uint64_t shared_count = 0;

    [[nodiscard]] std::uint64_t entry_count() const noexcept {
        return 2 * tag_entries - shared_count;
    }
};

const NumberedName first_tag('A', 0);
const NumberedName second_tag('B', 0);

void fill(TimedReactor& reactor, const HugeTags& huge) {
    const std::array<std::string_view, 2> names = {first_tag.view(), second_tag.view()};
    const std::span<const std::string_view> tags(names);
    const std::uint64_t second_begin = huge.tag_entries - huge.shared_count;
    for (std::uint64_t i = 0; i < huge.entry_count(); ++i) {
        const std::size_t begin = i < huge.tag_entries ? 0 : 1;
        const std::size_t end = i < second_begin ? 1 : 2;
        reactor.put(i, tags.subspan(begin, end - begin));
        reactor.pass_turn_after(i);
    }
}

void fill_first(TimedReactor& reactor, std::uint64_t count) {
    const std::string_view name = first_tag.view();
    for (std::uint64_t i = 0; i < count; ++i) {
        reactor.put(i, {&name, 1});
        reactor.pass_turn_after(i);
    }
}

std::uint64_t invalidate(TimedReactor& reactor, const NumberedName& tag, PauseTimes& times) {
    const std::string_view name = tag.view();
    return times.measure([&] {
        return reactor.store().invalidate(reactor.session(), {&name, 1}, TagMatch::any);
    });
}

void stop_well(Bystander& bystander) {
    bystander.stop();
    if (bystander.has_failed()) {
        throw std::runtime_error("a bystander's entry was wrong");
    }
}

}  // namespace

void measure_invalidate(const PauseOptions& options) {
    const std::uint64_t count = options.removed_count;
    print_pause_header("INVALIDATE of a tag, while a second thread PUTs", count);
    run_in_child([&] {
        Store store{StoreOptions{}};
        TimedReactor reactor(store);
        Bystander bystander(store, Bystander::Call::put, options.bystander_count);
        PauseTimes calls;
        for (std::uint64_t run = 0; run < options.run_count; ++run) {
            fill_first(reactor, count);
            bystander.set_phase(Phase::busy);
            expect_count("entries invalidated", invalidate(reactor, first_tag, calls), count);
            reactor.reclaim();
            bystander.set_phase(Phase::unmeasured);
        }
        stop_well(bystander);
        print_pauses("INVALIDATE", calls);
        print_upkeep(reactor);
        print_pauses("PUT of the second thread", bystander.times(Phase::busy));
    });
}

void measure_overlaps(const PauseOptions& options) {
    const std::uint64_t count = options.removed_count;
    print_pause_header("INVALIDATE of two tags, one right after the other", count);
    for (const std::uint64_t percent : {0, 50, 100}) {
        run_in_child([&] {
            const HugeTags huge{count, count * percent / 100};
            Store store{StoreOptions{}};
            TimedReactor reactor(store);
            PauseTimes first_calls;
            PauseTimes second_calls;
            for (std::uint64_t run = 0; run < options.run_count / 10 + 1; ++run) {
                fill(reactor, huge);
                expect_count("entries of the first tag",
                             invalidate(reactor, first_tag, first_calls), count);
                expect_count("entries of the second tag",
                             invalidate(reactor, second_tag, second_calls),
                             count - huge.shared_count);
                reactor.reclaim();
                expect_count("entries left", store.stats().entry_count, 0);
            }
            const std::string shared = ", " + std::to_string(percent) + " % in both";
            print_pauses(("first" + shared).c_str(), first_calls);
            print_pauses(("second" + shared).c_str(), second_calls);
            print_upkeep(reactor);
        });
    }
}

namespace {

// As busy as a thread can be without touching memory that others use.
void spin(std::uint64_t duration_ns) {
    const std::uint64_t end_ns = driver::now_ns() + duration_ns;
    while (driver::now_ns() < end_ns) {
    }
}

}  // namespace

void measure_bystander(const PauseOptions& options) {
    const std::uint64_t count = options.removed_count;
    constexpr std::uint64_t quiet_ns_min = 50'000'000;
    print_pause_header("A second thread's GETs, in quiet times and during reclaim", count);
    run_in_child([&] {
        Store store{StoreOptions{}};
        TimedReactor reactor(store);
        Bystander bystander(store, Bystander::Call::get, options.bystander_count);
        PauseTimes calls;
        std::uint64_t busy_ns = 0;
        for (std::uint64_t run = 0; run < options.run_count / 10 + 1; ++run) {
            fill_first(reactor, count);
            bystander.set_phase(Phase::quiet);
            spin(std::max(busy_ns, quiet_ns_min));
            bystander.set_phase(Phase::busy);
            const std::uint64_t begin_ns = driver::now_ns();
            expect_count("entries invalidated", invalidate(reactor, first_tag, calls), count);
            reactor.reclaim();
            busy_ns = driver::now_ns() - begin_ns;
            bystander.set_phase(Phase::unmeasured);
        }
        stop_well(bystander);
        print_pauses("GET in quiet times", bystander.times(Phase::quiet));
        print_pauses("GET during reclaim", bystander.times(Phase::busy));
        print_upkeep(reactor);
    });
}

void measure_memory_return(const PauseOptions& options) {
    const std::uint64_t count = options.removed_count;
    run_in_child([&] {
        const auto start_bytes = static_cast<double>(resident_bytes());
        Store store{StoreOptions{}};
        TimedReactor reactor(store);
        fill_first(reactor, count);
        const auto full_bytes = static_cast<double>(resident_bytes());
        PauseTimes calls;
        expect_count("entries invalidated", invalidate(reactor, first_tag, calls), count);
        const MemoryReturn after =
            wait_for_memory(store, reactor.upkeep(), start_bytes, TimedReactor::start_ms);
        reactor.session().enter(TimedReactor::start_ms);  // as the reactor left it
        std::printf(
            "\n%llu entries invalidated, slices one after the other: %s in %.3f s "
            "(%.3f s of CPU); RSS %.1f MiB before the store, %.1f full, %.1f then.\n",
            static_cast<unsigned long long>(count),
            after.is_back ? "memory is back" : "memory is NOT back", after.wall_seconds,
            after.cpu_seconds, start_bytes / 1048576, full_bytes / 1048576,
            after.end_bytes / 1048576);
    });
}

}  // namespace tc::bench
