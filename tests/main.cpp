// SPDX-License-Identifier: MIT
#define CATCH_CONFIG_MAIN
#include "support/places.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>

namespace {

// The servers that tests start read no configuration of this machine, unless a test names a file.
const int config_is_hidden = setenv("TAGCACHED_CONFIG", "", 0);

}  // namespace

namespace tc::test {

const char* const server_program = TC_SERVER_PROGRAM;
const char* const cli_program = TC_CLI_PROGRAM;

std::string source_path(const char* path) {
    return std::string(TC_SOURCE_DIR "/") + path;
}

}  // namespace tc::test
