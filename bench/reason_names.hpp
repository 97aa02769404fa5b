// SPDX-License-Identifier: MIT
//
// Numbers for the few kinds of refusal that a text protocol writes out, each by its first word.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tc::bench {

class ReasonNames {
 public:
    [[nodiscard]] std::int32_t number_of(std::string_view message) noexcept {
        const std::string_view word = message.substr(0, message.find(' '));
        const auto found = std::find(names_.begin(), names_.end(), word);
        if (found == names_.end()) {
            names_.emplace_back(word);
            return static_cast<std::int32_t>(names_.size()) - 1;
        }
        return static_cast<std::int32_t>(found - names_.begin());
    }
    [[nodiscard]] std::string name(std::int32_t number) const {
        const auto index = static_cast<std::size_t>(number);
        return index < names_.size() ? names_[index] : "unknown";
    }

 private:
    std::vector<std::string> names_;
};

}  // namespace tc::bench
