// SPDX-License-Identifier: MIT
#include "store/key_index.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <memory>
#include <new>

#include "store/memory.hpp"
#include "store/seeded_fault.hpp"
#include "store/yield_point.hpp"

namespace tc {
namespace {

constexpr std::uint32_t root_count_min = 4;
constexpr std::uint32_t root_count_kinds = 4;

// How far ahead of the entry whose key is hashed the next ones are fetched: a split has to read
// some 700 entries from all over the heap.
constexpr std::uint32_t prefetch_distance = 16;

}  // namespace

KeyIndex::KeyIndex(const KeyHash& hash_of, char* heap_begin, std::uint32_t stripe,
                   std::size_t pages_max)
    : pages_((pages_max + 1) * sizeof(KeyPage)),
      records_((pages_max + 1) * sizeof(PageRecord)),
      root_count_(root_count_min + stripe % root_count_kinds),
      hash_of_(hash_of),
      heap_begin_(heap_begin),
      pages_begin_(pages_.begin()),
      directory_(nullptr) {
    // Nobody writes to no_page, so it never takes any memory.
    if (!pages_.commit(sizeof(KeyPage)) || !records_.commit(sizeof(PageRecord))) {
        throw std::bad_alloc();
    }
    directory_.store(make_directory(0), std::memory_order_relaxed);
    if (directory_.load(std::memory_order_relaxed) == nullptr) {
        throw std::bad_alloc();
    }
}

KeyIndex::~KeyIndex() {
    free(take_garbage());
    release(&directory());
}

KeyIndex::Cell* KeyIndex::locate(const HashedKey& key) noexcept {
    return locate_if(key.hash, [&](EntryRef ref) {
        return ref != no_entry && entry_at(heap_begin_, ref)->key() == key.text;
    });
}

KeyIndex::Cell* KeyIndex::locate(std::uint64_t hash, EntryRef ref) noexcept {
    return locate_if(hash, [&](EntryRef candidate) { return candidate == ref; });
}

template <typename Matches>
KeyIndex::Cell* KeyIndex::locate_if(std::uint64_t hash, const Matches& matches) noexcept {
    const Cell* found = nullptr;
    page(page_number(hash)).search(hash, [&](const Cell& cell) {
        if (!matches(cell.load(std::memory_order_relaxed))) {
            return false;
        }
        found = &cell;
        return true;
    });
    return const_cast<Cell*>(found);
}

bool KeyIndex::reserve_one(std::uint64_t hash) noexcept {
    if (page_number(hash) == no_page && !make_first_page(hash)) {
        return false;
    }
    // A second split is for the rare page whose keys all went to one side.
    for (std::uint32_t splits = 0; splits < 2 && should_split(hash); ++splits) {
        if (!split(hash)) {
            break;
        }
    }
    return record(page_number(hash)).key_count < KeyPage::cell_count;
}

void KeyIndex::insert(std::uint64_t hash, EntryRef ref) noexcept {
    const std::uint32_t number = page_number(hash);
    assert(number != no_page && ref != no_entry);
    page(number).insert(hash, ref);
    ++record(number).key_count;
    ++count_;
}

void KeyIndex::erase(std::uint64_t hash, Cell* cell) noexcept {
    const std::uint32_t number = page_number(hash);
    page(number).erase(hash, cell);
    --record(number).key_count;
    --count_;
    merge_light_pages(hash);
}

bool KeyIndex::make_first_page(std::uint64_t hash) noexcept {
    const std::uint32_t number = take_page();
    if (number == no_page) {
        return false;
    }
    publish(part_of(hash, 0), 0, number);
    return true;
}

bool KeyIndex::should_split(std::uint64_t hash) const noexcept {
    const std::uint32_t number = page_number(hash);
    const std::uint32_t key_count = record(number).key_count;
    if (key_count >= page_keys_max) {
        return true;
    }
    // Keys that crowd in a few buckets of a page which is half empty would do so after any split.
    return key_count > merged_keys_max && page(number).full_buckets_from(hash) > full_buckets_max;
}

bool KeyIndex::split(std::uint64_t hash) noexcept {
    const std::uint32_t old_number = page_number(hash);
    const std::uint32_t depth = record(old_number).depth + 1U;
    const std::array<std::uint32_t, 2> halves{take_page(), take_page()};
    if (halves[0] == no_page || halves[1] == no_page ||
        (depth > directory().depth && !double_directory())) {
        put_back_page(halves[0]);
        put_back_page(halves[1]);
        return false;
    }
    copy_keys(page(old_number),
              [&](std::uint64_t key_hash) { return halves[part_of(key_hash, depth) % 2]; });
    const std::uint32_t lower_part = part_of(hash, depth - 1) * 2;
    for (std::uint32_t half = 0; half < 2; ++half) {
        record(halves[half]).depth = static_cast<std::uint16_t>(depth);
        publish(lower_part + half, depth, halves[half]);
    }
    discard_page(old_number);
    return true;
}

void KeyIndex::merge_light_pages(std::uint64_t hash) noexcept {
    for (;;) {
        const std::uint32_t number = page_number(hash);
        const std::uint32_t depth = record(number).depth;
        const std::uint32_t part = part_of(hash, depth);
        if (depth == 0) {
            if (record(number).key_count == 0) {
                publish(part, 0, no_page);
                discard_page(number);
            }
            return;
        }
        const std::uint32_t sibling = first_page_of(part ^ 1, depth);
        if (record(sibling).depth != depth ||
            record(number).key_count + record(sibling).key_count > merged_keys_max) {
            return;
        }
        // The keys of the lighter page go into the other one, which readers go on using: no page
        // has to be made, so that erasing needs no memory.
        const bool is_lighter = record(number).key_count < record(sibling).key_count;
        const std::uint32_t lighter = is_lighter ? number : sibling;
        const std::uint32_t heavier = is_lighter ? sibling : number;
        copy_keys(page(lighter), [&](std::uint64_t) { return heavier; });
        record(heavier).depth = static_cast<std::uint16_t>(depth - 1);
        publish(part / 2, depth - 1, heavier);
        discard_page(lighter);
    }
}

template <typename Choose>
void KeyIndex::copy_keys(const KeyPage& source, const Choose& choose) noexcept {
    std::array<EntryRef, KeyPage::cell_count> refs;
    std::uint32_t ref_count = 0;
    source.for_each([&](EntryRef ref) { refs[ref_count++] = ref; });
    for (std::uint32_t at = seeded(Fault::split_loses_a_key) ? 1 : 0; at < ref_count; ++at) {
        if (at + prefetch_distance < ref_count) {
            prefetch_entry(refs[at + prefetch_distance]);
        }
        const std::uint64_t hash = hash_of_entry(refs[at]);
        const std::uint32_t target = choose(hash);
        page(target).insert(hash, refs[at]);
        ++record(target).key_count;
    }
}

void KeyIndex::publish(std::uint32_t part, std::uint32_t depth, std::uint32_t number) noexcept {
    const std::uint32_t shift = directory().depth - depth;
    for (std::uint32_t at = part << shift; at < (part + 1) << shift; ++at) {
        yield_point(YieldPoint::before_page_published);
        directory().cells()[at].store(number, std::memory_order_release);
    }
}

std::uint32_t KeyIndex::first_page_of(std::uint32_t part, std::uint32_t depth) const noexcept {
    return directory().cells()[part << (directory().depth - depth)].load(std::memory_order_relaxed);
}

KeyIndex::Directory* KeyIndex::make_directory(std::uint32_t depth) noexcept {
    const std::uint32_t cell_count = root_count_ << depth;
    void* const block = allocate(sizeof(Directory) + cell_count * sizeof(Directory::Cell));
    if (block == nullptr) {
        return nullptr;
    }
    auto* const made =
        new (block) Directory{.cell_count = cell_count, .depth = depth, .next_garbage = nullptr};
    std::uninitialized_value_construct_n(made->cells(), cell_count);
    directory_bytes_ += usable_bytes(block);
    return made;
}

bool KeyIndex::double_directory() noexcept {
    Directory& old = directory();
    if (old.cell_count > directory_cells_max / 2) {
        return false;
    }
    Directory* const doubled = make_directory(old.depth + 1);
    if (doubled == nullptr) {
        return false;
    }
    for (std::uint32_t at = 0; at < doubled->cell_count; ++at) {
        doubled->cells()[at].store(old.cells()[at / 2].load(std::memory_order_relaxed),
                                   std::memory_order_relaxed);
    }
    yield_point(YieldPoint::before_directory_published);
    directory_.store(doubled, std::memory_order_release);
    old.next_garbage = garbage_.first_directory_;
    garbage_.first_directory_ = &old;
    return true;
}

std::uint32_t KeyIndex::take_page() noexcept {
#if defined(TC_FAULTS)
    // A page that was given back is new memory too.
    if (allocation_fault_is_due()) {
        return no_page;
    }
#endif
    std::uint32_t number = first_free_page_;
    if (number != no_page) {
        first_free_page_ = record(number).next;
    } else if (pages_.commit((pages_end_ + std::size_t{1}) * sizeof(KeyPage)) &&
               records_.commit((pages_end_ + std::size_t{1}) * sizeof(PageRecord))) {
        number = pages_end_++;
    } else {
        return no_page;
    }
    record(number) = {};
    ++pages_in_use_;
    return number;
}

// REQUIRES: the page is as take_page() gave it, or it is no_page.
void KeyIndex::put_back_page(std::uint32_t number) noexcept {
    if (number != no_page) {
        record(number).next = first_free_page_;
        first_free_page_ = number;
        --pages_in_use_;
    }
}

void KeyIndex::discard_page(std::uint32_t number) noexcept {
    record(number).next = garbage_.first_page_;
    garbage_.first_page_ = number;
}

KeyIndex::Garbage KeyIndex::take_garbage() noexcept {
    return std::exchange(garbage_, {});
}

void KeyIndex::free(Garbage garbage) noexcept {
    for (std::uint32_t number = garbage.first_page_; number != no_page;) {
        const std::uint32_t next = record(number).next;
        // So that it reads as zeros when it is taken again.
        pages_.give_back(std::size_t{number} * sizeof(KeyPage), sizeof(KeyPage));
        put_back_page(number);
        number = next;
    }
    for (Directory* old = garbage.first_directory_; old != nullptr;) {
        Directory* const next = old->next_garbage;
        directory_bytes_ -= usable_bytes(old);
        release(old);
        old = next;
    }
}

}  // namespace tc
