// SPDX-License-Identifier: MIT
//
// One stored item, in one block of its stripe's heap:
//
//    0              6          8               14         16      20              22    23
//   +--------------+----------+---------------+----------+-------+---------------+-----+-------+
//   | version, 48b | value 16 | deadline, 48b | key 16   | slot  | tags 11, kind | heat| block |
//   +--------------+----------+---------------+----------+-------+---------------+-----+-------+
//   | Blob* (large values) | client_flags u32 (if not 0) | tag ids, u32 each | key | value |
//   +----------------------+-----------------------------+-------------------+-----+-------+
//
// An entry never changes once it is published, except its deadline and its heat, so that a reader
// needs no lock for what it found; whoever changes a value or the tags publishes a new entry in
// place of the old one and retires that. A value above value_bytes_inline_max lives in a Blob of
// its own with a reference count: it can be pinned, and handed over to the entry that replaces this
// one.
//
// Blocks are named by references of 32 bits, counted in steps of 8 bytes from the start of the
// stripe's heap; 0 is none. A block holds an entry, or is free and says so by a version of 0.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

namespace tc {

class BlobMemory;
class MemoryAccount;

using TagId = std::uint32_t;
inline constexpr TagId no_tag = UINT32_MAX;

using EntryRef = std::uint32_t;
inline constexpr EntryRef no_entry = 0;
inline constexpr std::size_t ref_step_bytes = 8;

inline constexpr std::size_t value_bytes_inline_max = std::size_t{16} * 1024;

// Deadlines are of the store's clock, which begins here: whatever is smaller is no time at all, so
// that a retired entry, whose deadline is the link to the next one, looks expired to everybody.
inline constexpr std::uint64_t clock_start_ms = std::uint64_t{1} << 32;
inline constexpr std::uint64_t never_ms = (std::uint64_t{1} << 48) - 1;

struct Blob {
    // What an entry has of it.
    static constexpr std::size_t pointer_bytes = sizeof(std::uintptr_t);

    Blob(BlobMemory& own_memory, std::uint32_t value_bytes) noexcept
        : size(value_bytes), memory(own_memory) {}

    std::atomic<std::uint32_t> reference_count{1};
    const std::uint32_t size;
    BlobMemory& memory;
    // Whom to tell when the last reference goes. Null while an entry in the index accounts for it.
    MemoryAccount* account = nullptr;
    // Once its entry is retired: the next one that waits to be dropped.
    Blob* next_retired = nullptr;

    [[nodiscard]] char* data() noexcept { return std::bit_cast<char*>(this + 1); }
    [[nodiscard]] std::string_view view() noexcept { return {data(), size}; }
    void acquire() noexcept { reference_count.fetch_add(1, std::memory_order_relaxed); }
    // Frees the blob with the last reference. Any thread.
    void drop() noexcept;
};

struct BlobDropper {
    void operator()(Blob* blob) const noexcept { blob->drop(); }
};
using BlobPtr = std::unique_ptr<Blob, BlobDropper>;

// What a blob with a value of that size takes, which is what the account is charged with.
[[nodiscard]] std::size_t blob_bytes(std::size_t value_bytes) noexcept;
[[nodiscard]] inline std::size_t usable_bytes(const Blob* blob) noexcept {
    return blob_bytes(blob->size);
}

// A blob with a copy of the value, given in two pieces because APPEND makes one of two; null when
// there is no memory.
[[nodiscard]] BlobPtr make_blob(BlobMemory& memory, std::string_view value,
                                std::string_view value_rest) noexcept;

// The last byte of an entry's header, which free blocks have too. Under the stripe's lock.
struct BlockBits {
    static constexpr std::size_t offset = 23;
    // The entry's own.
    static constexpr std::uint8_t is_in_main_queue = 0x01;
    // The heap's, none of which a new entry has.
    static constexpr std::uint8_t is_free = 0x10;
    static constexpr std::uint8_t is_listed = 0x20;      // free, and to be had
    static constexpr std::uint8_t is_after_free = 0x40;  // the block before this one is free
};

class Entry {
 public:
    static constexpr std::uint8_t heat_max = 3;

    // What a new entry is made of. The value is in two pieces because APPEND makes one of two, and
    // unused when there is a blob, whose reference the entry takes over.
    struct Content {
        std::string_view key;
        std::string_view value;
        std::string_view value_rest = {};
        Blob* blob = nullptr;
        std::size_t tag_count = 0;
        std::uint32_t client_flags = 0;
    };

    // The bytes of the block, a multiple of ref_step_bytes and at least 32. REQUIRES: a value above
    // value_bytes_inline_max is in a blob.
    [[nodiscard]] static std::size_t block_bytes(const Content& content) noexcept;
    // Makes an entry in a block of that many bytes. Its tag ids are no_tag, it never expires, and
    // it has no slot and no version yet.
    static Entry* make(void* block, const Content& content) noexcept;
    // Makes a copy in a block of the same size, with the same version, deadline, slot and heat. The
    // blob is the copy's from then on.
    static Entry* make_copy(void* block, const Entry& entry) noexcept;
    [[nodiscard]] std::size_t block_bytes() const noexcept {
        return rounded_up(sizeof(Entry) + (has_client_flags_ != 0 ? sizeof(std::uint32_t) : 0) +
                          tag_count_ * sizeof(TagId) + key_bytes() +
                          (has_blob() ? Blob::pointer_bytes : value_bits()));
    }
    // What it counts for: its block and its blob.
    [[nodiscard]] std::uint64_t stored_bytes() const noexcept;

