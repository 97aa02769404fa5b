// SPDX-License-Identifier: MIT
//
// The store's face: construction, and operations on one key. Each hashes once, finds the stripe and
// counts what came of it.
#include "store/store.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "store/entry_heap.hpp"
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

constexpr std::uint64_t memory_bytes_per_stripe = std::uint64_t{4} * 1024 * 1024;

// A stripe is a cache of its own when it comes to eviction: a small cache has few.
StoreOptions with_stripe_count(StoreOptions options) {
    if (options.stripe_count == 0) {
        options.stripe_count =
            options.memory_bytes_max == 0
                ? stripe_count_max
                : static_cast<std::uint32_t>(std::bit_floor(std::clamp<std::uint64_t>(
                      options.memory_bytes_max / memory_bytes_per_stripe, 1, stripe_count_max)));
    }
    return options;
}

// What stays free for what the next turns retire: as a rule two large values, and no more than a
// small cache can spare.
std::uint64_t reserve_bytes(std::uint64_t memory, std::uint64_t value_bytes_max) {
    return std::min(std::max(memory / 100, value_bytes_max * 2), memory / 32);
}

std::uint64_t reserve_bytes(const StoreOptions& options) {
    return reserve_bytes(options.memory_bytes_max, options.value_bytes_max);
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

StoreState::StoreState(const StoreOptions& given)
    : options(given),
      ttl_default_ms(given.ttl_default_ms != 0 ? given.ttl_default_ms : given.ttl_max_ms),
      limits(StripeLimits::of(given)),
      first_version(tc::first_version()),
      hash_of(given.hash_seed),
      account(given.memory_bytes_max, reserve_bytes(given), given.value_bytes_max,
              given.eviction_policy == EvictionPolicy::none),
      retired_bytes_to_move_max(given.memory_bytes_max == 0
                                    ? EntryHeap::idle_bytes_min
                                    : reserve_bytes(given) / given.stripe_count / 4),
      reclaimer(account, names, given.tags_max) {}

Store::Store(const StoreOptions& options)
    : options_(checked(with_stripe_count(options))),
      state_(std::make_unique<StoreState>(options_)) {
    stripes_.reserve(options_.stripe_count);
    for (std::uint32_t number = 0; number < options_.stripe_count; ++number) {
        stripes_.push_back(std::make_unique<Stripe>(*state_, number));
    }
}

Store::~Store() = default;

void Store::set_memory_bytes_max(std::uint64_t bytes_max) noexcept {
    assert(state_->account.has_limit() && bytes_max != 0);
    state_->account.set_limit(bytes_max, reserve_bytes(bytes_max, options_.value_bytes_max));
}

std::uint64_t Store::memory_bytes_max() const noexcept {
    return state_->account.bytes_max();
}

HashedKey Store::hash(std::string_view key) const noexcept {
    assert(!key.empty() && key.size() <= UINT16_MAX);
    return {key, state_->hash_of(key)};
}

Stripe& Store::stripe_of(std::uint64_t hash) const noexcept {
    return *stripes_[stripe_bits(hash) & (stripes_.size() - 1)];
}

EntryView Store::get(Session& session, const HashedKey& key) noexcept {
    assert(session.is_inside());
    const EntryView view = stripe_of(key.hash).get(key);
    count_read(session.seat_.counters, view);
    return view;
}

EntryView Store::get(Session& session, std::string_view key) noexcept {
    return get(session, hash(key));
}

EntryView Store::get_and_touch(Session& session, std::string_view key,
                               std::uint64_t ttl_ms) noexcept {
    assert(session.is_inside());
    const HashedKey hashed = hash(key);
    const EntryView view = stripe_of(hashed.hash).get_and_touch(session.seat_, hashed, ttl_ms);
    count_read(session.seat_.counters, view);
    return view;
}

EntryView Store::get_and_remove(Session& session, std::string_view key) noexcept {
    assert(session.is_inside());
    const HashedKey hashed = hash(key);
    const EntryView view = stripe_of(hashed.hash).get_and_remove(session.seat_, hashed);
    count_read(session.seat_.counters, view);
    return view;
}

EntryView Store::peek(Session& session, std::string_view key) noexcept {
    assert(session.is_inside());
    static_cast<void>(session);
    const HashedKey hashed = hash(key);
    return stripe_of(hashed.hash).get(hashed);
}

// Each pass finds in the cache what the one before it has asked for.
void Store::prefetch(std::span<const KeyUse> uses) const noexcept {
    std::array<const KeyBucket*, prefetch_max> buckets;
    std::array<const Entry*, prefetch_max> entries;
    assert(uses.size() <= prefetch_max);
    for (std::size_t i = 0; i < uses.size(); ++i) {
        buckets[i] = stripe_of(uses[i].key.hash).prefetch_bucket(uses[i].key.hash);
    }
    for (std::size_t i = 0; i < uses.size(); ++i) {
        entries[i] = stripe_of(uses[i].key.hash).prefetch_entry(*buckets[i], uses[i].key.hash);
    }
    for (std::size_t i = 0; i < uses.size(); ++i) {
        if (entries[i] != nullptr) {
            stripe_of(uses[i].key.hash).prefetch_rest(*entries[i], uses[i].is_write);
        }
    }
}

WriteResult Store::write(Session& session, const WriteRequest& request) noexcept {
    assert(session.is_inside());
    Seat& seat = session.seat_;
    if (!seat.tags.assign(request.tags, state_->hash_of)) {
        return {Outcome::too_many_tags, 0};
    }
    const HashedKey key =
        request.key_hash ? HashedKey{request.key, *request.key_hash} : hash(request.key);
    Stripe& stripe = stripe_of(key.hash);
    make_room(seat, stripe, request.key.size() + request.value.size());
    // Made before the lock is taken: copying a large value takes its time.
    BlobPtr blob = make_blob_if_room(seat, state_->blobs, request.value, {});
    const WriteResult result = stripe.write(seat, key, request, std::move(blob));
    count_write(seat.counters, result.outcome);
    return result;
}

AppendResult Store::append(Session& session, const AppendRequest& request) noexcept {
    assert(session.is_inside());
    const HashedKey key = hash(request.key);
    Stripe& stripe = stripe_of(key.hash);
    make_room(session.seat_, stripe, request.value.size());
    const AppendResult result = stripe.append(session.seat_, key, request);
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
    const HashedKey key = hash(request.key);
    Stripe& stripe = stripe_of(key.hash);
    make_room(seat, stripe, request.key.size());
    const IncrementResult result = stripe.increment(seat, key, request);
    count_write(seat.counters, result.outcome);
    return result;
}

Outcome Store::touch(Session& session, std::string_view key, std::uint64_t ttl_ms,
                     std::optional<std::uint64_t> if_version) noexcept {
    assert(session.is_inside());
    const HashedKey hashed = hash(key);
    return stripe_of(hashed.hash).touch(session.seat_, hashed, ttl_ms, if_version);
}

Outcome Store::remove(Session& session, std::string_view key,
                      std::optional<std::uint64_t> if_version) noexcept {
    assert(session.is_inside());
    const HashedKey hashed = hash(key);
    return stripe_of(hashed.hash).remove(session.seat_, hashed, if_version);
}

TagChangeResult Store::add_tags(Session& session, std::string_view key,
                                std::span<const std::string_view> tags) noexcept {
    assert(session.is_inside());
    Seat& seat = session.seat_;
    const bool is_complete = seat.tags.assign(tags, state_->hash_of);
    const HashedKey hashed = hash(key);
    Stripe& stripe = stripe_of(hashed.hash);
    make_room(seat, stripe, tags.size() * sizeof(TagId));
    const TagChangeResult result = stripe.add_tags(seat, hashed, is_complete);
    seat.counters.refused_out_of_memory.add(result.outcome == Outcome::out_of_memory ? 1 : 0);
    return result;
}

TagChangeResult Store::remove_tags(Session& session, std::string_view key,
                                   std::span<const std::string_view> tags) noexcept {
    assert(session.is_inside());
    const HashedKey hashed = hash(key);
    return stripe_of(hashed.hash).remove_tags(session.seat_, hashed, tags);
}

std::uint64_t Store::sequence() const noexcept {
    return state_->sequence.load();
}

}  // namespace tc
