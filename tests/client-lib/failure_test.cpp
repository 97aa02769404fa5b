// SPDX-License-Identifier: MIT
//
// What a caller learns when the server stalls, hangs up or talks nonsense (G10): a change of which
// a byte may have left is IN_DOUBT; a read, and a change that never left, is not.
#include <catch2/catch.hpp>
#include <functional>
#include <future>

#include "client-lib/fake_server.hpp"
#include "client-lib/handles.hpp"

using namespace tc::test;

namespace {

constexpr std::uint32_t short_timeout_ms = 100;

void stall(Peer& peer) {
    peer.greet();
    peer.until_client_closes();
}

// Reads one byte of the request and hangs up, as a server does that is killed.
void hang_up(Peer& peer) {
    peer.greet();
    peer.first_byte();
    peer.reset();
}

tagcache_status get(const ClientHandle& client) {
    return tagcache_get(client.get(), bytes_of("k"), nullptr, nullptr, nullptr);
}

tagcache_status put(const ClientHandle& client) {
    return tagcache_put(client.get(), bytes_of("k"), bytes_of("v"), nullptr, nullptr, nullptr);
}

std::string error_of(const ClientHandle& client) {
    return tagcache_client_error(client.get());
}

// Every blocking verb that changes something, with arguments that pass the local checks.
std::vector<std::function<tagcache_status(tagcache_client*)>> changes() {
    static const tagcache_bytes key = bytes_of("k");
    static const tagcache_bytes tag = bytes_of("t");
    return {
        [](auto* c) { return tagcache_getdel(c, key, nullptr, nullptr, nullptr); },
        [](auto* c) { return tagcache_put(c, key, key, nullptr, nullptr, nullptr); },
        [](auto* c) { return tagcache_add(c, key, key, nullptr, nullptr, nullptr); },
        [](auto* c) { return tagcache_replace(c, key, key, nullptr, nullptr, nullptr); },
        [](auto* c) { return tagcache_mput(c, &key, &key, 1, nullptr, nullptr, nullptr); },
        [](auto* c) { return tagcache_append(c, key, key, nullptr, nullptr, nullptr); },
        [](auto* c) { return tagcache_prepend(c, key, key, nullptr, nullptr, nullptr); },
        [](auto* c) { return tagcache_incr(c, key, 1, nullptr, nullptr, nullptr); },
        [](auto* c) { return tagcache_decr(c, key, 1, nullptr, nullptr, nullptr); },
        [](auto* c) { return tagcache_touch(c, key, 1, nullptr, nullptr, nullptr); },
        [](auto* c) { return tagcache_delete(c, key, nullptr, nullptr, nullptr); },
        [](auto* c) { return tagcache_tag_add(c, key, &tag, 1, nullptr, nullptr, nullptr); },
        [](auto* c) { return tagcache_tag_remove(c, key, &tag, 1, nullptr, nullptr, nullptr); },
        [](auto* c) { return tagcache_invalidate(c, &tag, 1, nullptr, nullptr, nullptr); },
        [](auto* c) { return tagcache_delete_prefix(c, key, nullptr, nullptr, nullptr); },
        [](auto* c) { return tagcache_flush(c, nullptr, nullptr); },
        [](auto* c) { return tagcache_clients_kill(c, 7, nullptr); },
        [](auto* c) { return tagcache_slowlog(c, TAGCACHE_SLOWLOG_RESET, 0, nullptr, nullptr); },
    };
}

std::vector<std::function<tagcache_status(tagcache_client*)>> reads() {
    static const tagcache_bytes key = bytes_of("k");
    static const tagcache_bytes tag = bytes_of("t");
    return {
        [](auto* c) { return tagcache_get(c, key, nullptr, nullptr, nullptr); },
        [](auto* c) { return tagcache_mget(c, &key, 1, nullptr, nullptr, nullptr); },
        [](auto* c) { return tagcache_exists(c, key, nullptr, nullptr, nullptr); },
        [](auto* c) { return tagcache_tags(c, key, nullptr, nullptr); },
        [](auto* c) { return tagcache_tag_count(c, tag, nullptr, nullptr); },
        [](auto* c) { return tagcache_keys_by_tag(c, &tag, 1, nullptr, nullptr, nullptr); },
        [](auto* c) { return tagcache_tag_list(c, tag, nullptr, nullptr, nullptr); },
        [](auto* c) { return tagcache_scan(c, key, nullptr, nullptr, nullptr); },
        [](auto* c) { return tagcache_stats(c, nullptr, nullptr); },
        [](auto* c) { return tagcache_info(c, nullptr, nullptr); },
        [](auto* c) { return tagcache_clients(c, nullptr, nullptr, nullptr); },
        [](auto* c) { return tagcache_hotkeys(c, nullptr, nullptr, nullptr); },
        [](auto* c) { return tagcache_slowlog(c, TAGCACHE_SLOWLOG_GET, 0, nullptr, nullptr); },
        [](auto* c) { return tagcache_ping(c, nullptr); },
    };
}

}  // namespace