    // Counted from the stripe's first version; 0 in a block that is free or not published yet.
    [[nodiscard]] std::uint64_t version() const noexcept { return version_and_value_ >> 16; }
    void set_version(std::uint64_t version) noexcept {
        version_and_value_ = version << 16 | (version_and_value_ & 0xFFFF);
    }

    [[nodiscard]] std::uint64_t deadline_ms() const noexcept {
        return deadline_and_key_.load(std::memory_order_relaxed) >> 16;
    }
    // Under the stripe's lock.
    void set_deadline_ms(std::uint64_t deadline_ms) noexcept {
        const std::uint64_t key = deadline_and_key_.load(std::memory_order_relaxed) & 0xFFFF;
        deadline_and_key_.store(deadline_ms << 16 | key, std::memory_order_relaxed);
    }
    [[nodiscard]] bool is_expired(std::uint64_t now_ms) const noexcept {
        const std::uint64_t deadline = deadline_ms();
        return deadline <= now_ms && deadline != never_ms;
    }
    // A retired entry is not in the index any more; its deadline is the next one's reference.
    [[nodiscard]] bool is_retired() const noexcept { return deadline_ms() < clock_start_ms; }
    void retire(EntryRef next) noexcept { set_deadline_ms(next); }
    [[nodiscard]] EntryRef next_retired() const noexcept {
        return static_cast<EntryRef>(deadline_ms());
    }

    [[nodiscard]] std::uint32_t slot() const noexcept { return slot_; }
    void set_slot(std::uint32_t slot) noexcept { slot_ = slot; }

    // How often it was read lately, for the eviction. Any thread; a hint, so that a lost raise does
    // not matter, and hot entries are not written any more.
    [[nodiscard]] std::uint8_t heat() const noexcept {
        return heat_.load(std::memory_order_relaxed);
    }
    void set_heat(std::uint8_t heat) const noexcept {
        heat_.store(heat, std::memory_order_relaxed);
    }
    void warm() const noexcept {
        if (const std::uint8_t known = heat(); known < heat_max) {
            set_heat(static_cast<std::uint8_t>(known + 1));
        }
    }

    // The queue of the eviction that it is in; under the stripe's lock.
    [[nodiscard]] bool is_in_main_queue() const noexcept {
        return (block_bits_ & BlockBits::is_in_main_queue) != 0;
    }
    void set_in_main_queue(bool is_in) noexcept { set_bit(BlockBits::is_in_main_queue, is_in); }

    [[nodiscard]] std::size_t tag_count() const noexcept { return tag_count_; }
    [[nodiscard]] const TagId* tag_ids() const noexcept {
        return std::bit_cast<const TagId*>(tail() + (has_blob() ? Blob::pointer_bytes : 0) +
                                           (has_client_flags_ ? sizeof(std::uint32_t) : 0));
    }
    [[nodiscard]] TagId* tag_ids() noexcept {
        return const_cast<TagId*>(std::as_const(*this).tag_ids());
    }
    [[nodiscard]] std::uint32_t client_flags() const noexcept {
        return has_client_flags_ ? *(tag_ids() - 1) : 0;
    }
    [[nodiscard]] std::string_view key() const noexcept {
        return {std::bit_cast<const char*>(tag_ids() + tag_count_), key_bytes()};
    }
    [[nodiscard]] std::string_view value() const noexcept {
        const std::string_view own_key = key();
        return has_blob() ? blob()->view()
                          : std::string_view{own_key.data() + own_key.size(), value_bits()};
    }
    [[nodiscard]] std::size_t key_bytes() const noexcept {
        return deadline_and_key_.load(std::memory_order_relaxed) & 0xFFFF;
    }
    [[nodiscard]] std::size_t value_bytes() const noexcept {
        return has_blob() ? blob()->size : value_bits();
    }
    [[nodiscard]] bool has_blob() const noexcept { return (version_and_value_ & 0x8000) != 0; }
    [[nodiscard]] Blob* blob() const noexcept {
        return has_blob() ? *std::bit_cast<Blob* const*>(this + 1) : nullptr;
    }

 private:
    Entry() = default;

    // To what blocks are counted in.
    [[nodiscard]] static constexpr std::size_t rounded_up(std::size_t bytes) noexcept {
        return (bytes + ref_step_bytes - 1) / ref_step_bytes * ref_step_bytes;
    }
    [[nodiscard]] const char* tail() const noexcept { return std::bit_cast<const char*>(this + 1); }
    void set_bit(std::uint8_t bit, bool is_set) noexcept {
        block_bits_ = static_cast<std::uint8_t>((block_bits_ & ~bit) | (is_set ? bit : 0));
    }
    [[nodiscard]] std::size_t value_bits() const noexcept { return version_and_value_ & 0x7FFF; }

    std::uint64_t version_and_value_;
    std::atomic<std::uint64_t> deadline_and_key_;
    std::uint32_t slot_;
    std::uint16_t tag_count_ : 11;
    // 0 = bytes; the others are left for hashes, lists and sets.
    std::uint16_t value_kind_ : 4;
    std::uint16_t has_client_flags_ : 1;
    mutable std::atomic<std::uint8_t> heat_;
    std::uint8_t block_bits_;
};
static_assert(sizeof(Entry) == BlockBits::offset + 1);

[[nodiscard]] inline Entry* entry_at(char* heap_begin, EntryRef ref) noexcept {
    return std::bit_cast<Entry*>(heap_begin + std::size_t{ref} * ref_step_bytes);
}

}  // namespace tc
