// SPDX-License-Identifier: MIT
//
// Did you mean: the known word that a mistyped one is nearest to, or that says what another cache's
// word says there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tc {

// "" when none is near enough to be worth saying.
[[nodiscard]] std::string nearest_word(std::string_view typed,
                                       const std::vector<std::string>& known);

// Our command for one of Redis, memcached or Varnish; "" when it is none.
[[nodiscard]] std::string_view command_for_foreign_word(std::string_view typed);

}  // namespace tc
