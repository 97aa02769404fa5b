// SPDX-License-Identifier: MIT
//
// The policies that the store's is compared with, as plainly as they can be written: FIFO, exact
// LRU and S3-FIFO. Each holds keys and their sizes up to a number of bytes. A put() of a key that
// is there is one more access to it and leaves its size; what is larger than the cache is not kept.
#pragma once

#include <algorithm>
#include <cstdint>
#include <list>
#include <unordered_map>

namespace tc::bench {

struct CachedItem {
    std::uint64_t key;
    std::uint64_t bytes;
    std::uint32_t frequency;  // of S3-FIFO
};

// The first in line is the next to go.
class ItemQueue {
 public:
    using Place = std::list<CachedItem>::iterator;

    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    [[nodiscard]] bool is_empty() const { return items_.empty(); }
    [[nodiscard]] CachedItem& front() { return items_.front(); }

    Place push(const CachedItem& item) {
        bytes_ += item.bytes;
        return items_.insert(items_.end(), item);
    }
    void remove(Place place) {
        bytes_ -= place->bytes;
        items_.erase(place);
    }
    void pop() { remove(items_.begin()); }
    // Places stay what they are.
    void move_front_to(ItemQueue& other) { move_to(other, items_.begin()); }
    void move_to(ItemQueue& other, Place place) {
        bytes_ -= place->bytes;
        other.bytes_ += place->bytes;
        other.items_.splice(other.items_.end(), items_, place);
    }

 private:
    std::list<CachedItem> items_;
    std::uint64_t bytes_ = 0;
};

class FifoCache {
 public:
    explicit FifoCache(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

    [[nodiscard]] bool get(std::uint64_t key) { return places_.contains(key); }

    void put(std::uint64_t key, std::uint64_t bytes) {
        if (get(key) || bytes > bytes_max_) {
            return;
        }
        while (queue_.bytes() + bytes > bytes_max_) {
            places_.erase(queue_.front().key);
            queue_.pop();
        }
        places_[key] = queue_.push({key, bytes, 0});
    }

 private:
    std::uint64_t bytes_max_;
    ItemQueue queue_;
    std::unordered_map<std::uint64_t, ItemQueue::Place> places_;
};

class LruCache {
 public:
    explicit LruCache(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

    [[nodiscard]] bool get(std::uint64_t key) {
        const auto found = places_.find(key);
        if (found == places_.end()) {
            return false;
        }
        queue_.move_to(queue_, found->second);
        return true;
    }

    void put(std::uint64_t key, std::uint64_t bytes) {
        if (get(key) || bytes > bytes_max_) {
            return;
        }
        while (queue_.bytes() + bytes > bytes_max_) {
            places_.erase(queue_.front().key);
            queue_.pop();
        }
        places_[key] = queue_.push({key, bytes, 0});
    }

 private:
    std::uint64_t bytes_max_;
    ItemQueue queue_;
    std::unordered_map<std::uint64_t, ItemQueue::Place> places_;
};

// Algorithm 1 of Yang, Zhang, Qiu, Yue, Vigfusson: FIFO queues are all you need for cache eviction,
// SOSP 2023. The small queue has a tenth of the bytes; the ghost remembers as many bytes of items
// as the main queue has.
class S3FifoCache {
 public:
    explicit S3FifoCache(std::uint64_t bytes_max)
        : bytes_max_(bytes_max), small_bytes_max_(bytes_max / 10) {}

    [[nodiscard]] bool get(std::uint64_t key) {
        const auto found = places_.find(key);
        if (found == places_.end()) {
            return false;
        }
        found->second->frequency = std::min(found->second->frequency + 1, 3U);
        return true;
    }

    void put(std::uint64_t key, std::uint64_t bytes) {
        if (get(key) || bytes > bytes_max_) {
            return;
        }
        while (small_.bytes() + main_.bytes() + bytes > bytes_max_) {
            evict();
        }
        const auto remembered = ghost_places_.find(key);
        const bool is_known = remembered != ghost_places_.end();
        if (is_known) {
            ghost_.remove(remembered->second);
            ghost_places_.erase(remembered);
        }
        places_[key] = (is_known ? main_ : small_).push({key, bytes, 0});
    }

 private:
    void evict() {
        if (main_.is_empty() || small_.bytes() >= small_bytes_max_) {
            evict_from_small();
        } else {
            evict_from_main();
        }
    }

    void evict_from_small() {
        while (!small_.is_empty() && small_.front().frequency > 1) {
            small_.front().frequency = 0;
            small_.move_front_to(main_);
            if (main_.bytes() > bytes_max_ - small_bytes_max_) {
                return evict_from_main();
            }
        }
        if (!small_.is_empty()) {
            remember(small_.front());
            places_.erase(small_.front().key);
            small_.pop();
        }
    }

    void evict_from_main() {
        while (main_.front().frequency > 0) {
            --main_.front().frequency;
            main_.move_front_to(main_);
        }
        places_.erase(main_.front().key);
        main_.pop();
    }

    void remember(const CachedItem& item) {
        ghost_places_[item.key] = ghost_.push(item);
        while (ghost_.bytes() > bytes_max_ - small_bytes_max_) {
            ghost_places_.erase(ghost_.front().key);
            ghost_.pop();
        }
    }

    std::uint64_t bytes_max_;
    std::uint64_t small_bytes_max_;
    ItemQueue small_;
    ItemQueue main_;
    ItemQueue ghost_;
    std::unordered_map<std::uint64_t, ItemQueue::Place> places_;
    std::unordered_map<std::uint64_t, ItemQueue::Place> ghost_places_;
};

}  // namespace tc::bench
