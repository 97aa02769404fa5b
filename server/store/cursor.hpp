// SPDX-License-Identifier: MIT
//
// Where a scan goes on, as bytes that the client keeps, so that the server keeps nothing:
//
//   version u8 | kind u8 | part u8 | 0 u8 | place u32 | check u32      (little-endian, 12 bytes)
//
// The check is a keyed hash of the rest: garbage, a cursor of another kind of scan and one of
// another process are told apart from ours.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "store/hash.hpp"
#include "store/store.hpp"

namespace tc {

enum class CursorKind : std::uint8_t { scan = 1, keys_by_tag, list_tags, remove_prefix };

// A place: a slot of a stripe, or a position of a shard of tag names.
struct ScanPlace {
    std::uint32_t part = 0;
    std::uint32_t place = 0;
};

[[nodiscard]] Cursor encode_cursor(CursorKind kind, ScanPlace place, const KeyHash& hash) noexcept;

// The start for an empty cursor; nothing when it is not ours or names a part >= part_count.
[[nodiscard]] std::optional<ScanPlace> decode_cursor(const Cursor& cursor, CursorKind kind,
                                                     std::uint32_t part_count,
                                                     const KeyHash& hash) noexcept;

// What a page may still do. It bounds the time that a stripe is locked. A place is examined at the
// price of one, a glob at the price of its steps, and looking for a tag costs more than a place.
struct PageBudget {
    // A client may ask for more; it gets pages of this length.
    static constexpr std::uint32_t names_max = 4096;
    static constexpr std::uint32_t places_per_name = 16;
    static constexpr std::uint32_t glob_steps_per_place = 16;
    static constexpr std::uint32_t places_per_tag_look_up = 4;

    explicit PageBudget(std::uint32_t limit) noexcept
        : names_left(limit < names_max ? limit : names_max),
          places_left(names_left * places_per_name),
          places_max_(places_left) {}

    std::uint32_t names_left;
    std::uint32_t places_left;

    void charge(std::uint32_t places) noexcept { places_left -= std::min(places, places_left); }
    [[nodiscard]] std::uint32_t examined_count() const noexcept {
        return places_max_ - places_left;
    }
    [[nodiscard]] bool is_spent() const noexcept { return names_left == 0 || places_left == 0; }

 private:
    std::uint32_t places_max_;
};

}  // namespace tc
