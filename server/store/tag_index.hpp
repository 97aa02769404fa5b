// SPDX-License-Identifier: MIT
//
// One stripe's tags: for each tag that an entry of the stripe carries, the slots of those entries.
// A tag without members is not there. Guarded by the stripe's lock.
//
// Dead entries. INVALIDATE takes its tag out with all edges, and marks the slots as dead; those
// entries are unlinked later. Until then they stay members of their other tags: whoever counts
// members leaves the dead ones out (Members::count_alive), and a tag that has none but dead members
// is not there for a client, although the index still holds it.
#pragma once

#include <cstdint>
#include <string_view>

#include "store/entry.hpp"
#include "store/hash.hpp"
#include "store/members.hpp"
#include "store/split_table.hpp"
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

    // Makes the edge from the tag to the slot. Out of memory changes nothing. REQUIRES: an entry
    // that died in the slot has been unlinked from all its tags.
    struct Link {
        AddResult result;
        TagId id;
    };
    [[nodiscard]] Link link(Seat& seat, std::string_view name, std::uint64_t hash,
                            std::uint32_t slot) noexcept;
    // Takes the edge away if it is there. It need not be for a dead entry: its tag may have been
    // dropped, and the id may by now be another tag's, in this stripe too. That one keeps all its
    // members: the slot is not among them, because the entry that is in it never carried that tag,
    // and no other entry gets the slot before this one has been unlinked.
    void unlink(Seat& seat, TagId id, std::uint32_t slot) noexcept;

    // The id of a tag that the stripe holds, or no_tag.
    [[nodiscard]] TagId id(std::string_view name, std::uint64_t hash) const noexcept;

    // The members of a tag, dead ones included, or nullptr; valid until the next change of the
    // index. REQUIRES of the id: an entry carries it that is not dead.
    [[nodiscard]] const Members* members(std::string_view name) const noexcept;
    [[nodiscard]] const Members* members(TagId id) const noexcept;

    // Takes a tag out, with all its edges, after calling use(its members). Only then does the tag
    // leave its stripe: whoever reads in the names that it has none has to see what use() did.
    template <typename Use>
    void drop(Seat& seat, std::string_view name, const Use& use) noexcept {
        if (Bucket* const bucket = find(name, hash_of_(name)); bucket != nullptr) {
            use(std::as_const(bucket->members));
            drop(seat, *bucket);
        }
    }

    // Dead members included.
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
    };

    [[nodiscard]] Bucket* find(std::string_view name, std::uint64_t hash) const noexcept;
    [[nodiscard]] Bucket* find(TagId id) const noexcept;
    void drop(Seat& seat, Bucket& bucket) noexcept;

    TagNames& names_;
    const KeyHash& hash_of_;
    const std::uint32_t stripe_;
    SplitTable<Bucket> table_;
    std::uint64_t edge_count_ = 0;
    std::uint64_t member_bytes_ = 0;
};

}  // namespace tc
