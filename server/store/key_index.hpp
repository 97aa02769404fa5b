// SPDX-License-Identifier: MIT
//
// The index of one stripe: from the hash of a key to its entry. Extendible hashing (Fagin and
// others, "Extendible hashing", 1979), so that it grows and shrinks a page of 4 KiB at a time:
//
//     32 directory bits                              pages (key_page.hpp)
//            |        +---+                          +---------------------+
//            +------->| 0 |------------------------->| keys of cell 0      |  depth 2
//                     | 1 |-----------------------.  +---------------------+
//                     | 2 |--.                     `>| keys of cell 1      |  depth 2
//                     | 3 |---`.                     +---------------------+
//                     | . |     `------------------->| keys of cells 2, 3  |  depth 1
//                     +---+                          +---------------------+
//                   directory
//
// The directory has root_count * 2^depth cells, and the hash's cell is directory bits * cells /
// 2^32, so that doubling turns cell i into 2i and 2i + 1. A page of depth d owns the cells that
// agree on the first d doublings; a full one is replaced by two of depth d + 1. All pages of a
// stripe fill at the same pace, so they split at about the same count of keys and the index takes
// twice the memory within a small step: root_count differs from stripe to stripe (4 to 7), so that
// not all stripes of a store do so at once.
//
// find() is for any thread and takes no lock; it writes nothing. It misses the cache twice: for
// the bucket and for the entry (the directory has 4 bytes for about 500 keys). All else is under
// the stripe's lock. Why find() needs no check that the index did not change meanwhile:
// - In a page that is in use it is right, by key_page.hpp: keys come, go and are replaced there,
//   but never move.
// - A key moves only by being copied to another page, after which the directory's cells are
//   pointed there, all under the lock. From that moment nobody changes the old page any more: it
//   says what was true when it was replaced. A find() that looks at it has read the directory
//   before that, so that moment lies within this find(), at the earliest. The same holds for a
//   replaced directory.
// - What was replaced is garbage. It is neither written nor given back until the stripe says so,
//   after all turns that may look at it are over; and so it is with the entries named there.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "store/entry.hpp"
#include "store/hash.hpp"
#include "store/key_page.hpp"
#include "store/reservation.hpp"
#include "store/yield_point.hpp"

namespace tc {

class KeyIndex {
    struct Directory;

 public:
    // Names the entry of one key. The stripe replaces an entry by storing its successor's reference
    // (release). Valid until the next reserve_one() or erase().
    using Cell = KeyPage::Cell;

    // Replaced pages and directories, which readers may still look at. Each has to be freed before
    // the index goes.
    class Garbage {
     public:
        [[nodiscard]] bool is_empty() const noexcept {
            return first_page_ == 0 && first_directory_ == nullptr;
        }

     private:
        friend class KeyIndex;
        std::uint32_t first_page_ = 0;
        Directory* first_directory_ = nullptr;
    };

    // References count from heap_begin; pages_max bounds the address space. Throws std::bad_alloc.
    KeyIndex(const KeyHash& hash_of, char* heap_begin, std::uint32_t stripe, std::size_t pages_max);
    ~KeyIndex();
    KeyIndex(const KeyIndex&) = delete;
    KeyIndex& operator=(const KeyIndex&) = delete;

    // Any thread, within a turn. nullptr when the key is not there.
    [[nodiscard]] const Entry* find(const HashedKey& key) const noexcept;
    // For a batch, within a turn: first this for all its keys, ...
    const KeyBucket* prefetch_bucket(std::uint64_t hash) const noexcept;
    // ... then this, which has the bucket by then, then find(). What it returns is most likely the
    // key's entry, or nullptr; not to be read before it had the time to come.
    [[nodiscard]] const Entry* prefetch_entry(const KeyBucket& bucket,
                                              std::uint64_t hash) const noexcept;

    // The rest under the stripe's lock. The cell that names the key's entry, or nullptr.
    [[nodiscard]] Cell* locate(const HashedKey& key) noexcept;
    // The cell that names this entry; its key is not looked at.
    [[nodiscard]] Cell* locate(std::uint64_t hash, EntryRef ref) noexcept;

