// SPDX-License-Identifier: MIT
//
// The requests that the session's target appends: every verb of a pipeline, with short arguments
// chosen by the input.
#pragma once

#include <cstdint>

#include "input.hpp"
#include "tagcache/tagcache.h"

namespace tc::fuzz {

// One request; how it is called is the caller's.
[[nodiscard]] tagcache_status append_request(tagcache_pipeline* pipeline, Input& input,
                                             const tagcache_call_options* call) noexcept;

}  // namespace tc::fuzz
