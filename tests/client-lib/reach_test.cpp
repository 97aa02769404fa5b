// SPDX-License-Identifier: MIT
//
// The protocol's opcodes and statuses, the header, the man page and the libraries agree: nothing
// that works is out of reach, and nothing is reachable that is not described. (That the command
// line reaches every opcode is a test of its own.)
#include <algorithm>
#include <catch2/catch.hpp>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>

#include "protocol/opcodes.h"
#include "support/places.hpp"

namespace {

using Names = std::set<std::string>;

// How a working opcode is called: tagcache_<verb> and tagcache_pipeline_<verb>.
struct Verb {
    int opcode;
    std::string verb;
};

const std::vector<Verb>& verbs() {
    static const std::vector<Verb> all = {
        {WIRE_OP_PING, "ping"},
        {WIRE_OP_GET, "get"},
        {WIRE_OP_MGET, "mget"},
        {WIRE_OP_GETDEL, "getdel"},
        {WIRE_OP_EXISTS, "exists"},
        {WIRE_OP_PUT, "put"},
        {WIRE_OP_ADD, "add"},
        {WIRE_OP_REPLACE, "replace"},
        {WIRE_OP_MPUT, "mput"},
        {WIRE_OP_APPEND, "append"},
        {WIRE_OP_PREPEND, "prepend"},
        {WIRE_OP_INCR, "incr"},
        {WIRE_OP_DECR, "decr"},
        {WIRE_OP_TOUCH, "touch"},
        {WIRE_OP_DELETE, "delete"},
        {WIRE_OP_TAGS, "tags"},
        {WIRE_OP_TAG_ADD, "tag_add"},
        {WIRE_OP_TAG_REMOVE, "tag_remove"},
        {WIRE_OP_KEYS_BY_TAG, "keys_by_tag"},
        {WIRE_OP_TAG_COUNT, "tag_count"},
        {WIRE_OP_TAG_LIST, "tag_list"},
        {WIRE_OP_INVALIDATE, "invalidate"},
        {WIRE_OP_SCAN, "scan"},
        {WIRE_OP_DELETE_PREFIX, "delete_prefix"},
        {WIRE_OP_FLUSH, "flush"},
        {WIRE_OP_STATS, "stats"},
        {WIRE_OP_INFO, "info"},
        {WIRE_OP_CLIENT, "clients"},
        {WIRE_OP_HOTKEYS, "hotkeys"},
        {WIRE_OP_CONFIG, "config"},
        {WIRE_OP_SLOWLOG, "slowlog"},
        {WIRE_OP_AUTH, "auth"},
        {WIRE_OP_USER, "user_list"},
        {WIRE_OP_USER, "user_add"},
        {WIRE_OP_USER, "user_set"},
        {WIRE_OP_USER, "user_remove"},
        {WIRE_OP_USER, "change_password"},
        {WIRE_OP_TOKEN, "token_list"},
        {WIRE_OP_TOKEN, "token_new"},
        {WIRE_OP_TOKEN, "token_revoke"},
        {WIRE_OP_SHUTDOWN, "shutdown"},
    };
    return all;
}

std::string contents_of(const std::string& path) {
    std::ifstream file(path);
    REQUIRE(file.good());
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string output_of(const std::string& command) {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
    REQUIRE(pipe != nullptr);
    std::string output;
    char buffer[4096];
    for (std::size_t size = 0; (size = fread(buffer, 1, sizeof buffer, pipe.get())) != 0;) {
        output.append(buffer, size);
    }
    return output;
}

// The C name at `at`, "" when there is none.
std::string word_at(const std::string& text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_')) {
        ++end;
    }
    return text.substr(at, end - at);
}

// The C name behind each occurrence of `marker`.
Names words_behind(const std::string& text, const std::string& marker) {
    Names names;
    for (std::size_t at = text.find(marker); at != std::string::npos;
         at = text.find(marker, at + 1)) {
        names.insert(word_at(text, at + marker.size()));
    }
    return names;
}

std::string header(const std::string& name) {
    return contents_of(tc::test::source_path("client-lib/include/tagcache/") + name + ".h");
}

// Behind each TAGCACHE_API, the name before the first parenthesis.
Names functions_in(const std::string& text) {
    Names names;
    const std::string marker = "\nTAGCACHE_API ";
    for (std::size_t at = text.find(marker); at != std::string::npos;
         at = text.find(marker, at + 1)) {
        const std::size_t end = text.find('(', at);
        const std::size_t begin = text.find_last_of(" *", end) + 1;
        names.insert(text.substr(begin, end - begin));
    }
    return names;
}

Names declared_functions() {
    Names names;
    for (const char* file :
         {"status", "options", "result", "access", "client", "pipeline", "session"}) {
        names.merge(functions_in(header(file)));
    }
    return names;
}

// Without tagcache_text, which is inline and no symbol.
Names described_functions() {
    Names names = words_behind(contents_of(tc::test::source_path("man/tagcache.3")), "\n.It Fn ");
    CHECK(names.erase("tagcache_text") == 1);
    return names;
}

}  // namespace

