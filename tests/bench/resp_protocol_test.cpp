// SPDX-License-Identifier: MIT
#include "bench/resp_protocol.hpp"

#include <array>

#include "protocol_peer.hpp"

namespace tc::bench::test {
namespace {

constexpr std::array<std::string_view, 2> tags = {"red", "blue"};
constexpr std::span<const std::string_view> red(tags.data(), 1);

ProtocolPeer peer() {
    return ProtocolPeer(std::make_unique<RespProtocol>());
}

}  // namespace

TEST_CASE("RESP requests are arrays of bulk strings", "[bench][resp]") {
    ProtocolPeer resp = peer();
    resp.append(0, get("key:1"));
    CHECK(resp.take_output() == "*2\r\n$3\r\nGET\r\n$5\r\nkey:1\r\n");
    resp.append(1, put("k", "va\r\nlue"));
    CHECK(resp.take_output() == "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$7\r\nva\r\nlue\r\n");
    resp.append(2, put("k", "v", {}, 1500));
    CHECK(resp.take_output() ==
          "*5\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n$2\r\nPX\r\n$4\r\n1500\r\n");
}

TEST_CASE("a RESP put with tags adds the key to the set of each", "[bench][resp]") {
    ProtocolPeer resp = peer();
    resp.append(3, put("k", "v", tags));
    CHECK(resp.take_output() ==
          "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n"
          "*3\r\n$4\r\nSADD\r\n$3\r\nred\r\n$1\r\nk\r\n"
          "*3\r\n$4\r\nSADD\r\n$4\r\nblue\r\n$1\r\nk\r\n");
    REQUIRE(resp.feed("+OK\r\n:1\r\n"));
    CHECK(resp.completions().empty());
    REQUIRE(resp.feed(":0\r\n"));
    CHECK(resp.completions() == Completions{{3, Outcome::done, 0, 0}});
}

TEST_CASE("a RESP invalidation unlinks the members of a tag, and the tag", "[bench][resp]") {
    ProtocolPeer resp = peer();
    resp.append(0, invalidate(red));
    resp.append(1, get("other"));
    CHECK(resp.take_output() ==
          "*2\r\n$8\r\nSMEMBERS\r\n$3\r\nred\r\n*2\r\n$3\r\nGET\r\n$5\r\nother\r\n");
    REQUIRE(resp.feed("*2\r\n$2\r\nk1\r\n$4\r\nk\r\n2\r\n$-1\r\n"));
    CHECK(resp.completions() == Completions{{1, Outcome::miss, 0, 0}});
    CHECK(resp.take_output() == "*4\r\n$6\r\nUNLINK\r\n$3\r\nred\r\n$2\r\nk1\r\n$4\r\nk\r\n2\r\n");
    REQUIRE(resp.feed(":3\r\n"));
    CHECK(resp.completions().back() == Completion{0, Outcome::done, 0, 0});
}

TEST_CASE("a RESP invalidation of an unknown tag is done with its empty set", "[bench][resp]") {
    ProtocolPeer resp = peer();
    resp.append(0, invalidate(tags));
    resp.take_output();
    REQUIRE(resp.feed("*0\r\n"));
    CHECK(resp.completions().empty());
    REQUIRE(resp.feed("*1\r\n$1\r\nk\r\n"));
    CHECK(resp.take_output() == "*3\r\n$6\r\nUNLINK\r\n$4\r\nblue\r\n$1\r\nk\r\n");
    REQUIRE(resp.feed(":2\r\n"));
    CHECK(resp.completions() == Completions{{0, Outcome::done, 0, 0}});
}

TEST_CASE("RESP answers may be cut anywhere", "[bench][resp]") {
    const std::string long_value(300, '$');
    const auto make = [] {
        ProtocolPeer resp = peer();
        for (const std::uint32_t number : {4U, 5U, 6U}) {
            resp.append(number, get("k"));
        }
        resp.append(7, put("k", "v", red));
        resp.append(8, invalidate(red));
        resp.append(9, get("k"));
        return resp;
    };
    check_every_split(make,
                      "$3\r\na\nb\r\n$-1\r\n$300\r\n" + long_value +
                          "\r\n+OK\r\n:1\r\n*2\r\n$1\r\na\r\n$2\r\n\r\n\r\n$0\r\n\r\n:2\r\n",
                      {{4, Outcome::hit, 0, 3},
                       {5, Outcome::miss, 0, 0},
                       {6, Outcome::hit, 0, 300},
                       {7, Outcome::done, 0, 0},
                       {9, Outcome::hit, 0, 0},
                       {8, Outcome::done, 0, 0}});
}

TEST_CASE("a RESP error refuses its operation and names itself", "[bench][resp]") {
    ProtocolPeer resp = peer();
    resp.append(0, put("k", "v", red));
    resp.append(1, get("k"));
    resp.append(2, invalidate(red));
    REQUIRE(resp.feed("-OOM command not allowed\r\n:1\r\n-ERR what\r\n-OOM command\r\n"));
    REQUIRE(resp.completions().size() == 3);
    CHECK(resp.completions()[0].outcome == Outcome::refused);
    CHECK(resp.completions()[1].outcome == Outcome::refused);
    CHECK(resp.protocol().reason_name(resp.completions()[0].reason) == "OOM");
    CHECK(resp.protocol().reason_name(resp.completions()[1].reason) == "ERR");
    CHECK(resp.completions()[2].reason == resp.completions()[0].reason);
}

TEST_CASE("a RESP answer that belongs to nothing ends the connection", "[bench][resp]") {
    SECTION("to no request") {
        CHECK_FALSE(peer().feed("+OK\r\n"));
    }
    SECTION("of another type") {
        ProtocolPeer resp = peer();
        resp.append(0, get("k"));
        CHECK_FALSE(resp.feed(":1\r\n"));
        CHECK(resp.protocol().failure() == "an unexpected answer: :1");
    }
    SECTION("a line without an end") {
        ProtocolPeer resp = peer();
        resp.append(0, get("k"));
        CHECK_FALSE(resp.feed(std::string(100'000, '+')));
        CHECK(resp.protocol().failure() == "a line without an end");
    }
}

}  // namespace tc::bench::test
