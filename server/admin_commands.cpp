// SPDX-License-Identifier: MIT
//
// HELLO PING STATS INFO CLIENT HOTKEYS.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <new>
#include <unordered_map>

#include "protocol/admin_messages.h"
#include "server/arguments.hpp"
#include "server/audit.hpp"
#include "server/clock.hpp"
#include "server/commands.hpp"
#include "server/field_list.hpp"
#include "server/policy_names.hpp"
#include "server/reactor.hpp"
#include "server/server.hpp"
#include "server/version.hpp"

namespace tc::command {

namespace {

constexpr std::uint64_t features_known = 0;  // none has been defined yet
constexpr std::size_t hello_fixed_bytes = 3 * 8 + 8 * 4 + 1;
constexpr std::size_t fields_bytes_max = 64 * 1024;
constexpr std::size_t hot_name_fixed_bytes = 8 + 2;
static_assert(WIRE_HOTKEYS_LIMIT_MAX <
              WIRE_REPLY_BYTES_MAX / (hot_name_fixed_bytes + WIRE_KEY_BYTES_MAX));

// What entries take beside their keys and values. While writes are in flight the sums may be of
// different moments.
std::uint64_t overhead_bytes(const StoreStats& stats) noexcept {
    return stats.entry_bytes - std::min(stats.entry_bytes, stats.key_bytes + stats.value_bytes);
}

void write_store_fields(FieldList& fields, const StoreStats& stats) noexcept {
    fields.number("entries", stats.entry_count);
    fields.number("tags", stats.tag_count);
    fields.number("edges", stats.edge_count);
    fields.number("used_bytes", stats.used_bytes);
    fields.number("entry_bytes", stats.entry_bytes);
    fields.number("key_bytes", stats.key_bytes);
    fields.number("value_bytes", stats.value_bytes);
    fields.number("overhead_bytes", overhead_bytes(stats));
    fields.number("index_bytes", stats.index_bytes);
    fields.number("tag_bytes", stats.tag_bytes);
    fields.number("retired_bytes", stats.retired_bytes);
    fields.number("pinned_bytes", stats.pinned_bytes);
    fields.number("idle_bytes", stats.idle_bytes);
    fields.number("dead_entries", stats.dead_count);
    fields.number("hits", stats.hits);
    fields.number("misses", stats.misses);
    fields.number("stored", stats.stored);
    fields.number("deleted", stats.deleted);
    fields.number("expired", stats.expired);
    fields.number("invalidated", stats.invalidated);
    fields.number("evicted", stats.evicted);
    fields.number("refused_out_of_memory", stats.refused_out_of_memory);
}

std::uint64_t sum_of(const Server& server, Counter ReactorCounters::*counter) noexcept {
    std::uint64_t sum = 0;
    for (const auto& reactor : server.reactors()) {
        sum += (reactor->counters().*counter).value();
    }
    return sum;
}

std::uint64_t longest_us(const Server& server, PauseCause cause) noexcept {
    std::uint64_t longest = 0;
    for (const auto& reactor : server.reactors()) {
        longest = std::max(longest, reactor->pauses().longest_us(cause));
    }
    return longest;
}

// "end:count" of each bucket that is not empty.
using BucketText = std::array<char, Latencies::bucket_count * 32>;

std::string_view buckets_of(const Server& server, RequestClass request_class,
                            BucketText& text) noexcept {
    char* next = text.data();
    for (std::size_t bucket = 0; bucket < Latencies::bucket_count; ++bucket) {
        std::uint64_t count = 0;
        for (const auto& reactor : server.reactors()) {
            count += reactor->latencies().count(request_class, bucket);
        }
        if (count != 0) {
            const auto left = static_cast<std::size_t>(text.data() + text.size() - next);
            next += std::snprintf(next, left, "%s%" PRIu64 ":%" PRIu64,
                                  next == text.data() ? "" : " ", Latencies::end_us(bucket), count);
        }
    }
    return {text.data(), static_cast<std::size_t>(next - text.data())};
}

void write_latency_fields(FieldList& fields, const Server& server) noexcept {
    BucketText text;
    fields.text("read_latency_us", buckets_of(server, RequestClass::read, text));
    fields.text("write_latency_us", buckets_of(server, RequestClass::write, text));
    fields.text("invalidate_latency_us", buckets_of(server, RequestClass::invalidate, text));
    fields.text("page_latency_us", buckets_of(server, RequestClass::page, text));
    fields.text("admin_latency_us", buckets_of(server, RequestClass::admin, text));
}

void write_pause_fields(FieldList& fields, const Server& server) noexcept {
    fields.number("pause_turn_us_max", longest_us(server, PauseCause::turn));
    fields.number("pause_reclaim_us_max", longest_us(server, PauseCause::reclaim));
    fields.number("pause_allocator_us_max", longest_us(server, PauseCause::allocator));
    fields.number("pause_deadlines_us_max", longest_us(server, PauseCause::deadlines));
}

void write_server_fields(FieldList& fields, const Server& server) noexcept {
    fields.number("uptime_ms", boot_time_ms() - server.started_at_ms());
    fields.number("connections", server.connection_count());
    fields.number("connection_bytes", sum_of(server, &ReactorCounters::connection_bytes));
    fields.number("output_bytes_held", server.held_bytes(&ReactorCounters::output_bytes_held));
    fields.number("input_bytes_held", server.held_bytes(&ReactorCounters::input_bytes_held));
    fields.number("connections_accepted", server.counters().accepted.value());
    fields.number("connections_refused", server.counters().refused_too_many.value());
    fields.number("connections_malformed", sum_of(server, &ReactorCounters::malformed));
    fields.number("connections_truncated", sum_of(server, &ReactorCounters::truncated));
    fields.number("connections_unauthenticated", server.unauthenticated_count());
    fields.number("connections_refused_unauthenticated",
                  server.counters().refused_unauthenticated.value());
    fields.number("connections_refused_remote", server.counters().refused_remote.value());
    fields.number("connections_refused_address", sum_of(server, &ReactorCounters::refused_address));
    fields.number("connections_slow", sum_of(server, &ReactorCounters::closed_slow));
    fields.number("connections_idle", sum_of(server, &ReactorCounters::closed_idle));
    fields.number("connections_over_budget", sum_of(server, &ReactorCounters::closed_over_budget));
    fields.number("auth_successes", sum_of(server, &ReactorCounters::auth_successes));
    fields.number("auth_failures", sum_of(server, &ReactorCounters::auth_failures));
    fields.number("requests_forbidden", sum_of(server, &ReactorCounters::forbidden));
    fields.number("requests", sum_of(server, &ReactorCounters::requests));
    fields.number("input_bytes", sum_of(server, &ReactorCounters::input_bytes));
    fields.number("output_bytes", sum_of(server, &ReactorCounters::output_bytes));
    fields.number("yields", sum_of(server, &ReactorCounters::yields));
    fields.number("paused_reads", sum_of(server, &ReactorCounters::paused_reads));
    fields.number("tls_handshakes", sum_of(server, &ReactorCounters::tls_handshakes));
    fields.number("tls_handshake_failures",
                  sum_of(server, &ReactorCounters::tls_handshake_failures));
    fields.number("tls_connections", sum_of(server, &ReactorCounters::tls_connections));
    fields.number("log_lines_dropped", server.log().dropped_count());
}

void write_client(wire_writer* out, const ClientListing& client) noexcept {
    FieldList fields(out);
    fields.number("id", client.id);
    fields.text("address", client.address.view());
    fields.text("name", client.name.view());
    fields.text("library", client.library.view());
    fields.text("user", client.user.view());
    fields.number("age_ms", client.age_ms);
    fields.number("idle_ms", client.idle_ms);
    fields.number("requests", client.requests);
    fields.number("input_bytes", client.input_bytes);
    fields.number("output_bytes", client.output_bytes);
    fields.number("unsent_bytes", client.unsent_bytes);
    fields.number("reactor", client.reactor_index);
}

// Room for a client's names and numbers: the names of fields and four short texts.
constexpr std::size_t client_bytes_max = 640;
static_assert(WIRE_PAGE_LIMIT_MAX < WIRE_REPLY_BYTES_MAX / client_bytes_max);

// A cursor is the id of the last client shown: ids only grow, so a page neither misses nor repeats.
struct ClientCursor {
    bool is_valid = true;
    std::uint64_t id = 0;
};

ClientCursor read_client_cursor(wire_bytes bytes) noexcept {
    wire_reader in = wire_reader_over(bytes);
    ClientCursor cursor;
    if (bytes.size != 0) {
        cursor.id = wire_read_u64(&in);
        cursor.is_valid = wire_reader_finished(&in);
    }
    return cursor;
}

// The ids above `after_id` of connections of all reactors, the `limit` smallest; the last of them
// bounds the page. Only numbers are copied while a reactor is kept from opening and closing.
ClientIdRange ids_of_page(const Server& server, std::uint64_t after_id, std::uint32_t limit) {
    std::vector<std::uint64_t> ids;
    ids.reserve(server.connections_max());
    for (const auto& reactor : server.reactors()) {
        reactor->list_client_ids(after_id, ids);
    }
    if (ids.empty()) {
        return {after_id, after_id, 0, true};
    }
    const std::size_t count = std::min<std::size_t>(ids.size(), limit);
    const auto last = ids.begin() + static_cast<std::ptrdiff_t>(count) - 1;
    std::ranges::nth_element(ids, last);
    return {after_id, *last, count, count == ids.size()};
}

void answer_clients(Command& command, std::vector<ClientListing>& clients,
                    const ClientIdRange& range) noexcept {
    std::ranges::sort(clients, {}, &ClientListing::id);
    std::array<std::uint8_t, 8> cursor{};
    wire_writer cursor_out = wire_writer_over(cursor.data(), cursor.size());
    wire_write_u64(&cursor_out, range.last_id);

    wire_writer* out = command.begin(4 + 1 + cursor.size() + clients.size() * client_bytes_max);
    if (out == nullptr) {
        return;
    }
    wire_write_u32(out, static_cast<std::uint32_t>(clients.size()));
    wire_write_bytes8(out, {cursor.data(), range.is_end ? 0 : cursor.size()});
    for (const ClientListing& client : clients) {
        write_client(out, client);
    }
    command.finish(WIRE_OK);
}

void list_clients(Command& command, const wire_client& request) noexcept {
    if (!accept_limit(command, request.limit)) {
        return;
    }
    const ClientCursor cursor = read_client_cursor(request.cursor);
    if (!cursor.is_valid) {
        return refuse_argument(command, WIRE_INVALID_ARGUMENT);
    }
    try {
        const Server& server = command.reactor.server();
        command.charge(server.connection_count() / limits::places_per_work);
        const ClientIdRange range = ids_of_page(server, cursor.id, request.limit);
        std::vector<ClientListing> clients;
        clients.reserve(range.count);
        for (const auto& reactor : server.reactors()) {
            reactor->list_clients(range, boot_time_ms(), clients);
        }
        answer_clients(command, clients, range);
    } catch (const std::bad_alloc&) {
        refuse_argument(command, WIRE_OUT_OF_MEMORY);
    }
}

void answer_no_clients(Command& command) noexcept {
    wire_writer* const out = command.begin(4 + 1);
    if (out != nullptr) {
        wire_write_u32(out, 0);
        wire_write_bytes8(out, {});
        command.finish(WIRE_OK);
    }
}

void kill_client(Command& command, std::uint64_t id) noexcept {
    Reactor::Kill kill = Reactor::Kill::not_found;
    for (const auto& reactor : command.reactor.server().reactors()) {
        if (kill == Reactor::Kill::not_found) {
            kill = reactor->kill_client(id);
        }
    }
    switch (kill) {
        case Reactor::Kill::requested: answer_no_clients(command); break;
        case Reactor::Kill::not_found: command.answer(WIRE_NOT_FOUND); break;
        case Reactor::Kill::too_many:
            command.refuse(WIRE_BUSY, "too many connections wait for being closed", 0,
                           limits::kills_retry_ms);
    }
    command.charge(command.reactor.server().connection_count() / limits::places_per_work);
    audit(command, LogEvent::audit, "client_kill", {{"killed", id}});
}

void name_client(Command& command, std::string_view name) noexcept {
    if (name.size() > ShortText::bytes_max) {
        return command.refuse(WIRE_INVALID_ARGUMENT, "the name is too long", ShortText::bytes_max);
    }
    const ShortText library = command.client.library;
    command.reactor.name_client(command.client, name, library.view());
    answer_no_clients(command);
}

// What all reactors have noted, as one; a name is used on as many as there are connections to.
std::vector<HotName> hot_names(const Server& server, HotSketch HotSketches::*sketch) {
    std::vector<HotName> noted;
    for (const auto& reactor : server.reactors()) {
        (reactor->hot().*sketch).list(boot_time_ms(), noted);
    }
    std::unordered_map<std::string_view, std::uint64_t> rates;
    for (const HotName& hot : noted) {
        rates[hot.name] += hot.rate;
    }
    std::vector<HotName> names;
    names.reserve(rates.size());
    for (const auto& [name, rate] : rates) {
        names.push_back({std::string(name), rate});
    }
    return names;
}

// The hottest `limit` of them in order, which for equal ones is that of their names.
void keep_hottest(std::vector<HotName>& names, std::size_t limit) noexcept {
    const auto is_hotter = [](const HotName& left, const HotName& right) {
        return left.rate != right.rate ? left.rate > right.rate : left.name < right.name;
    };
    const std::size_t count = std::min(names.size(), limit);
    std::ranges::partial_sort(names, names.begin() + static_cast<std::ptrdiff_t>(count), is_hotter);
    names.resize(count);
}

void answer_hot_names(Command& command, const std::vector<HotName>& names) noexcept {
    std::size_t size = 4;
    for (const HotName& hot : names) {
        size += hot_name_fixed_bytes + hot.name.size();
    }
    wire_writer* out = command.begin(size);
    if (out == nullptr) {
        return;
    }
    wire_write_u32(out, static_cast<std::uint32_t>(names.size()));
    for (const HotName& hot : names) {
        wire_write_hot_name(out, hot.rate, bytes_of(hot.name));
    }
    command.finish(WIRE_OK);
}

// None where nobody has to authenticate, and none where secrets would be seen on their way.
std::uint32_t auth_mechanisms(const Command& command) noexcept {
    return command.client.user != nullptr && may_send_secrets(command)
               ? WIRE_AUTH_PASSWORD | WIRE_AUTH_TOKEN
               : 0;
}

}  // namespace

void hello(Command& command) noexcept {
    wire_hello hello;
    if (!wire_decode_hello(command.request.body, &hello)) {
        return command.malformed();
    }
    if (command.client.is_greeted) {
        return command.refuse(WIRE_INVALID_ARGUMENT, "HELLO is allowed once a connection");
    }
    if (std::max(hello.client_name.size, hello.library.size) > ShortText::bytes_max) {
        return command.refuse(WIRE_INVALID_ARGUMENT, "client_name or library is too long",
                              ShortText::bytes_max);
    }
    command.client.is_greeted = true;
    command.reactor.name_client(command.client, text_of(hello.client_name), text_of(hello.library));

    const Server& server = command.reactor.server();
    const std::string_view version = version_text;
    wire_hello_reply reply{};
    reply.features = hello.features & features_known;
    reply.boot_id = server.boot_id();
    reply.sequence = command.store.sequence();
    reply.key_bytes_max = command.request_limits.key_bytes_max;
    reply.value_bytes_max = command.request_limits.value_bytes_max;
    reply.tag_bytes_max = WIRE_TAG_BYTES_MAX;
    reply.tags_max = command.request_limits.tags_max;
    reply.keys_max = command.request_limits.keys_max;
    reply.frame_body_bytes_max = command.request_limits.frame_body_bytes_max;
    reply.reply_bytes_max = command.request_limits.reply_bytes_max;
    reply.auth_mechanisms = auth_mechanisms(command);
    reply.server_version = bytes_of(version);
    wire_writer* out = command.begin(hello_fixed_bytes + version.size());
    if (out != nullptr) {
        wire_encode_hello_reply(out, &reply);
        command.finish(WIRE_OK);
    }
}

void ping(Command& command) noexcept {
    if (command.request.body.size != 0) {
        return command.malformed();
    }
    command.answer(WIRE_OK);
}

void stats(Command& command) noexcept {
    if (command.request.body.size != 0) {
        return command.malformed();
    }
    wire_writer* out = command.begin(fields_bytes_max);
    if (out == nullptr) {
        return;
    }
    {
        FieldList fields(out);
        write_server_fields(fields, command.reactor.server());
        write_pause_fields(fields, command.reactor.server());
        write_latency_fields(fields, command.reactor.server());
        write_store_fields(fields, command.store.stats());
    }
    command.finish(WIRE_OK);
}

void info(Command& command) noexcept {
    if (command.request.body.size != 0) {
        return command.malformed();
    }
    wire_writer* out = command.begin(fields_bytes_max);
    if (out == nullptr) {
        return;
    }
    {
        Server& server = command.reactor.server();
        const StoreOptions& options = command.store.options();
        FieldList fields(out);
        fields.text("version", version_text);
        fields.number("protocol_version", WIRE_VERSION);
        fields.number("boot_id", server.boot_id());
        fields.number("process_id", static_cast<std::uint64_t>(getpid()));
        fields.text("addresses", server.address_text());
        fields.number("uptime_ms", boot_time_ms() - server.started_at_ms());
        fields.text("config_file", server.configuration().config_path());
        fields.number("reactors", server.reactor_count());
        fields.number("stripes", options.stripe_count);
        fields.number("connections_max", server.connections_max());
        fields.number("memory_bytes_max", command.store.memory_bytes_max());
        fields.text("eviction_policy", name_of(options.eviction_policy));
        fields.number("ttl_default_ms", options.ttl_default_ms);
        fields.number("ttl_max_ms", options.ttl_max_ms);
        fields.number("ttl_jitter_percent", options.ttl_jitter_percent);
        const RequestLimits& own = command.request_limits;
        fields.number("key_bytes_max", own.key_bytes_max);
        fields.number("value_bytes_max", own.value_bytes_max);
        fields.number("tag_bytes_max", WIRE_TAG_BYTES_MAX);
        fields.number("tags_max", own.tags_max);
        fields.number("keys_max", own.keys_max);
        fields.number("frame_body_bytes_max", own.frame_body_bytes_max);
        fields.number("reply_bytes_max", own.reply_bytes_max);
    }
    command.finish(WIRE_OK);
}

void client(Command& command) noexcept {
    wire_client request;
    if (!wire_decode_client(command.request.body, &request)) {
        return command.malformed();
    }
    switch (request.action) {
        case WIRE_CLIENT_LIST: return list_clients(command, request);
        case WIRE_CLIENT_KILL: return kill_client(command, request.id);
        case WIRE_CLIENT_SETNAME: return name_client(command, text_of(request.name));
        default:
            return command.refuse(WIRE_UNSUPPORTED, "this server knows no such action of CLIENT",
                                  request.action);
    }
}

void hotkeys(Command& command) noexcept {
    wire_hotkeys request;
    if (!wire_decode_hotkeys(command.request.body, &request)) {
        return command.malformed();
    }
    if (request.kind != WIRE_HOTKEYS_KEYS && request.kind != WIRE_HOTKEYS_TAGS) {
        return command.refuse(WIRE_UNSUPPORTED, "this server knows hot keys and hot tags only",
                              request.kind);
    }
    if (request.limit < 1 || request.limit > WIRE_HOTKEYS_LIMIT_MAX) {
        return command.refuse(WIRE_INVALID_ARGUMENT, "the limit of HOTKEYS is 1 to 1000",
                              WIRE_HOTKEYS_LIMIT_MAX);
    }
    command.charge(limits::turn_work_max);  // every counter of every reactor is looked at
    const bool is_of_tags = request.kind == WIRE_HOTKEYS_TAGS;
    try {
        std::vector<HotName> names = hot_names(
            command.reactor.server(), is_of_tags ? &HotSketches::tags : &HotSketches::keys);
        if (const User* user = command.client.user; user != nullptr) {
            std::erase_if(names, [&](const HotName& hot) {
                return !(is_of_tags ? user->covers_tag(hot.name) : user->covers_key(hot.name));
            });
        }
        keep_hottest(names, request.limit);
        answer_hot_names(command, names);
    } catch (const std::bad_alloc&) {
        refuse_argument(command, WIRE_OUT_OF_MEMORY);
    }
}

}  // namespace tc::command
