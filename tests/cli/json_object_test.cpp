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

TEST_CASE("what would act on a terminal is escaped in JSON too", "[cli][json]") {
    std::string out;
    // CSI as a C1 control, a line separator, a right-to-left override; and a face beyond U+FFFF.
    JsonObject(out).bytes("key", "\xC2\x9B|\xE2\x80\xA8|\xE2\x80\xAE|\xF0\x9F\x98\x80");
    CHECK(out == "{\"key\":\"\\u009b|\\u2028|\\u202e|\xF0\x9F\x98\x80\"}");
    out.clear();
    JsonObject(out).number("\xC2\x9B\xE2\x82\xAC", 1).number("\xFF", 2);
    CHECK(out == "{\"\\u009b\xE2\x82\xAC\":1,\"\\\\xFF\":2}");
}

TEST_CASE("a number that JSON cannot write is null", "[cli][json]") {
    std::string out;
    JsonObject(out).real("ratio", std::numeric_limits<double>::quiet_NaN());
    CHECK(out == "{\"ratio\":null}");
}
