// SPDX-License-Identifier: MIT
//
// Where the client thinks that a server is.
#include "cli/client.hpp"

#include <catch2/catch.hpp>

using namespace tc;

TEST_CASE("only a Unix socket and loopback addresses are this machine", "[cli][client]") {
    for (const char* here :
         {"unix:///run/tagcache.sock", "tagcache://localhost:1984", "tagcache://127.0.0.1:1984",
          "tagcaches://127.1.2.3:1", "tagcache://[::1]:1984"}) {
        INFO(here);
        CHECK(is_address_here(here));
    }
    for (const char* elsewhere :
         {"tagcache://unix-db1.example:1984", "tagcache://localhost.corp.example:1984",
          "tagcache://127.example.com:1984", "tagcache://127.0.0.1.example:1984",
          "tagcache://[::1:2]:1984", "tagcache://10.127.0.1:1984", "tagcache://:1984", ""}) {
        INFO(elsewhere);
        CHECK_FALSE(is_address_here(elsewhere));
    }
}
