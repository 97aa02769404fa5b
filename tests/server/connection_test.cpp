// SPDX-License-Identifier: MIT
//
// Connections that end, stall, flood or share: against a real server. Ids are those of the
// catalogue of bad inputs.
#include <sys/stat.h>
#include <catch2/catch.hpp>

#include <map>

#include "support/eventually.hpp"
#include "support/process_memory.hpp"
#include "support/running_server.hpp"
#include "support/server_stats.hpp"
#include "support/wire_client.hpp"

using namespace tc::test;

namespace {

constexpr std::size_t mebibyte = 1024 * 1024;

}  // namespace

TEST_CASE("C1: after a half-close every reply of a full pipeline arrives") {
    RunningServer server;
    constexpr int count = 20'000;  // more than one turn's work
    auto client = WireClient::greeted(server.port());
    std::string frames = put_frame("k", "value");
    for (std::uint32_t i = 1; i <= count; ++i) {
        frames += get_frame("k", i);
    }
    client.send(frames);
    client.end_sending();
    CHECK(client.receive()->status == WIRE_OK);
    for (std::uint32_t i = 1; i <= count; ++i) {
        const auto reply = client.receive();
        REQUIRE(reply.has_value());
        REQUIRE(reply->request_id == i);
        REQUIRE(reply->value() == "value");
    }
    CHECK(client.is_closed_by_server());
}

TEST_CASE("C2: resets within frames and with replies queued leave a working server") {
    RunningServer server;
    const std::string value(256 * 1024, 'v');
    auto probe = WireClient::greeted(server.port());
    REQUIRE(probe.call(put_frame("big", value)).status == WIRE_OK);
    for (int i = 0; i < 200; ++i) {
        auto client = WireClient::greeted(server.port());
        switch (i % 3) {
            case 0: client.send(put_frame("k", "v").substr(0, 9)); break;
            case 1: client.send(repeated(get_frame("big"), 40)); break;
            default: break;
        }
        client.reset();
    }
    CHECK(probe.call(get_frame("big")).value() == value);
    CHECK(eventually([&] { return counter_of(probe, "connections") == 1; }));
}

TEST_CASE("C3: a client that never reads is neither read nor executed beyond a bound") {
    RunningServer server;
    auto probe = WireClient::greeted(server.port());
    REQUIRE(probe.call(put_frame("big", std::string(mebibyte, 'v'))).status == WIRE_OK);
    auto client = WireClient::greeted(server.port());
    client.send(repeated(get_frame("big"), 1000));  // a gigabyte of replies
    CHECK(eventually([&] { return counter_of(probe, "paused_reads") >= 1; }));
    // What the kernel's buffers took plus the bound of unsent replies, not all thousand.
    const std::uint64_t requests = counter_of(probe, "requests");
    CHECK(requests < 100);
    for (const FieldMap& listed : clients_of(probe)) {
        CHECK(listed.numbers.at("unsent_bytes") <= 3 * mebibyte);
    }
    // Once it reads, it gets everything, in order.
    for (int i = 0; i < 1000; ++i) {
        const auto reply = client.receive();
        REQUIRE(reply.has_value());
        REQUIRE(reply->body.size() > mebibyte);
    }
}

