// SPDX-License-Identifier: MIT
//
// The examples do against a real server what their text says.
#include <catch2/catch.hpp>
#include <cstdio>
#include <memory>

#include "support/running_server.hpp"

TEST_CASE("the quickstarts run and say what the tutorial says", "[client][quickstart]") {
    const std::string program = GENERATE(TC_QUICKSTART_C, TC_QUICKSTART_CXX);
    tc::test::RunningServer server;
    const std::string command = program + " tagcache://127.0.0.1:" + server.port_text();
    FILE* pipe = popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    char buffer[4096];
    const std::size_t size = fread(buffer, 1, sizeof buffer, pipe);
    CHECK(pclose(pipe) == 0);
    CHECK(std::string(buffer, size) ==
          "cached: <h1>Teapot</h1>\ninvalidated: 1\nnot cached\nmisses: 1000\n");
}
