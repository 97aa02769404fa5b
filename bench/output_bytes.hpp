// SPDX-License-Identifier: MIT
//
// Bytes to be sent: appended at the end, gone from the front as they leave. The memory is kept, so
// that in the steady state nothing is allocated.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace tc::bench {

class OutputBytes {
 public:
    [[nodiscard]] std::span<const std::uint8_t> unsent() const noexcept {
        return {bytes_.data() + begin_, end_ - begin_};
    }
    void sent(std::size_t size) noexcept {
        begin_ += size;
        if (begin_ == end_) {
            begin_ = 0;
            end_ = 0;
        }
    }

    // Room for so many bytes behind the end; commit() makes them part of the output.
    [[nodiscard]] std::uint8_t* reserve(std::size_t size) noexcept {
        if (bytes_.size() - end_ < size) {
            make_room(size);
        }
        return bytes_.data() + end_;
    }
    void commit(std::size_t size) noexcept { end_ += size; }

    void append(std::string_view text) noexcept {
        if (text.empty()) {
            return;  // its data may be null, which memcpy() must not be given
        }
        std::memcpy(reserve(text.size()), text.data(), text.size());
        commit(text.size());
    }
    void append(std::span<const std::uint8_t> bytes) noexcept {
        append({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
    void append_number(std::uint64_t number) noexcept {
        constexpr std::size_t digits_max = 20;
        char* const digits = reinterpret_cast<char*>(reserve(digits_max));
        commit(static_cast<std::size_t>(std::to_chars(digits, digits + digits_max, number).ptr -
                                        digits));
    }
    void clear() noexcept { sent(end_ - begin_); }

 private:
    void make_room(std::size_t size) noexcept {
        std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
        if (bytes_.size() - end_ < size) {
            bytes_.resize((end_ + size) * 2);
        }
    }

    std::vector<std::uint8_t> bytes_ = std::vector<std::uint8_t>(16384);
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace tc::bench
