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
    stats.entry_count += slots_.used_count() - slots_.dead_count();
    stats.dead_count += slots_.dead_count();
    stats.edge_count += tags_.edge_count();
    stats.entry_bytes += heap_.used_bytes() - retired_bytes_ + blob_bytes_;
    stats.index_bytes += index_.bytes() + slots_.bytes() + wheel_.bytes() + eviction_.bytes();
    stats.tag_bytes += tags_.bytes();
    stats.retired_bytes += retired_bytes_;
    stats.idle_bytes += heap_.idle_bytes();
    stats.key_bytes += key_bytes_;
    stats.value_bytes += value_bytes_;
}

void Stripe::check_invariants(std::uint64_t& tag_count) const {
    const MutexLock lock(mutex_);
    heap_.check();
    std::uint64_t entry_count = 0;
    std::uint64_t live_bytes = 0;
    std::uint64_t blob_bytes = 0;
    std::uint64_t key_bytes = 0;
    std::uint64_t value_bytes = 0;
    for (std::uint32_t slot = slots_.next_used(0); slot != Slots::none;
         slot = slots_.next_used(slot + 1)) {
        const Entry& entry = entry_in(slot);
        check_entry(slot, entry);
        ++entry_count;
        live_bytes += entry.block_bytes();
        blob_bytes += entry.has_blob() ? usable_bytes(entry.blob()) : 0;
        key_bytes += entry.key_bytes();
        value_bytes += entry.value_bytes();
    }
    require_invariant(entry_count == index_.count(), "the index names each entry once");
    require_invariant(entry_count == slots_.used_count(), "a slot holds an entry or is free");
    require_invariant(slots_.count_free_list() == slots_.end() - slots_.used_count(),
                      "the free list holds the free slots");
    require_invariant(live_bytes + retired_bytes_ == heap_.used_bytes(),
                      "a block holds an entry or a retired one");
    require_invariant(blob_bytes == blob_bytes_, "blob_bytes is the sum over the entries");
    require_invariant(key_bytes == key_bytes_, "key_bytes is the sum over the entries");
    require_invariant(value_bytes == value_bytes_, "value_bytes is the sum over the entries");
    check_limbo();
    check_tags();
    tag_count += tags_.tag_count();
}

void Stripe::check_entry(std::uint32_t slot, const Entry& entry) const {
    const HashedKey key{entry.key(), shared_.hash_of(entry.key())};
    require_invariant(index_.find(key) == &entry, "a key leads to its entry");
    require_invariant(entry.slot() == slot, "an entry knows its slot");
    require_invariant(entry.version() != 0 && entry.version() <= sequence_,
                      "no version is newer than the stripe's sequence");
    require_invariant(!entry.is_retired(), "an entry in the index is not retired");
    require_invariant(!entry.has_blob() || entry.blob()->account == nullptr,
                      "the blob of an entry in the index is not retired");
    const bool may_lack_a_record = entry.deadline_ms() == never_ms;
    require_invariant(may_lack_a_record || (slots_.state(slot) & wheel_bits) != 0,
                      "the wheel has a record of an entry that expires");
    const TagId* const ids = entry.tag_ids();
    for (std::size_t index = 0; index < entry.tag_count() && !slots_.is_dead(slot); ++index) {
        const Members* const members = tags_.members(ids[index]);
        require_invariant(members != nullptr && members->contains(slot),
                          "each tag of an entry has it as a member");
        require_invariant(std::find(ids, ids + index, ids[index]) == ids + index,
                          "an entry carries a tag once");
    }
}

void Stripe::check_limbo() const {
    std::uint64_t retired_bytes = 0;
    for (const EntryRef first : {filling_.first, waiting_.first}) {
        for (EntryRef ref = first; ref != no_entry;) {
            const Entry& entry = *entry_at(heap_.begin(), ref);
            require_invariant(entry.is_retired(), "what waits in limbo is retired");
            retired_bytes += entry.block_bytes();
            ref = entry.next_retired();
        }
    }
    require_invariant(retired_bytes == retired_bytes_, "retired_bytes is the sum over the limbo");
}

void Stripe::check_tags() const {
    std::uint64_t edge_count = 0;
    tags_.for_each([&](TagId id, const Members& members) {
        mutex_.is_held();
        require_invariant(!members.is_empty(), "a tag in the index has a member");
        require_invariant(shared_.names.is_held(id, number_), "a tag's stripe bit is set");
        std::uint64_t member_count = 0;
        for (std::uint32_t slot = members.seek(0); slot != Members::none;
             slot = members.seek(slot + 1)) {
            require_invariant(slots_.is_used(slot), "a member of a tag is an entry");
            const Entry& entry = entry_in(slot);
            const TagId* const end = entry.tag_ids() + entry.tag_count();
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
