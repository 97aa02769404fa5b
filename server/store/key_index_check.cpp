// SPDX-License-Identifier: MIT
//
// What has to hold in a key index, at any time that its stripe's lock is free.
#include <array>

#include "store/invariant.hpp"
#include "store/key_index.hpp"

namespace tc {

void KeyIndex::check_invariants() const noexcept {
    std::uint64_t key_count = 0;
    std::uint32_t page_count = 0;
    for (std::uint32_t at = 0; at < directory().cell_count;) {
        const std::uint32_t number = directory().cells()[at].load(std::memory_order_relaxed);
        const std::uint32_t depth = record(number).depth;
        require_invariant(depth <= directory().depth, "no page is deeper than the directory");
        const std::uint32_t cells_of_page = 1U << (directory().depth - depth);
        require_invariant(at % cells_of_page == 0, "a page owns the cells of one part");
        for (std::uint32_t of_page = 0; of_page < cells_of_page; ++of_page) {
            require_invariant(
                directory().cells()[at + of_page].load(std::memory_order_relaxed) == number,
                "a page owns all the cells of its part");
        }
        check_page(at / cells_of_page, depth, number);
        key_count += record(number).key_count;
        page_count += number == no_page ? 0 : 1;
        at += cells_of_page;
    }
    require_invariant(key_count == count_, "the pages' keys add up");
    for (std::uint32_t number = garbage_.first_page_; number != no_page;
         number = record(number).next) {
        ++page_count;
    }
    // The rest is garbage that the stripe has taken.
    require_invariant(page_count <= pages_in_use_, "pages are in use once");
    for (std::uint32_t number = first_free_page_; number != no_page; number = record(number).next) {
        ++page_count;
    }
    require_invariant(page_count < pages_end_, "no page is both in use and free");
}

void KeyIndex::check_page(std::uint32_t part, std::uint32_t depth,
                          std::uint32_t number) const noexcept {
    const KeyPage& checked = page(number);
    const std::uint32_t key_count = record(number).key_count;
    std::uint32_t found_count = 0;
    std::array<std::uint32_t, KeyPage::bucket_count> passed{};
    for (std::uint32_t at = 0; at < KeyPage::bucket_count; ++at) {
        const BucketControls controls = checked.bucket(at).controls();
        for (std::uint32_t index = 0; index < BucketControls::cell_count; ++index) {
            const EntryRef ref = checked.bucket(at).cell(index).load(std::memory_order_relaxed);
            if (ref == no_entry) {
                require_invariant((controls.cells_with(0) >> index & 1) == 1,
                                  "a cell without an entry has no fingerprint");
                continue;
            }
            ++found_count;
            const std::uint64_t hash = hash_of_entry(ref);
            require_invariant(part_of(hash, depth) == part, "a key is in the page of its part");
            require_invariant((controls.cells_with(fingerprint(hash)) >> index & 1) == 1,
                              "a cell has its key's fingerprint");
            for (std::uint32_t on_way = bucket_bits(hash); on_way != at;
                 on_way = KeyPage::next(on_way, hash)) {
                ++passed[on_way];
            }
        }
    }
    require_invariant(found_count == key_count, "a page's count is that of its keys");
    for (std::uint32_t at = 0; at < KeyPage::bucket_count; ++at) {
        const std::uint32_t overflow_count = checked.bucket(at).controls().overflow_count();
        require_invariant(overflow_count == passed[at] || overflow_count == KeyBucket::overflow_max,
                          "a bucket's overflow is the count of keys that passed it");
    }
    if (depth == 0) {
        require_invariant((number == no_page) == (key_count == 0),
                          "no page without siblings is empty");
        return;
    }
    const std::uint32_t sibling = first_page_of(part ^ 1, depth);
    require_invariant(
        record(sibling).depth != depth || key_count + record(sibling).key_count > merged_keys_max,
        "two light siblings are merged");
}

}  // namespace tc
