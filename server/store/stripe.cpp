// SPDX-License-Identifier: MIT
//
// How entries come in and go out: every operation is made of these.
#include "store/stripe.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace tc {

Stripe::~Stripe() {
    const MutexLock lock(mutex_);
    for (std::uint32_t slot = 0; slot < slots_.end(); ++slot) {
        if (Entry* const entry = slots_[slot]; entry != nullptr) {
            free_entry(entry);
        }
    }
}

Stripe::Visit::Visit(Stripe& stripe, Seat& seat) noexcept : stripe_(stripe), seat_(seat) {
    stripe_.mutex_.lock();
    used_bytes_before_ = stripe_.used_bytes();
}

Stripe::Visit::~Visit() {
    seat_.charge(static_cast<std::int64_t>(stripe_.used_bytes() - used_bytes_before_));
    stripe_.mutex_.unlock();
}

std::uint64_t Stripe::used_bytes() const noexcept {
    return entry_bytes_ + index_.bytes() + slots_.bytes() + tags_.bytes();
}

Stripe::Found Stripe::find(const HashedKey& key) const noexcept {
    const Slots* const slots = &slots_;
    const Bucket* const bucket = index_.find(table_bits(key.hash), [&](const Bucket& each) {
        return (*slots)[each.slot]->key() == key.text;
    });
    return bucket == nullptr ? Found{} : Found{slots_[bucket->slot], bucket->slot};
}

Stripe::Found Stripe::find_live(Seat& seat, const HashedKey& key) noexcept {
    const Found found = find(key);
    if (!found || !found.entry->is_expired(shared_.now_ms())) {
        return found;
    }
    unlink(seat, found);
    seat.counters.expired.add();
    return {};
}

std::uint64_t Stripe::deadline_after(std::uint64_t ttl_ms) const noexcept {
    if (ttl_ms == 0) {
        return never_ms;
    }
    // The last moment before never is far enough for a TTL that would not fit.
    constexpr std::uint64_t last_ms = never_ms - 1;
    const std::uint64_t now_ms = std::min(shared_.now_ms(), last_ms);
    return now_ms + std::min(ttl_ms, last_ms - now_ms);
}

std::uint64_t Stripe::deadline_for(std::optional<std::uint64_t> ttl_ms, const Found& old,
                                   bool keeps_ttl) const noexcept {
    if (old && keeps_ttl) {
        return old.entry->deadline_ms.load(std::memory_order_relaxed);
    }
    return deadline_after(ttl_ms.value_or(shared_.options.ttl_default_ms));
}

bool Stripe::store(Seat& seat, const HashedKey& key, const Found& old, EntryPtr& fresh) noexcept {
    if (!old) {
        return insert(seat, key, fresh);
    }
    const std::span<const TagId> had{std::as_const(*old.entry).tag_ids(), old.entry->tag_count};
    if (!link_tags(seat, old.slot, had, fresh->tag_ids())) {
        return false;
    }
    replace(seat, old, std::move(fresh));
    return true;
}

bool Stripe::insert(Seat& seat, const HashedKey& key, EntryPtr& fresh) noexcept {
    if (!index_.reserve_one()) {
        return false;
    }
    const std::uint32_t slot = slots_.allocate();
    if (slot == Slots::none) {
        return false;
    }
    if (!link_tags(seat, slot, {}, fresh->tag_ids())) {
        slots_.release(slot);
        return false;
    }
    Entry* const entry = fresh.release();
    entry->version = ++sequence_;
    index_.insert({.hash = table_bits(key.hash), .slot = slot});
    slots_.set(slot, entry);
    account_for(*entry, false);
    return true;
}

void Stripe::replace(Seat& seat, const Found& old, EntryPtr fresh) noexcept {
    Entry* const entry = fresh.release();
    const std::span<const TagId> kept{entry->tag_ids(), entry->tag_count};
    const std::span<const TagId> had{std::as_const(*old.entry).tag_ids(), old.entry->tag_count};
    for (std::size_t index = 0; index < had.size(); ++index) {
        const bool is_kept = (index < kept.size() && kept[index] == had[index]) ||
                             std::find(kept.begin(), kept.end(), had[index]) != kept.end();
        if (!is_kept) {
            tags_.unlink(seat, had[index], old.slot);
        }
    }
    entry->version = ++sequence_;
    slots_.set(old.slot, entry);
    const bool shares_blob = entry->has_blob && entry->blob() == old.entry->blob();
    account_for(*entry, shares_blob);
    retire(seat, old.entry, shares_blob);
}

void Stripe::unlink(Seat& seat, const Found& found, TagId detached) noexcept {
    const std::uint64_t hash = shared_.hash_of(found.entry->key());
    Bucket* const bucket =
        index_.find(table_bits(hash), [&](const Bucket& each) { return each.slot == found.slot; });
    assert(bucket != nullptr);
    index_.erase(bucket);
    for (const TagId id : std::span{found.entry->tag_ids(), found.entry->tag_count}) {
        if (id != detached) {
            tags_.unlink(seat, id, found.slot);
        }
    }
    slots_.release(found.slot);
    ++sequence_;
    retire(seat, found.entry, false);
}

bool Stripe::link_tags(Seat& seat, std::uint32_t slot, std::span<const TagId> had,
                       TagId* ids) noexcept {
    const std::span<TagList::Item> items = seat.tags.items();
    for (std::size_t index = 0; index < items.size(); ++index) {
        TagList::Item& item = items[index];
        // Mostly the tags stay the same, in the same order: then the members need no look.
        if (index < had.size() && shared_.names.name(had[index]) == item.name) {
            ids[index] = had[index];
            continue;
        }
        const TagIndex::Link link = tags_.link(seat, item.name, item.hash, slot);
        if (link.result == AddResult::out_of_memory) {
            unlink_new_edges(seat, slot, items.first(index));
            return false;
        }
        item.id = link.id;
        item.is_new_edge = link.result == AddResult::added;
        ids[index] = link.id;
    }
    return true;
}

void Stripe::unlink_new_edges(Seat& seat, std::uint32_t slot,
                              std::span<const TagList::Item> items) noexcept {
    for (const TagList::Item& item : items) {
        if (item.is_new_edge) {
            tags_.unlink(seat, item.id, slot);
        }
    }
}

void Stripe::account_for(const Entry& entry, bool is_blob_counted) noexcept {
    entry_bytes_ += usable_bytes(const_cast<Entry*>(&entry));
    if (entry.has_blob && !is_blob_counted) {
        entry_bytes_ += usable_bytes(entry.blob());
    }
    key_bytes_ += entry.key_bytes;
    value_bytes_ += entry.value_bytes;
}

// The entry's bytes go from the stripe's account to the retired ones.
void Stripe::retire(Seat& seat, Entry* entry, bool keeps_blob) noexcept {
    const std::uint64_t block_bytes = usable_bytes(entry);
    entry_bytes_ -= block_bytes;
    key_bytes_ -= entry->key_bytes;
    value_bytes_ -= entry->value_bytes;
    if (Blob* const blob = entry->blob(); blob != nullptr && !keeps_blob) {
        const std::uint64_t blob_bytes = usable_bytes(blob);
        entry_bytes_ -= blob_bytes;
        blob->account = &shared_.account;
        shared_.account.on_blob_retired(blob_bytes);
        seat.charge(static_cast<std::int64_t>(blob_bytes));
    }
    seat.retire(entry, block_bytes);
}

}  // namespace tc
