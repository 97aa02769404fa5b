// SPDX-License-Identifier: MIT
//
// What a reader would write instead of a store: a hash map of strings in 64 parts, each with a
// mutex. It has neither TTL nor tags, versions or a limit, so it is a floor for time, not a rival
// for memory. The hash is ours and is computed once an operation, so that the maps are compared and
// not their hashes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "store/hash.hpp"

namespace tc::bench {

inline const KeyHash sharded_map_hash{1};

struct HashedText {
    std::string_view text;
    std::uint64_t hash = 0;
};

// Not noexcept: libstdc++ then keeps each key's hash in its node, as it does for std::hash, instead
// of computing it again for every node of a bucket.
struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return sharded_map_hash(text); }
    std::size_t operator()(const HashedText& hashed) const { return hashed.hash; }
};

struct TextEqual {
    using is_transparent = void;
    bool operator()(std::string_view left, std::string_view right) const { return left == right; }
    bool operator()(const HashedText& left, std::string_view right) const {
        return left.text == right;
    }
    bool operator()(std::string_view left, const HashedText& right) const {
        return left == right.text;
    }
};

// Map: of std::string to std::string with TextHash and TextEqual.
template <typename Map>
class ShardedMap {
 public:
    class Seat;

 private:
    struct alignas(64) Shard {
        std::mutex mutex;
        Map map;
    };

    [[nodiscard]] Shard& shard_of(std::uint64_t hash) noexcept {
        return (*shards_)[stripe_bits(hash)];
    }

    std::unique_ptr<std::array<Shard, stripe_count_max>> shards_ =
        std::make_unique<std::array<Shard, stripe_count_max>>();
};

// A thread's access to the map, with the interface that store_bench drives.
template <typename Map>
class ShardedMap<Map>::Seat {
 public:
    explicit Seat(ShardedMap& map) noexcept : map_(map) {}

    // Copies the value to `reply`, as a server does, and returns its size.
    std::size_t get(std::string_view key, char* reply) {
        const HashedText hashed{key, sharded_map_hash(key)};
        Shard& shard = map_.shard_of(hashed.hash);
        const std::lock_guard lock(shard.mutex);
        const auto found = shard.map.find(hashed);
        if (found == shard.map.end()) {
            return 0;
        }
        std::memcpy(reply, found->second.data(), found->second.size());
        return found->second.size();
    }

    void put(std::string_view key, std::string_view value) {
        const HashedText hashed{key, sharded_map_hash(key)};
        Shard& shard = map_.shard_of(hashed.hash);
        const std::lock_guard lock(shard.mutex);
        const auto found = shard.map.find(hashed);
        if (found == shard.map.end()) {
            shard.map.emplace(std::string(key), std::string(value));
        } else {
            found->second.assign(value);
        }
    }

    void end_turn() noexcept {}

 private:
    ShardedMap& map_;
};

}  // namespace tc::bench
