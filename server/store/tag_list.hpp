// SPDX-License-Identifier: MIT
//
// The tags of one request: each once, in the order of their first mention, with their hashes. The
// memory is made once per seat, so that a PUT allocates nothing for its tags.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "store/entry.hpp"
#include "store/hash.hpp"

namespace tc {

class TagList {
 public:
    struct Item {
        std::string_view name;
        std::uint64_t hash = 0;
        TagId id = no_tag;
        bool is_new_edge = false;  // this request has linked it
    };

    // Throws std::bad_alloc.
    explicit TagList(std::size_t capacity);

    // False when there are more distinct names than the capacity; then the list holds some of them.
    [[nodiscard]] bool assign(std::span<const std::string_view> names,
                              const KeyHash& hash_of) noexcept {
        size_ = 0;
        return names.empty() || add(names, hash_of);
    }
    [[nodiscard]] std::span<Item> items() noexcept { return {items_.data(), size_}; }
    // Keeps the items that `keeps` says, in their order.
    template <typename Keeps>
    void filter(const Keeps& keeps) noexcept {
        std::size_t kept = 0;
        for (const Item& item : items()) {
            if (keeps(item)) {
                items_[kept++] = item;
            }
        }
        size_ = kept;
    }

 private:
    [[nodiscard]] bool add(std::span<const std::string_view> names,
                           const KeyHash& hash_of) noexcept;
    [[nodiscard]] bool contains(const Item& item) noexcept;
    // The place of the item, or the empty one where it belongs.
    [[nodiscard]] std::uint16_t& place_of(const Item& item) noexcept;

    // Up to here comparing with all others is cheaper than a table.
    static constexpr std::size_t few = 16;
    static constexpr std::uint16_t empty = UINT16_MAX;

    std::vector<Item> items_;
    std::size_t size_ = 0;
    std::vector<std::uint16_t> table_;  // item indices by hash; unused for a few
};

}  // namespace tc
