// SPDX-License-Identifier: MIT
//
// Threads that look for keys while another one changes the index. Most worth under the tsan preset.
#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "entry_maker.hpp"
#include "store/key_index.hpp"

namespace tc::test {
namespace {

#if defined(TC_SANITIZED)
constexpr std::uint32_t round_count = 6;
#else
constexpr std::uint32_t round_count = 60;
#endif
constexpr std::uint32_t keys_of_round = 4'000;
constexpr std::size_t heap_bytes = std::size_t{256} * 1024 * 1024;
constexpr std::size_t pages_max = 65536;

struct KnownKey {
    std::string text;
    std::uint64_t hash;
};

std::vector<KnownKey> known_keys(const KeyHash& hash_of, const std::string& prefix,
                                 std::uint32_t count) {
    std::vector<KnownKey> keys;
    for (std::uint32_t number = 0; number < count; ++number) {
        std::string text = prefix + std::to_string(number);
        const std::uint64_t hash = hash_of(text);
        keys.push_back({.text = std::move(text), .hash = hash});
    }
    return keys;
}

// What the stripe does for readers: each says which epoch it has seen, and what was replaced in an
// earlier one than all have seen is freed.
class Epochs {
 public:
    static constexpr std::uint32_t reader_count = 2;

    void begin_turn(std::uint32_t reader) noexcept {
        seen_.at(reader).store(now_.load(std::memory_order_seq_cst), std::memory_order_seq_cst);
    }
    void leave(std::uint32_t reader) noexcept { seen_.at(reader).store(UINT64_MAX); }
    // By the writer, after it has unlinked something: all turns that may see it have ended when
    // all_have_seen() the epoch that this returns.
    [[nodiscard]] std::uint64_t advance() noexcept { return now_.fetch_add(1) + 1; }
    [[nodiscard]] bool all_have_seen(std::uint64_t epoch) const noexcept {
        return seen_[0].load() >= epoch && seen_[1].load() >= epoch;
    }

 private:
    std::atomic<std::uint64_t> now_{1};
    std::array<std::atomic<std::uint64_t>, reader_count> seen_{};
};

// The one that changes the index, and frees what it replaced once the readers are past it.
class Writer {
 public:
    Writer(KeyIndex& index, EntryMaker& entries, Epochs& epochs)
        : index_(index), entries_(entries), epochs_(epochs) {}

    void insert(const KnownKey& key, const std::string& value = {}) {
        is_out_of_memory_ = is_out_of_memory_ || !index_.reserve_one(key.hash);
        index_.insert(key.hash, entries_.make(key.text, value));
        retire_garbage();
    }
    void erase(const KnownKey& key) {
        index_.erase(key.hash, index_.locate({key.text, key.hash}));
        retire_garbage();
    }
    void replace(const KnownKey& key, const std::string& value) {
        index_.locate({key.text, key.hash})
            ->store(entries_.make(key.text, value), std::memory_order_release);
    }
    void free_all() {
        retire_garbage();
        for (const Retired& retired : retired_) {
            index_.free(retired.garbage);
        }
        retired_.clear();
    }
    [[nodiscard]] std::uint32_t freed_count() const { return freed_count_; }
    [[nodiscard]] bool is_out_of_memory() const { return is_out_of_memory_; }

 private:
    struct Retired {
        KeyIndex::Garbage garbage;
        std::uint64_t epoch;
    };

    void retire_garbage() {
        if (const KeyIndex::Garbage garbage = index_.take_garbage(); !garbage.is_empty()) {
            retired_.push_back({.garbage = garbage, .epoch = epochs_.advance()});
        }
        while (!retired_.empty() && epochs_.all_have_seen(retired_.front().epoch)) {
            index_.free(retired_.front().garbage);
            retired_.erase(retired_.begin());
            ++freed_count_;
        }
    }

