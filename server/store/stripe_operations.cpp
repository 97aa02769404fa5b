// SPDX-License-Identifier: MIT
//
// Operations on one key.
#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <charconv>
#include <limits>
#include <utility>

#include "store/seeded_fault.hpp"
#include "store/stripe.hpp"
#include "store/yield_point.hpp"

namespace tc {
namespace {

// How often a read looks again when the entry that it found was replaced meanwhile.
constexpr int lock_free_attempts = 8;

constexpr std::size_t line_bytes = 64;
// Of the stripe, from its mutex on: what every write touches.
constexpr std::size_t written_bytes = 4 * line_bytes;
// Of an entry's bytes. From there on the processor sees by itself that they are read in a row.
constexpr std::size_t prefetched_bytes_max = 512;

// -?(0|[1-9][0-9]*) within 64 bits.
std::optional<std::int64_t> parse_number(std::string_view text) {
    const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
    const bool has_leading_zero = digits.size() > 1 && digits.front() == '0';
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    if (has_leading_zero || parsed.ec != std::errc{} || parsed.ptr != end) {
        return std::nullopt;
    }
    return number;
}

std::optional<std::int64_t> add_checked(std::int64_t number, std::int64_t amount, bool subtracts) {
    std::int64_t sum = 0;
    const bool overflows = subtracts ? __builtin_sub_overflow(number, amount, &sum)
                                     : __builtin_add_overflow(number, amount, &sum);
    return overflows ? std::nullopt : std::optional{sum};
}

void copy_tag_ids(const Entry& source, Entry& target) {
    std::copy_n(source.tag_ids(), source.tag_count(), target.tag_ids());
}

}  // namespace

EntryView Stripe::view_of(const Entry& entry, std::uint64_t deadline_ms,
                          std::uint64_t now_ms) const noexcept {
    return {&entry, &shared_.names, shared_.first_version + entry.version(),
            deadline_ms == never_ms ? 0 : deadline_ms - now_ms};
}

Outcome Stripe::check_version(const Entry& entry,
                              std::optional<std::uint64_t> if_version) const noexcept {
    return if_version && *if_version != version_of(entry) ? Outcome::version_mismatch : Outcome::ok;
}

Outcome Stripe::check_write(const WriteRequest& request, const Found& old) const noexcept {
    if (!old) {
        const bool needs_one = request.mode == WriteMode::replace || request.if_version;
        return needs_one ? Outcome::not_found : Outcome::ok;
    }
    return request.mode == WriteMode::add ? Outcome::exists
                                          : check_version(*old.entry, request.if_version);
}

// The order of the looks matters. An entry that was dead is retired before its slot's bit is
// cleared, so that one of the two is seen by whoever found the entry while it was in the index. A
// retired entry was replaced or removed after it was found: the index knows better by now. What
// looks expired may be about to be touched or replaced by somebody who came in time, under the
// lock: only who holds it can say that the key is gone.
EntryView Stripe::get(const HashedKey& key) noexcept {
    for (int attempt = 0; attempt < lock_free_attempts; ++attempt) {
        const Entry* const entry = index_.find(key);
        yield_point(YieldPoint::entry_found);
        if (entry == nullptr || (slots_.has_dead() && slots_.is_dead(entry->slot()) &&
                                 !seeded(Fault::dead_visible_in_get))) {
            return {};
        }
        yield_point(YieldPoint::dead_bit_read);
        const std::uint64_t now_ms = shared_.now_ms();
        yield_point(YieldPoint::clock_read);
        const std::uint64_t deadline_ms = entry->deadline_ms();
        if (deadline_ms < clock_start_ms) {
            continue;
        }
        if (deadline_ms <= now_ms && !seeded(Fault::deadline_unchecked_in_get)) {
            break;
        }
        eviction_.on_read(*entry);
        return view_of(*entry, deadline_ms, now_ms);
    }
    return get_locked(key);
}

// What a read of the entry looks at behind its key, or a write over it beside it. Whatever the
// entry is by now, these are only places to prefetch from.
void Stripe::prefetch_rest(const Entry& entry, bool is_write) const noexcept {
    if (is_write) {
        slots_.prefetch(entry.slot());
        const char* const own = std::bit_cast<const char*>(&mutex_);
        for (std::size_t offset = 0; offset < written_bytes; offset += line_bytes) {
            __builtin_prefetch(own + offset, 1);
        }
        return;
    }
    const char* const begin = std::bit_cast<const char*>(&entry);
    const std::size_t bytes = std::min(entry.block_bytes(), prefetched_bytes_max);
    // The first two lines are on their way since prefetch_entry().
    for (std::size_t offset = 2 * line_bytes; offset < bytes + line_bytes - 1;
         offset += line_bytes) {
        __builtin_prefetch(begin + offset);
    }
}

EntryView Stripe::get_locked(const HashedKey& key) noexcept {
    const MutexLock lock(mutex_);
    const std::uint64_t now_ms = shared_.now_ms();
    const Found found = find(key);
    if (!found || !is_live(*found.entry, now_ms)) {
        return {};
    }
    eviction_.on_read(*found.entry);
    return view_of(*found.entry, now_ms);
}

EntryView Stripe::get_and_touch(Seat& seat, const HashedKey& key, std::uint64_t ttl_ms) noexcept {
    const Visit visit(*this, seat);
    const Found found = find(key);
    // An expired one is left to the next write or the wheel: reads stay reads.
    if (!found || !is_live(*found.entry, visit.now_ms())) {
        return {};
    }
    // Without memory to look after a new deadline the entry keeps the one it has.
    if (const std::uint64_t deadline_ms = deadline_after(ttl_ms, visit.now_ms());
        schedule(found.entry->slot(), deadline_ms)) {
        found.entry->set_deadline_ms(deadline_ms);
    }
    eviction_.on_read(*found.entry);
    return view_of(*found.entry, visit.now_ms());
}

EntryView Stripe::get_and_remove(Seat& seat, const HashedKey& key) noexcept {
    const Visit visit(*this, seat);
    const Found found = find_live(seat, key, visit.now_ms());
    if (!found) {
        key_clocks_.set(key.hash, ++sequence_);
        return {};
    }
    const EntryView view = view_of(*found.entry, visit.now_ms());
    unlink(seat, key.hash, found, Reason::deleted);
    return view;
}

WriteResult Stripe::write(Seat& seat, const HashedKey& key, const WriteRequest& request,
                          BlobPtr blob) noexcept {
    const Visit visit(*this, seat);
    const Found old = find_live(seat, key, visit.now_ms());
    if (const Outcome refusal = check_write(request, old); refusal != Outcome::ok) {
        return {refusal, 0};
    }
    if (old && seeded_now_and_then(Fault::put_answered_not_stored)) {
        return {Outcome::ok, version_of(*old.entry)};
    }
    if (const Entry* const stored =
            write_over(seat, key, request, old, std::move(blob), visit.now_ms())) {
        const std::uint64_t version = version_of(*stored);
        move_together(seat, stored->block_bytes());
        return {Outcome::ok, version};
    }
    // The caller wanted the old value gone: a cache must not go on serving it.
    if (request.mode == WriteMode::put && !seeded(Fault::failed_put_keeps_old)) {
        if (old) {
            unlink(seat, key.hash, old, Reason::deleted);
        } else {
            key_clocks_.set(key.hash, ++sequence_);
        }
    }
    return {Outcome::out_of_memory, 0};
}

const Entry* Stripe::write_over(Seat& seat, const HashedKey& key, const WriteRequest& request,
                                const Found& old, BlobPtr blob, std::uint64_t now_ms) noexcept {
    const bool has_value = request.value.size() <= value_bytes_inline_max || blob != nullptr;
    if (!has_value) {
        return nullptr;
    }
    const bool keeps_tags = old && request.keeps_tags;
    Draft draft(*this, seat,
                {.key = request.key,
                 .value = blob != nullptr ? std::string_view{} : request.value,
                 .tag_count = keeps_tags ? old.entry->tag_count() : seat.tags.items().size(),
                 .client_flags = request.client_flags},
                std::move(blob));
    if (!draft) {
        return nullptr;
    }
    const Entry& stored = *draft;
    draft->set_deadline_ms(deadline_for(request.ttl_ms, old, request.keeps_ttl, now_ms));
    const bool is_stored =
        keeps_tags ? store_with_old_tags(seat, old, draft) : store(seat, key, old, draft);
    return is_stored ? &stored : nullptr;
}

bool Stripe::store_with_old_tags(Seat& seat, const Found& old, Draft& draft) noexcept {
    if (!schedule(old.entry->slot(), draft->deadline_ms())) {
        return false;
    }
    copy_tag_ids(*old.entry, *draft);
    replace(seat, old, draft);
    return true;
}

AppendResult Stripe::append(Seat& seat, const HashedKey& key,
                            const AppendRequest& request) noexcept {
    const Visit visit(*this, seat);
    const Found old = find_live(seat, key, visit.now_ms());
    if (!old) {
        return {Outcome::not_found, 0, 0};
    }
    if (const Outcome refusal = check_version(*old.entry, request.if_version);
        refusal != Outcome::ok) {
        return {refusal, 0, 0};
    }
    const std::string_view known = old.entry->value();
    const std::size_t value_bytes = known.size() + request.value.size();
    if (value_bytes > shared_.options.value_bytes_max) {
        return {Outcome::value_too_large, 0, 0};
    }
    const bool is_front = request.side == AppendSide::front;
    const std::string_view first = is_front ? request.value : known;
    const std::string_view second = is_front ? known : request.value;
    const bool needs_blob = value_bytes > value_bytes_inline_max;
    BlobPtr blob = make_blob_if_room(seat, shared_.blobs, first, second);
    if (needs_blob && blob == nullptr) {
        return {Outcome::out_of_memory, 0, 0};
    }
    Draft draft(*this, seat,
                {.key = key.text,
                 .value = needs_blob ? std::string_view{} : first,
                 .value_rest = needs_blob ? std::string_view{} : second,
                 .tag_count = old.entry->tag_count(),
                 .client_flags = old.entry->client_flags()},
                std::move(blob));
    if (!draft) {
        return {Outcome::out_of_memory, 0, 0};
    }
    const Entry& stored = *draft;
    draft->set_deadline_ms(deadline_for(request.ttl_ms, old, !request.ttl_ms, visit.now_ms()));
    if (!store_with_old_tags(seat, old, draft)) {
        return {Outcome::out_of_memory, 0, 0};
    }
    const std::uint64_t version = version_of(stored);
    move_together(seat, stored.block_bytes());
    return {Outcome::ok, version, static_cast<std::uint32_t>(value_bytes)};
}

IncrementResult Stripe::increment(Seat& seat, const HashedKey& key,
                                  const IncrementRequest& request) noexcept {
    const Visit visit(*this, seat);
    const Found old = find_live(seat, key, visit.now_ms());
    const std::optional<std::int64_t> number =
        old ? parse_number(old.entry->value()) : std::optional<std::int64_t>{0};
    if (!number) {
        return {Outcome::not_a_number, 0, 0};
    }
    const std::optional<std::int64_t> sum = add_checked(*number, request.amount, request.subtracts);
    if (!sum) {
        return {Outcome::number_overflow, 0, 0};
    }
    if (old && seeded_now_and_then(Fault::increment_loses_update)) {
        return {Outcome::ok, version_of(*old.entry), *sum};
    }
    std::array<char, std::numeric_limits<std::int64_t>::digits10 + 2> text{};
    const char* const end = std::to_chars(text.data(), text.data() + text.size(), *sum).ptr;
    const std::string_view value{text.data(), static_cast<std::size_t>(end - text.data())};
    if (value.size() > shared_.options.value_bytes_max) {
        return {Outcome::value_too_large, 0, 0};
    }
    const bool keeps_tags = old && !request.tags;
    Draft draft(*this, seat,
                {.key = key.text,
                 .value = value,
                 .tag_count = keeps_tags ? old.entry->tag_count() : seat.tags.items().size(),
                 .client_flags = old ? old.entry->client_flags() : 0},
                nullptr);
    if (!draft) {
        return {Outcome::out_of_memory, 0, 0};
    }
    const Entry& stored = *draft;
    draft->set_deadline_ms(deadline_for(request.ttl_ms, old, !request.ttl_ms, visit.now_ms()));
    const bool is_stored =
        keeps_tags ? store_with_old_tags(seat, old, draft) : store(seat, key, old, draft);
    if (!is_stored) {
        return {Outcome::out_of_memory, 0, 0};
    }
    return {Outcome::ok, version_of(stored), *sum};
}

Outcome Stripe::touch(Seat& seat, const HashedKey& key, std::uint64_t ttl_ms,
                      std::optional<std::uint64_t> if_version) noexcept {
    const Visit visit(*this, seat);
    const Found found = find(key);
    if (!found || !is_live(*found.entry, visit.now_ms())) {
        return Outcome::not_found;
    }
    if (const Outcome refusal = check_version(*found.entry, if_version); refusal != Outcome::ok) {
        return refusal;
    }
    const std::uint64_t deadline_ms = deadline_after(ttl_ms, visit.now_ms());
    if (!schedule(found.entry->slot(), deadline_ms)) {
        return Outcome::out_of_memory;
    }
    yield_point(YieldPoint::before_deadline_set);
    found.entry->set_deadline_ms(deadline_ms);
    return Outcome::ok;
}

Outcome Stripe::remove(Seat& seat, const HashedKey& key,
                       std::optional<std::uint64_t> if_version) noexcept {
    const Visit visit(*this, seat);
    const Found found = find_live(seat, key, visit.now_ms());
    if (!found) {
        // A fill that read before this has to hear of it all the same.
        key_clocks_.set(key.hash, seeded(Fault::absent_delete_without_clock) ? 0 : ++sequence_);
        return Outcome::not_found;
    }
    if (const Outcome refusal = check_version(*found.entry, if_version); refusal != Outcome::ok) {
        return refusal;
    }
    unlink(seat, key.hash, found, Reason::deleted);
    return Outcome::ok;
}

TagChangeResult Stripe::add_tags(Seat& seat, const HashedKey& key, bool is_complete) noexcept {
    const Visit visit(*this, seat);
    const Found old = find_live(seat, key, visit.now_ms());
    if (!old) {
        return {Outcome::not_found, 0, 0};
    }
    const std::uint32_t slot = old.entry->slot();
    const TagIndex* const index = &tags_;
    seat.tags.filter([&](const TagList::Item& item) {
        const Members* const members = index->members(item.name);
        return members == nullptr || !members->contains(slot);
    });
    const std::size_t added_count = seat.tags.items().size();
    const std::size_t had_count = old.entry->tag_count();
    if (!is_complete || had_count + added_count > shared_.options.tags_max) {
        return {Outcome::too_many_tags, 0, 0};
    }
    if (added_count == 0) {
        return {Outcome::ok, version_of(*old.entry), 0};
    }
    if (!seat.has_room(old.entry->block_bytes() + added_count * sizeof(TagId))) {
        return {Outcome::out_of_memory, 0, 0};
    }
    Draft draft(*this, *old.entry, had_count + added_count);
    if (!draft || !link_tags(seat, slot, {}, draft->tag_ids() + had_count)) {
        return {Outcome::out_of_memory, 0, 0};
    }
    copy_tag_ids(*old.entry, *draft);
    draft->set_deadline_ms(old.entry->deadline_ms());
    const Entry& stored = *draft;
    replace(seat, old, draft);
    return {Outcome::ok, version_of(stored), static_cast<std::uint32_t>(added_count)};
}

TagChangeResult Stripe::remove_tags(Seat& seat, const HashedKey& key,
                                    std::span<const std::string_view> tags) noexcept {
    const Visit visit(*this, seat);
    const Found old = find_live(seat, key, visit.now_ms());
    if (!old) {
        return {Outcome::not_found, 0, 0};
    }
    const std::span<TagId> kept = std::span{seat.tag_ids}.first(old.entry->tag_count());
    std::copy_n(std::as_const(*old.entry).tag_ids(), kept.size(), kept.begin());
    for (const std::string_view tag : tags) {
        const TagId id = tags_.id(tag, shared_.hash_of(tag));
        std::replace(kept.begin(), kept.end(), id, no_tag);
    }
    const auto removed_count =
        static_cast<std::size_t>(std::count(kept.begin(), kept.end(), no_tag));
    if (removed_count == 0) {
        return {Outcome::ok, version_of(*old.entry), 0};
    }
    Draft draft(*this, *old.entry, kept.size() - removed_count);
    if (!draft) {
        return {Outcome::out_of_memory, 0, 0};
    }
    std::remove_copy(kept.begin(), kept.end(), draft->tag_ids(), no_tag);
    draft->set_deadline_ms(old.entry->deadline_ms());
    const Entry& stored = *draft;
    replace(seat, old, draft);
    return {Outcome::ok, version_of(stored), static_cast<std::uint32_t>(removed_count)};
}

}  // namespace tc
