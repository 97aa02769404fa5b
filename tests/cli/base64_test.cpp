// SPDX-License-Identifier: MIT
#include "cli/base64.hpp"

#include <catch2/catch.hpp>
#include <random>

using namespace tc;

namespace {

std::string encoded(std::string_view bytes) {
    std::string text;
    append_base64(text, bytes);
    return text;
}

}  // namespace

TEST_CASE("base64 is that of RFC 4648, section 10", "[cli][base64]") {
    CHECK(encoded("") == "");
    CHECK(encoded("f") == "Zg==");
    CHECK(encoded("fo") == "Zm8=");
    CHECK(encoded("foo") == "Zm9v");
    CHECK(encoded("foob") == "Zm9vYg==");
    CHECK(encoded("fooba") == "Zm9vYmE=");
    CHECK(encoded("foobar") == "Zm9vYmFy");
    CHECK(encoded("\xFB\xFF") == "+/8=");
}

TEST_CASE("any bytes come back from base64", "[cli][base64]") {
    std::mt19937 random(7);
    for (std::size_t size = 0; size < 300; ++size) {
        std::string bytes(size, '\0');
        for (char& byte : bytes) {
            byte = static_cast<char>(random());
        }
        std::string decoded = "before";
        CHECK(decode_base64(encoded(bytes), decoded));
        CHECK(decoded == "before" + bytes);
    }
}

TEST_CASE("text that is no base64, or not the only one for its bytes, is refused",
          "[cli][base64]") {
    for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "=", "====", "Zh==", "Zm9=", "Zm 9v",
                             "Zm9v\n", "Zm9-", "Zg==Zg==", "\xC3\xA4==", "Z=g="}) {
        INFO(text);
        std::string out = "x";
        CHECK_FALSE(decode_base64(text, out));
        CHECK(out == "x");
    }
}