    // Makes room for an insert() of this hash, of which it splits at most two pages. False when
    // there is no memory; then no key has moved.
    [[nodiscard]] bool reserve_one(std::uint64_t hash) noexcept;
    // REQUIRES: reserve_one() of this hash was true, and nothing inserted since; no such key.
    void insert(std::uint64_t hash, EntryRef ref) noexcept;
    // Needs no memory. May merge pages.
    void erase(std::uint64_t hash, Cell* cell) noexcept;

    [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
    // Of pages, directories and what is kept about them, garbage too until it is freed.
    [[nodiscard]] std::uint64_t bytes() const noexcept {
        return std::uint64_t{pages_in_use_} * sizeof(KeyPage) + directory_bytes_ +
               std::uint64_t{pages_end_} * sizeof(PageRecord);
    }

    // What has been replaced since the last call.
    [[nodiscard]] Garbage take_garbage() noexcept;
    // A system call for each page. REQUIRES: no turn can see it any more.
    void free(Garbage garbage) noexcept;

    // Calls visit(ref) for each entry.
    template <typename Visit>
    void for_each(const Visit& visit) const noexcept;
    // Aborts when one is broken.
    void check_invariants() const noexcept;

    // At 92 % a hit looks at 1.17 buckets and a miss at 2.1; at 96 % they look at 1.26 and 3.3, for
    // 4 % less memory (measured).
    static constexpr std::uint32_t page_keys_max = KeyPage::cell_count * 92 / 100;
    // Two siblings that have no more than this together become one page. It is half full then, as
    // is one that was split, so that neither is undone by the next few hundred operations.
    static constexpr std::uint32_t merged_keys_max = KeyPage::cell_count / 2;
    // A page is split too when a key would have to pass more buckets than this: by chance none
    // does before it is 92 % full.
    static constexpr std::uint32_t full_buckets_max = 16;
    static constexpr std::uint32_t directory_cells_max = 1U << 20;

 private:
    // One page that is never written stands for "no page yet".
    static constexpr std::uint32_t no_page = 0;

    struct Directory {
        // The number of a page.
        using Cell = std::atomic<std::uint32_t>;

        std::uint32_t cell_count;
        std::uint32_t depth;
        Directory* next_garbage;

        [[nodiscard]] Cell* cells() noexcept { return std::bit_cast<Cell*>(this + 1); }
    };

    // What readers need not know of a page.
    struct PageRecord {
        // In the list of free pages, or of garbage.
        std::uint32_t next;
        std::uint16_t key_count;
        std::uint16_t depth;
    };

    [[nodiscard]] static std::uint32_t scaled(std::uint32_t bits, std::uint32_t count) noexcept {
        return static_cast<std::uint32_t>(std::uint64_t{bits} * count >> 32);
    }

    [[nodiscard]] std::uint32_t page_number(std::uint64_t hash) const noexcept {
        Directory* const current = directory_.load(std::memory_order_acquire);
        yield_point(YieldPoint::directory_read);
        return current->cells()[scaled(directory_bits(hash), current->cell_count)].load(
            std::memory_order_acquire);
    }
    [[nodiscard]] KeyPage& page(std::uint32_t number) const noexcept {
        return *std::bit_cast<KeyPage*>(pages_begin_ + std::size_t{number} * sizeof(KeyPage));
    }
    [[nodiscard]] PageRecord& record(std::uint32_t number) const noexcept {
        return std::bit_cast<PageRecord*>(records_.begin())[number];
    }
    // Two lines: most entries' keys do not end on their first.
    void prefetch_entry(EntryRef ref) const noexcept {
        const char* const begin = heap_begin_ + std::size_t{ref} * ref_step_bytes;
        __builtin_prefetch(begin);
        __builtin_prefetch(begin + 63);
    }
    [[nodiscard]] std::uint64_t hash_of_entry(EntryRef ref) const noexcept {
        return hash_of_(entry_at(heap_begin_, ref)->key());
    }

    // Which of the parts of this depth the hash belongs to: what one page of that depth owns.
    [[nodiscard]] std::uint32_t part_of(std::uint64_t hash, std::uint32_t depth) const noexcept {
        return scaled(directory_bits(hash), root_count_ << depth);
    }
    // Points all the directory's cells of this part to that page.
    void publish(std::uint32_t part, std::uint32_t depth, std::uint32_t number) noexcept;
    // The page of the part's first cell.
    [[nodiscard]] std::uint32_t first_page_of(std::uint32_t part,
                                              std::uint32_t depth) const noexcept;

    // An empty page, or no_page when there is no memory.
    [[nodiscard]] std::uint32_t take_page() noexcept;
    void put_back_page(std::uint32_t number) noexcept;
    void discard_page(std::uint32_t number) noexcept;
    [[nodiscard]] Directory* make_directory(std::uint32_t depth) noexcept;
    [[nodiscard]] bool double_directory() noexcept;

    template <typename Matches>
    [[nodiscard]] Cell* locate_if(std::uint64_t hash, const Matches& matches) noexcept;
    [[nodiscard]] bool make_first_page(std::uint64_t hash) noexcept;
    [[nodiscard]] bool should_split(std::uint64_t hash) const noexcept;
    [[nodiscard]] bool split(std::uint64_t hash) noexcept;
    void merge_light_pages(std::uint64_t hash) noexcept;
    // Puts a key of the source into the page that `choose(hash)` names, each.
    template <typename Choose>
    void copy_keys(const KeyPage& source, const Choose& choose) noexcept;

    void check_page(std::uint32_t part, std::uint32_t depth, std::uint32_t number) const noexcept;

    [[nodiscard]] Directory& directory() const noexcept {
        return *directory_.load(std::memory_order_relaxed);
    }

    // Guarded by the stripe's lock.
    Reservation pages_;
    Reservation records_;
    const std::uint32_t root_count_;
    std::uint32_t count_ = 0;
    // Pages that have been in use ever; no_page is the first.
    std::uint32_t pages_end_ = 1;
    std::uint32_t pages_in_use_ = 0;
    std::uint32_t first_free_page_ = no_page;
    std::uint64_t directory_bytes_ = 0;
    Garbage garbage_;

    // All that find() reads, on a line that is hardly ever written.
    alignas(64) const KeyHash& hash_of_;
    char* const heap_begin_;
    char* const pages_begin_;
    std::atomic<Directory*> directory_;
};

inline const Entry* KeyIndex::find(const HashedKey& key) const noexcept {
    const Entry* found = nullptr;
    const KeyPage& home_page = page(page_number(key.hash));
    yield_point(YieldPoint::page_found);
    home_page.search(key.hash, [&](const Cell& cell) {
        const EntryRef ref = cell.load(std::memory_order_acquire);
        yield_point(YieldPoint::cell_read);
        if (ref == no_entry) {
            return false;
        }
        const Entry* const entry = entry_at(heap_begin_, ref);
        if (entry->key() != key.text) {
            return false;
        }
        found = entry;
        return true;
    });
    return found;
}

inline const KeyBucket* KeyIndex::prefetch_bucket(std::uint64_t hash) const noexcept {
    const KeyBucket* const home = &page(page_number(hash)).home(hash);
    __builtin_prefetch(home);
    return home;
}

inline const Entry* KeyIndex::prefetch_entry(const KeyBucket& bucket,
                                             std::uint64_t hash) const noexcept {
    EntryRef first = no_entry;
    for (std::uint32_t left = bucket.controls().cells_with(fingerprint(hash)); left != 0;
         left &= left - 1) {
        const auto index = static_cast<std::uint32_t>(std::countr_zero(left));
        const EntryRef ref = bucket.cell(index).load(std::memory_order_acquire);
        prefetch_entry(ref);
        first = first == no_entry ? ref : first;
    }
    return first == no_entry ? nullptr : entry_at(heap_begin_, first);
}

template <typename Visit>
void KeyIndex::for_each(const Visit& visit) const noexcept {
    for (std::uint32_t at = 0; at < directory().cell_count;) {
        const std::uint32_t number = directory().cells()[at].load(std::memory_order_relaxed);
        page(number).for_each(visit);
        at += 1U << (directory().depth - record(number).depth);
    }
}

}  // namespace tc
