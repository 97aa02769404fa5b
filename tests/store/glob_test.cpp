// SPDX-License-Identifier: MIT
#include "store/glob.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "driven_store.hpp"

namespace tc::test {
namespace {

struct GlobCase {
    std::string_view pattern;
    std::string_view text;
    bool matches;
};

bool matches_glob(std::string_view pattern, std::string_view text) {
    return match_glob(pattern, text).is_match;
}

// The definition for patterns of stars, question marks and letters; exponential, and obviously
// right.
bool matches_by_definition(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) {
        return text.empty();
    }
    if (pattern.front() == '*') {
        return matches_by_definition(pattern.substr(1), text) ||
               (!text.empty() && matches_by_definition(pattern, text.substr(1)));
    }
    return !text.empty() && (pattern.front() == '?' || pattern.front() == text.front()) &&
           matches_by_definition(pattern.substr(1), text.substr(1));
}

}  // namespace

TEST_CASE("globs match what shells match", "[store][glob]") {
    const auto glob_case = GENERATE(values<GlobCase>({
        {"", "", true},
        {"", "a", false},
        {"*", "", true},
        {"*", "anything", true},
        {"a*c", "abbbc", true},
        {"a*c", "abbbd", false},
        {"*a*b*", "xxaxxbxx", true},
        {"*ab", "aab", true},
        {"?", "", false},
        {"?", "\xFF", true},
        {"a?c", "abc", true},
        {"[a-c]", "b", true},
        {"[a-c]", "d", false},
        {"[!a-c]", "d", true},
        {"[!a-c]", "b", false},
        {"[abc]x", "cx", true},
        {"[]a]", "]", true},
        {"[!]a]", "]", false},
        {"[a-]", "-", true},
        {"[a\\]b]", "]", true},
        {"[\\!a]", "!", true},
        {"[c-a]", "b", false},
        {"[\x80-\xFF]", "\xC3", true},
        {"\\*", "*", true},
        {"\\*", "a", false},
        {"\\[a]", "[a]", true},
        {"a\\", "a\\", true},
        {"[abc", "[abc", true},
        {"[abc", "a", false},
        {"[", "[", true},
        {"*[0-9]", "item7", true},
        {"user:[!0-4]*", "user:77", true},
        {"user:[!0-4]*", "user:17", false},
    }));
    INFO(glob_case.pattern << " on " << glob_case.text);
    CHECK(matches_glob(glob_case.pattern, glob_case.text) == glob_case.matches);
}

TEST_CASE("globs of stars and question marks match as defined", "[store][glob]") {
    std::mt19937 random(3);
    const auto random_text = [&](std::string_view alphabet) {
        std::string text(random() % 8, ' ');
        for (char& each : text) {
            each = alphabet[random() % alphabet.size()];
        }
        return text;
    };
    for (int times = 0; times < 20'000; ++times) {
        const std::string pattern = random_text("ab*?*");
        const std::string text = random_text("ab");
        INFO(pattern << " on " << text);
        REQUIRE(matches_glob(pattern, text) == matches_by_definition(pattern, text));
    }
}

TEST_CASE("ten thousand stars and a long key are matched in no time", "[store][glob]") {
    const std::string text(10'000, 'a');
    CHECK(matches_glob(std::string(10'000, '*'), text));
    CHECK_FALSE(matches_glob(std::string(10'000, '*') + "b", text));
    std::string pattern;
    for (int times = 0; times < 5'000; ++times) {
        pattern += "*a";
    }
    CHECK(matches_glob(pattern, text));
    CHECK_FALSE(matches_glob(pattern + "*b", text));
    CHECK_FALSE(matches_glob("*" + std::string(5'000, '[') + "\\]", std::string(5'000, '[')));
}

TEST_CASE("a scan takes globs and prefixes", "[store][glob]") {
    DrivenStore cache;
    for (const std::string_view key : {"user:1", "user:22", "page:1", "user*"}) {
        REQUIRE(cache.put(key, "v") == Outcome::ok);
    }
    CHECK(cache.scan({.text = "user:?", .is_glob = true}) == std::vector<std::string>{"user:1"});
    CHECK(cache.scan({.text = "user*"}) == std::vector<std::string>{"user*"});
    CHECK(cache.scan({.text = "*:1", .is_glob = true}).size() == 2);
}

}  // namespace tc::test
