// SPDX-License-Identifier: MIT
#include "cli/shell_words.hpp"

#include <catch2/catch.hpp>

#include "cli/failure.hpp"

using namespace tc;
using Words = std::vector<std::string>;

TEST_CASE("a line is divided into words as a shell does it", "[cli][shell]") {
    const std::vector<std::pair<std::string, Words>> lines = {
        {"", {}},
        {" \t ", {}},
        {"get k", {"get", "k"}},
        {"  get\t k \r", {"get", "k"}},
        {"put k 'a b' \"c d\"", {"put", "k", "a b", "c d"}},
        {"put '' \"\"", {"put", "", ""}},
        {"a'b'\"c\"d", {"abcd"}},
        {R"(a\ b \\ \' \")", {"a b", "\\", "'", "\""}},
        {R"('a\b' "a\b" "\"\\\$\`" 'it'\''s')", {"a\\b", "a\\b", "\"\\$`", "it's"}},
        {"'<html>' '|' \\; a\\&b", {"<html>", "|", ";", "a&b"}},
        {"# nothing", {}},
        {"get k # a comment 'too", {"get", "k"}},
        {"get k#1 '#2' \\#3", {"get", "k#1", "#2", "#3"}},
        {"$HOME ~ * `x` $(y)", {"$HOME", "~", "*", "`x`", "$(y)"}},
        {"k\xC3\xA4 \xFF", {"k\xC3\xA4", "\xFF"}},
        {std::string("a\0b", 3), {std::string("a\0b", 3)}},
    };
    for (const auto& [line, words] : lines) {
        INFO(line);
        CHECK(split_shell_words(line) == words);
    }
}

TEST_CASE("a line that is not whole is refused with the reason", "[cli][shell]") {
    const std::vector<std::pair<const char*, const char*>> lines = {
        {"put k 'a b", "a ' is not closed"},
        {"put k \"a b", "a \" is not closed"},
        {"put k \"a\\\"", "a \" is not closed"},
        {"put k \\", "there is nothing behind the \\ at the end"},
        {"get k | wc", "a bare | does nothing here; as a part of a word it goes in quotes"},
        {"get k>f", "a bare > does nothing here; as a part of a word it goes in quotes"},
    };
    for (const auto& [line, message] : lines) {
        CHECK_THROWS_WITH(split_shell_words(line), message);
        CHECK_THROWS_AS(split_shell_words(line), Failure);
    }
}
