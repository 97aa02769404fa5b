// SPDX-License-Identifier: MIT
//
// Bytes with a consumed front and a free tail: a connection's cut-off input, its unsent output, a
// reactor's replies. Growth is nothrow and tells when memory is gone.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <utility>

namespace tc {

class ByteBuffer {
 public:
    ByteBuffer() = default;
    ByteBuffer(const ByteBuffer&) = delete;
    ByteBuffer& operator=(const ByteBuffer&) = delete;
    ~ByteBuffer() { std::free(data_); }

    [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
    [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] std::uint8_t* data() noexcept { return data_ + begin_; }
    [[nodiscard]] std::span<const std::uint8_t> readable() const noexcept {
        return {data_ + begin_, size()};
    }
    // The free tail, to be written to before commit().
    [[nodiscard]] std::span<std::uint8_t> tail() noexcept {
        return {data_ + end_, capacity_ - end_};
    }

    // Makes the tail at least `tail_bytes` long; moves or grows (by doubling) when it has to. False
    // when memory is gone, and the contents are as they were.
    [[nodiscard]] bool reserve(std::size_t tail_bytes) noexcept {
        if (capacity_ - end_ >= tail_bytes) {
            return true;
        }
        if (begin_ != 0) {
            std::memmove(data_, data_ + begin_, size());
            end_ -= begin_;
            begin_ = 0;
        }
        if (capacity_ - end_ >= tail_bytes) {
            return true;
        }
        const std::size_t capacity = std::max(end_ + tail_bytes, capacity_ * 2);
        auto* grown = static_cast<std::uint8_t*>(std::realloc(data_, capacity));
        if (grown == nullptr) {
            return false;
        }
        data_ = grown;
        capacity_ = capacity;
        return true;
    }

    // Leaves nothing behind to be read from freed memory.
    void wipe() noexcept {
        if (!empty()) {
            explicit_bzero(data_ + begin_, size());
        }
        begin_ = end_ = 0;
    }

    void commit(std::size_t size_bytes) noexcept {
        assert(size_bytes <= capacity_ - end_);
        end_ += size_bytes;
    }

    void consume(std::size_t size_bytes) noexcept {
        assert(size_bytes <= size());
        begin_ += size_bytes;
        if (begin_ == end_) {
            begin_ = end_ = 0;
        }
    }

    // Cuts the readable bytes back to the first `size_bytes`.
    void truncate(std::size_t size_bytes) noexcept {
        assert(size_bytes <= size());
        end_ = begin_ + size_bytes;
    }

    [[nodiscard]] bool append(std::span<const std::uint8_t> bytes) noexcept {
        if (bytes.empty()) {
            return true;
        }
        if (!reserve(bytes.size())) {
            return false;
        }
        std::memcpy(data_ + end_, bytes.data(), bytes.size());
        commit(bytes.size());
        return true;
    }

    void clear() noexcept { begin_ = end_ = 0; }

    // Gives the memory back when there is more of it than `capacity_bytes_max`. REQUIRES: empty().
    void release_above(std::size_t capacity_bytes_max) noexcept {
        assert(empty());
        if (capacity_ > capacity_bytes_max) {
            std::free(data_);
            data_ = nullptr;
            capacity_ = 0;
        }
    }

    void swap(ByteBuffer& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(begin_, other.begin_);
        std::swap(end_, other.end_);
        std::swap(capacity_, other.capacity_);
    }

 private:
    // INVARIANT: begin_ <= end_ <= capacity_; readable bytes are [begin_, end_).
    std::uint8_t* data_ = nullptr;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace tc
