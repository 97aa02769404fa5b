// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace tc {

// TC_VERSION is the project's version in CMakeLists.txt.
inline constexpr const char* version_text = TC_VERSION;

}  // namespace tc
