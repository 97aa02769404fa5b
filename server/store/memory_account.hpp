// SPDX-License-Identifier: MIT
//
// The bytes that memory_bytes_max bounds: one number for the whole store, and beside it how many of
// them are retired, which means that they come back without anybody's doing. Threads add to both
// through their seats, which collect small changes, so that they are not written once an operation.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace tc {

// Bytes in use, and those among them that only wait for the turns that may still see them.
struct ByteChange {
    std::int64_t used = 0;
    std::int64_t retired = 0;
};

class MemoryAccount {
 public:
    // 0 = no limit, for good. `reserve_bytes` are left for what the next turns retire: those who
    // evict do it in time, and when nobody does (`refuses_reserve`), no more than the rest may be
    // kept.
    MemoryAccount(std::uint64_t bytes_max, std::uint64_t reserve_bytes,
                  std::uint64_t overdraft_bytes, bool refuses_reserve) noexcept
        : bytes_max_(bytes_max),
          reserve_bytes_(reserve_bytes),
          overdraft_bytes_(overdraft_bytes),
          refuses_reserve_(refuses_reserve),
          unreported_bytes_max_(bytes_max == 0
                                    ? std::int64_t{64} * 1024
                                    : static_cast<std::int64_t>(std::clamp<std::uint64_t>(
                                          bytes_max / 4096, 1, std::uint64_t{64} * 1024))) {}

    // Another limit from now on: who makes room next sees it. REQUIRES: there was one, and is.
    void set_limit(std::uint64_t bytes_max, std::uint64_t reserve_bytes) noexcept {
        bytes_max_.store(bytes_max, order);
        reserve_bytes_.store(reserve_bytes, order);
    }
    [[nodiscard]] std::uint64_t bytes_max() const noexcept { return bytes_max_.load(order); }

    void add(const ByteChange& change) noexcept {
        used_bytes_.fetch_add(change.used, order);
        if (change.retired != 0) {
            retired_bytes_.fetch_add(change.retired, order);
        }
    }
    [[nodiscard]] std::int64_t used_bytes() const noexcept { return used_bytes_.load(order); }

    [[nodiscard]] bool has_limit() const noexcept { return bytes_max() != 0; }
    // Whether `bytes` more fit and nobody has to go for them, as is the rule below the limit; when
    // not, the calls below say what is the matter.
    [[nodiscard]] bool has_plenty(std::uint64_t bytes,
                                  const ByteChange& unreported) const noexcept {
        return !has_limit() || used_bytes() + unreported.used +
                                       static_cast<std::int64_t>(bytes + reserve_bytes()) <=
                                   static_cast<std::int64_t>(bytes_max());
    }
    // Whether `bytes` more fit, for a thread that has not reported `unreported` yet. What is
    // retired may exceed the limit by a value: it is on its way out.
    [[nodiscard]] bool has_room(std::uint64_t bytes, const ByteChange& unreported) const noexcept {
        if (!has_limit()) {
            return true;
        }
        const std::int64_t used = used_bytes() + unreported.used + static_cast<std::int64_t>(bytes);
        const std::int64_t kept = used - retired_bytes_.load(order) - unreported.retired;
        const std::int64_t kept_max =
            static_cast<std::int64_t>(bytes_max() - (refuses_reserve_ ? reserve_bytes() : 0));
        return kept <= kept_max &&
               used <= static_cast<std::int64_t>(bytes_max() + overdraft_bytes_);
    }
    // Whether so much would not fit now, but may when what is retired is free.
    [[nodiscard]] bool is_room_retired(std::uint64_t bytes,
                                       const ByteChange& unreported) const noexcept {
        const std::int64_t used = used_bytes() + unreported.used + static_cast<std::int64_t>(bytes);
        return has_limit() && used > static_cast<std::int64_t>(bytes_max() + overdraft_bytes_) &&
               retired_bytes_.load(order) + unreported.retired > 0;
    }
    // By how much what is not retired would cut into the reserve if there were `bytes` more.
    [[nodiscard]] std::uint64_t bytes_to_evict(std::uint64_t bytes,
                                               const ByteChange& unreported) const noexcept {
        if (!has_limit()) {
            return 0;
        }
        const std::int64_t kept =
            used_bytes() + unreported.used - retired_bytes_.load(order) - unreported.retired;
        const std::int64_t excess = kept + static_cast<std::int64_t>(bytes + reserve_bytes()) -
                                    static_cast<std::int64_t>(bytes_max());
        return excess <= 0 ? 0 : static_cast<std::uint64_t>(excess);
    }

    // Whether writes have to evict, or will soon: a write asks when it has just made its room.
    [[nodiscard]] bool is_short(const ByteChange& unreported) const noexcept {
        return bytes_to_evict(bytes_max() / 32, unreported) != 0;
    }

    // How much a turn may retire before its thread should look for a moment to end it.
    [[nodiscard]] std::int64_t retired_bytes_of_turn_max() const noexcept {
        return has_limit() ? static_cast<std::int64_t>(reserve_bytes() / 8) : INT64_MAX;
    }
    // The same for a thread that can end it at any moment: so little that the blocks are used again
    // while they are in a cache.
    [[nodiscard]] std::int64_t warm_bytes_of_turn_max() const noexcept {
        return std::min(retired_bytes_of_turn_max(), warm_bytes_max);
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
        const auto change = -static_cast<std::int64_t>(bytes);
        add({.used = change, .retired = change});
    }
    [[nodiscard]] std::uint64_t retired_blob_bytes() const noexcept {
        return retired_blob_bytes_.load(order);
    }

 private:
    // Figures; nothing is published through them.
    static constexpr std::memory_order order = std::memory_order_relaxed;
    static constexpr std::int64_t warm_bytes_max = 32 * 1024;

    [[nodiscard]] std::uint64_t reserve_bytes() const noexcept {
        return reserve_bytes_.load(order);
    }

    std::atomic<std::uint64_t> bytes_max_;
    std::atomic<std::uint64_t> reserve_bytes_;
    const std::uint64_t overdraft_bytes_;
    const bool refuses_reserve_;
    const std::int64_t unreported_bytes_max_;
    alignas(64) std::atomic<std::int64_t> used_bytes_{0};
    std::atomic<std::int64_t> retired_bytes_{0};
    std::atomic<std::uint64_t> retired_blob_bytes_{0};
};

}  // namespace tc
