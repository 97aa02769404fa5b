// SPDX-License-Identifier: MIT
//
// How long the answer to refused credentials is held back: twice as long for each refusal of late,
// by where it came from. Never by whose name was tried, so that nobody can lock somebody else out;
// and only refusals wait, so the right credentials always work.
//
// Threads: any; a lock inside, taken for refusals only.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>

namespace tc {

class AttemptDelays {
 public:
    static constexpr std::uint64_t delay_ms_min = 250;
    static constexpr std::uint64_t delay_ms_max = 8'000;
    // Without a refusal for so long, a source is forgiven half of its delay, again and again.
    static constexpr std::uint64_t forgiven_ms = 60'000;
    static constexpr std::size_t sources_max = 4096;

    // A refusal now, from this source (peer_address.hpp). How long to hold its answer back.
    [[nodiscard]] std::uint64_t note_refusal(std::uint64_t source, std::uint64_t now_ms) noexcept;

 private:
    static constexpr std::size_t sources_per_set = 4;
    static constexpr std::size_t set_count = sources_max / sources_per_set;

    struct Source {
        std::uint64_t id = 0;
        std::uint64_t refused_at_ms = 0;
        std::uint64_t delay_ms = 0;  // 0: the place is free
    };

    // Its place, or that of the one in its set that was refused longest ago.
    [[nodiscard]] Source& place_of(std::uint64_t source) noexcept;

    std::mutex mutex_;
    std::array<std::array<Source, sources_per_set>, set_count> sets_;  // Guarded by mutex_.
};

}  // namespace tc
