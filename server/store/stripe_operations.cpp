// SPDX-License-Identifier: MIT
//
// Operations on one key.
#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <limits>
#include <utility>

#include "store/stripe.hpp"

namespace tc {
namespace {

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

Outcome check_version(const Entry& entry, std::optional<std::uint64_t> if_version) {
    return if_version && *if_version != entry.version ? Outcome::version_mismatch : Outcome::ok;
}

Outcome check_write(const WriteRequest& request, const Entry* old) {
    if (old == nullptr) {
        const bool needs_one = request.mode == WriteMode::replace || request.if_version;
        return needs_one ? Outcome::not_found : Outcome::ok;
    }
    return request.mode == WriteMode::add ? Outcome::exists
                                          : check_version(*old, request.if_version);
}

void copy_tag_ids(const Entry& source, Entry& target) {
    std::copy_n(source.tag_ids(), source.tag_count, target.tag_ids());
}

}  // namespace

EntryView Stripe::get(const HashedKey& key, std::optional<std::uint64_t> ttl_ms) noexcept {
    const MutexLock lock(mutex_);
    const Found found = find(key);
    const std::uint64_t now_ms = shared_.now_ms();
    // An expired one is left to the next write or the sweep: reads stay reads.
    if (!found || found.entry->is_expired(now_ms)) {
        return {};
    }
    if (ttl_ms) {
        found.entry->deadline_ms.store(deadline_after(*ttl_ms), std::memory_order_relaxed);
    }
    return {found.entry, &shared_.names, found.entry->ttl_ms(now_ms)};
}

EntryView Stripe::get_and_remove(Seat& seat, const HashedKey& key) noexcept {
    const Visit visit(*this, seat);
    const Found found = find_live(seat, key);
    if (!found) {
        return {};
    }
    const EntryView view{found.entry, &shared_.names, found.entry->ttl_ms(shared_.now_ms())};
    unlink(seat, found);
    return view;
}

WriteResult Stripe::write(Seat& seat, const HashedKey& key, const WriteRequest& request,
                          EntryPtr fresh) noexcept {
    const Visit visit(*this, seat);
    const Found old = find_live(seat, key);
    if (const Outcome refusal = check_write(request, old.entry); refusal != Outcome::ok) {
        return {refusal, 0};
    }
    const bool keeps_tags = old && request.keeps_tags;
    if (keeps_tags && fresh) {
        fresh = copy_entry(*fresh, old.entry->tag_count);
    }
    if (fresh) {
        fresh->deadline_ms.store(deadline_for(request.ttl_ms, old, request.keeps_ttl),
                                 std::memory_order_relaxed);
        const Entry& stored = *fresh;
        if (keeps_tags) {
            copy_tag_ids(*old.entry, *fresh);
            replace(seat, old, std::move(fresh));
            return {Outcome::ok, stored.version};
        }
        if (store(seat, key, old, fresh)) {
            return {Outcome::ok, stored.version};
        }
    }
    // The caller wanted the old value gone: a cache must not go on serving it.
    if (old && request.mode == WriteMode::put) {
        unlink(seat, old);
        seat.counters.deleted.add();
    }
    return {Outcome::out_of_memory, 0};
}

AppendResult Stripe::append(Seat& seat, const HashedKey& key,
                            const AppendRequest& request) noexcept {
    const Visit visit(*this, seat);
    const Found old = find_live(seat, key);
    if (!old) {
        return {Outcome::not_found, 0, 0};
    }
    if (check_version(*old.entry, request.if_version) != Outcome::ok) {
        return {Outcome::version_mismatch, 0, 0};
    }
    if (request.value.size() > shared_.options.value_bytes_max ||
        old.entry->value_bytes > shared_.options.value_bytes_max - request.value.size()) {
        return {Outcome::value_too_large, 0, 0};
    }
    const bool is_front = request.side == AppendSide::front;
    const EntryContent content{.key = key.text,
                               .value = is_front ? request.value : old.entry->value(),
                               .value_rest = is_front ? old.entry->value() : request.value,
                               .shared_blob = nullptr,
                               .tag_count = old.entry->tag_count,
                               .client_flags = old.entry->client_flags};
    EntryPtr fresh = seat.has_room(entry_bytes_needed(content)) ? make_entry(content) : nullptr;
    if (!fresh) {
        return {Outcome::out_of_memory, 0, 0};
    }
    fresh->deadline_ms.store(deadline_for(request.ttl_ms, old, !request.ttl_ms),
                             std::memory_order_relaxed);
    copy_tag_ids(*old.entry, *fresh);
    const Entry& stored = *fresh;
    replace(seat, old, std::move(fresh));
    return {Outcome::ok, stored.version, stored.value_bytes};
}

IncrementResult Stripe::increment(Seat& seat, const HashedKey& key,
                                  const IncrementRequest& request) noexcept {
    const Visit visit(*this, seat);
    const Found old = find_live(seat, key);
    const std::optional<std::int64_t> number =
        old ? parse_number(old.entry->value()) : std::optional<std::int64_t>{0};
    if (!number) {
        return {Outcome::not_a_number, 0, 0};
    }
    const std::optional<std::int64_t> sum = add_checked(*number, request.amount, request.subtracts);
    if (!sum) {
        return {Outcome::number_overflow, 0, 0};
    }
    std::array<char, std::numeric_limits<std::int64_t>::digits10 + 2> text{};
    const char* const end = std::to_chars(text.data(), text.data() + text.size(), *sum).ptr;
    const bool keeps_tags = old && !request.tags;
    const EntryContent content{
        .key = key.text,
        .value = {text.data(), static_cast<std::size_t>(end - text.data())},
        .value_rest = {},
        .shared_blob = nullptr,
        .tag_count = keeps_tags ? old.entry->tag_count : seat.tags.items().size(),
        .client_flags = old ? old.entry->client_flags : 0};
    if (content.value.size() > shared_.options.value_bytes_max) {
        return {Outcome::value_too_large, 0, 0};
    }
    EntryPtr fresh = seat.has_room(entry_bytes_needed(content)) ? make_entry(content) : nullptr;
    if (!fresh) {
        return {Outcome::out_of_memory, 0, 0};
    }
    fresh->deadline_ms.store(deadline_for(request.ttl_ms, old, !request.ttl_ms),
                             std::memory_order_relaxed);
    const Entry& stored = *fresh;
    if (keeps_tags) {
        copy_tag_ids(*old.entry, *fresh);
        replace(seat, old, std::move(fresh));
    } else if (!store(seat, key, old, fresh)) {
        return {Outcome::out_of_memory, 0, 0};
    }
    return {Outcome::ok, stored.version, *sum};
}

Outcome Stripe::touch(const HashedKey& key, std::uint64_t ttl_ms,
                      std::optional<std::uint64_t> if_version) noexcept {
    const MutexLock lock(mutex_);
    const Found found = find(key);
    if (!found || found.entry->is_expired(shared_.now_ms())) {
        return Outcome::not_found;
    }
    if (const Outcome refusal = check_version(*found.entry, if_version); refusal != Outcome::ok) {
        return refusal;
    }
    found.entry->deadline_ms.store(deadline_after(ttl_ms), std::memory_order_relaxed);
    return Outcome::ok;
}

Outcome Stripe::remove(Seat& seat, const HashedKey& key,
                       std::optional<std::uint64_t> if_version) noexcept {
    const Visit visit(*this, seat);
    const Found found = find_live(seat, key);
    if (!found) {
        return Outcome::not_found;
    }
    if (const Outcome refusal = check_version(*found.entry, if_version); refusal != Outcome::ok) {
        return refusal;
    }
    unlink(seat, found);
    return Outcome::ok;
}

TagChangeResult Stripe::add_tags(Seat& seat, const HashedKey& key, bool is_complete) noexcept {
    const Visit visit(*this, seat);
    const Found old = find_live(seat, key);
    if (!old) {
        return {Outcome::not_found, 0, 0};
    }
    const TagIndex* const index = &tags_;
    seat.tags.filter(
        [&](const TagList::Item& item) { return !index->carries(item.name, old.slot); });
    const std::size_t added_count = seat.tags.items().size();
    if (!is_complete || old.entry->tag_count + added_count > shared_.options.tags_max) {
        return {Outcome::too_many_tags, 0, 0};
    }
    if (added_count == 0) {
        return {Outcome::ok, old.entry->version, 0};
    }
    EntryPtr fresh = seat.has_room(sizeof(Entry) + old.entry->key_bytes + old.entry->value_bytes)
                         ? copy_entry(*old.entry, old.entry->tag_count + added_count)
                         : nullptr;
    if (!fresh || !link_tags(seat, old.slot, {}, fresh->tag_ids() + old.entry->tag_count)) {
        return {Outcome::out_of_memory, 0, 0};
    }
    copy_tag_ids(*old.entry, *fresh);
    fresh->deadline_ms.store(deadline_for({}, old, true), std::memory_order_relaxed);
    const Entry& stored = *fresh;
    replace(seat, old, std::move(fresh));
    return {Outcome::ok, stored.version, static_cast<std::uint32_t>(added_count)};
}

TagChangeResult Stripe::remove_tags(Seat& seat, const HashedKey& key,
                                    std::span<const std::string_view> tags) noexcept {
    const Visit visit(*this, seat);
    const Found old = find_live(seat, key);
    if (!old) {
        return {Outcome::not_found, 0, 0};
    }
    const std::span<TagId> kept = std::span{seat.tag_ids}.first(old.entry->tag_count);
    std::copy_n(old.entry->tag_ids(), old.entry->tag_count, kept.begin());
    for (const std::string_view tag : tags) {
        const TagId id = tags_.id(tag, shared_.hash_of(tag));
        std::replace(kept.begin(), kept.end(), id, no_tag);
    }
    const auto removed_count =
        static_cast<std::size_t>(std::count(kept.begin(), kept.end(), no_tag));
    if (removed_count == 0) {
        return {Outcome::ok, old.entry->version, 0};
    }
    EntryPtr fresh = copy_entry(*old.entry, old.entry->tag_count - removed_count);
    if (!fresh) {
        return {Outcome::out_of_memory, 0, 0};
    }
    std::remove_copy(kept.begin(), kept.end(), fresh->tag_ids(), no_tag);
    fresh->deadline_ms.store(deadline_for({}, old, true), std::memory_order_relaxed);
    const Entry& stored = *fresh;
    replace(seat, old, std::move(fresh));
    return {Outcome::ok, stored.version, static_cast<std::uint32_t>(removed_count)};
}

}  // namespace tc
