// SPDX-License-Identifier: MIT
//
// Who may do what, over the wire: every opcode, with every set of rights, naming keys and tags
// inside and outside the user's prefixes. What is expected is read off docs/protocol.md; an opcode
// of the table that this file has no request for fails the test.
#include <fstream>
#include <map>
#include <sstream>

#include "protocol/opcodes.h"
#include "support/places.hpp"
#include "support/users.hpp"

using namespace tc::test;

namespace {

constexpr const char* own_key = "in:k";
constexpr const char* own_tag = "in:t";
constexpr const char* foreign_key = "out:k";
constexpr const char* foreign_tag = "out:t";

// What a request names, and so whose prefixes count.
struct Request {
    std::string frame;
    bool names_keys = false;
    bool names_tags = false;
};

template <typename Message, typename Encode>
std::string encoded(std::uint8_t opcode, const Message& message, Encode encode) {
    return frame(opcode, 7, [&](wire_writer* out) { encode(out, message); });
}

wire_list list_of(const wire_bytes* items, std::uint32_t count) {
    return {count, items, {}};
}

// Batches name an own key first, so that the one in question is not the only one looked at.
Request entry_request(std::uint8_t opcode, wire_bytes key, wire_bytes tag) {
    const wire_bytes keys[] = {bytes(own_key), key};
    const wire_bytes tags[] = {bytes(own_tag), tag};
    switch (opcode) {
        case WIRE_OP_GET:
        case WIRE_OP_GETDEL: {
            const wire_get get{0, 0, key};
            return {encoded(opcode, &get, wire_encode_get), true, false};
        }
        case WIRE_OP_MGET: {
            const wire_mget mget{0, 0, list_of(keys, 2)};
            return {encoded(opcode, &mget, wire_encode_mget), true, false};
        }
        case WIRE_OP_EXISTS:
        case WIRE_OP_TOUCH:
        case WIRE_OP_DELETE: {
            const wire_keys message{0, 0, list_of(keys, 2), nullptr};
            return {frame(opcode, 7,
                          [&](wire_writer* out) { wire_encode_keys(out, opcode, &message); }),
                    true, false};
        }
        case WIRE_OP_APPEND:
        case WIRE_OP_PREPEND: {
            wire_put item{};
            item.key = key;
            return {encoded(opcode, &item, wire_encode_put), true, false};
        }
        case WIRE_OP_MPUT: {
            wire_put item{};
            item.options = WIRE_FIELD_TAGS;
            item.tags = list_of(tags, 2);
            const wire_mput mput{0, 2, {}};
            return {frame(opcode, 7,
                          [&](wire_writer* out) {
                              wire_encode_mput(out, &mput);
                              for (const wire_bytes& each : keys) {
                                  item.key = each;
                                  wire_encode_put(out, &item);
                              }
                          }),
                    true, true};
        }
        case WIRE_OP_INCR:
        case WIRE_OP_DECR: {
            wire_incr incr{};
            incr.options = WIRE_FIELD_TAGS;
            incr.tags = list_of(tags, 2);
            incr.key = key;
            return {encoded(opcode, &incr, wire_encode_incr), true, true};
        }
        default: {
            wire_put item{};
            item.options = WIRE_FIELD_TAGS;
            item.tags = list_of(tags, 2);
            item.key = key;
            return {encoded(opcode, &item, wire_encode_put), true, true};
        }
    }
}

Request tag_request(std::uint8_t opcode, wire_bytes key, wire_bytes tag) {
    const wire_bytes tags[] = {bytes(own_tag), tag};
    switch (opcode) {
        case WIRE_OP_TAGS:
            return {frame(opcode, 7, [&](wire_writer* out) { wire_encode_tags(out, key); }), true,
                    false};
        case WIRE_OP_TAG_COUNT:
            return {frame(opcode, 7, [&](wire_writer* out) { wire_encode_tag_count(out, tag); }),
                    false, true};
        case WIRE_OP_KEYS_BY_TAG: {
            const wire_keys_by_tag page{0, 10, {}, list_of(tags, 2)};
            return {encoded(opcode, &page, wire_encode_keys_by_tag), false, true};
        }
        case WIRE_OP_INVALIDATE: {
            const wire_invalidate message{0, list_of(tags, 2)};
            return {encoded(opcode, &message, wire_encode_invalidate), false, true};
        }
        case WIRE_OP_TAG_LIST: {
            const wire_scan scan{0, 10, {}, tag};
            return {encoded(opcode, &scan, wire_encode_scan), false, true};
        }
        case WIRE_OP_SCAN:
        case WIRE_OP_DELETE_PREFIX: {
            const wire_scan scan{0, 10, {}, key};
            return {encoded(opcode, &scan, wire_encode_scan), true, false};
        }
        default: {
            const wire_tag_change change{0, list_of(tags, 2), key};
            return {encoded(opcode, &change, wire_encode_tag_change), true, true};
        }
    }
}

// Nothing for an opcode that this test does not know.
std::optional<Request> request_for(std::uint8_t opcode, const std::string& key,
                                   const std::string& tag) {
    switch (static_cast<wire_opcode>(opcode)) {
        case WIRE_OP_GET:
        case WIRE_OP_MGET:
        case WIRE_OP_GETDEL:
        case WIRE_OP_EXISTS:
        case WIRE_OP_PUT:
        case WIRE_OP_ADD:
        case WIRE_OP_REPLACE:
        case WIRE_OP_MPUT:
        case WIRE_OP_APPEND:
        case WIRE_OP_PREPEND:
        case WIRE_OP_INCR:
        case WIRE_OP_DECR:
        case WIRE_OP_TOUCH:
        case WIRE_OP_DELETE: return entry_request(opcode, bytes(key), bytes(tag));
        case WIRE_OP_TAGS:
        case WIRE_OP_TAG_ADD:
        case WIRE_OP_TAG_REMOVE:
        case WIRE_OP_KEYS_BY_TAG:
        case WIRE_OP_TAG_COUNT:
        case WIRE_OP_TAG_LIST:
        case WIRE_OP_INVALIDATE:
        case WIRE_OP_SCAN:
        case WIRE_OP_DELETE_PREFIX: return tag_request(opcode, bytes(key), bytes(tag));
        // A body that no grammar has: who may, is told that it is malformed, and nothing happens.
        case WIRE_OP_HELLO:
        case WIRE_OP_AUTH:
        case WIRE_OP_PING:
        case WIRE_OP_FLUSH:
        case WIRE_OP_STATS:
        case WIRE_OP_INFO:
        case WIRE_OP_CONFIG:
        case WIRE_OP_CLIENT:
        case WIRE_OP_HOTKEYS:
        case WIRE_OP_SLOWLOG:
        case WIRE_OP_TOKEN:
        case WIRE_OP_SHUTDOWN:
        case WIRE_OP_UNSUBSCRIBE:
        case WIRE_OP_LEASE:
        case WIRE_OP_FILL:
        case WIRE_OP_RELEASE:
        case WIRE_OP_SUBSCRIBE: return Request{raw_frame(opcode, 7, std::string("\0", 1))};
        case WIRE_OP_USER: return Request{raw_frame(opcode, 7, std::string("\0", 1))};
        case WIRE_OP_NONE: break;
    }
    return std::nullopt;
}

// The rights that docs/protocol.md says an opcode needs: the first row that names it.
std::map<std::string, std::uint8_t> documented_rights() {
    std::ifstream file(source_path("docs/protocol.md"));
    std::map<std::string, std::uint8_t> rights;
    std::string line;
    bool is_table = false;
    while (std::getline(file, line)) {
        if (line == "| right | bit | opcodes |") {
            is_table = true;
        } else if (is_table && !line.starts_with("|")) {
            break;
        } else if (is_table && line.find("| 0x") != std::string::npos) {
            const std::size_t bit = line.find("0x");
            const auto needed = static_cast<std::uint8_t>(std::stoul(line.substr(bit), nullptr, 0));
            std::string names = line.substr(line.find('|', bit) + 1);
            names = names.substr(0, names.find(';'));  // behind it: opcodes with options
            std::istringstream words(names);
            for (std::string word; words >> word;) {
                if (word.back() == ',') {
                    word.pop_back();
                }
                if (word != "|" && word != "PASSWD") {
                    rights[word] = needed;  // USER stands in two rows, and the last one counts
                }
            }
        }
    }
    return rights;
}

bool is_draft(std::uint8_t opcode) {
    return opcode == WIRE_OP_LEASE || opcode == WIRE_OP_FILL || opcode == WIRE_OP_RELEASE ||
           opcode == WIRE_OP_SUBSCRIBE;
}

// A client that comes back when the server has closed on it.
class Persistent {
 public:
    Persistent(const RunningServer& server, std::string token)
        : server_(server), token_(std::move(token)) {}