#if !defined(TC_SANITIZED)
TEST_CASE("C3: the memory of replies that nobody read comes back") {
    // Whatever memory the machine has, none of them is closed; and little stays in the kernel.
    RunningServer server({"--reactors", "2", "--limits-output-bytes-max", "1g"});
    auto probe = WireClient::greeted(server.port());
    // Small enough to be copied.
    REQUIRE(probe.call(put_frame("small", std::string(8'000, 'v'))).status == WIRE_OK);
    const std::string request = mget_frame("small", 1'000);
    const std::uint64_t before = process_bytes(server.pid(), "VmRSS:");
    {
        std::vector<WireClient> clients;
        for (int i = 0; i < 40; ++i) {
            clients.push_back(WireClient::greeted(server.port(), 536));
            clients.back().send(request);
        }
        CHECK(eventually(
            [&] { return process_bytes(server.pid(), "VmRSS:") > before + 120 * mebibyte; }));
    }
    CHECK(
        eventually([&] { return process_bytes(server.pid(), "VmRSS:") < before + 32 * mebibyte; }));
}

TEST_CASE("C3: large values in replies that nobody reads are there once") {
    RunningServer server({"--reactors", "2"});
    auto probe = WireClient::greeted(server.port());
    REQUIRE(probe.call(put_frame("big", std::string(mebibyte, 'v'))).status == WIRE_OK);
    const std::string request = mget_frame("big", 15);
    const std::uint64_t before = process_bytes(server.pid(), "VmRSS:");
    std::vector<WireClient> clients;
    for (int i = 0; i < 40; ++i) {
        clients.push_back(WireClient::greeted(server.port(), 536));  // little is in the kernel
        clients.back().send(request);
    }
    std::uint64_t unsent_bytes = 0;
    CHECK(eventually([&] {
        unsent_bytes = 0;
        for (const FieldMap& listed : clients_of(probe)) {
            unsent_bytes += listed.numbers.at("unsent_bytes");
        }
        return unsent_bytes > 300 * mebibyte;
    }));
    CHECK(process_bytes(server.pid(), "VmRSS:") < before + 32 * mebibyte);
}
#endif

TEST_CASE("C3: a client that takes nothing of its replies for 10 s is closed") {
    RunningServer server;
    auto probe = WireClient::greeted(server.port());
    REQUIRE(probe.call(put_frame("big", std::string(mebibyte, 'v'))).status == WIRE_OK);
    auto client = WireClient::greeted(server.port());
    client.send(repeated(get_frame("big"), 100));
    CHECK(eventually([&] { return counter_of(probe, "connections_slow") == 1; }));
    CHECK(eventually([&] { return counter_of(probe, "connections") == 1; }));
}

TEST_CASE("C3 C5: a slow but steady reader is kept, and its cut-off frame waits for it") {
    RunningServer server;
    auto probe = WireClient::greeted(server.port());
    REQUIRE(probe.call(put_frame("big", std::string(mebibyte, 'v'))).status == WIRE_OK);
    auto client = WireClient::greeted(server.port());
    const std::string put = put_frame("k", std::string(100, 'v'));
    client.send(repeated(get_frame("big"), 14) + put.substr(0, 50));
    CHECK(eventually([&] { return counter_of(probe, "paused_reads") >= 1; }));
    // 20 KB/s for longer than either deadline: more than 1 KiB in 10 s, and not all that waits.
    const std::uint64_t began_at_ms = counter_of(probe, "uptime_ms");
    for (std::uint64_t now_ms = 0; now_ms < 12'500;
         now_ms = counter_of(probe, "uptime_ms") - began_at_ms) {
        if (client.input().size() < now_ms * 20) {
            REQUIRE(client.receive_more(4096));
        } else {
            poll(nullptr, 0, 5);
        }
    }
    for (int i = 0; i < 14; ++i) {
        REQUIRE(client.receive()->status == WIRE_OK);
    }
    client.send(put.substr(50));
    CHECK(client.receive()->status == WIRE_OK);
    CHECK(counter_of(probe, "connections_slow") == 0);
}

TEST_CASE("C5: a frame that does not come to its end in time is refused") {
    RunningServer server({"--limits-frame-ms-max", "1000"});
    auto client = WireClient::greeted(server.port());
    client.send(put_frame("k", "v").substr(0, 20));
    const auto reply = client.receive();
    REQUIRE(reply.has_value());
    CHECK(reply->status == WIRE_TOO_SLOW);
    CHECK(client.is_closed_by_server());
}

TEST_CASE("C12: a pipeline of a million requests is served in bounded memory") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    REQUIRE(client.call(put_frame("k", "v")).status == WIRE_OK);
    const int count = 1'000'000;
    const std::string chunk = repeated(get_frame("k"), 1000);
    std::size_t reply_bytes = 0;
    std::size_t sent_bytes = 0;
    const std::size_t wanted_bytes = chunk.size() * (count / 1000);
    const std::size_t expected_bytes = std::size_t{count} * (WIRE_HEADER_BYTES + 2 + 4 + 1);
    const auto send_some = [&] {
        const std::size_t sent =
            sent_bytes == wanted_bytes
                ? 0
                : client.send_some(std::string_view(chunk).substr(sent_bytes % chunk.size()));
        sent_bytes += sent;
        return sent;
    };
    auto probe = WireClient::greeted(server.port());
    // As far as it goes without reading: until the server reads no more, or has it all.
    CHECK(eventually([&] {
        while (send_some() != 0) {
        }
        return sent_bytes == wanted_bytes || counter_of(probe, "paused_reads") >= 1;
    }));
    for (const FieldMap& listed : clients_of(probe)) {
        CHECK(listed.numbers.at("unsent_bytes") <= 3 * mebibyte);
    }
    while (reply_bytes < expected_bytes) {
        (void)send_some();  // and reads a little
        REQUIRE(client.receive_more());
        reply_bytes += client.input().size();
        client.input().clear();
    }
    CHECK(reply_bytes == expected_bytes);
    CHECK(counter_of(probe, "requests") >= count);
}

TEST_CASE("connections are spread evenly over the reactors and stay where they are") {
    RunningServer server({"--reactors", "4"});
    for (const std::size_t count : {2U, 8U, 50U, 1000U}) {
        std::vector<WireClient> clients;
        for (std::size_t i = 0; i < count; ++i) {
            clients.push_back(WireClient::greeted(server.port()));
        }
        std::map<std::uint64_t, std::size_t> by_reactor;
        std::map<std::uint64_t, std::uint64_t> by_id;
        for (const FieldMap& client : clients_of(clients[0])) {
            ++by_reactor[client.numbers.at("reactor")];
            by_id[client.numbers.at("id")] = client.numbers.at("reactor");
        }
        for (std::uint64_t reactor = 0; reactor < 4; ++reactor) {
            CHECK(by_reactor[reactor] >= count / 4);
            CHECK(by_reactor[reactor] <= (count + 3) / 4);
        }
        for (WireClient& client : clients) {
            CHECK(client.call(put_frame("k", "v")).status == WIRE_OK);
        }
        for (const FieldMap& client : clients_of(clients[0], 7)) {
            CHECK(by_id.at(client.numbers.at("id")) == client.numbers.at("reactor"));
        }
        clients.clear();
        auto probe = WireClient::greeted(server.port());
        CHECK(eventually([&] { return counter_of(probe, "connections") == 1; }));
    }
}

TEST_CASE("a deep pipeline does not keep the others of its reactor waiting") {
    RunningServer server({"--reactors", "1"});
    auto busy = WireClient::greeted(server.port());
    auto other = WireClient::greeted(server.port());
    REQUIRE(busy.call(put_frame("k", "v")).status == WIRE_OK);
    // A backlog in the server, not drained by its client; the other is served all the same.
    const std::string backlog = repeated(get_frame("k"), 10'000);
    busy.send(backlog);
    for (int i = 0; i < 100; ++i) {
        REQUIRE(other.call(ping_frame()).status == WIRE_OK);
    }
    CHECK(eventually([&] { return counter_of(other, "requests") > 10'000; }));
    CHECK(counter_of(other, "yields") >= 1);
}

TEST_CASE("a pipeline of long pages or large batches lets the others go first, too") {
    RunningServer server({"--reactors", "1"});
    auto client = WireClient::greeted(server.port());
    std::string puts;
    for (int i = 0; i < 10'000; ++i) {
        puts += put_frame("key" + std::to_string(i), "v",
                          {"t", "u", "t" + std::to_string(i % 1000)}, 0, WIRE_REQUEST_QUIET);
    }
    REQUIRE(client.call(puts + ping_frame()).status == WIRE_OK);
    const auto [name, request] = GENERATE(table<std::string, std::string>({
        {"pages", raw_frame(WIRE_OP_SCAN, 1, {"\0\0\x10\x27\0\0\0\x01\0x", 10})},
        {"removing pages", raw_frame(WIRE_OP_DELETE_PREFIX, 1, {"\0\0\x10\x27\0\0\0\x01\0x", 10})},
        {"flushes", raw_frame(WIRE_OP_FLUSH, 1, "")},
        {"dry runs over two tags", raw_frame(WIRE_OP_INVALIDATE, 1, {"\x03\0\x02\0\x01t\x01u", 8})},
        {"counted tags", raw_frame(WIRE_OP_TAG_LIST, 1, {"\x01\0\x10\x27\0\0\0\0\0", 9})},
    }));
    INFO(name);
    const std::uint64_t yields_before = counter_of(client, "yields");
    client.send(repeated(request, 100));
    for (int i = 0; i < 100; ++i) {
        REQUIRE(client.receive()->status == WIRE_OK);
    }
    CHECK(counter_of(client, "yields") >= yields_before + 90);
}

TEST_CASE("clients are listed while others come and go") {
    RunningServer server({"--reactors", "2"});
    auto probe = WireClient::greeted(server.port());
    for (int i = 0; i < 100; ++i) {
        WireClient first(server.port());
        WireClient second(server.port());
        for (const FieldMap& client : clients_of(probe, 2)) {
            REQUIRE(client.texts.at("address").starts_with("127.0.0.1:"));
        }
    }
}

TEST_CASE("a connection too many is told so and closed, the others go on") {
    RunningServer server({"--max-connections", "3"});
    auto first = WireClient::greeted(server.port());
    auto second = WireClient::greeted(server.port());
    auto third = WireClient::greeted(server.port());
    WireClient fourth(server.port());
    const wire_server_preface preface = fourth.receive_preface();
    CHECK(int{preface.chosen} == 0);
    CHECK(int{preface.reason} == WIRE_REFUSAL_TOO_MANY_CONNECTIONS);
    CHECK(fourth.is_closed_by_server());
    CHECK(first.call(ping_frame()).status == WIRE_OK);
    second.reset();
    CHECK(eventually([&] { return counter_of(first, "connections") == 2; }));
    CHECK(WireClient::greeted(server.port()).call(ping_frame()).status == WIRE_OK);
}

TEST_CASE("a client reads over one connection what was written over another") {
    RunningServer server({"--reactors", "2"});
    auto writer = WireClient::greeted(server.port());
    auto reader = WireClient::greeted(server.port());
    for (int i = 0; i < 1000; ++i) {
        const std::string value = std::to_string(i);
        REQUIRE(writer.call(put_frame("k", value, {"t"})).status == WIRE_OK);
        REQUIRE(reader.call(get_frame("k")).value() == value);
        REQUIRE(writer.call(invalidate_frame("t")).count() == 1);
        REQUIRE(reader.call(get_frame("k")).status == WIRE_NOT_FOUND);
    }
}

TEST_CASE("a Unix socket serves the same protocol, to its owner alone") {
    const std::string path = "/tmp/tagcached-test-" + std::to_string(getpid()) + ".sock";
    {
        RunningServer server({"--unix", path});
        struct stat status {};
        REQUIRE(::stat(path.c_str(), &status) == 0);
        CHECK((status.st_mode & 0777) == 0600);
        WireClient client(path);
        client.send(client_preface());
        CHECK(int{client.receive_preface().chosen} == WIRE_VERSION);
        CHECK(client.call(put_frame("k", "v")).status == WIRE_OK);
        CHECK(WireClient::greeted(server.port()).call(get_frame("k")).value() == "v");
        CHECK(clients_of(client).front().texts.at("address") == "unix:");
    }
    CHECK(access(path.c_str(), F_OK) != 0);
}

TEST_CASE("a value that arrives in many reads is stored whole") {
    RunningServer server;
    auto client = WireClient::greeted(server.port());
    std::string value(mebibyte, '\0');
    for (std::size_t i = 0; i < value.size(); ++i) {
        value[i] = static_cast<char>(i * 7);
    }
    const std::string frames = put_frame("a", "before") + put_frame("k", value) + get_frame("a");
    for (std::size_t at = 0; at < frames.size(); at += 5'000) {
        client.send(std::string_view(frames).substr(at, 5'000));
    }
    CHECK(client.receive()->status == WIRE_OK);
    CHECK(client.receive()->status == WIRE_OK);
    CHECK(client.receive()->value() == "before");
    CHECK(client.call(get_frame("k")).value() == value);
}
