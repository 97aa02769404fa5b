// SPDX-License-Identifier: MIT
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#include <cstdlib>

namespace {

// The servers that tests start read no configuration of this machine, unless a test names a file.
const int config_is_hidden = setenv("TAGCACHED_CONFIG", "", 0);

}  // namespace
