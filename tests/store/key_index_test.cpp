// SPDX-License-Identifier: MIT
#include "store/key_index.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <new>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "entry_maker.hpp"

namespace tc::test {
namespace {

constexpr std::size_t heap_bytes = std::size_t{64} * 1024 * 1024;
constexpr std::size_t pages_max = 4096;

// An index beside the map that says what has to be in it.
class IndexRun {
 public:
    explicit IndexRun(std::uint32_t stripe = 0, std::size_t bytes = heap_bytes)
        : entries_(bytes), index_(hash_of_, entries_.heap_begin(), stripe, pages_max) {}
    ~IndexRun() { free_garbage(); }
    IndexRun(const IndexRun&) = delete;
    IndexRun& operator=(const IndexRun&) = delete;

    [[nodiscard]] KeyIndex& index() { return index_; }
    [[nodiscard]] std::size_t count() const { return model_.size(); }
    [[nodiscard]] HashedKey hashed(std::string_view key) const { return {key, hash_of_(key)}; }

    void insert(const std::string& key) {
        REQUIRE(index_.reserve_one(hash_of_(key)));
        const EntryRef ref = entries_.make(key);
        index_.insert(hash_of_(key), ref);
        model_.emplace(key, ref);
    }
    void erase(const std::string& key) {
        KeyIndex::Cell* const cell = index_.locate(hashed(key));
        REQUIRE(cell != nullptr);
        index_.erase(hash_of_(key), cell);
        model_.erase(key);
    }
    void replace(const std::string& key) {
        KeyIndex::Cell* const cell = index_.locate(hash_of_(key), model_.at(key));
        REQUIRE(cell != nullptr);
        const EntryRef ref = entries_.make(key);
        cell->store(ref, std::memory_order_release);
        model_.at(key) = ref;
    }
    void step(const std::string& key, std::uint64_t choice) {
        if (model_.count(key) == 0) {
            insert(key);
        } else if (choice % 4 == 0) {
            replace(key);
        } else {
            erase(key);
        }
        check(key);
    }
    void check(const std::string& key) {
        const auto known = model_.find(key);
        const Entry* const expected = known == model_.end() ? nullptr : &entries_.at(known->second);
        REQUIRE(index_.find(hashed(key)) == expected);
        const KeyIndex::Cell* const cell = index_.locate(hashed(key));
        REQUIRE((cell == nullptr ? nullptr : &entries_.at(cell->load())) == expected);
    }
    void check_all() {
        index_.check_invariants();
        REQUIRE(index_.count() == model_.size());
        std::size_t visited_count = 0;
        index_.for_each([&](EntryRef ref) {
            visited_count += model_.at(std::string{entries_.at(ref).key()}) == ref ? 1U : 0U;
        });
        REQUIRE(visited_count == model_.size());
        for (const auto& [key, ref] : model_) {
            REQUIRE(index_.find(hashed(key)) == &entries_.at(ref));
        }
    }
    void erase_all() {
        while (!model_.empty()) {
            erase(model_.begin()->first);
        }
    }
    void free_garbage() { index_.free(index_.take_garbage()); }

    // Keys of which `is_wanted(hash)` is true.
    template <typename IsWanted>
    [[nodiscard]] std::vector<std::string> keys_with(std::size_t count, const IsWanted& is_wanted) {
        std::vector<std::string> keys;
        for (std::uint64_t number = 0; keys.size() < count; ++number) {
            std::string key = "key" + std::to_string(number);
            if (is_wanted(hash_of_(key))) {
                keys.push_back(std::move(key));
            }
        }
        return keys;
    }

