// SPDX-License-Identifier: MIT
#include "store/tag_index.hpp"

#include <cassert>

#include "store/seeded_fault.hpp"

namespace tc {

TagIndex::~TagIndex() {
    table_.for_each([&](const Bucket& bucket) {
        Members members = bucket.members;
        members.clear(member_bytes_);
    });
}

TagIndex::Link TagIndex::link(Seat& seat, std::string_view name, std::uint64_t hash,
                              std::uint32_t slot) noexcept {
    if (Bucket* const bucket = find(name, hash); bucket != nullptr) {
        const AddResult result = bucket->members.add(slot, member_bytes_);
        edge_count_ += result == AddResult::added ? 1 : 0;
        return {result, bucket->id};
    }
    if (!table_.reserve_one(table_bits(hash))) {
        return {AddResult::out_of_memory, no_tag};
    }
    const TagId id = names_.enter(seat, name, hash, stripe_);
    if (id == no_tag) {
        return {AddResult::out_of_memory, no_tag};
    }
    Bucket fresh{.hash = table_bits(hash), .id = id, .members = {}};
    // The first member is kept in the bucket: it cannot fail.
    [[maybe_unused]] const AddResult result = fresh.members.add(slot, member_bytes_);
    assert(result == AddResult::added);
    table_.insert(fresh);
    ++edge_count_;
    return {AddResult::added, id};
}

void TagIndex::unlink(Seat& seat, TagId id, std::uint32_t slot) noexcept {
    Bucket* const bucket = find(id);
    if (bucket == nullptr || !bucket->members.remove(slot, member_bytes_)) {
        return;
    }
    --edge_count_;
    if (bucket->members.is_empty()) {
        table_.erase(bucket);
        names_.leave(seat, id, stripe_);
    } else if (seeded(Fault::mask_cleared_in_use)) {
        names_.leave(seat, id, stripe_);
    }
}

TagId TagIndex::id(std::string_view name, std::uint64_t hash) const noexcept {
    const Bucket* const bucket = find(name, hash);
    return bucket == nullptr ? no_tag : bucket->id;
}

const Members* TagIndex::members(std::string_view name) const noexcept {
    const Bucket* const bucket = find(name, hash_of_(name));
    return bucket == nullptr ? nullptr : &bucket->members;
}

const Members* TagIndex::members(TagId id) const noexcept {
    const Bucket* const bucket = find(id);
    return bucket == nullptr ? nullptr : &bucket->members;
}

void TagIndex::drop(Seat& seat, Bucket& bucket) noexcept {
    Bucket dropped = bucket;
    edge_count_ -= dropped.members.count();
    table_.erase(&bucket);
    dropped.members.clear(member_bytes_);
    names_.leave(seat, dropped.id, stripe_);
}

TagIndex::Bucket* TagIndex::find(std::string_view name, std::uint64_t hash) const noexcept {
    return table_.find(table_bits(hash),
                       [&](const Bucket& bucket) { return names_.name(bucket.id) == name; });
}

// The names keep the hash of every id that was ever given, so that no name has to be looked at: a
// dead entry's may have been freed.
TagIndex::Bucket* TagIndex::find(TagId id) const noexcept {
    return table_.find(names_.hash(id), [&](const Bucket& bucket) { return bucket.id == id; });
}

}  // namespace tc