    int status_of(const std::string& frame) {
        if (!client_) {
            client_.emplace(client_with_token(server_, token_));
        }
        const int status = client_->call(frame).status;
        if (status >= WIRE_STATUS_CLOSING_FIRST) {
            client_.reset();
        }
        return status;
    }

 private:
    const RunningServer& server_;
    const std::string token_;
    std::optional<WireClient> client_;
};

}  // namespace

TEST_CASE("opcode x rights x prefix: each request is allowed or FORBIDDEN as the page says",
          "[access]") {
    GuardedServer guarded;
    const auto rights_needed = documented_rights();
    std::size_t count = 0;
    const wire_opcode_info* opcodes = wire_opcodes(&count);
    for (unsigned rights = 0; rights <= WIRE_RIGHTS_KNOWN; ++rights) {
        const std::string name = "user" + std::to_string(rights);
        guarded.add({name,
                     static_cast<std::uint8_t>(rights),
                     {"in:"},
                     {"in:"},
                     "",
                     WIRE_USER_CREATE | WIRE_USER_RIGHTS | WIRE_USER_KEY_PREFIXES |
                         WIRE_USER_TAG_PREFIXES});
        Persistent client(guarded.server(), guarded.token_of(name).text);
        for (std::size_t i = 0; i < count; ++i) {
            const wire_opcode_info& info = opcodes[i];
            CAPTURE(rights, info.name);
            REQUIRE(rights_needed.count(info.name) == 1);
            const std::uint8_t needed = rights_needed.at(info.name);
            const bool has_right = (rights & needed) == needed;
            for (const bool is_own_key : {true, false}) {
                for (const bool is_own_tag : {true, false}) {
                    CAPTURE(is_own_key, is_own_tag);
                    const auto request =
                        request_for(info.opcode, is_own_key ? own_key : foreign_key,
                                    is_own_tag ? own_tag : foreign_tag);
                    REQUIRE(request);
                    const bool is_inside = (is_own_key || !request->names_keys) &&
                                           (is_own_tag || !request->names_tags) &&
                                           !is_draft(info.opcode);
                    if (has_right && info.opcode == WIRE_OP_SHUTDOWN) {
                        continue;  // it would work
                    }
                    const int status = client.status_of(request->frame);
                    CHECK((status == WIRE_FORBIDDEN) == !(has_right && is_inside));
                    CHECK(status != WIRE_AUTH_REQUIRED);
                }
            }
        }
    }
}

