// SPDX-License-Identifier: MIT
//
// What a test may look at that no operation shows: the clocks and sequences which a FILL compares
// with its lease, and whether an entry is still held that nobody can read any more.
#pragma once

#include <cstdint>
#include <string_view>

#include "store/store.hpp"
#include "store/store_state.hpp"
#include "store/stripe.hpp"

namespace tc {

class StoreProbe {
 public:
    explicit StoreProbe(const Store& store) : store_(store) {}

    // Of the stripe where the key belongs.
    [[nodiscard]] std::uint64_t sequence(std::string_view key) const {
        const Stripe& stripe = stripe_of(key);
        const MutexLock lock(stripe.mutex_);
        return stripe.sequence_;
    }
    [[nodiscard]] std::uint64_t flush_clock(std::string_view key) const {
        const Stripe& stripe = stripe_of(key);
        const MutexLock lock(stripe.mutex_);
        return stripe.flush_clock_;
    }
    [[nodiscard]] std::uint64_t key_clock(std::string_view key) const {
        const Stripe& stripe = stripe_of(key);
        const MutexLock lock(stripe.mutex_);
        return stripe.key_clocks_.value(store_.hash(key).hash);
    }
    [[nodiscard]] std::uint64_t tag_clock(std::string_view tag) const {
        return store_.state_->tag_clocks.value(store_.hash(tag).hash);
    }
    [[nodiscard]] bool shares_key_clock(std::string_view one, std::string_view other) const {
        return &stripe_of(one) == &stripe_of(other) &&
               key_clock_bits(store_.hash(one).hash) == key_clock_bits(store_.hash(other).hash);
    }
    [[nodiscard]] std::uint32_t stripe_number(std::string_view key) const {
        return stripe_of(key).number_;
    }
    // Whether the key's entry is there and not dead; it may have expired.
    [[nodiscard]] bool holds(std::string_view key) const {
        Stripe& stripe = stripe_of(key);
        const MutexLock lock(stripe.mutex_);
        const Stripe::Found found = stripe.find(store_.hash(key));
        return found && !stripe.slots_.is_dead(found.entry->slot());
    }

 private:
    [[nodiscard]] Stripe& stripe_of(std::string_view key) const {
        return store_.stripe_of(store_.hash(key).hash);
    }

    const Store& store_;
};

}  // namespace tc