TEST_CASE("G10: a change whose connection breaks is in doubt", "[client][failure]") {
    const auto verbs = changes();
    const FakeServer server(std::vector<FakeServer::Script>(verbs.size(), hang_up));
    const ClientHandle client = new_client(server.port());
    for (const auto& verb : verbs) {
        CHECK(verb(client.get()) == TAGCACHE_IN_DOUBT);
        CHECK(error_of(client).find("IN_DOUBT") == 0);
    }
}

TEST_CASE("G10: a read whose connection breaks is CONNECTION_LOST", "[client][failure]") {
    const auto verbs = reads();
    const FakeServer server(std::vector<FakeServer::Script>(verbs.size(), hang_up));
    const ClientHandle client = new_client(server.port());
    for (const auto& verb : verbs) {
        CHECK(verb(client.get()) == TAGCACHE_CONNECTION_LOST);
    }
}

TEST_CASE("G10: a change without an answer in time is in doubt, a read is a TIMEOUT",
          "[client][failure]") {
    const FakeServer server({stall, stall});
    const ClientHandle client = new_client(server.port());
    REQUIRE(tagcache_client_connect(client.get(), nullptr) == TAGCACHE_OK);
    tagcache_call_options call = TAGCACHE_CALL_OPTIONS_INIT;
    call.timeout_ms = short_timeout_ms;
    CHECK(tagcache_put(client.get(), bytes_of("k"), bytes_of("v"), nullptr, nullptr, &call) ==
          TAGCACHE_IN_DOUBT);
    CHECK(error_of(client) == "IN_DOUBT: the server did not answer in time");
    REQUIRE(tagcache_client_connect(client.get(), nullptr) == TAGCACHE_OK);
    CHECK(tagcache_get(client.get(), bytes_of("k"), nullptr, nullptr, &call) == TAGCACHE_TIMEOUT);
}

TEST_CASE("a change that was refused a connection is not in doubt", "[client][failure]") {
    SECTION("nobody listens") {
        int port = 0;
        {
            const FakeServer gone([](Peer&) {});
            port = gone.port();
            const ClientHandle once = new_client(port);
            CHECK(put(once) == TAGCACHE_CONNECT);  // it hangs up without a word
        }
        const ClientHandle client = new_client(port);
        CHECK(put(client) == TAGCACHE_CONNECT);
        CHECK(error_of(client).find("cannot connect to tagcache://127.0.0.1:" +
                                    std::to_string(port)) == 0);
    }
    SECTION("the server's preface refuses") {
        const FakeServer server([](Peer& peer) {
            peer.send(server_preface(0, WIRE_REFUSAL_TOO_MANY_CONNECTIONS));
            peer.until_client_closes();
        });
        const ClientHandle client = new_client(server.port());
        CHECK(put(client) == TAGCACHE_CONNECT);
        CHECK(error_of(client).find("too many connections") != std::string::npos);
    }
    SECTION("the server says nothing") {
        const FakeServer server([](Peer& peer) { peer.until_client_closes(); });
        const ClientHandle client = new_client(server.port(), short_timeout_ms);
        CHECK(put(client) == TAGCACHE_CONNECT);
    }
    SECTION("another protocol answers") {
        const FakeServer server([](Peer& peer) {
            peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
            peer.until_client_closes();
        });
        const ClientHandle client = new_client(server.port());
        CHECK(put(client) == TAGCACHE_PROTOCOL);
        CHECK(error_of(client).find("no TagCache server") != std::string::npos);
    }
}

