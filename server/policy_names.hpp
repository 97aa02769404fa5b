// SPDX-License-Identifier: MIT
//
// Eviction policies as the command line takes them and INFO tells them.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "store/store.hpp"

namespace tc {

struct PolicyName {
    EvictionPolicy policy;
    std::string_view name;
};

inline constexpr std::array policy_names = {
    PolicyName{EvictionPolicy::s3_fifo, "s3-fifo"},
    PolicyName{EvictionPolicy::lru, "lru"},
    PolicyName{EvictionPolicy::none, "none"},
};

[[nodiscard]] constexpr std::string_view name_of(EvictionPolicy policy) noexcept {
    for (const PolicyName& named : policy_names) {
        if (named.policy == policy) {
            return named.name;
        }
    }
    return "";
}

[[nodiscard]] constexpr std::optional<EvictionPolicy> policy_of(std::string_view name) noexcept {
    for (const PolicyName& named : policy_names) {
        if (named.name == name) {
            return named.policy;
        }
    }
    return std::nullopt;
}

}  // namespace tc