    KeyIndex& index_;
    EntryMaker& entries_;
    Epochs& epochs_;
    std::vector<Retired> retired_;
    std::uint32_t freed_count_ = 0;
    bool is_out_of_memory_ = false;
};

// Runs write(writer) in this thread while the readers call read(reader, random), each in a turn.
template <typename Write, typename Read>
void run_with_readers(KeyIndex& index, EntryMaker& entries, const Write& write, const Read& read) {
    Epochs epochs;
    std::atomic<bool> is_over{false};
    std::vector<std::thread> readers;
    std::atomic<std::uint32_t> started_count{0};
    for (std::uint32_t reader = 0; reader < Epochs::reader_count; ++reader) {
        readers.emplace_back([&, reader] {
            std::minstd_rand random(reader + 1);
            epochs.begin_turn(reader);
            ++started_count;
            while (!is_over.load(std::memory_order_relaxed)) {
                epochs.begin_turn(reader);
                read(reader, random);
            }
            epochs.leave(reader);
        });
    }
    while (started_count.load() < Epochs::reader_count) {
        std::this_thread::yield();
    }
    Writer writer(index, entries, epochs);
    write(writer);
    is_over.store(true);
    for (std::thread& reader : readers) {
        reader.join();
    }
    writer.free_all();
    CHECK_FALSE(writer.is_out_of_memory());
    CHECK(writer.freed_count() > 0);
}

}  // namespace

TEST_CASE("a key that is not erased is found while pages split and merge", "[store][index]") {
    const KeyHash hash_of(2);
    EntryMaker entries(heap_bytes);
    KeyIndex index(hash_of, entries.heap_begin(), 0, pages_max);
    const auto lasting = known_keys(hash_of, "lasting", 500);
    const auto passing = known_keys(hash_of, "passing", keys_of_round);
    for (const KnownKey& key : lasting) {
        REQUIRE(index.reserve_one(key.hash));
        index.insert(key.hash, entries.make(key.text));
    }
    std::atomic<std::uint64_t> lost_count{0};
    run_with_readers(
        index, entries,
        [&](Writer& writer) {
            for (std::uint32_t round = 0; round < round_count; ++round) {
                for (const KnownKey& key : passing) {
                    writer.insert(key);
                    writer.replace(lasting[key.hash % lasting.size()], {});
                }
                for (const KnownKey& key : passing) {
                    writer.erase(key);
                }
            }
        },
        [&](std::uint32_t, std::minstd_rand& random) {
            for (std::uint32_t step = 0; step < 32; ++step) {
                const KnownKey& key = lasting[random() % lasting.size()];
                static_cast<void>(index.prefetch_entry(*index.prefetch_bucket(key.hash), key.hash));
                const Entry* const found = index.find({key.text, key.hash});
                lost_count += found == nullptr || found->key() != key.text ? 1U : 0U;
            }
        });
    CHECK(lost_count.load() == 0);
    index.check_invariants();
    CHECK(index.count() == lasting.size());
}

TEST_CASE("what one reader has seen, no later look takes back", "[store][index]") {
    // A few keys are inserted and erased all the time, so that their cells are used again at once,
    // and others make the pages split and merge meanwhile.
    const KeyHash hash_of(3);
    EntryMaker entries(heap_bytes);
    KeyIndex index(hash_of, entries.heap_begin(), 1, pages_max);
    const auto keys = known_keys(hash_of, "key", 4);
    const auto others = known_keys(hash_of, "other", keys_of_round);
    // The changes of each key begun and done. An odd one inserts, an even one erases.
    std::array<std::atomic<std::uint64_t>, 4> begun{};
    std::array<std::atomic<std::uint64_t>, 4> done{};
    std::atomic<std::uint64_t> wrong_count{0};
    run_with_readers(
        index, entries,
        [&](Writer& writer) {
            for (std::uint32_t step = 0; step < round_count * keys_of_round; ++step) {
                const std::size_t at = step % keys.size();
                const std::uint64_t change = done.at(at).load() + 1;
                begun.at(at).store(change);
                if (change % 2 == 1) {
                    writer.insert(keys[at], std::to_string(change));
                } else {
                    writer.erase(keys[at]);
                }
                done.at(at).store(change);
                const KnownKey& other = others[step % others.size()];
                if (step / others.size() % 2 == 0) {
                    writer.insert(other);
                } else {
                    writer.erase(other);
                }
            }
        },
        [&](std::uint32_t, std::minstd_rand& random) {
            const std::size_t at = random() % keys.size();
            // Each look has to see a state between what was done before it and what was begun
            // when it was over, and none before what the preceding look saw.
            std::uint64_t least = done.at(at).load();
            for (std::uint32_t look = 0; look < 4; ++look) {
                const Entry* const found = index.find({keys[at].text, keys[at].hash});
                const std::uint64_t most = begun.at(at).load();
                // A miss is the first erasure that it may be.
                const std::uint64_t seen =
                    found != nullptr ? std::stoull(std::string{found->value()}) : least + least % 2;
                wrong_count += seen < least || seen > most ? 1U : 0U;
                least = std::max(least, seen);
            }
        });
    CHECK(wrong_count.load() == 0);
    index.check_invariants();
}

}  // namespace tc::test
