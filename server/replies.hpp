// SPDX-License-Identifier: MIT
//
// Replies on their way out: bytes, and between them large values that are not copied but referred
// to. A reactor's batch is one, and so is what a connection keeps because the kernel did not take
// it.
//
// A value referred to stays where it is: with a pin for as long as it is wanted, without one until
// the turn ends in which it was read. So a batch is sent, or moved to what keeps it, in its turn.
//
// Threads: the reactor's only.
#pragma once

#include <uv.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "server/byte_buffer.hpp"
#include "store/entry_view.hpp"

namespace tc {

class Replies {
 public:
    // More values than these are copied.
    static constexpr std::size_t values_max = 32;
    // What pieces() gives at most.
    static constexpr std::size_t pieces_max = 2 * values_max + 1;

    Replies() = default;
    Replies(const Replies&) = delete;
    Replies& operator=(const Replies&) = delete;
    ~Replies() = default;

    // All that leaves: bytes and values.
    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size() + value_bytes_; }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    [[nodiscard]] std::size_t capacity() const noexcept {
        return bytes_.capacity() + (values_ != nullptr ? sizeof(Values) : 0);
    }
    // Whether a value is referred to that its turn alone keeps.
    [[nodiscard]] bool has_unpinned() const noexcept { return unpinned_count_ != 0; }

    // Bytes are appended as to a ByteBuffer.
    [[nodiscard]] bool reserve(std::size_t tail_bytes) noexcept {
        return bytes_.reserve(tail_bytes);
    }
    [[nodiscard]] std::span<std::uint8_t> tail() noexcept { return bytes_.tail(); }
    void commit(std::size_t size_bytes) noexcept { bytes_.commit(size_bytes); }
    [[nodiscard]] bool append(std::span<const std::uint8_t> bytes) noexcept {
        return bytes_.append(bytes);
    }
    // The bytes alone, for those who take back what they have just committed. REQUIRES of
    // truncate(): no value stands behind what stays.
    [[nodiscard]] std::size_t byte_count() const noexcept { return bytes_.size(); }
    void truncate(std::size_t byte_count) noexcept { bytes_.truncate(byte_count); }

    // Whether there is room to refer to one more value; otherwise it has to be copied.
    [[nodiscard]] bool can_refer() noexcept;
    // Puts the value `tail_bytes` behind the bytes that are committed. REQUIRES: can_refer(); it is
    // not empty, and none was put further back.
    void refer(std::size_t tail_bytes, std::string_view value, Pin pin) noexcept;

    // What leaves next, in order; as many pieces as there are.
    [[nodiscard]] std::size_t pieces(std::span<uv_buf_t, pieces_max> pieces) noexcept;
    // So many of all bytes have left.
    void consume(std::size_t size_bytes) noexcept;
    // Takes over what is in the other one, behind what is here: pins are moved, the rest is copied.
    // False when there is no memory for that; then both are of no use any more.
    [[nodiscard]] bool take(Replies& other) noexcept;

    void clear() noexcept;
    // Gives the memory back when there is more of it than that. REQUIRES: empty().
    void release_above(std::size_t capacity_bytes_max) noexcept;
    void swap(Replies& other) noexcept;

 private:
    struct Value {
        std::uint64_t position = 0;  // so many bytes leave before it, counted from the last clear()
        std::string_view left;
        Pin pin;
    };
    using Values = std::array<Value, values_max>;

    [[nodiscard]] Value& value(std::size_t index) noexcept {
        return (*values_)[(first_ + index) % values_max];
    }
    // Of the bytes, what leaves before the first value.
    [[nodiscard]] std::size_t ahead_bytes() noexcept {
        return count_ == 0 ? bytes_.size()
                           : static_cast<std::size_t>(value(0).position - consumed_bytes_);
    }
    void drop_first() noexcept;

    ByteBuffer bytes_;
    std::uint64_t consumed_bytes_ = 0;
    std::size_t value_bytes_ = 0;
    std::unique_ptr<Values> values_;  // a ring, made for the first value
    std::uint32_t first_ = 0;
    std::uint32_t count_ = 0;
    std::uint32_t unpinned_count_ = 0;
};

}  // namespace tc
