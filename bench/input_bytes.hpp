// SPDX-License-Identifier: MIT
//
// Bytes that have arrived. The protocols of the comparison skip what a reply brings (they count
// it), so that what stays for the next read is never more than the cut-off head of a reply.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace tc::bench {

class InputBytes {
 public:
    [[nodiscard]] std::span<std::uint8_t> room() noexcept {
        if (begin_ != 0) {
            std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
            end_ -= begin_;
            begin_ = 0;
        }
        return {bytes_.data() + end_, bytes_.size() - end_};
    }
    void arrived(std::size_t size) noexcept { end_ += size; }

    [[nodiscard]] std::span<const std::uint8_t> unread() const noexcept {
        return {bytes_.data() + begin_, end_ - begin_};
    }
    [[nodiscard]] std::string_view text() const noexcept {
        return {reinterpret_cast<const char*>(bytes_.data()) + begin_, end_ - begin_};
    }
    void consume(std::size_t size) noexcept { begin_ += size; }

    // Takes a line and its "\r\n" off the front; false when it has not arrived whole.
    [[nodiscard]] bool take_line(std::string_view& line) noexcept {
        const std::string_view all = text();
        const std::size_t end = all.find('\n');
        if (end == std::string_view::npos) {
            return false;
        }
        line = all.substr(0, end != 0 && all[end - 1] == '\r' ? end - 1 : end);
        consume(end + 1);
        return true;
    }
    // A head that does not even fit here is none.
    [[nodiscard]] bool is_full() const noexcept { return end_ - begin_ == bytes_.size(); }

    // How many of the next `wanted` bytes are here; they are taken.
    [[nodiscard]] std::string_view take_up_to(std::uint64_t wanted) noexcept {
        const std::string_view taken = text().substr(0, wanted);
        consume(taken.size());
        return taken;
    }

 private:
    std::vector<std::uint8_t> bytes_ = std::vector<std::uint8_t>(65536);
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace tc::bench