TEST_CASE("every working opcode has a blocking and a pipelined function", "[client][reach]") {
    const Names functions = declared_functions();
    std::set<int> reached;
    for (const Verb& verb : verbs()) {
        CAPTURE(verb.verb);
        CHECK(functions.count("tagcache_" + verb.verb) == 1);
        CHECK(functions.count("tagcache_pipeline_" + verb.verb) == 1);
        reached.insert(verb.opcode);
    }
    std::size_t count = 0;
    const wire_opcode_info* opcodes = wire_opcodes(&count);
    for (std::size_t i = 0; i < count; ++i) {
        const bool needs_verb = opcodes[i].is_working && opcodes[i].opcode != WIRE_OP_HELLO;
        CAPTURE(opcodes[i].name);
        CHECK(reached.count(opcodes[i].opcode) == (needs_verb ? 1U : 0U));
    }
}

TEST_CASE("tagcache(3) describes the functions of the header and no others", "[client][reach]") {
    const Names declared = declared_functions();
    CHECK(declared.size() > 100);
    CHECK(described_functions() == declared);
}

TEST_CASE("the shared library exports the functions of the header and no others",
          "[client][reach]") {
    const std::string symbols =
        output_of("nm -D --defined-only '" TC_CLIENT_LIBRARY "' | grep -v ' A TAGCACHE_1$'");
    CHECK(words_behind(symbols, " T ") == declared_functions());
    const auto lines = std::count(symbols.begin(), symbols.end(), '\n');
    CHECK(static_cast<std::size_t>(lines) == declared_functions().size());
    CHECK(symbols.find("tagcache_get@@TAGCACHE_1\n") != std::string::npos);
}

TEST_CASE("the static library defines nothing global but the functions of the header",
          "[client][reach]") {
    const std::string symbols = output_of("nm -g --defined-only '" TC_CLIENT_ARCHIVE "'");
    CHECK(words_behind(symbols, " T ") == declared_functions());
}

TEST_CASE("the shared library needs the C library alone", "[client][reach]") {
    const Names needed =
        words_behind(output_of("readelf -d '" TC_CLIENT_LIBRARY "' | grep NEEDED"), "[");
    Names expected = {"libc"};
#ifdef TC_SANITIZED
    expected = needed;  // the sanitizers bring their own
#endif
    CHECK(needed == expected);
    CHECK(output_of("readelf -d '" TC_CLIENT_LIBRARY "'").find("[libtagcache.so.1]") !=
          std::string::npos);
}

TEST_CASE("libtagcache_tls has the functions of its header and man page and no others",
          "[client][reach]") {
    const Names declared =
        functions_in(contents_of(tc::test::source_path("client-lib/tls/include/tagcache/tls.h")));
    CHECK(declared.size() == 4);
    CHECK(words_behind(contents_of(tc::test::source_path("man/tagcache_tls.3")), "\n.It Fn ") ==
          declared);
    const std::string symbols = output_of("nm -D --defined-only '" TC_CLIENT_TLS_LIBRARY
                                          "' | grep -v ' A TAGCACHE_TLS_1$'");
    CHECK(words_behind(symbols, " T ") == declared);
    CHECK(symbols.find("tagcache_tls_new@@TAGCACHE_TLS_1\n") != std::string::npos);
    CHECK(output_of("readelf -d '" TC_CLIENT_TLS_LIBRARY "'").find("[libtagcache_tls.so.1]") !=
          std::string::npos);
}

TEST_CASE("every status of the header has a line in the man page or in the protocol's",
          "[client][reach]") {
    const std::string page = contents_of(tc::test::source_path("man/tagcache.3"));
    const std::string protocol = contents_of(tc::test::source_path("docs/protocol.md"));
    const Names names = words_behind(header("status"), "\n    TAGCACHE_");
    CHECK(names.size() > 30);
    for (const std::string& name : names) {
        CAPTURE(name);
        CHECK((page.find("TAGCACHE_" + name) != std::string::npos ||
               protocol.find("| " + name + " |") != std::string::npos));
    }
}

TEST_CASE("the header has every status of the protocol", "[client][reach]") {
    const Names names = words_behind(header("status"), "\n    TAGCACHE_");
    const Names classes = {"OUTCOME", "REFUSED", "RETRY", "CLOSING"};  // of codes without a name
    std::size_t status_count = 0;
    for (int code = 0; code <= UINT8_MAX; ++code) {
        const std::string name = wire_status_name(static_cast<std::uint8_t>(code));
        CAPTURE(name);
        if (classes.count(name) == 0) {
            CHECK(names.count(name) == 1);
            ++status_count;
        }
    }
    CHECK(status_count > 25);
}
