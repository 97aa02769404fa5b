// SPDX-License-Identifier: MIT
//
// How many of the operations are of which kind.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "driver/protocol.hpp"
#include "driver/random.hpp"

namespace tc::driver {

struct OperationMix {
    std::uint64_t get_weight = 9;
    std::uint64_t put_weight = 1;
    std::uint64_t invalidate_weight = 0;

    // REQUIRES: not all weights are 0.
    [[nodiscard]] Verb draw(Random& random) const noexcept {
        const std::uint64_t sum = get_weight + put_weight + invalidate_weight;
        // Where there is nothing to choose, no draw is spent.
        const std::uint64_t left = get_weight == sum ? 0 : random.below(sum);
        if (left < get_weight) {
            return Verb::get;
        }
        return left < get_weight + put_weight ? Verb::put : Verb::invalidate;
    }
};

// "90:9:1" is get:put:invalidate; "9:1" has no invalidations. Nothing for anything else.
[[nodiscard]] std::optional<OperationMix> parse_operation_mix(std::string_view text);

}  // namespace tc::driver
