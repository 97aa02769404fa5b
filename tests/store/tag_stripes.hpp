// SPDX-License-Identifier: MIT
//
// The tag indices of a few stripes over one table of names, as a store has them, without entries.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "store/seat.hpp"
#include "store/tag_index.hpp"
#include "store/tag_names.hpp"

namespace tc::test {

struct TagStripes {
    explicit TagStripes(std::uint32_t stripe_count) {
        for (std::uint32_t stripe = 0; stripe < stripe_count; ++stripe) {
            stripes.push_back(std::make_unique<TagIndex>(*names, hash_of, stripe));
        }
    }
    TagStripes(const TagStripes&) = delete;
    TagStripes& operator=(const TagStripes&) = delete;
    ~TagStripes() { free_retired(); }

    TagIndex::Link link(std::uint32_t stripe, std::string_view tag, std::uint32_t slot) {
        return stripes.at(stripe)->link(seat, tag, hash_of(tag), slot);
    }
    void unlink(std::uint32_t stripe, TagId id, std::uint32_t slot) {
        stripes.at(stripe)->unlink(seat, id, slot);
    }
    // How many members it had.
    std::uint32_t drop(std::uint32_t stripe, std::string_view tag) {
        std::uint32_t count = 0;
        stripes.at(stripe)->drop(seat, tag,
                                 [&](const Members& members) { count = members.count(); });
        return count;
    }
    [[nodiscard]] TagId id(std::uint32_t stripe, std::string_view tag) const {
        return stripes.at(stripe)->id(tag, hash_of(tag));
    }
    [[nodiscard]] std::uint64_t mask(std::string_view tag) const {
        return names->stripes(tag, hash_of(tag));
    }

    // As the reclaimer does when all turns have ended.
    void free_retired() {
        for (TagName* name = std::exchange(seat.filling.names, nullptr); name != nullptr;) {
            names->free_retired(seat, std::exchange(name, name->next_retired));
        }
        const std::uint64_t bytes = std::exchange(seat.filling.name_bytes, 0);
        seat.charge(-static_cast<std::int64_t>(bytes));
    }
    // What the account was told of the names, those that are retired included.
    [[nodiscard]] std::uint64_t charged_bytes() const {
        return static_cast<std::uint64_t>(account.used_bytes() + seat.unreported_bytes());
    }

    const KeyHash hash_of{1};
    MemoryAccount account{0, 0, 0, false};
    std::unique_ptr<TagNames> names = std::make_unique<TagNames>(std::uint64_t{1} << 30);
    Seat seat{account, 16};
    std::vector<std::unique_ptr<TagIndex>> stripes;
};

}  // namespace tc::test
