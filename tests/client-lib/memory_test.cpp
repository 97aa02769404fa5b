// SPDX-License-Identifier: MIT
//
// The library without memory: whichever allocation fails, the answer is a status, and nothing
// leaks; and no secret in what it has given back. This program links the archive with its
// allocations wrapped (CMakeLists.txt).
#include <malloc.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>

#include "client-lib/fake_server.hpp"
#include "client-lib/handles.hpp"
#include "client-lib/replies.hpp"

namespace {

// Allocations that still succeed; below 0 = all of them. Tests are single-threaded where it counts.
thread_local int allocations_left = -1;

bool is_refused() {
    if (allocations_left < 0) {
        return false;
    }
    if (allocations_left == 0) {
        return true;
    }
    --allocations_left;
    return false;
}

// Lets `count` allocations succeed and no more, until its end.
class ScarceMemory {
 public:
    explicit ScarceMemory(int count) { allocations_left = count; }
    ScarceMemory(const ScarceMemory&) = delete;
    ScarceMemory& operator=(const ScarceMemory&) = delete;
    ~ScarceMemory() { allocations_left = -1; }
};

// What memory that is given back must not contain; and whether some did.
thread_local std::string_view secret;
thread_local bool has_leaked_secret = false;

void look_for_secret(void* memory) {
    if (memory != nullptr && !secret.empty()) {
        has_leaked_secret |=
            memmem(memory, malloc_usable_size(memory), secret.data(), secret.size()) != nullptr;
    }
}

}  // namespace

extern "C" {
void __real_free(void* memory);
void __wrap_free(void* memory) {
    look_for_secret(memory);
    __real_free(memory);
}

void* __real_malloc(std::size_t size);
void* __real_calloc(std::size_t count, std::size_t size);
void* __real_realloc(void* memory, std::size_t size);

void* __wrap_malloc(std::size_t size) {
    return is_refused() ? nullptr : __real_malloc(size);
}
void* __wrap_calloc(std::size_t count, std::size_t size) {
    return is_refused() ? nullptr : __real_calloc(count, size);
}
void* __wrap_realloc(void* memory, std::size_t size) {
    look_for_secret(memory);  // it may leave it behind
    return is_refused() ? nullptr : __real_realloc(memory, size);
}
}

using namespace tc::test;

namespace {

// One exchange without a socket, with so many allocations; what it came to.
std::vector<tagcache_status> exchange_with(int allocation_count, const std::string& received,
                                           const std::string& key) {
    const ScarceMemory scarce(allocation_count);
    tagcache_session* made = nullptr;
    std::vector<tagcache_status> statuses = {tagcache_session_new(nullptr, &made)};
    const SessionHandle session(made);
    const ResultHandle result(tagcache_result_new());
    if (session == nullptr || result == nullptr) {
        return {TAGCACHE_LOCAL_OUT_OF_MEMORY};
    }
    tagcache_pipeline* pipeline = tagcache_session_pipeline(made);
    statuses.push_back(
        tagcache_pipeline_put(pipeline, bytes_of(key), bytes_of("v"), nullptr, nullptr));
    statuses.push_back(tagcache_pipeline_get(pipeline, bytes_of(key), nullptr, nullptr));
    tagcache_session_sent(made, tagcache_session_output(made).size);
    statuses.push_back(tagcache_session_feed(made, bytes_of(received)));
    tagcache_session_close(made, TAGCACHE_CONNECTION_LOST);
    while (tagcache_pipeline_next(pipeline, result.get(), nullptr)) {
        statuses.push_back(tagcache_result_status(result.get()));
    }
    return statuses;
}

}  // namespace

