// SPDX-License-Identifier: MIT
//
// TagCache's own protocol for the load driver: the client library's session, which has no socket
// and no clock either.
#pragma once

#include <memory>

#include "driver/protocol.hpp"
#include "tagcache/tagcache.h"

namespace tc {

// `credentials` may be null; they are copied.
[[nodiscard]] std::unique_ptr<driver::Protocol> make_bench_protocol(
    const tagcache_credentials* credentials);

}  // namespace tc
