// SPDX-License-Identifier: MIT
#include "access/attempt_delays.hpp"

#include <algorithm>

namespace tc {

std::uint64_t AttemptDelays::note_refusal(std::uint64_t source, std::uint64_t now_ms) noexcept {
    const std::lock_guard lock(mutex_);
    Source& place = place_of(source);
    if (place.id != source) {
        place = {source, now_ms, 0};
    }
    const std::uint64_t halvings = (now_ms - std::min(now_ms, place.refused_at_ms)) / forgiven_ms;
    const std::uint64_t left_ms = halvings < 64 ? place.delay_ms >> halvings : 0;
    place.delay_ms = std::clamp(2 * left_ms, delay_ms_min, delay_ms_max);
    place.refused_at_ms = now_ms;
    return place.delay_ms;
}

AttemptDelays::Source& AttemptDelays::place_of(std::uint64_t source) noexcept {
    // An odd number with its bits well mixed (that of the golden ratio) spreads neighbours.
    auto& set = sets_[(source * 0x9E3779B97F4A7C15U >> 32) % set_count];
    const auto known = std::ranges::find(set, source, &Source::id);
    return known != set.end() ? *known : *std::ranges::min_element(set, {}, &Source::refused_at_ms);
}

}  // namespace tc
