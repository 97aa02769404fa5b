// SPDX-License-Identifier: MIT
//
// A fuzzer's bytes, taken from the front as the choices that a target has to make. Past the end
// there are zeros, so that every input is a legal one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tc::fuzz {

class Input {
 public:
    Input(const std::uint8_t* data, std::size_t size) noexcept : left_(data, size) {}

    [[nodiscard]] bool empty() const noexcept { return left_.empty(); }
    [[nodiscard]] std::uint8_t byte() noexcept {
        if (left_.empty()) {
            return 0;
        }
        const std::uint8_t first = left_.front();
        left_ = left_.subspan(1);
        return first;
    }
    [[nodiscard]] std::uint32_t below(std::uint32_t end) noexcept { return byte() % end; }
    [[nodiscard]] bool coin() noexcept { return (byte() & 1) != 0; }
    // At most `size_max` bytes.
    [[nodiscard]] std::span<const std::uint8_t> bytes(std::size_t size_max) noexcept {
        const auto taken = left_.first(std::min(size_max, left_.size()));
        left_ = left_.subspan(taken.size());
        return taken;
    }
    [[nodiscard]] std::string_view text(std::size_t size_max) noexcept {
        const auto taken = bytes(size_max);
        return {reinterpret_cast<const char*>(taken.data()), taken.size()};
    }
    [[nodiscard]] std::span<const std::uint8_t> rest() noexcept { return bytes(left_.size()); }

 private:
    std::span<const std::uint8_t> left_;
};

}  // namespace tc::fuzz