TEST_CASE("a reply that is cut off leaves the change in doubt", "[client][failure]") {
    const std::string whole = reply(WIRE_OP_PUT, 2);
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
        const FakeServer server([&](Peer& peer) {
            peer.greet();
            (void)peer.request();
            peer.send(std::string_view(whole).substr(0, cut));
        });
        const ClientHandle client = new_client(server.port());
        CHECK(put(client) == TAGCACHE_IN_DOUBT);
    }
}

TEST_CASE("after a failure the next call connects anew, and repeats nothing", "[client][failure]") {
    const FakeServer server(
        {hang_up, [](Peer& peer) {
             peer.greet();
             const wire_request request = peer.request();
             CHECK(request.opcode == WIRE_OP_GET);
             peer.send(reply(WIRE_OP_GET, request.request_id, WIRE_OK, hit_body("second")));
             peer.until_client_closes();
         }});
    const ClientHandle client = new_client(server.port());
    const ResultHandle result = new_result();
    CHECK(put(client) == TAGCACHE_IN_DOUBT);
    REQUIRE(tagcache_get(client.get(), bytes_of("k"), result.get(), nullptr, nullptr) ==
            TAGCACHE_OK);
    CHECK(text_of(tagcache_result_value(result.get())) == "second");
    CHECK(error_of(client).empty());
}

TEST_CASE("a closing status is the call's, and the next one connects anew", "[client][failure]") {
    const FakeServer server({[](Peer& peer) {
                                 peer.greet();
                                 const wire_request request = peer.request();
                                 peer.send(reply(WIRE_OP_PUT, request.request_id,
                                                 WIRE_SHUTTING_DOWN, error_body("good night")));
                             },
                             stall});
    const ClientHandle client = new_client(server.port(), 1000);
    CHECK(put(client) == TAGCACHE_SHUTTING_DOWN);
    CHECK(tagcache_status_closes(TAGCACHE_SHUTTING_DOWN));
    CHECK(error_of(client) == "SHUTTING_DOWN: good night");
    CHECK(tagcache_client_connect(client.get(), nullptr) == TAGCACHE_OK);
}

TEST_CASE("a refusal's text, detail and advice reach the caller", "[client][failure]") {
    const FakeServer server([](Peer& peer) {
        peer.greet();
        const wire_request request = peer.request();
        const wire_error error{250, 7, wire("no room")};
        peer.send(reply(WIRE_OP_PUT, request.request_id, WIRE_OUT_OF_MEMORY,
                        written([&](wire_writer* out) { wire_encode_error(out, &error); })));
        peer.until_client_closes();
    });
    const ClientHandle client = new_client(server.port());
    const ResultHandle result = new_result();
    CHECK(tagcache_put(client.get(), bytes_of("k"), bytes_of("v"), result.get(), nullptr,
                       nullptr) == TAGCACHE_OUT_OF_MEMORY);
    CHECK(text_of(tagcache_result_message(result.get())) == "no room");
    CHECK(tagcache_result_detail(result.get()) == 7);
    CHECK(tagcache_result_retry_after_ms(result.get()) == 250);
    CHECK(error_of(client) == "OUT_OF_MEMORY: no room");
    CHECK(std::string(tagcache_client_server_version(client.get())) == "9.9.9");
}

