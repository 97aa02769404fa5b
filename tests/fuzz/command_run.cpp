// SPDX-License-Identifier: MIT
#include "command_run.hpp"

#include <algorithm>
#include <cstdio>

#include "fields.hpp"
#include "protocol/opcodes.h"
#include "reached.hpp"
#include "require.hpp"

namespace tc::fuzz {
namespace {

constexpr std::uint8_t stops_at_end = 16;
constexpr std::uint64_t little_memory_bytes = 128 * 1024;
constexpr std::size_t steps_max = 200;
constexpr std::uint64_t too_slow_ms = 11'000;
constexpr int ticks_until_all_were_looked_at = 10;

const CommandRun* running = nullptr;

// The first byte chooses the server, and how its run ends.
ModelRules rules_of(std::uint8_t choice) {
    return {.ttl_default_ms = (choice & 1) != 0 ? 4'000U : 0U,
            .ttl_max_ms = (choice & 2) != 0 ? 60'000U : 0U,
            .has_memory_limit = (choice & 12) == 12};
}

StoreOptions store_options(const ModelRules& rules) {
    return {
        .memory_bytes_max = rules.has_memory_limit ? little_memory_bytes : ample_memory_bytes,
        .eviction_policy = rules.ttl_max_ms != 0 ? EvictionPolicy::none : EvictionPolicy::s3_fifo,
        .stripe_count = 2,
        .ttl_default_ms = rules.ttl_default_ms,
        .ttl_max_ms = rules.ttl_max_ms,
        .hash_seed = 1984};
}

std::size_t variant_of(const ModelRules& rules) {
    return (rules.ttl_default_ms != 0 ? 1U : 0U) + (rules.ttl_max_ms != 0 ? 2U : 0U) +
           (rules.has_memory_limit ? 4U : 0U);
}

std::string client_preface() {
    std::string bytes(WIRE_PREFACE_BYTES, '\0');
    wire_writer out = wire_writer_over(bytes.data(), bytes.size());
    const wire_client_preface preface{WIRE_VERSION_OLDEST, WIRE_VERSION};
    wire_encode_client_preface(&out, &preface);
    return bytes;
}

std::string ping(std::uint32_t request_id) {
    std::string bytes(WIRE_HEADER_BYTES, '\0');
    wire_writer out = wire_writer_over(bytes.data(), bytes.size());
    wire_finish_request(&out, wire_begin_request(&out, WIRE_OP_PING, 0, request_id));
    return bytes;
}

// The reply in front, if there is one.
bool parse_front(const std::string& received, wire_reply& reply) {
    const wire_frame_result result = wire_parse_reply(bytes_of(received), UINT32_MAX, &reply);
    require(result == WIRE_FRAME_COMPLETE || (received.empty() && result == WIRE_FRAME_NEED_MORE),
            "whole replies are received");
    return result == WIRE_FRAME_COMPLETE;
}

}  // namespace

CommandRun::CommandRun(Input& input)
    : input_(input),
      choice_(input.byte()),
      rules_(rules_of(choice_)),
      server_(emptied_server(variant_of(rules_), store_options(rules_))),
      model_(rules_),
      maker_(input, model_) {
    running = this;
    tell_more = print_list;
    model_.set_now_ms(LoopServer::now_ms());
}

CommandRun::~CommandRun() {
    tell_more = nullptr;
    running = nullptr;
}

void CommandRun::print_list() {
    std::fprintf(stderr, "it is %llu ms\n", static_cast<unsigned long long>(LoopServer::now_ms()));
    for (const std::string& event : running->list_) {
        if (event.starts_with('#')) {
            std::fprintf(stderr, "%s\n", event.c_str());
            continue;
        }
        wire_request request;
        (void)wire_parse_request(bytes_of(event), UINT32_MAX, &request);
        const wire_opcode_info* const info = wire_opcode_find(request.opcode);
        std::fprintf(stderr, "%s id %u flags %u body %s\n", info != nullptr ? info->name : "?",
                     request.request_id, request.flags,
                     ::hex_of(::text_of(request.body).substr(0, 100)).c_str());
    }
}

void CommandRun::run() {
    open(current());
    for (std::size_t i = 0; i < steps_max && !input_.empty(); ++i) {
        step();
    }
    send_all();
    server_.store().check_invariants();
    if ((choice_ & stops_at_end) != 0) {
        server_.reactor().drain();
        for (Connection& connection : connections_) {
            if (connection.client == nullptr) {
                continue;
            }
            connection.client->receive();
            wire_reply reply;
            require(parse_front(connection.client->received(), reply) &&
                        reply.status == WIRE_SHUTTING_DOWN && connection.client->is_ended(),
                    "a server that stops says so");
            note_reached(reply);
        }
    }
}

void CommandRun::step() {
    switch (input_.below(16)) {
        case 9: return send(input_.byte());
        case 10:
        case 11: return send(SIZE_MAX);
        case 12: {
            constexpr std::array<std::uint64_t, 8> spans_ms{1, 1, 2, 99, 100, 4'000, 5'000, 60'000};
            return move_clock(spans_ms.at(input_.below(spans_ms.size())));
        }
        case 13:
            note("# upkeep");
            server_.reactor().tick();
            return server_.settle();
        case 14:
            current_index_ = 1 - current_index_;
            return current().client == nullptr ? open(current()) : void();
        case 15: return step_rarely();
        default: return ask(maker_.make(++last_id_));
    }
}

void CommandRun::step_rarely() {
    switch (input_.below(8)) {
        case 0:
        case 1: return walk_pages();
        case 2: return send_malformed();
        case 3: return server_.store().check_invariants();
        case 4: return let_frame_time_out();
        case 5: send(SIZE_MAX); return open(current());
        default: return ask(maker_.make(++last_id_));
    }
}

void CommandRun::open(Connection& connection) {
    note("# connect");
    connection = {};
    connection.client = std::make_unique<LoopClient>(server_);
    connection.client->send(client_preface());
    std::string& received = connection.client->received();
    wire_server_preface preface;
    require(wire_decode_server_preface(bytes_of(received), &preface) == WIRE_FRAME_COMPLETE &&
                preface.chosen == WIRE_VERSION,
            "a client is welcome");
    received.erase(0, WIRE_PREFACE_BYTES);
}

void CommandRun::ask(std::string frame) {
    note(frame);
    Connection& connection = current();
    connection.unsent += frame;
    const std::size_t ends_at = connection.sent_bytes + connection.unsent.size();
    connection.asked.push_back({std::move(frame), ends_at});
}

void CommandRun::send(std::size_t size_max) {
    Connection& connection = current();
    const std::size_t size = std::min(size_max, connection.unsent.size());
    if (size == 0) {
        return;
    }
    note("# connection " + std::to_string(current_index_) + " sends " + std::to_string(size) +
         " bytes");
    connection.client->send(std::string_view(connection.unsent).substr(0, size));
    connection.unsent.erase(0, size);
    connection.sent_bytes += size;
    check_replies();
}

void CommandRun::send_all() {
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        send(SIZE_MAX);
        current_index_ = 1 - current_index_;
    }
}

// Every request whose last byte was sent has been executed, and answered if it had to be.
void CommandRun::check_replies() {
    Connection& connection = current();
    model_.set_now_ms(LoopServer::now_ms());
    std::string& received = connection.client->received();
    while (!connection.asked.empty() && connection.asked.front().ends_at <= connection.sent_bytes) {
        const Asked asked = std::move(connection.asked.front());
        connection.asked.pop_front();
        wire_request request;
        require(
            wire_parse_request(bytes_of(asked.frame), UINT32_MAX, &request) == WIRE_FRAME_COMPLETE,
            "a request that was made is one");
        wire_reply reply;
        const bool is_told = parse_front(received, reply) && reply.request_id == request.request_id;
        if (is_told) {
            note_reached(reply);
        }
        model_.check(request, is_told ? &reply : nullptr, connection.is_greeted);
        received.erase(0, is_told ? reply.frame_bytes : 0);
        if (model_.status() >= WIRE_STATUS_CLOSING_FIRST) {
            return require_ended();
        }
    }
    require(received.empty(), "nothing is said that was not asked for");
}

// Nothing behind the request that closes was executed; the next connection shows it.
void CommandRun::require_ended() {
    Connection& connection = current();
    require(connection.client->received().empty(), "the reply that closes is the last");
    require(connection.client->is_ended(), "a status of its class closes the connection");
    open(connection);
}

// No frame may be cut while much time passes, or it would be too slow.
void CommandRun::move_clock(std::uint64_t ms) {
    constexpr std::uint64_t little_ms = 2;
    if (ms > little_ms) {
        send_all();
    }
    note("# " + std::to_string(ms) + " ms pass");
    LoopServer::set_now_ms(LoopServer::now_ms() + ms);
    model_.set_now_ms(LoopServer::now_ms());
}

// All pages together list everything once, as nothing changes in between.
void CommandRun::walk_pages() {
    send(SIZE_MAX);
    ask(maker_.make_first_page(++last_id_));
    const std::string first = current().asked.back().frame;
    test::Strings names;
    for (;;) {
        send(SIZE_MAX);
        names.insert(names.end(), model_.page().names.begin(), model_.page().names.end());
        const std::string cursor = model_.page().cursor;
        if (model_.status() != WIRE_OK || rules_.has_memory_limit || cursor.empty()) {
            break;
        }
        wire_request request;
        (void)wire_parse_request(bytes_of(first), UINT32_MAX, &request);
        ask(RequestMaker::next_page(request, cursor, ++last_id_));
    }
    if (model_.status() == WIRE_OK && !rules_.has_memory_limit) {
        require(test::distinct(names).size() == names.size(), "no name is on two pages");
        for (const std::string& wanted : model_.page().wanted) {
            require(std::find(names.begin(), names.end(), wanted) != names.end(),
                    "every name is on a page");
        }
    }
}

// What cannot be parsed closes, and nothing behind it is executed.
void CommandRun::send_malformed() {
    send(SIZE_MAX);
    Connection& connection = current();
    const std::string frame = maker_.make_malformed(++last_id_);
    note("# malformed: " + ::hex_of(frame));
    connection.client->send(frame + ping(++last_id_));
    std::string& received = connection.client->received();
    wire_reply reply;
    require(parse_front(received, reply) &&
                (reply.status == WIRE_MALFORMED || reply.status == WIRE_FRAME_TOO_LARGE),
            "what is malformed is refused");
    note_reached(reply);
    received.erase(0, reply.frame_bytes);
    require_ended();
}

void CommandRun::tick_for_all() {
    for (int i = 0; i < ticks_until_all_were_looked_at; ++i) {
        server_.reactor().tick();
        server_.settle();
    }
    current().client->receive();
}

// A frame that is cut, and whose rest does not come. Its time begins with its first byte, however
// long nobody had looked at the clock before.
void CommandRun::let_frame_time_out() {
    Connection& connection = current();
    move_clock(too_slow_ms);
    connection.client->send(ping(++last_id_).substr(0, 5));
    tick_for_all();
    require(connection.client->received().empty(), "a frame that has just begun is not slow");
    move_clock(too_slow_ms);
    tick_for_all();
    std::string& received = connection.client->received();
    wire_reply reply;
    require(parse_front(received, reply) && reply.status == WIRE_TOO_SLOW, "a slow peer is told");
    note_reached(reply);
    received.erase(0, reply.frame_bytes);
    require_ended();
}

}  // namespace tc::fuzz
