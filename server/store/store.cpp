// SPDX-License-Identifier: MIT
//
// The store's face: construction, and operations on one key. Each hashes once, finds the stripe and
// counts what came of it.
#include "store/store.hpp"

#include <bit>
#include <cassert>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "store/store_state.hpp"
#include "store/stripe.hpp"

namespace tc {
namespace {

const StoreOptions& checked(const StoreOptions& options) {
    if (!std::has_single_bit(options.stripe_count) || options.stripe_count > stripe_count_max) {
        throw std::invalid_argument("stripe_count has to be a power of two, at most 64");
    }
    if (options.tags_max >= UINT16_MAX) {
        throw std::invalid_argument("tags_max has to be below 65535");
    }
    return options;
}

// Versions begin here and are only counted up, so that they do not repeat after a restart.
std::uint64_t first_version() {
    return static_cast<std::uint64_t>(
        std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count());
}

void count_read(SessionCounters& counters, const EntryView& view) {
    (view ? counters.hits : counters.misses).add();
}

void count_write(SessionCounters& counters, Outcome outcome) {
    if (outcome == Outcome::ok) {
        counters.stored.add();
    } else if (outcome == Outcome::out_of_memory) {
        counters.refused_out_of_memory.add();
    }
}

}  // namespace

Store::Store(const StoreOptions& options)
    : options_(checked(options)), state_(std::make_unique<StoreState>(options_)) {
    const std::uint64_t version = first_version();
    stripes_.reserve(options_.stripe_count);
    for (std::uint32_t number = 0; number < options_.stripe_count; ++number) {
        stripes_.push_back(std::make_unique<Stripe>(*state_, number, version));
    }
}

Store::~Store() = default;

HashedKey Store::hashed(std::string_view key) const noexcept {
    assert(!key.empty() && key.size() <= UINT16_MAX);
    return {key, state_->hash_of(key)};
}

Stripe& Store::stripe_of(std::uint64_t hash) const noexcept {
    return *stripes_[stripe_bits(hash) & (stripes_.size() - 1)];
}

EntryView Store::get(Session& session, std::string_view key) noexcept {
    const EntryView view = peek(session, key);
    count_read(session.seat_.counters, view);
    return view;
}

EntryView Store::get_and_touch(Session& session, std::string_view key,
                               std::uint64_t ttl_ms) noexcept {
    assert(session.is_inside());
    const HashedKey hashed_key = hashed(key);
    const EntryView view = stripe_of(hashed_key.hash).get(hashed_key, ttl_ms);
    count_read(session.seat_.counters, view);
    return view;
}

EntryView Store::get_and_remove(Session& session, std::string_view key) noexcept {
    assert(session.is_inside());
    const HashedKey hashed_key = hashed(key);
    const EntryView view = stripe_of(hashed_key.hash).get_and_remove(session.seat_, hashed_key);
    count_read(session.seat_.counters, view);
    session.seat_.counters.deleted.add(view ? 1 : 0);
    return view;
}

EntryView Store::peek(Session& session, std::string_view key) noexcept {
    assert(session.is_inside());
    const HashedKey hashed_key = hashed(key);
    return stripe_of(hashed_key.hash).get(hashed_key, std::nullopt);
}

void Store::prefetch(std::string_view key) const noexcept {
    const HashedKey hashed_key = hashed(key);
    stripe_of(hashed_key.hash).prefetch(hashed_key.hash);
}

WriteResult Store::write(Session& session, const WriteRequest& request) noexcept {
    assert(session.is_inside());
    Seat& seat = session.seat_;
    if (!seat.tags.assign(request.tags, state_->hash_of)) {
        return {Outcome::too_many_tags, 0};
    }
    // Made before the lock is taken: copying a large value takes its time.
    const EntryContent content{.key = request.key,
                               .value = request.value,
                               .value_rest = {},
                               .shared_blob = nullptr,
                               .tag_count = seat.tags.items().size(),
                               .client_flags = request.client_flags};
    EntryPtr fresh = seat.has_room(entry_bytes_needed(content)) ? make_entry(content) : nullptr;
    const HashedKey key = hashed(request.key);
    const WriteResult result = stripe_of(key.hash).write(seat, key, request, std::move(fresh));
    count_write(seat.counters, result.outcome);
    return result;
}

AppendResult Store::append(Session& session, const AppendRequest& request) noexcept {
    assert(session.is_inside());
    const HashedKey key = hashed(request.key);
    const AppendResult result = stripe_of(key.hash).append(session.seat_, key, request);
    count_write(session.seat_.counters, result.outcome);
    return result;
}

IncrementResult Store::increment(Session& session, const IncrementRequest& request) noexcept {
    assert(session.is_inside());
    Seat& seat = session.seat_;
    if (!seat.tags.assign(request.tags.value_or(std::span<const std::string_view>{}),
                          state_->hash_of)) {
        return {Outcome::too_many_tags, 0, 0};
    }
    const HashedKey key = hashed(request.key);
    const IncrementResult result = stripe_of(key.hash).increment(seat, key, request);
    count_write(seat.counters, result.outcome);
    return result;
}

Outcome Store::touch(Session& session, std::string_view key, std::uint64_t ttl_ms,
                     std::optional<std::uint64_t> if_version) noexcept {
    assert(session.is_inside());
    const HashedKey hashed_key = hashed(key);
    return stripe_of(hashed_key.hash).touch(hashed_key, ttl_ms, if_version);
}

Outcome Store::remove(Session& session, std::string_view key,
                      std::optional<std::uint64_t> if_version) noexcept {
    assert(session.is_inside());
    const HashedKey hashed_key = hashed(key);
    const Outcome outcome =
        stripe_of(hashed_key.hash).remove(session.seat_, hashed_key, if_version);
    session.seat_.counters.deleted.add(outcome == Outcome::ok ? 1 : 0);
    return outcome;
}

TagChangeResult Store::add_tags(Session& session, std::string_view key,
                                std::span<const std::string_view> tags) noexcept {
    assert(session.is_inside());
    Seat& seat = session.seat_;
    const bool is_complete = seat.tags.assign(tags, state_->hash_of);
    const HashedKey hashed_key = hashed(key);
    const TagChangeResult result =
        stripe_of(hashed_key.hash).add_tags(seat, hashed_key, is_complete);
    seat.counters.refused_out_of_memory.add(result.outcome == Outcome::out_of_memory ? 1 : 0);
    return result;
}

TagChangeResult Store::remove_tags(Session& session, std::string_view key,
                                   std::span<const std::string_view> tags) noexcept {
    assert(session.is_inside());
    const HashedKey hashed_key = hashed(key);
    return stripe_of(hashed_key.hash).remove_tags(session.seat_, hashed_key, tags);
}

std::uint64_t Store::sequence() const noexcept {
    return state_->sequence.load();
}

}  // namespace tc