TEST_CASE("an opcode that nobody knows is FORBIDDEN to whom not everything is allowed",
          "[access]") {
    GuardedServer guarded;
    guarded.add({"web", WIRE_RIGHTS_KNOWN, {"in:"}, {""}});
    auto client = client_of(guarded.server(), "web");
    CHECK(int{client.call(raw_frame(0xEE, 1, "")).status} == WIRE_FORBIDDEN);
    CHECK(int{guarded.admin().call(raw_frame(0xEE, 1, "")).status} == WIRE_UNSUPPORTED);
}

TEST_CASE("a denial is the same whether there is such an entry or not", "[access]") {
    GuardedServer guarded;
    guarded.add({"web", WIRE_RIGHT_READ | WIRE_RIGHT_WRITE, {"in:"}, {"in:"}});
    REQUIRE(guarded.admin().call(put_frame("out:there", "v", {"out:t"})).status == WIRE_OK);
    auto client = client_of(guarded.server(), "web");
    const Reply there = client.call(get_frame("out:there"));
    const Reply absent = client.call(get_frame("out:absent"));
    CHECK(int{there.status} == WIRE_FORBIDDEN);
    CHECK(there.body == absent.body);
    CHECK(guarded.admin().call(get_frame("out:there")).value() == "v");
}