TEST_CASE("the pipeline answers for every request of a broken connection", "[client][failure]") {
    const FakeServer server([](Peer& peer) {
        peer.greet();
        const wire_request first = peer.request();
        peer.send(reply(first.opcode, first.request_id, WIRE_NOT_FOUND));
        peer.reset();
    });
    const ClientHandle client = new_client(server.port());
    const PipelineHandle pipeline = new_pipeline(client);
    const ResultHandle result = new_result();
    tagcache_call_options call = TAGCACHE_CALL_OPTIONS_INIT;
    for (call.user_data = 1; call.user_data <= 3; ++call.user_data) {
        REQUIRE(tagcache_pipeline_get(pipeline.get(), bytes_of("k"), nullptr, &call) ==
                TAGCACHE_OK);
        REQUIRE(tagcache_pipeline_delete(pipeline.get(), bytes_of("k"), nullptr, &call) ==
                TAGCACHE_OK);
    }
    CHECK(get(client) == TAGCACHE_LOCAL_INVALID_ARGUMENT);  // replies wait to be taken
    std::vector<std::pair<tagcache_status, std::uint64_t>> answers;
    while (tagcache_pipeline_next(pipeline.get(), result.get(), nullptr)) {
        answers.emplace_back(tagcache_result_status(result.get()),
                             tagcache_result_user_data(result.get()));
    }
    REQUIRE(answers.size() == 6);
    // A reset may overtake the first reply; everything else is certain.
    CHECK((answers[0].first == TAGCACHE_NOT_FOUND || answers[0].first == TAGCACHE_CONNECTION_LOST));
    for (std::size_t i = 1; i < answers.size(); ++i) {
        CHECK(answers[i].first == (i % 2 == 1 ? TAGCACHE_IN_DOUBT : TAGCACHE_CONNECTION_LOST));
        CHECK(answers[i].second == i / 2 + 1);
    }
    CHECK(tagcache_pipeline_pending(pipeline.get()) == 0);
}

TEST_CASE("G10: connecting anew forgets no change that is in doubt", "[client][failure]") {
    const FakeServer server([](Peer& peer) {
        peer.greet();
        (void)peer.request();
        peer.reset();
    });
    const ClientHandle client = new_client(server.port());
    const PipelineHandle pipeline = new_pipeline(client);
    const ResultHandle result = new_result();
    for (int i = 0; i < 3; ++i) {
        REQUIRE(tagcache_pipeline_delete(pipeline.get(), bytes_of("k"), nullptr, nullptr) ==
                TAGCACHE_OK);
    }
    int in_doubt_count = 0;
    for (int i = 0; i < 3; ++i) {
        REQUIRE(tagcache_pipeline_next(pipeline.get(), result.get(), nullptr));
        in_doubt_count += tagcache_result_status(result.get()) == TAGCACHE_IN_DOUBT ? 1 : 0;
        if (i < 2) {
            CHECK(tagcache_client_connect(client.get(), nullptr) ==
                  TAGCACHE_LOCAL_INVALID_ARGUMENT);
            CHECK(error_of(client) == "the client's pipeline has replies that were not taken");
        }
    }
    CHECK(in_doubt_count == 3);
}

TEST_CASE("a delete_prefix that fails midway tells what it removed before", "[client][failure]") {
    const FakeServer server([](Peer& peer) {
        peer.greet();
        const wire_request first = peer.request();
        peer.send(reply(first.opcode, first.request_id, WIRE_OK, removed_body(40, "cursor")));
        const wire_request second = peer.request();
        peer.send(reply(second.opcode, second.request_id, WIRE_OK, removed_body(2, "cursor")));
        (void)peer.request();
        peer.hang_up();
    });
    const ClientHandle client = new_client(server.port());
    const ResultHandle result = new_result();
    CHECK(tagcache_delete_prefix(client.get(), bytes_of("k"), result.get(), nullptr, nullptr) ==
          TAGCACHE_IN_DOUBT);
    CHECK(tagcache_result_count(result.get()) == 42);
    CHECK(error_of(client).find("IN_DOUBT") == 0);
    CHECK(error_of(client).find("42 entries were removed before") != std::string::npos);
}

