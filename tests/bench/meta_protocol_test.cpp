// SPDX-License-Identifier: MIT
#include "bench/meta_protocol.hpp"

#include <array>

#include "protocol_peer.hpp"

namespace tc::bench::test {
namespace {

ProtocolPeer peer() {
    return ProtocolPeer(std::make_unique<MetaProtocol>());
}

}  // namespace

TEST_CASE("meta requests are lines, and values behind them", "[bench][meta]") {
    ProtocolPeer meta = peer();
    meta.append(0, get("key:1"));
    CHECK(meta.take_output() == "mg key:1 v\r\n");
    meta.append(1, put("k", "va\r\nlue"));
    CHECK(meta.take_output() == "ms k 7\r\nva\r\nlue\r\n");
    meta.append(2, put("k", "v", {}, 1001));
    CHECK(meta.take_output() == "ms k 1 T2\r\nv\r\n");
}

TEST_CASE("a meta operation with tags is refused without a request", "[bench][meta]") {
    constexpr std::array<std::string_view, 1> tags = {"red"};
    ProtocolPeer meta = peer();
    meta.append(5, put("k", "v", tags));
    meta.append(6, invalidate(tags));
    CHECK(meta.take_output().empty());
    REQUIRE(meta.completions().size() == 2);
    CHECK(meta.completions()[0].outcome == Outcome::refused);
    CHECK(meta.completions()[1].number == 6);
    CHECK(meta.protocol().reason_name(meta.completions()[1].reason) == "NO_TAGS");
}

TEST_CASE("meta answers may be cut anywhere", "[bench][meta]") {
    const std::string long_value(300, '\n');
    const auto make = [] {
        ProtocolPeer meta = peer();
        meta.append(4, get("k"));
        meta.append(5, get("k"));
        meta.append(6, put("k", "v"));
        meta.append(7, get("k"));
        meta.append(8, get("k"));
        return meta;
    };
    check_every_split(make,
                      "VA 4\r\nEN\r\n\r\nEN\r\nHD\r\nVA 0\r\n\r\nVA 300\r\n" + long_value + "\r\n",
                      {{4, Outcome::hit, 0, 4},
                       {5, Outcome::miss, 0, 0},
                       {6, Outcome::done, 0, 0},
                       {7, Outcome::hit, 0, 0},
                       {8, Outcome::hit, 0, 300}});
}

TEST_CASE("what memcached does not store is refused", "[bench][meta]") {
    ProtocolPeer meta = peer();
    meta.append(0, put("k", "v"));
    meta.append(1, put("k", "v"));
    REQUIRE(meta.feed("NS\r\nSERVER_ERROR out of memory storing object\r\n"));
    REQUIRE(meta.completions().size() == 2);
    CHECK(meta.completions()[0].outcome == Outcome::refused);
    CHECK(meta.protocol().reason_name(meta.completions()[1].reason) == "SERVER_ERROR");
}

TEST_CASE("a meta answer that belongs to nothing ends the connection", "[bench][meta]") {
    SECTION("to no request") {
        CHECK_FALSE(peer().feed("EN\r\n"));
    }
    SECTION("to a request of another kind") {
        ProtocolPeer meta = peer();
        meta.append(0, get("k"));
        CHECK_FALSE(meta.feed("HD\r\n"));
    }
    SECTION("an error of the client's") {
        ProtocolPeer meta = peer();
        meta.append(0, put("k", "v"));
        CHECK_FALSE(meta.feed("CLIENT_ERROR bad data chunk\r\n"));
        CHECK(meta.protocol().failure() == "an unexpected answer: CLIENT_ERROR bad data chunk");
    }
    SECTION("a size that is none") {
        ProtocolPeer meta = peer();
        meta.append(0, get("k"));
        CHECK_FALSE(meta.feed("VA many\r\n"));
    }
}

}  // namespace tc::bench::test
