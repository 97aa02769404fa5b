// SPDX-License-Identifier: MIT
//
// A stripe's figures, and whether its parts agree.
#include <algorithm>

#include "store/invariant.hpp"
#include "store/memory.hpp"
#include "store/stripe.hpp"

namespace tc {

void Stripe::add_stats(StoreStats& stats) const noexcept {
    const MutexLock lock(mutex_);
    stats.entry_count += index_.count();
    stats.edge_count += tags_.edge_count();
    stats.entry_bytes += entry_bytes_;
    stats.index_bytes += index_.bytes() + slots_.bytes();
    stats.tag_bytes += tags_.bytes();
    stats.key_bytes += key_bytes_;
    stats.value_bytes += value_bytes_;
}

void Stripe::check_invariants(std::uint64_t& tag_count) const {
    const MutexLock lock(mutex_);
    std::uint64_t entry_count = 0;
    std::uint64_t entry_bytes = 0;
    std::uint64_t key_bytes = 0;
    std::uint64_t value_bytes = 0;
    for (std::uint32_t slot = 0; slot < slots_.end(); ++slot) {
        Entry* const entry = slots_[slot];
        if (entry == nullptr) {
            continue;
        }
        check_entry(slot, *entry);
        ++entry_count;
        entry_bytes += usable_bytes(entry) + (entry->has_blob ? usable_bytes(entry->blob()) : 0);
        key_bytes += entry->key_bytes;
        value_bytes += entry->value_bytes;
    }
    require_invariant(entry_count == index_.count(), "the index has a bucket for each entry only");
    require_invariant(entry_count + slots_.free_count() == slots_.end(),
                      "a slot holds an entry or is free");
    require_invariant(slots_.count_free_list() == slots_.free_count(),
                      "the free list holds the free slots");
    require_invariant(entry_bytes == entry_bytes_, "entry_bytes is the sum over the entries");
    require_invariant(key_bytes == key_bytes_, "key_bytes is the sum over the entries");
    require_invariant(value_bytes == value_bytes_, "value_bytes is the sum over the entries");
    check_tags();
    tag_count += tags_.tag_count();
}

void Stripe::check_entry(std::uint32_t slot, const Entry& entry) const {
    const std::uint64_t hash = shared_.hash_of(entry.key());
    const Found found = find({entry.key(), hash});
    require_invariant(found.entry == &entry && found.slot == slot, "a key leads to its entry");
    require_invariant(entry.version <= sequence_, "no version is newer than the stripe's sequence");
    require_invariant(!entry.has_blob || entry.blob()->account == nullptr,
                      "the blob of an entry in the index is not retired");
    const TagId* const ids = entry.tag_ids();
    for (std::size_t index = 0; index < entry.tag_count; ++index) {
        const Members* const members = tags_.members(ids[index]);
        require_invariant(members != nullptr && members->contains(slot),
                          "each tag of an entry has it as a member");
        require_invariant(std::find(ids, ids + index, ids[index]) == ids + index,
                          "an entry carries a tag once");
    }
}

void Stripe::check_tags() const {
    std::uint64_t edge_count = 0;
    const Slots* const slots = &slots_;
    tags_.for_each([&](TagId id, const Members& members) {
        require_invariant(!members.is_empty(), "a tag in the index has a member");
        require_invariant(shared_.names.is_held(id, number_), "a tag's stripe bit is set");
        std::uint64_t member_count = 0;
        for (std::uint32_t slot = members.seek(0); slot != Members::none;
             slot = members.seek(slot + 1)) {
            require_invariant(slot < slots->end() && (*slots)[slot] != nullptr,
                              "a member of a tag is an entry");
            const Entry& entry = *(*slots)[slot];
            const TagId* const end = entry.tag_ids() + entry.tag_count;
            require_invariant(std::find(entry.tag_ids(), end, id) != end,
                              "a member of a tag carries it");
            ++member_count;
        }
        require_invariant(member_count == members.count(), "a tag counts its members");
        edge_count += member_count;
    });
    require_invariant(edge_count == tags_.edge_count(), "the stripe counts its edges");
}

}  // namespace tc
