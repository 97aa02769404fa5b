// SPDX-License-Identifier: MIT
#include "store/entry.hpp"

#include <algorithm>
#include <cassert>
#include <new>

#include "store/memory.hpp"
#include "store/memory_account.hpp"

namespace tc {
namespace {

std::size_t value_size(const EntryContent& content) {
    return content.shared_blob != nullptr ? content.shared_blob->size
                                          : content.value.size() + content.value_rest.size();
}

char* copy_bytes(std::string_view bytes, char* target) {
    return std::copy(bytes.begin(), bytes.end(), target);
}

Blob* make_blob(std::string_view value, std::string_view value_rest) {
    const std::size_t size = value.size() + value_rest.size();
    void* const block = allocate(sizeof(Blob) + size);
    if (block == nullptr) {
        return nullptr;
    }
    Blob* const blob = new (block) Blob;
    blob->size = size;
    copy_bytes(value_rest, copy_bytes(value, blob->data()));
    return blob;
}

// The entry's own block, without its blob.
std::size_t block_bytes(const EntryContent& content, bool has_blob) {
    return sizeof(Entry) + (has_blob ? Blob::pointer_bytes : value_size(content)) +
           content.tag_count * sizeof(TagId) + content.key.size();
}

}  // namespace

void Blob::drop() noexcept {
    if (reference_count.fetch_sub(1, std::memory_order_acq_rel) != 1) {
        return;
    }
    if (account != nullptr) {
        account->on_retired_blob_freed(usable_bytes(this));
    }
    release(this);
}

EntryPtr make_entry(const EntryContent& content) noexcept {
    assert(content.key.size() <= UINT16_MAX && content.tag_count <= UINT16_MAX);
    const std::size_t value_bytes = value_size(content);
    assert(value_bytes <= UINT32_MAX);
    const bool has_blob = value_bytes > value_bytes_inline_max;
    Blob* blob = content.shared_blob;
    if (has_blob && blob == nullptr) {
        blob = make_blob(content.value, content.value_rest);
        if (blob == nullptr) {
            return nullptr;
        }
    } else if (has_blob) {
        blob->acquire();
    }
    void* const block = allocate(block_bytes(content, has_blob));
    if (block == nullptr) {
        if (has_blob) {
            blob->drop();
        }
        return nullptr;
    }
    Entry* const entry = new (block) Entry{
        .version = 0,
        .deadline_ms = never_ms,
        .value_bytes = static_cast<std::uint32_t>(value_bytes),
        .client_flags = content.client_flags,
        .key_bytes = static_cast<std::uint16_t>(content.key.size()),
        .tag_count = static_cast<std::uint16_t>(content.tag_count),
        .value_kind = 0,
        .has_blob = has_blob,
    };
    if (has_blob) {
        new (entry + 1) Blob* {blob};
    }
    std::uninitialized_fill_n(entry->tag_ids(), content.tag_count, no_tag);
    char* const after_key =
        copy_bytes(content.key, std::bit_cast<char*>(entry->tag_ids() + content.tag_count));
    if (!has_blob) {
        copy_bytes(content.value_rest, copy_bytes(content.value, after_key));
    }
    return EntryPtr{entry};
}

EntryPtr copy_entry(const Entry& entry, std::size_t tag_count) noexcept {
    return make_entry({.key = entry.key(),
                       .value = entry.has_blob ? std::string_view{} : entry.value(),
                       .value_rest = {},
                       .shared_blob = entry.blob(),
                       .tag_count = tag_count,
                       .client_flags = entry.client_flags});
}

void free_entry(Entry* entry) noexcept {
    if (entry->has_blob) {
        entry->blob()->drop();
    }
    release(entry);
}

std::size_t entry_bytes_needed(const EntryContent& content) noexcept {
    const std::size_t value_bytes = value_size(content);
    const bool has_blob = value_bytes > value_bytes_inline_max;
    const bool makes_blob = has_blob && content.shared_blob == nullptr;
    return block_bytes(content, has_blob) + (makes_blob ? sizeof(Blob) + value_bytes : 0);
}

}  // namespace tc
