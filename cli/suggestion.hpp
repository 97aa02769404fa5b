// SPDX-License-Identifier: MIT
//
// Did you mean: the known word that a mistyped one is nearest to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tc {

// "" when none is near enough to be worth saying.
[[nodiscard]] std::string nearest_word(std::string_view typed,
                                       const std::vector<std::string>& known);

}  // namespace tc
