// SPDX-License-Identifier: MIT
//
// Whether the tests find what they are there for: this program is all of them that are named below,
// and a store that has one of the faults of store/seeded_fault.hpp if the environment names it. It
// runs itself with each fault, and the test that is to find it has to fail, or to abort.
#include "store/seeded_fault.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>
#include <string_view>

#include "support/child_process.hpp"
#include "support/places.hpp"

namespace tc::test {
namespace {

struct SeededFault {
    Fault fault;
    const char* name;
    const char* test;
};

constexpr const char* model = "the store does what the model does";
constexpr const char* eviction_model = "the store evicts what it may, when it must";
constexpr const char* jitter_model =
    "TTLs with jitter and clocks that differ do what the model does";
constexpr const char* deletes = "a delete raises its key's clock, whether the key was there or not";
constexpr const char* goes = "an entry that goes by itself leaves its version on its key's clock";
constexpr const char* not_set_back = "a key's clock is not set back by an older entry that goes";
constexpr const char* tag_clock = "a tag's clock never goes back";
constexpr const char* fill =
    "schedules: a fill || invalidate: what the tag's clock lets through is removed";
constexpr const char* flush_clock = "a flush raises the flush clock of every stripe";
constexpr const char* one_clock = "nobody sees a hit after somebody saw the expiry";
constexpr const char* reads = "schedules: get || invalidate || upkeep";
constexpr const char* reuse = "schedules: get || overwrite || a block used again";
constexpr const char* two_invalidations =
    "schedules: two invalidations of one tag: whoever answers first, nobody reads it after";
constexpr const char* overwrite =
    "schedules: an overwrite drops a tag || that tag is invalidated, and the key read";
constexpr const char* ttl = "an entry lives for its TTL, not a tick more or less";
constexpr const char* write_fails = "a write says so at each allocation that fails";
constexpr const char* growth = "an index that grows and shrinks loses no key";
constexpr const char* moves = "entries that are moved together stay what they were";
constexpr const char* loop = "of a loop that is larger than the cache a part stays";
constexpr const char* outlasts = "what is read now and then outlasts what passes by";

// In the order of the faults.
constexpr std::array faults{
    SeededFault{Fault::overwrite_leaves_edges, "overwrite_leaves_edges", model},
    SeededFault{Fault::unlink_leaves_edges, "unlink_leaves_edges", model},
    SeededFault{Fault::failed_link_leaves_edges, "failed_link_leaves_edges", write_fails},
    SeededFault{Fault::mask_cleared_in_use, "mask_cleared_in_use", model},
    SeededFault{Fault::dead_counted_again, "dead_counted_again", model},
    SeededFault{Fault::dead_counted_after_the_tag_left, "dead_counted_after_the_tag_left",
                two_invalidations},
    SeededFault{Fault::edges_removed_before_replaced, "edges_removed_before_replaced", overwrite},
    SeededFault{Fault::absent_delete_without_clock, "absent_delete_without_clock", deletes},
    SeededFault{Fault::delete_without_clock, "delete_without_clock", deletes},
    SeededFault{Fault::removal_without_clock, "removal_without_clock", goes},
    SeededFault{Fault::removal_clock_set_back, "removal_clock_set_back", not_set_back},
    SeededFault{Fault::tag_clock_set_back, "tag_clock_set_back", tag_clock},
    SeededFault{Fault::tag_clock_after_visits, "tag_clock_after_visits", fill},
    SeededFault{Fault::tag_clock_only_if_held, "tag_clock_only_if_held", fill},
    SeededFault{Fault::masks_before_clocks, "masks_before_clocks", fill},
    SeededFault{Fault::flush_without_clock, "flush_without_clock", flush_clock},
    SeededFault{Fault::rewrite_keeps_version, "rewrite_keeps_version", model},
    SeededFault{Fault::clock_goes_back, "clock_goes_back", one_clock},
    SeededFault{Fault::deadline_unchecked_in_get, "deadline_unchecked_in_get", ttl},
    SeededFault{Fault::dead_visible_in_get, "dead_visible_in_get", model},
    SeededFault{Fault::dead_cleared_before_retired, "dead_cleared_before_retired", reads},
    SeededFault{Fault::block_freed_too_early, "block_freed_too_early", reuse},
    SeededFault{Fault::deadline_late, "deadline_late", ttl},
    SeededFault{Fault::jitter_shortens, "jitter_shortens", jitter_model},
    SeededFault{Fault::jitter_passes_maximum, "jitter_passes_maximum", jitter_model},
    SeededFault{Fault::wheel_trusts_its_record, "wheel_trusts_its_record", model},
    SeededFault{Fault::wheel_drops_on_cascade, "wheel_drops_on_cascade", model},
    SeededFault{Fault::failed_put_keeps_old, "failed_put_keeps_old", write_fails},
    SeededFault{Fault::removed_bytes_stay_counted, "removed_bytes_stay_counted", model},
    SeededFault{Fault::visit_forgets_the_account, "visit_forgets_the_account", model},
    SeededFault{Fault::fingerprint_left_on_erase, "fingerprint_left_on_erase", growth},
    SeededFault{Fault::split_loses_a_key, "split_loses_a_key", growth},
    SeededFault{Fault::evacuation_forgets_slot, "evacuation_forgets_slot", moves},
    SeededFault{Fault::evicts_without_need, "evicts_without_need", eviction_model},
    SeededFault{Fault::evicts_main_queue_first, "evicts_main_queue_first", loop},
    SeededFault{Fault::evicts_youngest, "evicts_youngest", outlasts},
};

constexpr bool has_each_fault_in_order() {
    for (std::size_t index = 0; index < faults.size(); ++index) {
        if (faults.at(index).fault != static_cast<Fault>(index + 1)) {
            return false;
        }
    }
    return faults.back().fault == Fault::evicts_youngest;
}
static_assert(has_each_fault_in_order());

constexpr const char* fault_variable = "TC_SEEDED_FAULT";
// What a fault makes endless ends too.
constexpr unsigned seconds_max = 240;

// Before main: the store of this process has the fault that the environment names.
[[maybe_unused]] const bool is_sown = [] {
    const char* const wanted = std::getenv(fault_variable);
    for (const SeededFault& each : faults) {
        if (wanted != nullptr && std::string_view{each.name} == wanted) {
            seeded_fault = each.fault;
            alarm(seconds_max);
        }
    }
    return seeded_fault != Fault::none;
}();

// One test of this program, in a process of its own; with the seed that found each fault.
Ended run_test(const std::string& test, const char* fault) {
    setenv("TC_TEST_SEED", "1", 1);
    if (fault == nullptr) {
        unsetenv(fault_variable);
    } else {
        setenv(fault_variable, fault, 1);
    }
    std::string pattern;
    for (const char character : test) {
        pattern += character == ',' ? "\\," : std::string(1, character);
    }
    const Ended ended =
        run_program({"/proc/self/exe", pattern, "--abort"}, {STDOUT_FILENO, STDERR_FILENO});
    unsetenv(fault_variable);
    return ended;
}

}  // namespace

TEST_CASE("each seeded fault is found by the test that is named for it", "[seeded]") {
    for (const SeededFault& each : faults) {
        const Ended ended = run_test(each.test, each.name);
        INFO(each.name << ": " << each.test << "\n" << ended.output);
        CHECK(ended.output.find("No test cases matched") == std::string::npos);
        CHECK(ended.exit_code != 0);
    }
}

TEST_CASE("without a fault the tests that find them pass", "[seeded]") {
    std::set<std::string> tests;
    for (const SeededFault& each : faults) {
        tests.insert(each.test);
    }
    for (const std::string& test : tests) {
        const Ended ended = run_test(test, nullptr);
        INFO(test << "\n" << ended.output);
        CHECK(ended.output.find("All tests passed") != std::string::npos);
        CHECK(ended.exit_code == 0);
    }
}

TEST_CASE("docs/guarantees.md names each seeded fault with its test", "[seeded]") {
    std::ifstream file(source_path("docs/guarantees.md"));
    std::set<std::string> listed;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("| `")) {
            const std::size_t name_end = line.find("` |");
            const std::size_t test_begin = line.rfind("| \"");
            REQUIRE((name_end != line.npos && test_begin != line.npos));
            listed.insert(line.substr(3, name_end - 3) + " " + line.substr(test_begin + 2));
        }
    }
    std::set<std::string> sown;
    for (const SeededFault& each : faults) {
        sown.insert(std::string{each.name} + " \"" + each.test + "\" |");
    }
    CHECK(listed == sown);
}

}  // namespace tc::test
