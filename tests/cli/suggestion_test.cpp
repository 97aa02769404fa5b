// SPDX-License-Identifier: MIT
#include "cli/suggestion.hpp"

#include <catch2/catch.hpp>

using namespace tc;

TEST_CASE("the nearest word is suggested, if it is near", "[cli][suggestion]") {
    const std::vector<std::string> known = {"put",        "get",       "getdel",
                                            "invalidate", "increment", "touch"};
    CHECK(nearest_word("pt", known) == "put");
    CHECK(nearest_word("ptu", known) == "put");
    CHECK(nearest_word("gte", known) == "get");
    CHECK(nearest_word("invaildate", known) == "invalidate");
    CHECK(nearest_word("incremnet", known) == "increment");
    CHECK(nearest_word("touhc", known) == "touch");
    CHECK(nearest_word("getdle", known) == "getdel");
    CHECK(nearest_word("frob", known).empty());
    CHECK(nearest_word("xyz", known).empty());
    CHECK(nearest_word("p", known).empty());
    CHECK(nearest_word("", known).empty());
    CHECK(nearest_word(std::string(100'000, 'x'), known).empty());
}
