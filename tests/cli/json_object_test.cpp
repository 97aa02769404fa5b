// SPDX-License-Identifier: MIT
#include "cli/json_object.hpp"

#include <catch2/catch.hpp>
#include <limits>

using namespace tc;

TEST_CASE("members stand in an object in the order they were added", "[cli][json]") {
    std::string out;
    {
        JsonObject object(out);
        object.bytes("key", "k").text("status", "OK").number("count", UINT64_MAX);
        object.signed_number("number", INT64_MIN).boolean("dry_run", true).version(5);
        object.begin_list("tags").list_item("a").list_item("\xFF").end_list();
        object.begin_list("none").end_list().real("seconds", 0.5);
    }
    CHECK(out ==
          "{\"key\":\"k\",\"status\":\"OK\",\"count\":18446744073709551615,"
          "\"number\":-9223372036854775808,\"dry_run\":true,\"version\":\"5\","
          "\"tags\":[\"a\",{\"base64\":\"/w==\"}],\"none\":[],\"seconds\":0.5}");
}

TEST_CASE("bytes that are no UTF-8 are base64 under another name", "[cli][json]") {
    std::string out;
    JsonObject(out).bytes("key", "\xFF\xFE");
    CHECK(out == "{\"key_base64\":\"//4=\"}");
}

TEST_CASE("quotes, backslashes and control characters are escaped", "[cli][json]") {
    std::string out;
    JsonObject(out).bytes("key", std::string_view("\"\\\n\r\t\0\x1F\x7F/\xC3\xA4", 11));
    CHECK(out == "{\"key\":\"\\\"\\\\\\n\\r\\t\\u0000\\u001f\\u007f/\xC3\xA4\"}");
}

TEST_CASE("a number that JSON cannot write is null", "[cli][json]") {
    std::string out;
    JsonObject(out).real("ratio", std::numeric_limits<double>::quiet_NaN());
    CHECK(out == "{\"ratio\":null}");
}
