// SPDX-License-Identifier: MIT
#include "store/slots.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "failing.hpp"
#include "support/process_memory.hpp"

namespace tc::test {
namespace {

constexpr std::uint64_t page = Reservation::page_bytes;

// What Slots has to be, in the plainest way.
struct Model {
    std::map<std::uint32_t, EntryRef> used;
    std::set<std::uint32_t> dead;
    std::map<std::uint32_t, std::uint8_t> states;
    std::uint32_t end = 0;
};

std::uint32_t pick(const std::map<std::uint32_t, EntryRef>& used, std::uint64_t number) {
    return std::next(used.begin(), static_cast<std::ptrdiff_t>(number % used.size()))->first;
}

// As Members does it.
bool mark_dead(Slots& slots, std::uint32_t slot) {
    std::atomic<std::uint64_t>& word = slots.dead_words()[slot / 64];
    const std::uint64_t bit = std::uint64_t{1} << slot % 64;
    const std::uint64_t before = word.load(std::memory_order_relaxed);
    word.store(before | bit, std::memory_order_relaxed);
    return (before & bit) == 0;
}

void compare(const Slots& slots, const Model& model) {
    REQUIRE(slots.end() == model.end);
    REQUIRE(slots.used_count() == model.used.size());
    REQUIRE(slots.dead_count() == model.dead.size());
    REQUIRE(slots.has_dead() == !model.dead.empty());
    REQUIRE(slots.count_free_list() == model.end - model.used.size());
    std::uint32_t from = 0;
    for (const auto& [slot, ref] : model.used) {
        REQUIRE(slots.next_used(from) == slot);
        REQUIRE(slots.is_used(slot));
        REQUIRE(slots.ref(slot) == ref);
        REQUIRE(slots.is_dead(slot) == model.dead.contains(slot));
        from = slot + 1;
    }
    REQUIRE(slots.next_used(from) == Slots::none);
    from = 0;
    for (const std::uint32_t slot : model.dead) {
        REQUIRE(slots.next_dead(from) == slot);
        from = slot + 1;
    }
    REQUIRE(slots.next_dead(from) == Slots::none);
    for (const auto& [slot, state] : model.states) {
        REQUIRE(slots.state(slot) == state);
    }
    slots.check();
}

void step(Slots& slots, Model& model, std::mt19937_64& random) {
    const std::uint64_t number = random();
    const std::uint64_t what = random() % 32;
    if (what < 10 || model.used.empty()) {
        const std::uint32_t slot = slots.allocate();
        REQUIRE(slot != Slots::none);
        REQUIRE(slots.ref(slot) == no_entry);
        model.used[slot] = static_cast<EntryRef>(number);
        slots.set_ref(slot, static_cast<EntryRef>(number));
        model.end = std::max(model.end, slot + 1);
        return;
    }
    const std::uint32_t slot = pick(model.used, number);
    if (what < 18 && !model.dead.contains(slot)) {
        slots.release(slot);
        model.used.erase(slot);
        REQUIRE_FALSE(slots.is_used(slot));
    } else if (what < 24) {
        slots.set_state(slot, static_cast<std::uint8_t>(number));
        model.states[slot] = static_cast<std::uint8_t>(number);
    } else if (what < 28) {
        const bool is_new = mark_dead(slots, slot);
        REQUIRE(is_new == model.dead.insert(slot).second);
        slots.add_dead(is_new ? 1 : 0);
    } else if (!model.dead.empty()) {
        const std::uint32_t dead = *model.dead.begin();
        slots.clear_dead(dead);
        model.dead.erase(dead);
    }
}

}  // namespace

TEST_CASE("new slots are empty and take no memory", "[store][slots]") {
    Slots slots(Slots::count_limit);
    CHECK(slots.end() == 0);
    CHECK(slots.bytes() == 0);
    CHECK(slots.next_used(0) == Slots::none);
    CHECK(slots.next_dead(0) == Slots::none);
    CHECK_FALSE(slots.has_dead());
    CHECK_FALSE(slots.is_used(0));
    CHECK(slots.kill_all() == 0);
    slots.clear();
    slots.check();
}

TEST_CASE("slot numbers are dense, and reused before the table grows", "[store][slots]") {
    Slots slots(1000);
    for (std::uint32_t slot = 0; slot < 10; ++slot) {
        CHECK(slots.allocate() == slot);
    }
    slots.release(3);
    slots.release(7);
    const std::set<std::uint32_t> reused{slots.allocate(), slots.allocate()};
    CHECK(reused == std::set<std::uint32_t>{3, 7});
    CHECK(slots.allocate() == 10);
}

TEST_CASE("there are as many slots as were asked for", "[store][slots]") {
    Slots slots(130);
    for (std::uint32_t slot = 0; slot < 130; ++slot) {
        REQUIRE(slots.allocate() == slot);
    }
    CHECK(slots.allocate() == Slots::none);
    slots.release(64);
    CHECK(slots.allocate() == 64);
    CHECK(slots.allocate() == Slots::none);
    slots.check();
}

TEST_CASE("a slot's state outlives its entry", "[store][slots]") {
    Slots slots(1000);
    const std::uint32_t slot = slots.allocate();
    CHECK(slots.state(slot) == 0);
    slots.set_state(slot, 0xA5);
    slots.release(slot);
    CHECK(slots.state(slot) == 0xA5);
    REQUIRE(slots.allocate() == slot);
    CHECK(slots.state(slot) == 0xA5);
}

TEST_CASE("slots do what a map does", "[store][slots]") {
    const std::uint64_t seed = std::random_device()();
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    Slots slots(1U << 20);
    Model model;
    for (std::uint32_t number = 1; number <= 40'000; ++number) {
        step(slots, model, random);
        if (number % 1000 == 0) {
            compare(slots, model);
        }
        if (number % 10'000 == 0) {
            REQUIRE(slots.kill_all() == model.used.size() - model.dead.size());
            for (const auto& used : model.used) {
                model.dead.insert(used.first);
            }
            compare(slots, model);
        }
        if (number % 20'000 == 0) {
            while (!model.used.empty()) {
                const std::uint32_t slot = model.used.begin()->first;
                slots.clear_dead(slot);
                slots.release(slot);
                model.used.erase(slot);
            }
            slots.clear();
            model = {};
            compare(slots, model);
        }
    }
}

TEST_CASE("all slots die at once, each once", "[store][slots]") {
    constexpr std::uint32_t count = 100'000;
    Slots slots(count);
    for (std::uint32_t slot = 0; slot < count; ++slot) {
        REQUIRE(slots.allocate() == slot);
    }
    for (std::uint32_t slot = 0; slot < count; slot += 3) {
        slots.release(slot);
    }
    REQUIRE(mark_dead(slots, 1));
    slots.add_dead(1);
    CHECK(slots.kill_all() == slots.used_count() - 1);
    CHECK(slots.kill_all() == 0);
    CHECK(slots.dead_count() == slots.used_count());
    CHECK_FALSE(slots.is_dead(0));
    CHECK(slots.is_dead(count - 3));
    slots.check();
}

TEST_CASE("slots take the pages of what was used, and give all of them back", "[store][slots]") {
    Slots slots(4'000'000);
    REQUIRE(slots.allocate() == 0);
    slots.set_state(0, 1);
    CHECK(slots.bytes() == 4 * page);
    for (std::uint32_t slot = 1; slot < 1024; ++slot) {
        REQUIRE(slots.allocate() == slot);
    }
    CHECK(slots.bytes() == 4 * page);
    REQUIRE(slots.allocate() == 1024);
    CHECK(slots.bytes() == 5 * page);
    const std::uint64_t resident = process_bytes(getpid(), "VmRSS:");
    for (std::uint32_t slot = 1025; slot < 4'000'000; ++slot) {
        REQUIRE(slots.allocate() == slot);
        slots.set_state(slot, 1);
    }
    REQUIRE(slots.kill_all() == 4'000'000);
    // 4 bytes, 1 byte and 2 bits a slot.
    CHECK(slots.bytes() == 3907 * page + 977 * page + 2 * 123 * page);
    CHECK(process_bytes(getpid(), "VmRSS:") >= resident + slots.bytes() - 64 * page);
    for (std::uint32_t slot = 0; slot < 4'000'000; ++slot) {
        slots.clear_dead(slot);
        slots.release(slot);
    }
    const std::uint64_t full_bytes = process_bytes(getpid(), "VmRSS:");
    const std::uint64_t table_bytes = slots.bytes();
    slots.clear();
    CHECK(slots.bytes() == 0);
    CHECK(process_bytes(getpid(), "VmRSS:") + table_bytes - 1024 * page < full_bytes);
    REQUIRE(slots.allocate() == 0);
    CHECK(slots.state(0) == 0);
    CHECK_FALSE(slots.is_dead(0));
    slots.check();
}

TEST_CASE("a slot that finds no memory changes nothing", "[store][slots][faults]") {
    Slots slots(100'000);
    // The first slot needs memory in four tables, and some of the others in one or more.
    std::uint32_t refused_count = 0;
    for (std::uint32_t slot = 0; slot < 100'000; ++slot) {
        for (std::uint64_t nth = 1; nth <= 4; ++nth) {
            const Failing failing(nth);
            const std::uint32_t allocated = slots.allocate();
            if (allocated != Slots::none) {
                REQUIRE(allocated == slot);
                slots.release(slot);
                break;
            }
            ++refused_count;
            REQUIRE(slots.end() == slot);
            REQUIRE(slots.used_count() == slot);
        }
        REQUIRE(slots.allocate() == slot);
    }
    CHECK(refused_count >= 4 + 100'000 * sizeof(EntryRef) / Reservation::commit_step_bytes);
    slots.release(77);
    const Failing failing(1);
    CHECK(slots.allocate() == 77);
    slots.check();
}

// The order of slots.hpp: whoever sees a slot alive again sees that its entry is retired.
TEST_CASE("a reader sees an entry that was invalidated as dead or as retired", "[store][slots]") {
    constexpr std::uint32_t count = 64;
#if defined(TC_SANITIZED)
    constexpr std::uint32_t round_count = 2'000;
#else
    constexpr std::uint32_t round_count = 20'000;
#endif
    Slots slots(count);
    struct Item {
        std::atomic<bool> is_invalidated{false};
        std::atomic<bool> is_retired{false};
    };
    // A fresh item each round, as an entry is never used twice while somebody may look at it.
    std::vector<Item> items(std::size_t{count} * round_count);
    for (std::uint32_t slot = 0; slot < count; ++slot) {
        REQUIRE(slots.allocate() == slot);
    }
    std::atomic<std::uint32_t> round{0};
    std::atomic<std::uint64_t> wrong_count{0};
    std::atomic<std::uint64_t> dead_count{0};
    std::thread reader([&] {
        std::uint32_t slot = 0;
        for (std::uint32_t now = 0; (now = round.load(std::memory_order_acquire)) < round_count;) {
            slot = (slot + 1) % count;
            const Item& item = items[std::size_t{now} * count + slot];
            const bool was_invalidated = item.is_invalidated.load(std::memory_order_acquire);
            const bool is_dead = slots.has_dead() && slots.is_dead(slot);
            const bool is_retired = item.is_retired.load(std::memory_order_relaxed);
            dead_count += is_dead ? 1 : 0;
            wrong_count += was_invalidated && !is_dead && !is_retired ? 1 : 0;
        }
    });
    for (std::uint32_t now = 0; now < round_count; ++now) {
        round.store(now, std::memory_order_release);
        std::uint32_t newly_dead_count = 0;
        for (std::uint32_t slot = now % 3; slot < count; slot += 3) {
            newly_dead_count += mark_dead(slots, slot) ? 1 : 0;
        }
        slots.add_dead(newly_dead_count);
        while (dead_count == 0) {
            std::this_thread::yield();  // until the reader is at work
        }
        for (std::uint32_t slot = now % 3; slot < count; slot += 3) {
            items[std::size_t{now} * count + slot].is_invalidated.store(true,
                                                                        std::memory_order_release);
        }
        for (std::uint32_t slot = slots.next_dead(0); slot != Slots::none;
             slot = slots.next_dead(slot + 1)) {
            items[std::size_t{now} * count + slot].is_retired.store(true,
                                                                    std::memory_order_relaxed);
            slots.clear_dead(slot);
        }
    }
    round.store(round_count, std::memory_order_release);
    reader.join();
    CHECK(wrong_count == 0);
    CHECK_FALSE(slots.has_dead());
}

}  // namespace tc::test