TEST_CASE("changing an expiry by reading needs the right to write", "[access]") {
    GuardedServer guarded;
    guarded.add({"reader", WIRE_RIGHT_READ, {""}, {""}});
    REQUIRE(guarded.admin().call(put_frame("k", "v")).status == WIRE_OK);
    auto client = client_of(guarded.server(), "reader");
    const wire_get get{WIRE_GET_TOUCH, 1, bytes("k")};
    const std::string sliding =
        frame(WIRE_OP_GET, 0, [&](wire_writer* out) { wire_encode_get(out, &get); });
    CHECK(int{client.call(sliding).status} == WIRE_FORBIDDEN);
    CHECK(client.call(get_frame("k")).value() == "v");
}

TEST_CASE("keys of a tag are listed as far as they are the user's", "[access]") {
    GuardedServer guarded;
    guarded.add({"web", WIRE_RIGHT_READ, {"in:"}, {""}});
    REQUIRE(guarded.admin().call(put_frame("in:1", "v", {"t"})).status == WIRE_OK);
    REQUIRE(guarded.admin().call(put_frame("out:1", "v", {"t"})).status == WIRE_OK);
    auto client = client_of(guarded.server(), "web");
    const wire_bytes tag = bytes("t");
    const wire_keys_by_tag request{0, 10, {}, {1, &tag, {}}};
    const Reply reply =
        client.call(encoded(WIRE_OP_KEYS_BY_TAG, &request, wire_encode_keys_by_tag));
    wire_page page{};
    REQUIRE(wire_decode_page(bytes(reply.body), &page));
    REQUIRE(page.count == 1);
    wire_reader items = wire_reader_over(page.items);
    std::uint64_t entries = 0;
    CHECK(text(wire_next_name(&items, 0, &entries)) == "in:1");
}

TEST_CASE("a glob is judged by what stands before its first special character", "[access]") {
    GuardedServer guarded;
    guarded.add({"web", WIRE_RIGHT_READ, {"in:"}, {}});
    auto client = client_of(guarded.server(), "web");
    const auto status_of = [&](const std::string& pattern) {
        const wire_scan scan{WIRE_SCAN_GLOB, 10, {}, bytes(pattern)};
        return int{client.call(encoded(WIRE_OP_SCAN, &scan, wire_encode_scan)).status};
    };
    CHECK(status_of("in:*") == WIRE_OK);
    CHECK(status_of("in:?[a-z]") == WIRE_OK);
    CHECK(status_of("in*") == WIRE_FORBIDDEN);
    CHECK(status_of("*") == WIRE_FORBIDDEN);
    CHECK(status_of("[i]n:*") == WIRE_FORBIDDEN);
    CHECK(status_of("\\in:*") == WIRE_FORBIDDEN);
}

TEST_CASE("an empty list of prefixes covers nothing, the empty prefix covers everything",
          "[access]") {
    GuardedServer guarded;
    guarded.add({"none", WIRE_RIGHT_READ | WIRE_RIGHT_WRITE, {}, {}});
    guarded.add({"all", WIRE_RIGHT_READ | WIRE_RIGHT_WRITE, {""}, {""}});
    auto none = client_of(guarded.server(), "none");
    auto all = client_of(guarded.server(), "all");
    CHECK(int{none.call(put_frame("k", "v")).status} == WIRE_FORBIDDEN);
    CHECK(int{none.call(get_frame("k")).status} == WIRE_FORBIDDEN);
    CHECK(int{all.call(put_frame("k", "v", {"t"})).status} == WIRE_OK);
    CHECK(all.call(get_frame("k")).value() == "v");
}
