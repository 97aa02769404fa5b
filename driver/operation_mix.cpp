// SPDX-License-Identifier: MIT
#include "driver/operation_mix.hpp"

#include <array>

#include "driver/number_text.hpp"

namespace tc::driver {

std::optional<OperationMix> parse_operation_mix(std::string_view text) {
    const std::vector<std::string_view> parts = split(text, ':');
    std::array<std::uint64_t, verb_count> weights{};
    if (parts.size() < 2 || parts.size() > weights.size()) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto weight = parse_number<std::uint32_t>(parts[i]);
        if (!weight.has_value()) {
            return std::nullopt;
        }
        weights[i] = *weight;
    }
    if (weights[0] + weights[1] + weights[2] == 0) {
        return std::nullopt;
    }
    return OperationMix{weights[0], weights[1], weights[2]};
}

}  // namespace tc::driver
