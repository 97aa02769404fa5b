// SPDX-License-Identifier: MIT
//
// The bytes that memory_bytes_max bounds: one number for the whole store. Threads add to it through
// their seats, which collect small changes, so that it is not written once per operation.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace tc {

class MemoryAccount {
 public:
    // 0 = no limit.
    explicit MemoryAccount(std::uint64_t bytes_max) noexcept
        : bytes_max_(bytes_max),
          unreported_bytes_max_(bytes_max == 0
                                    ? std::int64_t{64} * 1024
                                    : static_cast<std::int64_t>(std::clamp<std::uint64_t>(
                                          bytes_max / 4096, 1, std::uint64_t{64} * 1024))) {}

    void add(std::int64_t bytes) noexcept { used_bytes_.fetch_add(bytes, order); }
    [[nodiscard]] std::int64_t used_bytes() const noexcept { return used_bytes_.load(order); }

    // Whether `bytes` more fit, for a thread that has not reported `unreported_bytes` yet.
    [[nodiscard]] bool has_room(std::uint64_t bytes, std::int64_t unreported_bytes) const noexcept {
        if (bytes_max_ == 0) {
            return true;
        }
        const std::int64_t used = std::max<std::int64_t>(used_bytes() + unreported_bytes, 0);
        return bytes <= bytes_max_ && static_cast<std::uint64_t>(used) <= bytes_max_ - bytes;
    }

    // How much a thread may keep to itself.
    [[nodiscard]] std::int64_t unreported_bytes_max() const noexcept {
        return unreported_bytes_max_;
    }

    // Blobs that no entry accounts for any more, but a turn or a pin still sees.
    void on_blob_retired(std::uint64_t bytes) noexcept {
        retired_blob_bytes_.fetch_add(bytes, order);
    }
    void on_retired_blob_freed(std::uint64_t bytes) noexcept {
        retired_blob_bytes_.fetch_sub(bytes, order);
        add(-static_cast<std::int64_t>(bytes));
    }
    [[nodiscard]] std::uint64_t retired_blob_bytes() const noexcept {
        return retired_blob_bytes_.load(order);
    }

 private:
    // Figures; nothing is published through them.
    static constexpr std::memory_order order = std::memory_order_relaxed;

    const std::uint64_t bytes_max_;
    const std::int64_t unreported_bytes_max_;
    alignas(64) std::atomic<std::int64_t> used_bytes_{0};
    std::atomic<std::uint64_t> retired_blob_bytes_{0};
};

}  // namespace tc
