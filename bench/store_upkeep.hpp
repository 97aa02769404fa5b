// SPDX-License-Identifier: MIT
//
// What a reactor does for the store beside its requests, in slices, as the server does it. The one
// place of the benchmarks that knows how this work is called.
#pragma once

#include <cstdint>

#include "store/memory.hpp"
#include "store/store.hpp"

namespace tc::bench {

class StoreUpkeep {
 public:
    // The server's budget for a turn of a reactor (server/limits.hpp).
    static constexpr std::uint32_t slice_budget = 256;

    StoreUpkeep(Store& store, Session& session, std::uint32_t worker = 0,
                std::uint32_t worker_count = 1) noexcept
        : store_(store), session_(session), worker_(worker), worker_count_(worker_count) {}

    // One slice of a turn. REQUIRES: the session is inside it.
    void run_slice() noexcept {
        static_cast<void>(store_.upkeep(session_, worker_, worker_count_, slice_budget));
    }
    // What a reactor does once a second, outside of a turn's requests.
    static void give_back_memory() noexcept { give_back_free_memory(); }

    // Whether removed entries still wait for their memory to be freed. A thread that goes on
    // writing always has a few that were just replaced.
    [[nodiscard]] bool has_backlog() const noexcept {
        constexpr std::uint64_t just_replaced_bytes = 1024 * 1024;
        const StoreStats stats = store_.stats();
        return stats.dead_count != 0 || stats.retired_bytes > just_replaced_bytes;
    }

    // A turn with nothing but a slice. REQUIRES: the session may enter one.
    void run_turn(std::uint64_t now_ms) noexcept {
        session_.enter(now_ms);
        run_slice();
        session_.leave();
    }

 private:
    Store& store_;
    Session& session_;
    std::uint32_t worker_;
    std::uint32_t worker_count_;
};

}  // namespace tc::bench
