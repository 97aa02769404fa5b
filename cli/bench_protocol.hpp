// SPDX-License-Identifier: MIT
//
// TagCache's own protocol for the load driver: the client library's session, which has no socket
// and no clock either.
#pragma once

#include <memory>

#include "driver/protocol.hpp"

namespace tc {

[[nodiscard]] std::unique_ptr<driver::Protocol> make_bench_protocol();

}  // namespace tc
