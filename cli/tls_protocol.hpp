// SPDX-License-Identifier: MIT
//
// Another protocol of the load driver, inside TLS.
#pragma once

#include <memory>
#include <string>

#include "cli/tls.hpp"
#include "driver/protocol.hpp"

namespace tc {

// REQUIRES: tls outlives it.
[[nodiscard]] std::unique_ptr<driver::Protocol> inside_tls(std::unique_ptr<driver::Protocol> inner,
                                                           tagcache_tls* tls,
                                                           const std::string& host);

}  // namespace tc
