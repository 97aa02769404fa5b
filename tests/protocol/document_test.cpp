// SPDX-License-Identifier: MIT
//
// docs/protocol.md against wire.h and the table of opcodes: numbers, names, limits; and the vectors
// of the routing hash against xxHash.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cctype>
#include <map>
#include <set>

#include "document.hpp"
#include "fields.hpp"
#include "protocol/frame.h"
#include "protocol/opcodes.h"

namespace {

std::uint64_t number_of(const std::string& text) {
    return std::stoull(text, nullptr, 0);
}

bool is_said(const std::string& text) {
    return protocol_page().find(text) != std::string::npos;
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

// Checks the rows {number, name, ...} of a table against enumerators with a prefix to their names.
void check_names(const Table& rows, const std::vector<Enumerator>& enumerators,
                 const std::string& prefix, const std::set<std::string>& exempt) {
    std::map<std::uint64_t, std::string> written;
    for (const auto& row : rows) {
        written[number_of(row[0])] = prefix + row[1];
    }
    CHECK(written.size() == rows.size());
    std::map<std::uint64_t, std::string> defined;
    for (const Enumerator& enumerator : enumerators) {
        if (exempt.count(enumerator.name) == 0) {
            defined[number_of(enumerator.value)] = enumerator.name;
        }
    }
    CHECK(written == defined);
}

// The words of a table's cell that name opcodes: "GET, GETDEL".
std::set<std::string> names_in(const std::string& cell) {
    std::set<std::string> names;
    std::string name;
    for (const char c : cell + ",") {
        if (std::isupper(static_cast<unsigned char>(c)) != 0 || c == '_') {
            name += c;
        } else if (!name.empty()) {
            names.insert(name);
            name.clear();
        }
    }
    return names;
}

}  // namespace

TEST_CASE("the page has the opcodes of wire.h", "[protocol][document]") {
    const Table rows = page_table({"number", "name", "short"});
    check_names(rows, enumerators_beside("OP_GET"), "OP_", {"OP_NONE"});
    for (const auto& row : rows) {
        CAPTURE(row[1]);
        const wire_opcode_info* info =
            wire_opcode_find(static_cast<std::uint8_t>(number_of(row[0])));
        REQUIRE(info != nullptr);
        CHECK((row[2].rfind("draft", 0) != 0) == info->is_working);
        CHECK(is_said("\n### " + row[1] + " " + row[0] + "\n") == info->is_working);
    }
}

TEST_CASE("the page has a draft of every opcode that does not work", "[protocol][document]") {
    std::set<std::uint64_t> drafts;
    for (const auto& row : page_table({"number", "name", "intended request, and its reply"})) {
        drafts.insert(number_of(row[0]));
    }
    std::set<std::uint64_t> expected;
    std::size_t count = 0;
    const wire_opcode_info* opcodes = wire_opcodes(&count);
    for (std::size_t i = 0; i < count; ++i) {
        if (!opcodes[i].is_working) {
            expected.insert(opcodes[i].opcode);
        }
    }
    CHECK(drafts == expected);
}

TEST_CASE("the page has the statuses of wire.h", "[protocol][document]") {
    check_names(page_table({"code", "name", "when"}), enumerators_beside("NOT_FOUND"), "",
                {"STATUS_REFUSED_FIRST", "STATUS_RETRY_FIRST", "STATUS_CLOSING_FIRST"});
}

TEST_CASE("the page has the reasons for a refusal of wire.h", "[protocol][document]") {
    check_names(page_table({"reason", "name", "when"}), enumerators_beside("REFUSAL_NONE"),
                "REFUSAL_", {});
}

TEST_CASE("the page has the flags of wire.h", "[protocol][document]") {
    const Table requests = {{"0x01", "QUIET"}, {"0x02", "EXT"}};
    check_names(requests, enumerators_beside("REQUEST_QUIET"), "REQUEST_", {"REQUEST_FLAGS_KNOWN"});
    const Table rows = page_table({"bit", "name", "meaning"});
    REQUIRE(rows.size() == requests.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        CHECK(rows[i][0] == requests[i][0]);
        CHECK(rows[i][1] == requests[i][1]);
    }
    for (const Enumerator& enumerator : enumerators_beside("REPLY_PUSH")) {
        if (enumerator.name != "REPLY_FLAGS_KNOWN") {
            CAPTURE(enumerator.name);
            CHECK(is_said("| " + enumerator.value + " | " + enumerator.name.substr(6) + " |"));
        }
    }
    CHECK(is_said("type has bit 0x8000 is critical"));
    CHECK(WIRE_EXT_CRITICAL == 0x8000);
}

TEST_CASE("the page has the option bits of wire.h", "[protocol][document]") {
    std::set<std::pair<std::uint64_t, std::string>> written;
    for (const auto& row : page_table({"bit", "name", "in"})) {
        written.emplace(number_of(row[0]), row[1]);
    }
    std::set<std::pair<std::uint64_t, std::string>> defined;
    for (const Enumerator& enumerator : enumerators_beside("GET_TOUCH")) {
        std::string name = enumerator.name;
        for (const char* prefix :
             {"FIELD_", "GET_", "PUT_", "TAGS_", "TAG_LIST_", "INVALIDATE_", "SCAN_", "USER_"}) {
            if (name.rfind(prefix, 0) == 0) {
                name.erase(0, std::string(prefix).size());
                break;
            }
        }
        defined.emplace(number_of(enumerator.value), name);
    }
    CHECK(written == defined);
}

TEST_CASE("the page has the limits of wire.h", "[protocol][document]") {
    const std::map<std::string, std::uint64_t> limits = {
        {"KEY_BYTES_MAX", WIRE_KEY_BYTES_MAX},
        {"KEY_BYTES_CEILING", WIRE_KEY_BYTES_CEILING},
        {"VALUE_BYTES_MAX", WIRE_VALUE_BYTES_MAX},
        {"VALUE_BYTES_CEILING", WIRE_VALUE_BYTES_CEILING},
        {"TAG_BYTES_MAX", WIRE_TAG_BYTES_MAX},
        {"TAGS_MAX", WIRE_TAGS_MAX},
        {"TAGS_CEILING", WIRE_TAGS_CEILING},
        {"KEYS_MAX", WIRE_KEYS_MAX},
        {"KEYS_CEILING", WIRE_KEYS_CEILING},
        {"REPLY_BYTES_MAX", WIRE_REPLY_BYTES_MAX},
        {"PAGE_LIMIT_MAX", WIRE_PAGE_LIMIT_MAX},
        {"HOTKEYS_LIMIT_MAX", WIRE_HOTKEYS_LIMIT_MAX},
        {"SLOWLOG_LIMIT_MAX", WIRE_SLOWLOG_LIMIT_MAX},
        {"GLOB_BYTES_MAX", WIRE_GLOB_BYTES_MAX},
        {"CLIENT_NAME_BYTES_MAX", WIRE_CLIENT_NAME_BYTES_MAX},
        {"FRAME_SLACK_BYTES", WIRE_FRAME_SLACK_BYTES},
        {"FRAME_FLOOR_BYTES", WIRE_FRAME_FLOOR_BYTES},
    };
    std::map<std::string, std::vector<std::string>> rows;
    for (const auto& row : page_table({"limit", "default", "ceiling", "over it"})) {
        rows[row[0]] = row;
    }
    for (const Enumerator& enumerator : enumerators_beside("KEY_BYTES_MAX")) {
        CAPTURE(enumerator.name);
        REQUIRE(limits.count(enumerator.name) == 1);
        const bool is_ceiling = enumerator.name.find("_CEILING") != std::string::npos;
        std::string name = lower(enumerator.name);
        if (is_ceiling) {
            name.replace(name.find("_ceiling"), std::string::npos, "_max");
        }
        REQUIRE(rows.count(name) == 1);
        CHECK(number_of(rows[name][is_ceiling ? 2 : 1]) == limits.at(enumerator.name));
    }
    CHECK(number_of(rows["cursor_bytes_max"][1]) == WIRE_CURSOR_BYTES_MAX);
    CHECK(number_of(rows["user_name_bytes_max"][1]) == WIRE_USER_NAME_BYTES_MAX);
    CHECK(number_of(rows["password_bytes_min"][1]) == WIRE_PASSWORD_BYTES_MIN);
    CHECK(number_of(rows["secret_bytes_max"][1]) == WIRE_SECRET_BYTES_MAX);
    CHECK(number_of(rows["prefixes_max"][1]) == WIRE_PREFIXES_MAX);
    CHECK(number_of(rows["tokens_per_user_max"][1]) == WIRE_TOKENS_PER_USER_MAX);
    CHECK(number_of(rows["frame_body_bytes_before_auth"][1]) == WIRE_FRAME_BODY_BYTES_BEFORE_AUTH);
    CHECK(number_of(rows["frame_body_bytes_max"][1]) ==
          wire_frame_body_bytes_max(WIRE_VALUE_BYTES_MAX, WIRE_KEY_BYTES_MAX, WIRE_TAGS_MAX,
                                    WIRE_TAG_BYTES_MAX));
    CHECK(is_said("port " + std::to_string(WIRE_DEFAULT_PORT) + " by default"));
    CHECK(is_said("Both headers have " + std::to_string(WIRE_HEADER_BYTES) + " bytes"));
    CHECK(is_said("# The TagCache wire protocol, version " + std::to_string(WIRE_VERSION) + "\n"));
}

TEST_CASE("the page's table of QUIET is the table of opcodes", "[protocol][document]") {
    std::map<std::string, std::string> left_out;
    for (const auto& row : page_table({"opcode", "left out"})) {
        for (const std::string& name : names_in(row[0])) {
            left_out[name] = row[1].substr(0, row[1].find(','));
        }
    }
    std::size_t count = 0;
    const wire_opcode_info* opcodes = wire_opcodes(&count);
    std::map<std::string, std::string> expected;
    for (std::size_t i = 0; i < count; ++i) {
        if (opcodes[i].quiet_status != WIRE_QUIET_NOTHING) {
            expected[opcodes[i].name] = wire_status_name(opcodes[i].quiet_status);
        }
    }
    CHECK(left_out == expected);
}

TEST_CASE("the page has the types of fields of wire.h", "[protocol][document]") {
    CHECK(
        is_said("value   := u64 (type 1) | i64 (type 2) | f64 (type 3) | bytes16, UTF-8 (type 4)"));
    CHECK(WIRE_FIELD_U64 == 1);
    CHECK(WIRE_FIELD_I64 == 2);
    CHECK(WIRE_FIELD_F64 == 3);
    CHECK(WIRE_FIELD_TEXT == 4);
}

TEST_CASE("the routing hash gives what the page says", "[protocol][document]") {
    const Table vectors = page_table({"namespace", "key", "routing_hash"});
    CHECK(vectors.size() >= 3);
    for (const auto& row : vectors) {
        CAPTURE(row[1]);
        const std::string hashed = little_endian(number_of(row[0]), 2) + row[1];
        CHECK(XXH3_64bits_withSeed(hashed.data(), hashed.size(), WIRE_ROUTING_SEED) ==
              number_of(row[2]));
    }
    std::string seed = little_endian(WIRE_ROUTING_SEED, 8);
    std::reverse(seed.begin(), seed.end());
    CHECK(seed == "tagcache");
    CHECK(is_said("seed 0x7461676361636865 "));
}
