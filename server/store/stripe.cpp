// SPDX-License-Identifier: MIT
//
// How entries come in and go out: every operation is made of these.
#include "store/stripe.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "store/seeded_fault.hpp"
#include "store/yield_point.hpp"

namespace tc {
namespace {

// What a write frees of what was retired before it: more than it retires, so that it keeps up.
constexpr std::uint32_t freed_per_visit = 8;

}  // namespace

Stripe::Stripe(StoreState& shared, std::uint32_t number)
    : shared_(shared),
      number_(number),
      jitter_state_(shared.hash_of("jitter") + number),
      heap_(shared.limits.heap_bytes_max),
      slots_(shared.limits.slots_max),
      index_(shared.hash_of, heap_.begin(), number, shared.limits.index_pages_max),
      eviction_(shared.options.eviction_policy, slots_, heap_.begin()),
      tags_(shared.names, shared.hash_of, number) {
    shared_.account.add({.used = static_cast<std::int64_t>(used_bytes())});
}

// The blocks go with the heap; the blobs are nobody's but ours.
Stripe::~Stripe() {
    const MutexLock lock(mutex_);
    for (std::uint32_t slot = slots_.next_used(0); slot != Slots::none && blob_bytes_ != 0;
         slot = slots_.next_used(slot + 1)) {
        if (Blob* const blob = entry_in(slot).blob(); blob != nullptr) {
            blob->drop();
        }
    }
    for (Limbo* const limbo : {&filling_, &waiting_}) {
        index_.free(std::exchange(limbo->pages, {}));
    }
    index_.free(index_.take_garbage());
}

Stripe::Visit::Visit(Stripe& stripe, Seat& seat) noexcept : stripe_(stripe), seat_(seat) {
    stripe_.mutex_.lock();
    now_ms_ = stripe_.shared_.now_ms();
    bytes_before_ = {.used = static_cast<std::int64_t>(stripe_.used_bytes()),
                     .retired = static_cast<std::int64_t>(stripe_.retired_bytes_)};
    std::uint32_t budget = freed_per_visit;
    static_cast<void>(stripe_.free_retired(budget));
}

Stripe::Visit::~Visit() {
    const auto used = static_cast<std::int64_t>(stripe_.used_bytes());
    const auto retired = static_cast<std::int64_t>(stripe_.retired_bytes_);
    seat_.charge({.used = seeded(Fault::visit_forgets_the_account) ? 0 : used - bytes_before_.used,
                  .retired = retired - bytes_before_.retired});
    stripe_.handed_over_bytes_ = 0;
    if (!stripe_.waiting_.is_empty() || !stripe_.filling_.is_empty()) {
        seat_.waits_for_turns = true;
    }
    stripe_.evictable_bytes_.store(stripe_.live_bytes(), std::memory_order_relaxed);
    stripe_.mutex_.unlock();
}

Stripe::Draft::Draft(Stripe& stripe, const Seat& seat, Entry::Content content,
                     BlobPtr blob) noexcept
    : stripe_(stripe), blob_(std::move(blob)) {
    content.blob = blob_.get();
    if (seat.has_room(Entry::block_bytes(content))) {
        make(content);
    }
}

Stripe::Draft::Draft(Stripe& stripe, const Entry& old, std::size_t tag_count) noexcept
    : stripe_(stripe) {
    make({.key = old.key(),
          .value = old.has_blob() ? std::string_view{} : old.value(),
          .blob = old.blob(),
          .tag_count = tag_count,
          .client_flags = old.client_flags()});
}

void Stripe::Draft::make(const Entry::Content& content) noexcept {
    const EntryRef ref = stripe_.heap_.allocate(Entry::block_bytes(content));
    if (ref != no_entry) {
        entry_ = Entry::make(entry_at(stripe_.heap_.begin(), ref), content);
    }
}

Entry& Stripe::Draft::publish() noexcept {
    static_cast<void>(blob_.release());
    return *std::exchange(entry_, nullptr);
}

Stripe::Draft::~Draft() {
    if (entry_ != nullptr) {
        stripe_.heap_.free(stripe_.ref_of(*entry_), entry_->block_bytes());
    }
}

std::uint64_t Stripe::used_bytes() const noexcept {
    return heap_.used_bytes() + blob_bytes_ + handed_over_bytes_ + index_.bytes() + slots_.bytes() +
           tags_.bytes() + wheel_.bytes() + eviction_.bytes();
}

std::uint64_t Stripe::kept_bytes() const noexcept {
    return used_bytes() - retired_bytes_ - handed_over_bytes_;
}

std::uint64_t Stripe::live_bytes() const noexcept {
    return heap_.used_bytes() - retired_bytes_ + blob_bytes_;
}

EntryRef Stripe::ref_of(const Entry& entry) const noexcept {
    return static_cast<EntryRef>(
        static_cast<std::size_t>(std::bit_cast<const char*>(&entry) - heap_.begin()) /
        ref_step_bytes);
}

Stripe::Found Stripe::find(const HashedKey& key) noexcept {
    KeyIndex::Cell* const cell = index_.locate(key);
    if (cell == nullptr) {
        return {};
    }
    Entry* const entry = entry_at(heap_.begin(), cell->load(std::memory_order_relaxed));
    return {.entry = entry, .cell = cell};
}

Stripe::Found Stripe::find_live(Seat& seat, const HashedKey& key, std::uint64_t now_ms) noexcept {
    const Found found = find(key);
    if (!found || is_live(*found.entry, now_ms)) {
        return found;
    }
    unlink(seat, key.hash, found, Reason::expired);
    return {};
}

bool Stripe::is_live(const Entry& entry, std::uint64_t now_ms) const noexcept {
    return !entry.is_expired(now_ms) && !(slots_.has_dead() && slots_.is_dead(entry.slot()));
}

std::uint64_t Stripe::deadline_after(std::uint64_t ttl_ms, std::uint64_t now_ms) noexcept {
    if (ttl_ms == 0) {
        return never_ms;
    }
    const StoreOptions& options = shared_.options;
    if (options.ttl_jitter_percent != 0) {
        ttl_ms = std::min(ttl_ms, never_ms);
        // Marsaglia, Xorshift RNGs, 2003.
        jitter_state_ ^= jitter_state_ << 13;
        jitter_state_ ^= jitter_state_ >> 7;
        jitter_state_ ^= jitter_state_ << 17;
        const std::uint64_t longest = ttl_ms / 100 * options.ttl_jitter_percent +
                                      ttl_ms % 100 * options.ttl_jitter_percent / 100;
        ttl_ms += longest == 0 ? 0 : jitter_state_ % (longest + 1);
        ttl_ms -= seeded(Fault::jitter_shortens) ? std::min(longest, ttl_ms - 1) : 0;
        if (options.ttl_max_ms != 0 && !seeded(Fault::jitter_passes_maximum)) {
            ttl_ms = std::min(ttl_ms, options.ttl_max_ms);
        }
    }
    // The last moment before never is far enough for a TTL that would not fit.
    constexpr std::uint64_t last_ms = never_ms - 1;
    if (seeded(Fault::expires_early)) {
        return now_ms + ttl_ms / 2;
    }
    return now_ms + std::min(ttl_ms, last_ms - now_ms) + (seeded(Fault::deadline_late) ? 1 : 0);
}

std::uint64_t Stripe::deadline_for(std::optional<std::uint64_t> ttl_ms, const Found& old,
                                   bool keeps_ttl, std::uint64_t now_ms) noexcept {
    if (old && keeps_ttl) {
        return old.entry->deadline_ms();
    }
    return deadline_after(ttl_ms.value_or(shared_.ttl_default_ms), now_ms);
}

bool Stripe::schedule(std::uint32_t slot, std::uint64_t deadline_ms) noexcept {
    if (deadline_ms == never_ms) {
        return true;
    }
    const std::uint8_t state = slots_.state(slot);
    const auto bucket = static_cast<TimingWheel::Bucket>(state & wheel_bits);
    if (bucket != TimingWheel::none && wheel_.is_early_enough(bucket, deadline_ms)) {
        return true;
    }
    const TimingWheel::Bucket fresh = wheel_.add(slot, deadline_ms);
    if (fresh == TimingWheel::none) {
        return false;
    }
    slots_.set_state(slot, static_cast<std::uint8_t>((state & ~wheel_bits) | fresh));
    return true;
}

bool Stripe::store(Seat& seat, const HashedKey& key, const Found& old, Draft& draft) noexcept {
    if (!old) {
        return insert(seat, key, draft);
    }
    const std::uint32_t slot = old.entry->slot();
    const std::span<const TagId> had{std::as_const(*old.entry).tag_ids(), old.entry->tag_count()};
    if (!schedule(slot, draft->deadline_ms()) || !link_tags(seat, slot, had, draft->tag_ids())) {
        return false;
    }
    replace(seat, old, draft);
    return true;
}

bool Stripe::insert(Seat& seat, const HashedKey& key, Draft& draft) noexcept {
    if (!index_.reserve_one(key.hash)) {
        return false;
    }
    const std::uint32_t slot = slots_.allocate();
    if (slot == Slots::none) {
        return false;
    }
    const bool links_late = seeded(Fault::published_before_edges);
    if (!schedule(slot, draft->deadline_ms()) ||
        (!links_late && !link_tags(seat, slot, {}, draft->tag_ids()))) {
        slots_.release(slot);
        return false;
    }
    Entry& entry = draft.publish();
    entry.set_slot(slot);
    entry.set_version(++sequence_);
    const EntryRef ref = ref_of(entry);
    slots_.set_ref(slot, ref);
    account_for(entry, false);
    eviction_.on_insert(entry, key.hash, seat.is_memory_short());
    yield_point(YieldPoint::before_entry_published);
    index_.insert(key.hash, ref);
    if (links_late) {
        yield_point(YieldPoint::before_entry_published);
        return link_tags(seat, slot, {}, entry.tag_ids());
    }
    return true;
}

void Stripe::replace(Seat& seat, const Found& old, Draft& draft) noexcept {
    Entry& entry = draft.publish();
    const std::uint32_t slot = old.entry->slot();
    entry.set_slot(slot);
    entry.set_version(seeded(Fault::rewrite_keeps_version) ? old.entry->version() : ++sequence_);
    const bool shares_blob = entry.has_blob() && entry.blob() == old.entry->blob();
    account_for(entry, shares_blob);
    eviction_.on_replace(*old.entry, entry);
    slots_.set_ref(slot, ref_of(entry));
    if (seeded(Fault::edges_removed_before_replaced)) {
        unlink_lost_edges(seat, *old.entry, entry);
    }
    yield_point(YieldPoint::before_entry_published);
    old.cell->store(ref_of(entry), std::memory_order_release);
    yield_point(YieldPoint::before_edges_removed);
    unlink_lost_edges(seat, *old.entry, entry);
    yield_point(YieldPoint::before_retire);
    retire(seat, *old.entry, shares_blob);
}

// Of the tags that an entry had and the one in its place has not. Only when that one can be read:
// an INVALIDATE that does not find the tag here any more must not leave the old one to be read.
void Stripe::unlink_lost_edges(Seat& seat, const Entry& old, const Entry& fresh) noexcept {
    const std::span<const TagId> had{old.tag_ids(), old.tag_count()};
    const std::span<const TagId> kept{fresh.tag_ids(), fresh.tag_count()};
    for (std::size_t index = 0; index < had.size(); ++index) {
        const bool is_kept = (index < kept.size() && kept[index] == had[index]) ||
                             std::find(kept.begin(), kept.end(), had[index]) != kept.end();
        if (!is_kept && !seeded(Fault::overwrite_leaves_edges)) {
            tags_.unlink(seat, had[index], fresh.slot());
        }
    }
}

void Stripe::unlink(Seat& seat, std::uint64_t hash, const Found& found, Reason reason) noexcept {
    Entry& entry = *found.entry;
    const std::uint32_t slot = entry.slot();
    const bool was_dead = slots_.is_dead(slot);
    index_.erase(hash, found.cell);
    yield_point(YieldPoint::before_edges_removed);
    for (const TagId id : std::span{std::as_const(entry).tag_ids(), entry.tag_count()}) {
        if (!seeded(Fault::unlink_leaves_edges)) {
            tags_.unlink(seat, id, slot);
        }
    }
    if (reason == Reason::deleted) {
        ++sequence_;
        if (!seeded(Fault::delete_without_clock)) {
            key_clocks_.set(hash, sequence_);
        }
    } else if (!seeded(Fault::removal_without_clock)) {
        key_clocks_.raise_to(hash, entry.version());
    }
    eviction_.on_remove(entry);
    if (seeded(Fault::dead_cleared_before_retired) && was_dead) {
        slots_.clear_dead(slot);
    }
    yield_point(YieldPoint::before_retire);
    retire(seat, entry, false);
    // Only now: whoever found the entry before sees either that its slot is dead or that it is
    // retired, and never neither (get()).
    yield_point(YieldPoint::before_clear_dead);
    if (!was_dead) {
        count_removed(seat, reason);
    } else if (!seeded(Fault::dead_cleared_before_retired)) {
        slots_.clear_dead(slot);
    }
    slots_.release(slot);
}

void Stripe::unlink(Seat& seat, std::uint32_t slot, Reason reason) noexcept {
    Entry& entry = entry_in(slot);
    const std::uint64_t hash = shared_.hash_of(entry.key());
    KeyIndex::Cell* const cell = index_.locate(hash, slots_.ref(slot));
    assert(cell != nullptr);
    unlink(seat, hash, {.entry = &entry, .cell = cell}, reason);
}

void Stripe::count_removed(Seat& seat, Reason reason) noexcept {
    switch (reason) {
        case Reason::deleted: seat.counters.deleted.add(); break;
        case Reason::expired: seat.counters.expired.add(); break;
        case Reason::evicted: seat.counters.evicted.add(); break;
        case Reason::reclaimed: break;
    }
}

bool Stripe::link_tags(Seat& seat, std::uint32_t slot, std::span<const TagId> had,
                       TagId* ids) noexcept {
    const std::span<TagList::Item> items = seat.tags.items();
    for (std::size_t index = 0; index < items.size(); ++index) {
        TagList::Item& item = items[index];
        // Mostly the tags stay the same, in the same order: then the members need no look.
        if (index < had.size() && shared_.names.name(had[index]) == item.name) {
            ids[index] = had[index];
            item.is_new_edge = false;
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
        if (item.is_new_edge && !seeded(Fault::failed_link_leaves_edges)) {
            tags_.unlink(seat, item.id, slot);
        }
    }
}

void Stripe::account_for(const Entry& entry, bool is_blob_counted) noexcept {
    if (entry.has_blob() && !is_blob_counted) {
        blob_bytes_ += usable_bytes(entry.blob());
    }
    key_bytes_ += entry.key_bytes();
    value_bytes_ += entry.value_bytes();
}

void Stripe::retire(Seat& seat, Entry& entry, bool keeps_blob) noexcept {
    key_bytes_ -= seeded(Fault::removed_bytes_stay_counted) ? 0 : entry.key_bytes();
    value_bytes_ -= entry.value_bytes();
    if (entry.has_blob() && !keeps_blob) {
        const std::size_t bytes = usable_bytes(entry.blob());
        blob_bytes_ -= bytes;
        handed_over_bytes_ += bytes;
        seat.retire(entry.blob());
    }
    retired_bytes_ += entry.block_bytes();
    entry.retire(filling_.first);
    filling_.first = ref_of(entry);
}

}  // namespace tc
