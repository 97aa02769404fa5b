// SPDX-License-Identifier: MIT
//
// HOTKEYS over the wire: what counts as a use, how reactors are added up, what is refused. Names
// are used so often that a sample has them for certain.
#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>

#include "support/running_server.hpp"
#include "support/wire_client.hpp"

using namespace tc::test;

namespace {

// The chance that none of so many uses in a row is sampled is 0: a gap has at most 95.
constexpr int use_count = 2'000;

struct Hot {
    std::string name;
    std::uint64_t rate;
};

std::string hotkeys_frame(std::uint8_t kind, std::uint32_t limit) {
    const wire_hotkeys request{kind, limit};
    return frame(WIRE_OP_HOTKEYS, 0, [&](wire_writer* out) { wire_encode_hotkeys(out, &request); });
}

std::vector<Hot> hot_names(WireClient& client, std::uint8_t kind, std::uint32_t limit = 1000) {
    const Reply reply = client.call(hotkeys_frame(kind, limit));
    REQUIRE(reply.status == WIRE_OK);
    std::uint32_t count = 0;
    wire_reader names;
    REQUIRE(wire_decode_hotkeys_reply(bytes(reply.body), &count, &names));
    std::vector<Hot> hot;
    for (std::uint32_t i = 0; i < count; ++i) {
        std::uint64_t rate = 0;
        const std::string name = text(wire_next_hot_name(&names, &rate));
        CHECK(rate > 0);
        CHECK((hot.empty() || rate <= hot.back().rate));
        hot.push_back({name, rate});
    }
    return hot;
}

std::vector<std::string> sorted_names(const std::vector<Hot>& hot) {
    std::vector<std::string> names;
    for (const Hot& one : hot) {
        names.push_back(one.name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

void repeat(WireClient& client, const std::string& frame, int count = use_count) {
    for (int sent_count = 0; sent_count < count; sent_count += 100) {
        std::string burst;
        for (int i = 0; i < 100; ++i) {
            burst += frame;
        }
        client.send(burst);
        for (int i = 0; i < 100; ++i) {
            REQUIRE(client.receive().has_value());
        }
    }
}

std::string getdel_frame(std::string_view key) {
    const wire_get get{0, 0, bytes(key)};
    return frame(WIRE_OP_GETDEL, 0, [&](wire_writer* out) { wire_encode_get(out, &get); });
}

std::string tag_count_frame(std::string_view tag) {
    return frame(WIRE_OP_TAG_COUNT, 0,
                 [&](wire_writer* out) { wire_encode_tag_count(out, bytes(tag)); });
}

}  // namespace

TEST_CASE("a server that was not asked for anything has no hot names", "[hot]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    CHECK(hot_names(client, WIRE_HOTKEYS_KEYS).empty());
    CHECK(hot_names(client, WIRE_HOTKEYS_TAGS).empty());
}

TEST_CASE("GET, MGET and GETDEL make a key hot, and writes do not", "[hot]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    repeat(client, put_frame("written", "v"));
    REQUIRE(client.call(put_frame("hit", "v")).status == WIRE_OK);
    repeat(client, get_frame("hit"));
    repeat(client, get_frame("miss"));
    repeat(client, mget_frame({"item 1", "item 2"}));
    repeat(client, getdel_frame("taken"));
    CHECK(sorted_names(hot_names(client, WIRE_HOTKEYS_KEYS)) ==
          std::vector<std::string>{"hit", "item 1", "item 2", "miss", "taken"});
    CHECK(hot_names(client, WIRE_HOTKEYS_TAGS).empty());
}

TEST_CASE("a tag is hot by the requests that name it, and not by reads of its entries", "[hot]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    repeat(client, put_frame("k", "v", {"put 1", "put 2"}));
    repeat(client, get_frame("k"));
    CHECK(sorted_names(hot_names(client, WIRE_HOTKEYS_TAGS)) ==
          std::vector<std::string>{"put 1", "put 2"});
    repeat(client, invalidate_frame("invalidated"));
    repeat(client, tag_count_frame("counted"));
    CHECK(sorted_names(hot_names(client, WIRE_HOTKEYS_TAGS)) ==
          std::vector<std::string>{"counted", "invalidated", "put 1", "put 2"});
}

TEST_CASE("the hottest stand first, and no more of them than asked for", "[hot]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    for (int i = 1; i <= 5; ++i) {
        repeat(client, get_frame("k" + std::to_string(i)), i * use_count);
    }
    const auto hot = hot_names(client, WIRE_HOTKEYS_KEYS, 2);
    REQUIRE(hot.size() == 2);
    CHECK(hot[0].name == "k5");
    CHECK(hot[1].name == "k4");
    CHECK(hot_names(client, WIRE_HOTKEYS_KEYS, 1).size() == 1);
}

TEST_CASE("a key that is read on several reactors is one name with all its reads", "[hot]") {
    RunningServer server({"--reactors", "2"});
    auto first = WireClient::greeted(server.port());
    auto second = WireClient::greeted(server.port());
    // Each reactor has one of the connections. Together "shared" is read more than either "own".
    repeat(first, get_frame("own 1"), 3 * use_count);
    repeat(second, get_frame("own 2"), 3 * use_count);
    repeat(first, get_frame("shared"), 2 * use_count);
    repeat(second, get_frame("shared"), 2 * use_count);
    for (WireClient* client : {&first, &second}) {
        const auto hot = hot_names(*client, WIRE_HOTKEYS_KEYS);
        REQUIRE(hot.size() == 3);
        CHECK(hot[0].name == "shared");
    }
}

TEST_CASE("a key of the greatest length is told whole", "[hot]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    const std::string key(WIRE_KEY_BYTES_MAX, 'k');
    repeat(client, get_frame(key));
    const auto hot = hot_names(client, WIRE_HOTKEYS_KEYS);
    REQUIRE(hot.size() == 1);
    CHECK(hot[0].name == key);
}

TEST_CASE("an unknown kind is UNSUPPORTED, a limit beyond its bounds INVALID_ARGUMENT", "[hot]") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    CHECK(client.call(hotkeys_frame(2, 10)).status == WIRE_UNSUPPORTED);
    CHECK(client.call(hotkeys_frame(WIRE_HOTKEYS_KEYS, 0)).status == WIRE_INVALID_ARGUMENT);
    const Reply refused = client.call(hotkeys_frame(WIRE_HOTKEYS_TAGS, WIRE_HOTKEYS_LIMIT_MAX + 1));
    CHECK(refused.status == WIRE_INVALID_ARGUMENT);
    CHECK(refused.error().detail == WIRE_HOTKEYS_LIMIT_MAX);
    CHECK(client.call(hotkeys_frame(WIRE_HOTKEYS_TAGS, WIRE_HOTKEYS_LIMIT_MAX)).status == WIRE_OK);
}
