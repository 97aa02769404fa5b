// SPDX-License-Identifier: MIT
//
// The only file that knows simdjson. It parses the whole line at once and judges UTF-8, structure
// and escapes; which members there may be, once each and of which type, is judged here.
#include "cli/entry_line.hpp"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <deque>
#include <limits>

#include "cli/base64.hpp"
#include "cli/escape.hpp"

namespace tc {

using simdjson::dom::element;

static_assert(EntryLineParser::padding_bytes >= simdjson::SIMDJSON_PADDING,
              "simdjson reads no further behind the line");

namespace {

// Members and tags are separated by commas. The parser takes 16 bytes and more for each of them,
// and a long line has room for millions; no entry has as many as this.
constexpr std::size_t commas_max = 16 * 1024;

// Those that separate, that is: not in strings.
bool has_too_many_commas(std::string_view line) {
    std::size_t count = 0;
    bool is_in_string = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"') {
            is_in_string = !is_in_string;
        } else if (is_in_string) {
            i += line[i] == '\\' ? 1 : 0;
        } else if (line[i] == ',' && ++count > commas_max) {
            return true;
        }
    }
    return false;
}

}  // namespace

struct EntryLineParser::Json {
    simdjson::dom::parser parser;
    // What base64 stands for; a deque, because views of its strings have to stay good.
    std::deque<std::string> decoded;
    // Members seen in this line.
    bool has_key = false;
    bool has_value = false;
    bool has_tags = false;

    void begin_line() {
        decoded.clear();
        has_key = false;
        has_value = false;
        has_tags = false;
    }
    std::string read_object(const element& root, EntryLine& entry);
    std::string read_member(std::string_view name, const element& member, EntryLine& entry);
    std::string read_bytes(std::string_view name, const element& member, bool is_base64,
                           std::string_view& bytes, bool& is_there);
    std::string read_tags(const element& member, EntryLine& entry);
    std::string read_tag(const element& member, std::string_view& tag);
    template <typename Number>
    static std::string read_number(std::string_view name, const element& member,
                                   std::optional<Number>& number);
};

EntryLineParser::EntryLineParser() : json_(std::make_unique<Json>()) {}
EntryLineParser::~EntryLineParser() = default;

std::string EntryLineParser::parse(std::string_view line) {
    entry_.key = {};
    entry_.value = {};
    entry_.tags.clear();
    entry_.ttl_ms.reset();
    entry_.flags.reset();
    json_->begin_line();
    // A shorter line has no room for what would matter.
    constexpr std::size_t harmless_bytes_max = 1024 * 1024;
    if (line.size() > harmless_bytes_max && has_too_many_commas(line)) {
        return "more members or tags than any entry has";
    }
    // In powers of two, so that lines which grow slowly do not allocate each time.
    if (line.size() > json_->parser.capacity()) {
        constexpr std::size_t capacity_min = 4096;
        if (json_->parser.allocate(std::bit_ceil(std::max(line.size(), capacity_min))) !=
            simdjson::SUCCESS) {
            return "not enough memory on this side";
        }
    }
    element root;
    const auto error = json_->parser.parse(line.data(), line.size(), false).get(root);
    if (error == simdjson::UTF8_ERROR) {
        return "not UTF-8; other bytes are written as base64, in key_base64 or value_base64";
    }
    if (error != simdjson::SUCCESS) {
        return "not valid JSON";
    }
    return json_->read_object(root, entry_);
}

std::string EntryLineParser::Json::read_object(const element& root, EntryLine& entry) {
    simdjson::dom::object object;
    if (root.get(object) != simdjson::SUCCESS) {
        return "not a JSON object";
    }
    for (const auto& [name, member] : object) {
        std::string reason = read_member(name, member, entry);
        if (!reason.empty()) {
            return reason;
        }
    }
    if (!has_key) {
        return "no key";
    }
    return has_value ? "" : "no value";
}

std::string EntryLineParser::Json::read_member(std::string_view name, const element& member,
                                               EntryLine& entry) {
    if (name == "key" || name == "key_base64") {
        return read_bytes(name, member, name != "key", entry.key, has_key);
    }
    if (name == "value" || name == "value_base64") {
        return read_bytes(name, member, name != "value", entry.value, has_value);
    }
    if (name == "tags") {
        return read_tags(member, entry);
    }
    if (name == "ttl_ms") {
        return read_number(name, member, entry.ttl_ms);
    }
    if (name == "flags") {
        return read_number(name, member, entry.flags);
    }
    return "unknown member " + in_quotes(name);
}

std::string EntryLineParser::Json::read_bytes(std::string_view name, const element& member,
                                              bool is_base64, std::string_view& bytes,
                                              bool& is_there) {
    if (is_there) {
        return "the " + std::string(name.substr(0, name.find('_'))) + " is there twice";
    }
    is_there = true;
    if (member.get(bytes) != simdjson::SUCCESS) {
        return std::string(name) + " is not a string";
    }
    if (!is_base64) {
        return "";
    }
    std::string& out = decoded.emplace_back();
    if (!decode_base64(bytes, out)) {
        return std::string(name) + " is not base64";
    }
    bytes = out;
    return "";
}

std::string EntryLineParser::Json::read_tags(const element& member, EntryLine& entry) {
    simdjson::dom::array array;
    if (has_tags) {
        return "tags is there twice";
    }
    has_tags = true;
    if (member.get(array) != simdjson::SUCCESS) {
        return "tags is not an array";
    }
    for (const element item : array) {
        std::string_view tag;
        std::string reason = read_tag(item, tag);
        if (!reason.empty()) {
            return reason;
        }
        entry.tags.push_back(as_bytes(tag));
    }
    return "";
}

std::string EntryLineParser::Json::read_tag(const element& member, std::string_view& tag) {
    if (member.get(tag) == simdjson::SUCCESS) {
        return "";
    }
    simdjson::dom::object object;
    const bool is_object = member.get(object) == simdjson::SUCCESS && object.size() == 1;
    if (!is_object || object["base64"].get(tag) != simdjson::SUCCESS) {
        return "a tag is neither a string nor {\"base64\": string}";
    }
    std::string& out = decoded.emplace_back();
    if (!decode_base64(tag, out)) {
        return "a tag is not base64";
    }
    tag = out;
    return "";
}

template <typename Number>
std::string EntryLineParser::Json::read_number(std::string_view name, const element& member,
                                               std::optional<Number>& number) {
    if (number.has_value()) {
        return std::string(name) + " is there twice";
    }
    std::uint64_t value = 0;
    if (!member.is_uint64() && !member.is_int64()) {
        return std::string(name) + " is not a whole number";
    }
    if (member.get(value) != simdjson::SUCCESS || value > std::numeric_limits<Number>::max()) {
        return std::string(name) + " is out of range";
    }
    number = static_cast<Number>(value);
    return "";
}

}  // namespace tc
