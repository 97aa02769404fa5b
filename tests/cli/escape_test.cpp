// SPDX-License-Identifier: MIT
#include "cli/escape.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace tc;

TEST_CASE("UTF-8 is what Unicode says it is", "[cli][escape]") {
    for (const char* text :
         {"", "a", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
          "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
        CHECK(is_utf8(text));
    }
    CHECK(is_utf8(std::string_view("\0", 1)));
    for (const char* bytes : {"\x80", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xE0\x9F\xBF",
                              "\xED\xA0\x80", "\xED\xBF\xBF", "\xE2\x82", "\xF0\x8F\xBF\xBF",
                              "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "a\xFE"}) {
        CHECK_FALSE(is_utf8(bytes));
    }
}

TEST_CASE("printable text stays as it is", "[cli][escape]") {
    for (const char* text :
         {"page:/index.html", "a \"b\" / 'c'", "\xC3\xA4\xE2\x82\xAC", "\xF0\x9F\x98\x80"}) {
        CHECK(escaped(text) == text);
    }
}

TEST_CASE("what would act on a terminal is written as hex", "[cli][escape]") {
    CHECK(escaped("\x1B[31m\r\n\t\x7F") == "\\x1B[31m\\x0D\\x0A\\x09\\x7F");
    CHECK(escaped(std::string_view("\0a", 2)) == "\\x00a");
    CHECK(escaped("\xFF\xC3") == "\\xFF\\xC3");
    // CSI as a C1 control, a right-to-left override, an isolate, a line separator.
    CHECK(escaped("\xC2\x9B"
                  "0m") == "\\xC2\\x9B0m");
    CHECK(escaped("\xE2\x80\xAE") == "\\xE2\\x80\\xAE");
    CHECK(escaped("\xE2\x81\xA6") == "\\xE2\\x81\\xA6");
    CHECK(escaped("\xE2\x80\xA8") == "\\xE2\\x80\\xA8");
    CHECK(escaped_lines("a\n\tb\x1B\r") == "a\n\tb\\x1B\\x0D");
}

TEST_CASE("a name that looks like another one's hex is told apart from it", "[cli][escape]") {
    CHECK(escaped("\x1B") == "\\x1B");
    CHECK(escaped("\\x1B") == "\\\\x1B");
    CHECK(in_quotes("C:\\") == "\"C:\\\\\"");
    CHECK(escaped_lines("C:\\") == "C:\\");
}

TEST_CASE("a name in a sentence is in quotes and not endless", "[cli][escape]") {
    CHECK(in_quotes("k") == "\"k\"");
    CHECK(in_quotes(std::string(200, 'k')) == '"' + std::string(200, 'k') + '"');
    CHECK(in_quotes(std::string(201, 'k')) == '"' + std::string(200, 'k') + "...\"");
    // The euro sign has three bytes: it is not cut.
    CHECK(in_quotes(std::string(199, 'k') + "\xE2\x82\xAC") ==
          '"' + std::string(199, 'k') + "...\"");
    CHECK(in_quotes(std::string(300, '\x80')).size() < 900);
}
