// SPDX-License-Identifier: MIT
#include "store/entry_heap.hpp"

#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <random>
#include <utility>
#include <vector>

#include "failing.hpp"
#include "heap_owner.hpp"
#include "support/process_memory.hpp"

namespace tc::test {
namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20;

#if defined(TC_SANITIZED)
constexpr std::uint32_t effort = 1;
#else
constexpr std::uint32_t effort = 4;
#endif

std::uint64_t resident_bytes() {
    return process_bytes(getpid(), "VmRSS:");
}

// Sizes in steps of 8 bytes, as blocks have them.
class Sizes {
 public:
    explicit Sizes(std::uint64_t seed) : random_(seed) {}

    std::size_t between(std::size_t bytes_min, std::size_t bytes_max) {
        return (bytes_min + random_() % (bytes_max - bytes_min + 1) + 7) / 8 * 8;
    }
    // Mostly small, sometimes of any size that an entry can have.
    std::size_t any() {
        switch (random_() % 16) {
            case 0: return between(1024, 4096);
            case 1: return between(4096, 80'000);
            default: return between(HeapOwner::block_bytes_min, 400);
        }
    }
    std::uint32_t below(std::size_t end) { return static_cast<std::uint32_t>(random_() % end); }

 private:
    std::mt19937_64 random_;
};

// What the owner of a heap does after each write.
void tidy_up(HeapOwner& owner, std::uint32_t budget) {
    if (owner.heap().is_fragmented()) {
        static_cast<void>(owner.evacuate(budget));
    }
}

std::uint64_t idle_percent(HeapOwner& owner) {
    return owner.heap().idle_bytes() * 100 / owner.heap().used_bytes();
}

}  // namespace

TEST_CASE("a new heap has used and touched nothing", "[store][heap]") {
    const EntryHeap heap(mebibyte);
    CHECK(heap.used_bytes() == 0);
    CHECK(heap.idle_bytes() == 0);
    CHECK(heap.bytes() == 0);
    CHECK_FALSE(heap.is_fragmented());
    heap.check();
}

TEST_CASE("blocks of a fresh segment lie one behind the other", "[store][heap]") {
    HeapOwner owner(mebibyte, 0);
    REQUIRE(owner.put(0, 32));
    REQUIRE(owner.put(1, 40));
    REQUIRE(owner.put(2, 48));
    CHECK(owner.ref(0) != no_entry);
    CHECK(owner.ref(1) == owner.ref(0) + 4);
    CHECK(owner.ref(2) == owner.ref(1) + 5);
    CHECK(owner.heap().used_bytes() == 120);
    CHECK(owner.heap().idle_bytes() == 0);
    owner.heap().check();
}

TEST_CASE("a free block is given out again, the best fit first", "[store][heap]") {
    HeapOwner owner(mebibyte, 0);
    const std::array<std::size_t, 8> sizes{64, 32, 200, 32, 96, 32, 72, 32};
    for (std::uint32_t slot = 0; slot < sizes.size(); ++slot) {
        REQUIRE(owner.put(slot, sizes.at(slot)));
    }
    const EntryRef of_64 = owner.ref(0);
    const EntryRef of_200 = owner.ref(2);
    const EntryRef of_96 = owner.ref(4);
    for (const std::uint32_t slot : {0U, 2U, 4U}) {
        REQUIRE(owner.remove(slot));
    }
    CHECK(owner.heap().idle_bytes() == 64 + 200 + 96);
    REQUIRE(owner.put(0, 96));
    CHECK(owner.ref(0) == of_96);
    // 64 of 64 is better than 64 of 200; and 48 of 64 would leave too little for a block.
    REQUIRE(owner.put(2, 48));
    CHECK(owner.ref(2) == of_200);
    REQUIRE(owner.put(4, 64));
    CHECK(owner.ref(4) == of_64);
    // The rest of the 200.
    REQUIRE(owner.put(10, 152));
    CHECK(owner.ref(10) == of_200 + 48 / 8);
    CHECK(owner.heap().idle_bytes() == 0);
    CHECK(owner.is_intact());
    owner.heap().check();
}

TEST_CASE("free neighbours become one block, in whatever order they are freed", "[store][heap]") {
    std::array<std::uint32_t, 3> order{1, 2, 3};
    do {
        HeapOwner owner(mebibyte, 0);
        for (std::uint32_t slot = 0; slot < 5; ++slot) {
            REQUIRE(owner.put(slot, 104));
        }
        const EntryRef of_first = owner.ref(1);
        for (const std::uint32_t slot : order) {
            REQUIRE(owner.remove(slot));
            owner.heap().check();
        }
        REQUIRE(owner.put(5, 3 * 104));
        CHECK(owner.ref(5) == of_first);
        CHECK(owner.is_intact());
    } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("a block that is freed at the open end is no hole", "[store][heap]") {
    HeapOwner owner(mebibyte, 0);
    REQUIRE(owner.put(0, 104));
    REQUIRE(owner.put(1, 200));
    REQUIRE(owner.put(2, 56));
    const EntryRef of_1 = owner.ref(1);
    REQUIRE(owner.remove(1));
    REQUIRE(owner.remove(2));
    owner.heap().check();
    REQUIRE(owner.put(3, 5000));
    CHECK(owner.ref(3) == of_1);
    CHECK(owner.heap().used_bytes() == 5104);
    owner.heap().check();
}

TEST_CASE("the smallest and the largest block are given out at the limits", "[store][heap]") {
    EntryHeap heap(mebibyte);
    const Entry::Content content{.key = "k", .value = ""};
    const std::size_t smallest_bytes = Entry::block_bytes(content);
    CHECK(smallest_bytes == 32);
    const EntryRef smallest = heap.allocate(smallest_bytes);
    REQUIRE(smallest != no_entry);
    Entry::make(entry_at(heap.begin(), smallest), content);
    const EntryRef next = heap.allocate(smallest_bytes);
    Entry::make(entry_at(heap.begin(), next), content);
    heap.free(smallest, smallest_bytes);
    heap.check();
    CHECK(heap.allocate(smallest_bytes) == smallest);
    Entry::make(entry_at(heap.begin(), smallest), content);
    heap.check();

    // Without an entry, too.
    heap.free(smallest, smallest_bytes);
    REQUIRE(heap.allocate(smallest_bytes) == smallest);
    heap.free(smallest, smallest_bytes);
    heap.check();

    static_assert(EntryHeap::block_bytes_max >= sizeof(Entry) + sizeof(std::uint32_t) +
                                                    1024 * sizeof(TagId) + UINT16_MAX +
                                                    value_bytes_inline_max);
    const EntryRef largest = heap.allocate(EntryHeap::block_bytes_max);
    REQUIRE(largest != no_entry);
    heap.free(largest, EntryHeap::block_bytes_max);
    heap.free(next, smallest_bytes);
    CHECK(heap.used_bytes() == 0);
    heap.check();
}

TEST_CASE("the heap's bits of a header and the entry's leave each other alone", "[store][heap]") {
    HeapOwner owner(mebibyte, 0);
    for (std::uint32_t slot = 0; slot < 4; ++slot) {
        REQUIRE(owner.put(slot, 104));
    }
    Entry& entry = *entry_at(owner.heap().begin(), owner.ref(2));
    const HeapBlock block(owner.heap().begin(), owner.ref(2));
    entry.set_in_main_queue(true);
    REQUIRE(owner.remove(1));
    CHECK(block.is_after_free());
    CHECK(entry.is_in_main_queue());
    entry.set_in_main_queue(false);
    CHECK(block.is_after_free());
    CHECK_FALSE(block.is_free());
    CHECK_FALSE(block.is_listed());
    entry.set_in_main_queue(true);
    REQUIRE(owner.put(1, 104));
    CHECK_FALSE(block.is_after_free());
    CHECK(entry.is_in_main_queue());
    CHECK(owner.is_intact());
}

#if defined(__SANITIZE_ADDRESS__)
TEST_CASE("a use after free is found under a sanitizer", "[store][heap]") {
    HeapOwner owner(mebibyte, 0);
    for (std::uint32_t slot = 0; slot < 3; ++slot) {
        REQUIRE(owner.put(slot, 104));
    }
    const char* const block = owner.heap().begin() + owner.ref(1) * ref_step_bytes;
    const auto is_poisoned = [block](std::size_t offset) {
        return __asan_address_is_poisoned(block + offset) != 0;
    };
    CHECK_FALSE(is_poisoned(50));
    REQUIRE(owner.remove(1));
    // The header and the last word are the heap's.
    CHECK_FALSE(is_poisoned(23));
    CHECK(is_poisoned(24));
    CHECK(is_poisoned(95));
    CHECK_FALSE(is_poisoned(96));
    REQUIRE(owner.put(1, 56));
    CHECK_FALSE(is_poisoned(55));
    CHECK(is_poisoned(56 + 24));
}
#endif

TEST_CASE("a full heap says so, and has room again for what is freed", "[store][heap]") {
    HeapOwner owner(mebibyte, 0);
    std::uint32_t count = 0;
    while (owner.put(count, 1000)) {
        ++count;
    }
    CHECK(count == mebibyte / EntryHeap::segment_bytes * (EntryHeap::segment_bytes / 1000));
    const std::uint64_t used_bytes = owner.heap().used_bytes();
    CHECK(used_bytes == count * 1000);
    CHECK_FALSE(owner.put(count, 1000));
    owner.heap().check();
    REQUIRE(owner.remove(count / 2));
    REQUIRE(owner.put(count / 2, 1000));
    CHECK(owner.heap().used_bytes() == used_bytes);
    CHECK(owner.is_intact());
}

TEST_CASE("entries survive any sequence of writes, removals and evacuations", "[store][heap]") {
    const std::uint64_t seed = std::random_device()();
    INFO("seed " << seed);
    Sizes sizes(seed);
    const std::size_t limbo_count_max = GENERATE(0U, 1U, 100U, 3000U);
    HeapOwner owner(64 * mebibyte, limbo_count_max);
    for (std::uint32_t step = 1; step <= 20'000 * effort; ++step) {
        // Fills up to about 1000 entries, and empties again, in turns.
        const bool is_growing = step / 5'000 % 2 == 0;
        const std::uint32_t slot = sizes.below(1000);
        if (sizes.below(4) < (is_growing ? 3U : 1U)) {
            REQUIRE(owner.put(slot, sizes.any()));
        } else {
            owner.remove(slot);
        }
        if (step / 10'000 % 2 == 0) {
            tidy_up(owner, sizes.below(8));
        } else if (sizes.below(3) == 0) {
            static_cast<void>(owner.evacuate(sizes.below(8)));
        }
        if (step % 500 == 0) {
            REQUIRE(owner.is_intact());
            REQUIRE(owner.heap().used_bytes() == owner.used_bytes());
            owner.heap().check();
        }
    }
    CHECK(owner.moved_count() > 0);
}

TEST_CASE("what is freed as a whole goes back to the system", "[store][heap]") {
    constexpr std::size_t bytes = 64 * mebibyte;
    constexpr auto count = static_cast<std::uint32_t>(bytes / 512);
    HeapOwner owner(2 * bytes, 0);
    for (std::uint32_t slot = 0; slot < count; ++slot) {
        REQUIRE(owner.put(slot, 512));
    }
    const std::uint64_t full_bytes = resident_bytes();
    SECTION("oldest first") {
        for (std::uint32_t slot = 0; slot < count; ++slot) {
            owner.remove(slot);
            REQUIRE(owner.heap().idle_bytes() <= 3 * EntryHeap::segment_bytes);
        }
        CHECK(owner.heap().used_bytes() == 0);
    }
    SECTION("newest first") {
        for (std::uint32_t slot = count; slot-- > 0;) {
            owner.remove(slot);
        }
        CHECK(owner.heap().used_bytes() == 0);
    }
    SECTION("in any order") {
        std::vector<std::uint32_t> order(count);
        for (std::uint32_t index = 0; index < count; ++index) {
            order[index] = index;
        }
        std::shuffle(order.begin(), order.end(), std::mt19937_64(42));
        for (const std::uint32_t slot : order) {
            owner.remove(slot);
        }
        CHECK(owner.heap().used_bytes() == 0);
    }
    CHECK(owner.settled_idle_bytes() <= 64 * 1024);
    owner.heap().check();
#if !defined(TC_SANITIZED)
    CHECK(resident_bytes() + bytes - 4 * mebibyte < full_bytes);
#else
    CHECK(full_bytes > bytes);
#endif
}

TEST_CASE("segments are taken from the beginning again", "[store][heap]") {
    HeapOwner owner(16 * mebibyte, 0);
    for (std::uint32_t slot = 0; slot < 8192; ++slot) {
        REQUIRE(owner.put(slot, 1024));
    }
    const EntryRef first = owner.ref(0);
    const EntryRef highest = owner.ref(8191);
    for (std::uint32_t slot = 0; slot < 4096; ++slot) {
        owner.remove(slot);
    }
    owner.settle();
    std::uint32_t slot = 0;
    do {
        REQUIRE(owner.put(slot, 1024));
    } while (owner.ref(slot++) > highest);
    CHECK(owner.ref(slot - 1) == first);
}

TEST_CASE("evacuation gives back what single survivors hold", "[store][heap]") {
    constexpr std::uint32_t count = 128 * 1024;
    const std::size_t limbo_count_max = GENERATE(0U, 2000U);
    HeapOwner owner(256 * mebibyte, limbo_count_max);
    for (std::uint32_t slot = 0; slot < count; ++slot) {
        REQUIRE(owner.put(slot, 512));
    }
    const std::uint64_t full_bytes = resident_bytes();
    for (std::uint32_t slot = 0; slot < count; ++slot) {
        if (slot % 16 != 0) {
            owner.remove(slot);
        }
    }
    owner.empty_limbo(0);
    CHECK(idle_percent(owner) > 1000);
    CHECK(owner.heap().is_fragmented());
    std::uint64_t examined = 0;
    while (owner.heap().is_fragmented()) {
        const std::uint32_t now = owner.evacuate(100);
        REQUIRE(now > 0);
        REQUIRE(now <= 101);  // the last may cost more than is left
        examined += now;
    }
    owner.empty_limbo(0);
    CHECK(idle_percent(owner) <= 15);
    CHECK(owner.heap().used_bytes() == count / 16 * 512);
    CHECK(owner.is_intact());
    owner.heap().check();
    // Each survivor once, for the price of a block; it and the hole beside it twice.
    CHECK(owner.moved_count() <= count / 16);
    CHECK(examined <= count / 16 * 5 + 1000);
#if !defined(TC_SANITIZED)
    CHECK(resident_bytes() + 48 * mebibyte < full_bytes);
#else
    CHECK(full_bytes > count * 512);
#endif
}

TEST_CASE("an evacuation that finds no memory goes on where it stopped", "[store][heap][faults]") {
    HeapOwner owner(16 * mebibyte, 0);
    for (std::uint32_t slot = 0; slot < 8192; ++slot) {
        REQUIRE(owner.put(slot, 1024));
    }
    for (std::uint32_t slot = 0; slot < 8192; ++slot) {
        if (slot % 4 != 0) {
            owner.remove(slot);
        }
    }
    REQUIRE(owner.heap().is_fragmented());
    std::uint32_t refused_count = 0;
    while (owner.heap().is_fragmented()) {
        {
            const Failing failing(1);
            const std::uint64_t moved_count = owner.moved_count();
            refused_count += owner.evacuate(50) < 50 ? 1 : 0;
            REQUIRE(owner.moved_count() == moved_count);
        }
        owner.heap().check();
        static_cast<void>(owner.evacuate(10));
    }
    CHECK(refused_count > 0);
    CHECK(owner.moved_count() <= 2048);
    // An entry that was passed over would hold its segment.
    CHECK(owner.heap().idle_bytes() <= 2 * EntryHeap::segment_bytes);
    CHECK(owner.is_intact());
    owner.heap().check();
}

TEST_CASE("a segment under evacuation may lose everything at any time", "[store][heap]") {
    // Whether the walk has begun, is in its first or its second round, or over.
    const std::uint32_t examined = GENERATE(0U, 1U, 100U, 200U, 300U, 400U, 500U, 10'000U);
    HeapOwner owner(16 * mebibyte, 1000);
    for (std::uint32_t slot = 0; slot < 2048; ++slot) {
        REQUIRE(owner.put(slot, 1024));
    }
    for (std::uint32_t slot = 0; slot < 2048; ++slot) {
        if (slot % 4 != 0) {
            owner.remove(slot);
        }
    }
    owner.empty_limbo(0);
    static_cast<void>(owner.evacuate(examined));
    owner.heap().check();
    for (std::uint32_t slot = 0; slot < 2048; ++slot) {
        owner.remove(slot);
    }
    owner.empty_limbo(0);
    CHECK(owner.heap().used_bytes() == 0);
    CHECK(owner.settled_idle_bytes() <= 64 * 1024);
    CHECK_FALSE(owner.heap().is_fragmented());
    owner.heap().check();
}

TEST_CASE("little is idle when values grow in full memory", "[store][heap]") {
    constexpr std::uint64_t bytes_max = 8 * mebibyte;
    Sizes sizes(5);
    HeapOwner owner(64 * mebibyte, 16);
    std::vector<std::uint32_t> slots;
    const auto put = [&](std::size_t bytes) {
        while (owner.heap().used_bytes() + bytes > bytes_max) {
            std::uint32_t& victim = slots[sizes.below(slots.size())];
            REQUIRE(owner.remove(std::exchange(victim, slots.back())));
            slots.pop_back();
            owner.empty_limbo(0);
        }
        slots.push_back(owner.slot_end());
        REQUIRE(owner.put(owner.slot_end(), bytes));
        if (owner.heap().is_fragmented()) {
            static_cast<void>(owner.evacuate(EntryHeap::evacuation_budget(bytes)));
        }
    };
    while (owner.heap().used_bytes() + 152 <= bytes_max) {
        put(152);
    }
    for (std::uint64_t written = 0; written < 3 * bytes_max; written += 1056) {
        put(1056);
        REQUIRE(owner.heap().used_bytes() + owner.heap().idle_bytes() <= bytes_max * 115 / 100);
    }
    CHECK(owner.moved_count() > 0);
    CHECK(owner.is_intact());
    owner.heap().check();
}

TEST_CASE("little is idle when sizes are drawn anew with every write", "[store][heap]") {
    constexpr std::uint32_t count = 30'000;
    Sizes sizes(7);
    HeapOwner owner(64 * mebibyte, 64);
    for (std::uint32_t slot = 0; slot < count; ++slot) {
        REQUIRE(owner.put(slot, sizes.between(41, 296)));
    }
    for (std::uint32_t step = 0; step < count * 3 * effort; ++step) {
        REQUIRE(owner.put(sizes.below(count), sizes.between(41, 296)));
        tidy_up(owner, 4);
        if (step % 1000 == 0) {
            REQUIRE(idle_percent(owner) <= 5);
        }
    }
    // Free neighbours that are joined are enough.
    CHECK(owner.moved_count() == 0);
    CHECK(owner.is_intact());
}

TEST_CASE("a refused block changes nothing", "[store][heap][faults]") {
    Sizes sizes(11);
    HeapOwner owner(64 * mebibyte, 10);
    std::uint32_t refused_count = 0;
    for (std::uint32_t step = 1; step <= 20'000; ++step) {
        const std::uint64_t used_bytes = owner.heap().used_bytes();
        const std::uint64_t idle_bytes = owner.heap().idle_bytes();
        bool is_put = false;
        {
            // The block, its segment's record and its segment can be refused.
            const Failing failing(step % 4);
            is_put = owner.put(sizes.below(1000), sizes.any());
        }
        if (!is_put) {
            ++refused_count;
            REQUIRE(owner.heap().used_bytes() == used_bytes);
            REQUIRE(owner.heap().idle_bytes() == idle_bytes);
        }
        if (step % 500 == 0) {
            owner.heap().check();
            REQUIRE(owner.is_intact());
        }
    }
    CHECK(refused_count > 20'000 / 4);
}

}  // namespace tc::test
