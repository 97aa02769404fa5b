// SPDX-License-Identifier: MIT
#include "store/tag_list.hpp"

#include <algorithm>
#include <bit>

namespace tc {

TagList::TagList(std::size_t capacity)
    : items_(capacity), table_(std::bit_ceil(capacity * 2 + 1), empty) {}

bool TagList::add(std::span<const std::string_view> names, const KeyHash& hash_of) noexcept {
    const bool uses_table = names.size() > few;
    if (uses_table) {
        std::fill(table_.begin(), table_.end(), empty);
    }
    for (const std::string_view name : names) {
        const Item item{.name = name, .hash = hash_of(name)};
        std::uint16_t* const place = uses_table ? &place_of(item) : nullptr;
        if (uses_table ? *place != empty : contains(item)) {
            continue;
        }
        if (size_ == items_.size()) {
            return false;
        }
        if (uses_table) {
            *place = static_cast<std::uint16_t>(size_);
        }
        items_[size_++] = item;
    }
    return true;
}

bool TagList::contains(const Item& item) noexcept {
    const std::span<const Item> known = items();
    return std::any_of(known.begin(), known.end(), [&](const Item& other) {
        return other.hash == item.hash && other.name == item.name;
    });
}

std::uint16_t& TagList::place_of(const Item& item) noexcept {
    const std::size_t mask = table_.size() - 1;
    std::size_t at = item.hash & mask;
    while (table_[at] != empty) {
        const Item& other = items_[table_[at]];
        if (other.hash == item.hash && other.name == item.name) {
            break;
        }
        at = (at + 1) & mask;
    }
    return table_[at];
}

}  // namespace tc