 private:
    KeyHash hash_of_{11};
    EntryMaker entries_;
    KeyIndex index_;
    std::unordered_map<std::string, EntryRef> model_;
};

std::vector<std::string> numbered_keys(std::size_t count) {
    std::vector<std::string> keys(count);
    for (std::size_t number = 0; number < count; ++number) {
        keys[number] = "key" + std::to_string(number);
    }
    return keys;
}

// Random operations on these keys, most of which are there in the end.
void run_randomly(IndexRun& run, const std::vector<std::string>& keys, std::uint32_t steps) {
    std::mt19937_64 random(keys.size());
    for (std::uint32_t step = 1; step <= steps; ++step) {
        run.step(keys[random() % keys.size()], random());
        if (step % 16 == 0) {
            run.free_garbage();
        }
        if (step % (steps / 8) == 0) {
            run.check_all();
        }
    }
}

}  // namespace

TEST_CASE("an index does what a map does", "[store][index]") {
    const std::size_t key_count = GENERATE(1U, 2U, 40U, 3'000U, 30'000U);
    const std::uint32_t stripe = GENERATE(0U, 1U, 2U, 3U);
    IndexRun run(stripe);
    run_randomly(run, numbered_keys(key_count), 40'000);
    run.erase_all();
    run.check_all();
}

TEST_CASE("D12: an index does what a map does when keys collide", "[store][index]") {
    IndexRun run;
    SECTION("in bucket and fingerprint") {
        const auto keys =
            run.keys_with(400, [](std::uint64_t hash) { return (hash & 0x3FFF) == 0x1FAA; });
        run_randomly(run, keys, 20'000);
    }
    SECTION("in the bucket, the last one of the page") {
        const auto keys =
            run.keys_with(2'000, [](std::uint64_t hash) { return bucket_bits(hash) == 63; });
        run_randomly(run, keys, 20'000);
    }
    SECTION("in the first bits for the directory") {
        const auto keys = run.keys_with(
            2'000, [](std::uint64_t hash) { return directory_bits(hash) >> 24 == 0xFF; });
        run_randomly(run, keys, 20'000);
    }
    run.erase_all();
    run.check_all();
}

TEST_CASE("keys that crowd in the same buckets do not split a page that is half empty",
          "[store][index]") {
    // No split would part them, so each would ask for the next.
    IndexRun run;
    const auto keys = run.keys_with(1'000, [](std::uint64_t hash) {
        return bucket_bits(hash) == 5 && (bucket_step_bits(hash) | 1) == 9;
    });
    for (const std::string& key : keys) {
        run.insert(key);
    }
    run.free_garbage();
    run.check_all();
    CHECK(run.index().bytes() < 5 * 4096);
}

TEST_CASE("an empty index has no page, and an emptied one none again", "[store][index]") {
    IndexRun run(3);
    const std::uint64_t bytes_empty = run.index().bytes();
    CHECK(bytes_empty < 128);
    run.check("key0");
    const auto keys = numbered_keys(20'000);
    for (const std::string& key : keys) {
        run.insert(key);
    }
    run.free_garbage();
    const std::uint64_t bytes_full = run.index().bytes();
    CHECK(bytes_full > bytes_empty + keys.size() * 16 / 3);
    CHECK(bytes_full < keys.size() * 12);
    for (const std::string& key : keys) {
        run.erase(key);
    }
    run.free_garbage();
    run.check_all();
    // The directory stays, and so do the records of the pages that there have been.
    CHECK(run.index().bytes() < 4096);
    for (const std::string& key : keys) {
        run.insert(key);
    }
    run.free_garbage();
    run.check_all();
    CHECK(run.index().bytes() < bytes_full + 4096);
}

TEST_CASE("an index gives pages back while it shrinks", "[store][index]") {
    IndexRun run(1);
    const auto keys = numbered_keys(50'000);
    for (const std::string& key : keys) {
        run.insert(key);
    }
    for (std::size_t left = keys.size(); left > 0; --left) {
        run.erase(keys[left - 1]);
        if (left % 1000 == 0) {
            run.free_garbage();
            // Half a page for two is the worst, and what the smallest index has.
            CHECK(run.index().bytes() < left * 24 + 5 * 4096);
        }
    }
}

TEST_CASE("what an index replaces is garbage until it is freed", "[store][index]") {
    // Readers may be looking at it: pages, and now and then a directory of another size.
    IndexRun run;
    std::uint32_t split_count = 0;
    std::uint32_t doubled_count = 0;
    for (const std::string& key : numbered_keys(20'000)) {
        run.insert(key);
        const std::uint64_t bytes = run.index().bytes();
        const KeyIndex::Garbage garbage = run.index().take_garbage();
        CHECK(run.index().bytes() == bytes);
        run.index().free(garbage);
        const std::uint64_t freed_bytes = bytes - run.index().bytes();
        REQUIRE((freed_bytes > 0) == !garbage.is_empty());
        split_count += freed_bytes >= 4096 ? 1U : 0U;
        doubled_count += freed_bytes % 4096 != 0 ? 1U : 0U;
    }
    CHECK(split_count > 20);
    // From 4 cells to 32 at least.
    CHECK(doubled_count >= 3);
}

TEST_CASE("stripes split their pages at different counts", "[store][index]") {
    // Together they take about the same for each key, however many there are.
    double least = 1e9;
    double most = 0;
    std::vector<std::unique_ptr<IndexRun>> runs;
    for (std::uint32_t stripe = 0; stripe < 4; ++stripe) {
        runs.push_back(std::make_unique<IndexRun>(stripe));
    }
    for (std::uint32_t key_count = 1; key_count <= 32'000; ++key_count) {
        for (auto& run : runs) {
            run->insert("key" + std::to_string(key_count));
        }
        if (key_count < 8'000 || key_count % 100 != 0) {
            continue;
        }
        double bytes = 0;
        for (auto& run : runs) {
            run->free_garbage();
            bytes += static_cast<double>(run->index().bytes()) / key_count;
        }
        least = std::min(least, bytes / 4);
        most = std::max(most, bytes / 4);
    }
    INFO("bytes per key: " << least << " to " << most);
    CHECK(most < least * 1.4);
    CHECK(most < 10);
}

TEST_CASE("an index at the end of its address space says so and goes on", "[store][index]") {
    const KeyHash hash_of(1);
    EntryMaker entries(heap_bytes);
    // Rounded up to 16 pages, one of which is not used.
    KeyIndex index(hash_of, entries.heap_begin(), 0, 15);
    std::vector<std::string> present;
    std::uint32_t refused_count = 0;
    for (std::uint32_t number = 0; number < 20'000; ++number) {
        const std::string key = "key" + std::to_string(number);
        if (!index.reserve_one(hash_of(key))) {
            ++refused_count;
            continue;
        }
        index.insert(hash_of(key), entries.make(key));
        index.free(index.take_garbage());
        present.push_back(key);
    }
    index.check_invariants();
    CHECK(refused_count > 0);
    // Pages that cannot split fill to the last cell before anything is refused.
    CHECK(present.size() % KeyPage::cell_count == 0);
    CHECK(present.size() >= 13 * KeyPage::cell_count);
    for (const std::string& key : present) {
        REQUIRE(index.find({key, hash_of(key)}) != nullptr);
    }
    CHECK(index.count() == present.size());
}

TEST_CASE("a batch can fetch what it will look at, also where nothing is", "[store][index]") {
    IndexRun run;
    const auto look_ahead = [&](const std::string& key) {
        const std::uint64_t hash = run.hashed(key).hash;
        static_cast<void>(run.index().prefetch_entry(*run.index().prefetch_bucket(hash), hash));
        run.check(key);
    };
    look_ahead("key0");
    for (const std::string& key : numbered_keys(1000)) {
        run.insert(key);
        look_ahead(key);
        look_ahead(key + "-");
    }
}

TEST_CASE("looking for a key writes nothing", "[store][index]") {
    // The index in memory of its own, so that all of it can be made read-only but the directory.
    constexpr std::size_t page_bytes = Reservation::page_bytes;
    Reservation memory(page_bytes);
    REQUIRE(memory.commit(page_bytes));
    const KeyHash hash_of(1);
    EntryMaker entries(heap_bytes);
    auto* const index = new (memory.begin()) KeyIndex(hash_of, entries.heap_begin(), 0, pages_max);
    const auto keys = numbered_keys(5'000);
    std::vector<char*> protected_pages{memory.begin()};
    for (const std::string& key : keys) {
        REQUIRE(index->reserve_one(hash_of(key)));
        index->insert(hash_of(key), entries.make(key));
    }
    for (const std::string& key : keys) {
        const auto address = std::bit_cast<std::uintptr_t>(index->locate({key, hash_of(key)}));
        protected_pages.push_back(std::bit_cast<char*>(address / page_bytes * page_bytes));
    }
    const auto protect_all = [&](int protection) {
        for (char* const page : protected_pages) {
            REQUIRE(mprotect(page, page_bytes, protection) == 0);
        }
        REQUIRE(mprotect(entries.heap_begin(), heap_bytes, protection) == 0);
    };
    std::size_t found_count = 0;
    protect_all(PROT_READ);
    for (const std::string& key : keys) {
        static_cast<void>(
            index->prefetch_entry(*index->prefetch_bucket(hash_of(key)), hash_of(key)));
        found_count += index->find({key, hash_of(key)}) != nullptr ? 1U : 0U;
        found_count += index->find({"no " + key, hash_of("no " + key)}) != nullptr ? 1U : 0U;
    }
    protect_all(PROT_READ | PROT_WRITE);
    CHECK(found_count == keys.size());
    index->free(index->take_garbage());
    index->~KeyIndex();
}

}  // namespace tc::test
