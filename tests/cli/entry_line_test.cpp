// SPDX-License-Identifier: MIT
#include "cli/entry_line.hpp"

#include <catch2/catch.hpp>

using namespace tc;

namespace {

// A line with the bytes behind it that the parser may look at.
class PaddedLine {
 public:
    explicit PaddedLine(std::string_view text) : text_(text), size_(text.size()) {
        text_.append(EntryLineParser::padding_bytes, '}');
    }
    [[nodiscard]] std::string_view view() const { return std::string_view(text_).substr(0, size_); }

 private:
    std::string text_;
    std::size_t size_;
};

}  // namespace

TEST_CASE("a line has key, value, tags, TTL and flags", "[cli][entry line]") {
    EntryLineParser parser;
    const PaddedLine line(
        R"({"tags":["a",{"base64":"AP8="},""],"flags":4294967295,)"
        R"("ttl_ms":18446744073709551615,"value":"\u0000\"","key_base64":"/w=="})");
    REQUIRE(parser.parse(line.view()).empty());
    const EntryLine& entry = parser.entry();
    CHECK(entry.key == "\xFF");
    CHECK(entry.value == std::string_view("\0\"", 2));
    REQUIRE(entry.tags.size() == 3);
    CHECK(as_view(entry.tags[0]) == "a");
    CHECK(as_view(entry.tags[1]) == std::string_view("\0\xFF", 2));
    CHECK(as_view(entry.tags[2]).empty());
    CHECK(entry.ttl_ms == UINT64_MAX);
    CHECK(entry.flags == UINT32_MAX);
}

TEST_CASE("nothing of one line is left in the next", "[cli][entry line]") {
    EntryLineParser parser;
    const PaddedLine full(R"({"key":"a","value":"1","tags":["t"],"ttl_ms":1,"flags":2})");
    const PaddedLine bare(R"({"key":"b","value":"2"})");
    const PaddedLine bad(R"({"key":"c"})");
    REQUIRE(parser.parse(full.view()).empty());
    REQUIRE(parser.parse(bare.view()).empty());
    CHECK(parser.entry().key == "b");
    CHECK(parser.entry().tags.empty());
    CHECK_FALSE(parser.entry().ttl_ms.has_value());
    CHECK_FALSE(parser.entry().flags.has_value());
    CHECK(parser.parse(bad.view()) == "no value");
    REQUIRE(parser.parse(full.view()).empty());
    CHECK(parser.entry().tags.size() == 1);
}

TEST_CASE("a line cut at any byte is refused", "[cli][entry line]") {
    EntryLineParser parser;
    const std::string whole =
        R"({"key":"a","value":"1","tags":["t",{"base64":"AA=="}],"ttl_ms":1})";
    for (std::size_t size = 0; size < whole.size(); ++size) {
        INFO(size);
        const PaddedLine cut(std::string_view(whole).substr(0, size));
        CHECK_FALSE(parser.parse(cut.view()).empty());
    }
    const PaddedLine line(whole);
    CHECK(parser.parse(line.view()).empty());
}
