// SPDX-License-Identifier: MIT
//
// One stripe's tags: for each tag that an entry of the stripe carries, the slots of those entries.
// A tag without members is not there. Guarded by the stripe's lock.
#pragma once

#include <cstdint>
#include <string_view>

#include "store/entry.hpp"
#include "store/hash.hpp"
#include "store/members.hpp"
#include "store/probe_table.hpp"
#include "store/tag_names.hpp"

namespace tc {

class Seat;

class TagIndex {
 public:
    TagIndex(TagNames& names, const KeyHash& hash_of, std::uint32_t stripe) noexcept
        : names_(names), hash_of_(hash_of), stripe_(stripe) {}
    ~TagIndex();
    TagIndex(const TagIndex&) = delete;
    TagIndex& operator=(const TagIndex&) = delete;

    // Makes the edge from the tag to the slot. Out of memory changes nothing.
    struct Link {
        AddResult result;
        TagId id;
    };
    [[nodiscard]] Link link(Seat& seat, std::string_view name, std::uint64_t hash,
                            std::uint32_t slot) noexcept;
    // REQUIRES: the edge is there.
    void unlink(Seat& seat, TagId id, std::uint32_t slot) noexcept;

    // The id of a tag that the stripe holds, or no_tag.
    [[nodiscard]] TagId id(std::string_view name, std::uint64_t hash) const noexcept;

    // The members of a tag, or nullptr; valid until the next change of the index.
    [[nodiscard]] const Members* members(std::string_view name) const noexcept;
    [[nodiscard]] const Members* members(TagId id) const noexcept;
    [[nodiscard]] bool carries(std::string_view name, std::uint32_t slot) const noexcept;

    // Takes a tag out, with all its edges. The caller clears the members with free_members().
    struct Detached {
        TagId id = no_tag;
        Members members;
    };
    [[nodiscard]] Detached detach(Seat& seat, std::string_view name) noexcept;
    void free_members(Members& members) noexcept { members.clear(member_bytes_); }

    // Gives the memory of the empty table back. REQUIRES: no tag is left.
    void clear() noexcept { table_.clear(); }

    [[nodiscard]] std::uint32_t tag_count() const noexcept { return table_.count(); }
    [[nodiscard]] std::uint64_t edge_count() const noexcept { return edge_count_; }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return table_.bytes() + member_bytes_; }

    template <typename Visit>
    void for_each(const Visit& visit) const {
        table_.for_each([&](const Bucket& bucket) { visit(bucket.id, bucket.members); });
    }

 private:
    struct Bucket {
        std::uint32_t hash = 0;
        TagId id = no_tag;
        Members members;

        [[nodiscard]] bool is_empty() const noexcept { return id == no_tag; }
    };

    [[nodiscard]] Bucket* find(std::string_view name, std::uint64_t hash) const noexcept;
    [[nodiscard]] Bucket* find(TagId id) const noexcept;

    TagNames& names_;
    const KeyHash& hash_of_;
    const std::uint32_t stripe_;
    ProbeTable<Bucket> table_;
    std::uint64_t edge_count_ = 0;
    std::uint64_t member_bytes_ = 0;
};

}  // namespace tc