TEST_CASE("each page of a delete_prefix has the call's timeout", "[client][failure]") {
    // All pages together take longer than the timeout, one of them an eighth of it.
    constexpr int page_count = 8;
    const std::uint32_t timeout_ms = 2'000;
    const FakeServer server([](Peer& peer) {
        peer.greet();
        for (int page = 1; page <= page_count; ++page) {
            const wire_request request = peer.request();
            poll(nullptr, 0, 260);  // a slow server: there is no event to wait for
            peer.send(reply(request.opcode, request.request_id, WIRE_OK,
                            removed_body(1, page < page_count ? "cursor" : "")));
        }
        peer.until_client_closes();
    });
    const ClientHandle client = new_client(server.port(), timeout_ms);
    const ResultHandle result = new_result();
    CHECK(tagcache_delete_prefix(client.get(), bytes_of("k"), result.get(), nullptr, nullptr) ==
          TAGCACHE_OK);
    CHECK(tagcache_result_count(result.get()) == page_count);
}

TEST_CASE("a connection that the server closed while it was idle is replaced before a change",
          "[client][failure]") {
    std::promise<void> closed;
    const FakeServer server({[&](Peer& peer) {
                                 peer.greet();
                                 peer.hang_up();
                                 closed.set_value();
                             },
                             [](Peer& peer) {
                                 peer.greet();
                                 const wire_request request = peer.request();
                                 peer.send(reply(request.opcode, request.request_id));
                                 peer.until_client_closes();
                             }});
    const ClientHandle client = new_client(server.port());
    REQUIRE(tagcache_client_connect(client.get(), nullptr) == TAGCACHE_OK);
    closed.get_future().wait();
    poll(nullptr, 0, 150);  // idle means 100 ms: there is no event to wait for
    CHECK(put(client) == TAGCACHE_OK);
}

TEST_CASE("a client of options that make no sense says so on every call", "[client][uri]") {
    tagcache_client_options options = TAGCACHE_CLIENT_OPTIONS_INIT;
    options.uri = "http://127.0.0.1/";
    tagcache_client* made = nullptr;
    CHECK(tagcache_client_new(&options, &made) == TAGCACHE_LOCAL_INVALID_ARGUMENT);
    const ClientHandle client(made);
    REQUIRE(client != nullptr);
    CHECK(get(client) == TAGCACHE_LOCAL_INVALID_ARGUMENT);
    CHECK(error_of(client).find("tagcache://") != std::string::npos);
}

TEST_CASE("a URI says where the server is", "[client][uri]") {
    const auto [uri, address] = GENERATE(table<std::string, std::string>({
        {"tagcache://example.com", "tagcache://example.com:1984"},
        {"tagcache://example.com/", "tagcache://example.com:1984"},
        {"tagcache://10.0.0.1:7", "tagcache://10.0.0.1:7"},
        {"tagcache://[::1]", "tagcache://[::1]:1984"},
        {"tagcache://[fe80::1]:65535", "tagcache://[fe80::1]:65535"},
        {"unix:///run/t.sock", "unix:///run/t.sock"},
        {"tagcache+unix:///run/t.sock", "unix:///run/t.sock"},
        {"tagcache://", ""},
        {"tagcache://h:", ""},
        {"tagcache://h:0", ""},
        {"tagcache://h:65536", ""},
        {"tagcache://h:123456", ""},
        {"tagcache://h:7x", ""},
        {"tagcache://[::1", ""},
        {"tagcache://[::1]7", ""},
        {"tagcache://user@h", ""},
        {"tagcache://h/path", ""},
        {"unix://relative", ""},
        {"redis://h", ""},
        {"", ""},
    }));
    CAPTURE(uri);
    tagcache_client_options options = TAGCACHE_CLIENT_OPTIONS_INIT;
    options.uri = uri.c_str();
    tagcache_client* made = nullptr;
    const tagcache_status status = tagcache_client_new(&options, &made);
    const ClientHandle client(made);
    CHECK(status == (address.empty() ? TAGCACHE_LOCAL_INVALID_ARGUMENT : TAGCACHE_OK));
    if (status == TAGCACHE_OK) {
        CHECK(std::string(tagcache_client_address(client.get())) == address);
    } else {
        CHECK_FALSE(error_of(client).empty());
    }
}
