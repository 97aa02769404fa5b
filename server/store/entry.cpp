// SPDX-License-Identifier: MIT
#include "store/entry.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <memory>
#include <new>

#include "store/blob_memory.hpp"
#include "store/memory_account.hpp"

namespace tc {
namespace {

char* copy_bytes(std::string_view bytes, char* target) {
    return std::copy(bytes.begin(), bytes.end(), target);
}

std::uint8_t block_bits_of(const void* block) {
    return static_cast<std::uint8_t>(static_cast<const char*>(block)[BlockBits::offset] &
                                     BlockBits::is_after_free);
}

}  // namespace

void Blob::drop() noexcept {
    if (reference_count.fetch_sub(1, std::memory_order_acq_rel) != 1) {
        return;
    }
    if (account != nullptr) {
        account->on_retired_blob_freed(usable_bytes(this));
    }
    memory.free(this, sizeof(Blob) + size);
}

std::size_t blob_bytes(std::size_t value_bytes) noexcept {
    return BlobMemory::block_bytes(sizeof(Blob) + value_bytes);
}

BlobPtr make_blob(BlobMemory& memory, std::string_view value,
                  std::string_view value_rest) noexcept {
    static_assert(BlobMemory::block_bytes_max <= UINT32_MAX);
    const std::size_t size = value.size() + value_rest.size();
    void* const block = memory.allocate(sizeof(Blob) + size);
    if (block == nullptr) {
        return nullptr;
    }
    Blob* const blob = new (block) Blob(memory, static_cast<std::uint32_t>(size));
    copy_bytes(value_rest, copy_bytes(value, blob->data()));
    return BlobPtr{blob};
}

std::size_t Entry::block_bytes(const Content& content) noexcept {
    const std::size_t value_bytes = content.blob != nullptr
                                        ? Blob::pointer_bytes
                                        : content.value.size() + content.value_rest.size();
    assert(content.blob != nullptr || value_bytes <= value_bytes_inline_max);
    return rounded_up(sizeof(Entry) + (content.client_flags != 0 ? sizeof(std::uint32_t) : 0) +
                      content.tag_count * sizeof(TagId) + content.key.size() + value_bytes);
}

std::uint64_t Entry::stored_bytes() const noexcept {
    return block_bytes() + (has_blob() ? usable_bytes(blob()) : 0);
}

Entry* Entry::make(void* block, const Content& content) noexcept {
    assert(content.key.size() <= UINT16_MAX && content.tag_count < (1U << 11));
    // The heap's bits are about the block, whatever is in it.
    const std::uint8_t block_bits = block_bits_of(block);
    auto* const entry = new (block) Entry;
    const std::size_t inline_bytes =
        content.blob != nullptr ? 0 : content.value.size() + content.value_rest.size();
    entry->version_and_value_ = inline_bytes | (content.blob != nullptr ? 0x8000U : 0U);
    entry->deadline_and_key_.store(never_ms << 16 | content.key.size(), std::memory_order_relaxed);
    entry->slot_ = 0;
    entry->tag_count_ = static_cast<std::uint16_t>(content.tag_count & 0x7FFU);
    entry->value_kind_ = 0;
    entry->has_client_flags_ = content.client_flags != 0 ? 1 : 0;
    entry->heat_.store(0, std::memory_order_relaxed);
    entry->block_bits_ = block_bits;
    if (content.blob != nullptr) {
        new (entry + 1) Blob* {content.blob};
    }
    if (content.client_flags != 0) {
        *(entry->tag_ids() - 1) = content.client_flags;
    }
    std::uninitialized_fill_n(entry->tag_ids(), content.tag_count, no_tag);
    char* const after_key =
        copy_bytes(content.key, std::bit_cast<char*>(entry->tag_ids() + content.tag_count));
    if (content.blob == nullptr) {
        copy_bytes(content.value_rest, copy_bytes(content.value, after_key));
    }
    return entry;
}

Entry* Entry::make_copy(void* block, const Entry& entry) noexcept {
    const std::uint8_t block_bits = block_bits_of(block);
    auto* const copy = new (block) Entry;
    copy->version_and_value_ = entry.version_and_value_;
    copy->deadline_and_key_.store(entry.deadline_and_key_.load(std::memory_order_relaxed),
                                  std::memory_order_relaxed);
    copy->slot_ = entry.slot_;
    copy->tag_count_ = entry.tag_count_;
    copy->value_kind_ = entry.value_kind_;
    copy->has_client_flags_ = entry.has_client_flags_;
    copy->set_heat(entry.heat());
    copy->block_bits_ = block_bits;
    copy->set_in_main_queue(entry.is_in_main_queue());
    const char* const tail = entry.tail();
    std::copy_n(tail, entry.block_bytes() - sizeof(Entry), std::bit_cast<char*>(copy + 1));
    return copy;
}

}  // namespace tc