TEST_CASE("an exchange survives the failure of each of its allocations", "[client][memory]") {
    const std::string received = greeting() + reply(WIRE_OP_PUT, 2) +
                                 reply(WIRE_OP_GET, 3, WIRE_OK, hit_body(std::string(20'000, 'x')));
    const std::string key(5000, 'k');
    const std::vector<tagcache_status> all_well(6, TAGCACHE_OK);
    int count = 0;
    for (; exchange_with(count, received, key) != all_well; ++count) {
        REQUIRE(count < 100);
        bool is_told = false;
        for (const tagcache_status status : exchange_with(count, received, key)) {
            CAPTURE(count, tagcache_status_name(status));
            is_told |= status == TAGCACHE_LOCAL_OUT_OF_MEMORY || status == TAGCACHE_IN_DOUBT;
            CHECK((status == TAGCACHE_OK || status == TAGCACHE_LOCAL_OUT_OF_MEMORY ||
                   status == TAGCACHE_IN_DOUBT || status == TAGCACHE_PROTOCOL));
        }
        CHECK(is_told);
    }
    CHECK(count >= 5);
}

TEST_CASE("a client without memory says so and works again with it", "[client][memory]") {
    for (int count = 0; count < 6; ++count) {
        CAPTURE(count);
        tagcache_client* made = nullptr;
        tagcache_status status = TAGCACHE_OK;
        {
            const ScarceMemory scarce(0);
            CHECK(tagcache_client_new(nullptr, &made) == TAGCACHE_LOCAL_OUT_OF_MEMORY);
            CHECK(made == nullptr);
            CHECK(tagcache_result_new() == nullptr);
        }
        const FakeServer server(std::vector<FakeServer::Script>(1, [](Peer& peer) {
            peer.greet();
            for (int i = 0; i < 2; ++i) {
                const wire_request request = peer.request();
                peer.send(reply(request.opcode, request.request_id, WIRE_OK, hit_body("v")));
            }
            peer.until_client_closes();
        }));
        const ClientHandle client = new_client(server.port());
        REQUIRE(tagcache_client_connect(client.get(), nullptr) == TAGCACHE_OK);
        const ResultHandle result = new_result();
        {
            const ScarceMemory scarce(count);
            status = tagcache_get(client.get(), bytes_of("k"), result.get(), nullptr, nullptr);
        }
        CHECK((status == TAGCACHE_OK || status == TAGCACHE_LOCAL_OUT_OF_MEMORY));
        CHECK(tagcache_get(client.get(), bytes_of("k"), result.get(), nullptr, nullptr) ==
              TAGCACHE_OK);
        if (status == TAGCACHE_OK) {
            break;
        }
        CHECK(tagcache_get(client.get(), bytes_of(""), nullptr, nullptr, nullptr) ==
              TAGCACHE_KEY_EMPTY);
    }
}

namespace {

// Until its end, freed memory is searched.
class SecretWatch {
 public:
    explicit SecretWatch(std::string_view text) {
        secret = text;
        has_leaked_secret = false;
    }
    SecretWatch(const SecretWatch&) = delete;
    SecretWatch& operator=(const SecretWatch&) = delete;
    ~SecretWatch() { secret = {}; }
};

std::string token_body(std::string_view token) {
    return written([&](wire_writer* out) {
        wire_write_u32(out, 1);
        wire_write_bytes8(out, wire(""));
        wire_write_u16(out, 1);
        wire_write_bytes8(out, wire("token"));
        wire_write_u8(out, WIRE_FIELD_TEXT);
        wire_write_bytes16(out, wire(token));
    });
}

}  // namespace

TEST_CASE("a secret is in no memory that the library gives back", "[client][memory]") {
    const std::string password = "correct horse battery staple";
    tagcache_credentials credentials = TAGCACHE_CREDENTIALS_INIT;
    credentials.user = bytes_of("web");
    credentials.password = bytes_of(password);
    const SecretWatch watch(password);
    SECTION("the watch sees what is there") {
        char* copy = strdup(password.c_str());
        free(copy);
        CHECK(has_leaked_secret);
    }
    SECTION("the credentials of a client") {
        tagcache_client_options options = TAGCACHE_CLIENT_OPTIONS_INIT;
        options.credentials = &credentials;
        tagcache_client* client = nullptr;
        REQUIRE(tagcache_client_new(&options, &client) == TAGCACHE_OK);
        tagcache_client_free(client);
        CHECK_FALSE(has_leaked_secret);
    }
    SECTION("requests, sent or not, moved by many others behind them") {
        tagcache_session_options options = TAGCACHE_SESSION_OPTIONS_INIT;
        options.credentials = &credentials;
        tagcache_session* session = nullptr;
        REQUIRE(tagcache_session_new(&options, &session) == TAGCACHE_OK);
        tagcache_pipeline* pipeline = tagcache_session_pipeline(session);
        const bool is_sent = GENERATE(true, false);
        tagcache_session_sent(session, is_sent ? tagcache_session_output(session).size : 1);
        for (int i = 0; i < 300; ++i) {
            REQUIRE(tagcache_pipeline_put(pipeline, bytes_of("k"), bytes_of(std::string(100, 'v')),
                                          nullptr, nullptr) == TAGCACHE_OK);
            tagcache_session_sent(session, 30);
        }
        CHECK(tagcache_pipeline_change_password(pipeline, bytes_of(password), bytes_of("another"),
                                                nullptr) == TAGCACHE_OK);
        tagcache_session_free(session);
        CHECK_FALSE(has_leaked_secret);
    }
    SECTION("a new token") {
        const SessionHandle session = new_session();
        tagcache_session_sent(session.get(), tagcache_session_output(session.get()).size);
        REQUIRE(tagcache_session_feed(session.get(), bytes_of(greeting())) == TAGCACHE_OK);
        tagcache_pipeline* pipeline = tagcache_session_pipeline(session.get());
        REQUIRE(tagcache_pipeline_token_new(pipeline, bytes_of("web"), 0, nullptr) == TAGCACHE_OK);
        tagcache_session_sent(session.get(), tagcache_session_output(session.get()).size);
        const std::string answer = reply(WIRE_OP_TOKEN, 2, WIRE_OK, token_body(password));
        REQUIRE(tagcache_session_feed(session.get(), bytes_of(answer)) == TAGCACHE_OK);
        tagcache_result* result = tagcache_result_new();
        REQUIRE(tagcache_pipeline_next(pipeline, result, nullptr));
        REQUIRE(tagcache_result_next(result));
        REQUIRE(tagcache_result_next_field(result));
        CHECK(text_of(tagcache_result_field_text(result)) == password);
        tagcache_result_free(result);
        CHECK_FALSE(has_leaked_secret);
    }
}
