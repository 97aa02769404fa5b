// SPDX-License-Identifier: MIT
//
// CONFIG SLOWLOG SHUTDOWN: by which a server is run.
#include <algorithm>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "protocol/control_messages.h"
#include "protocol/opcodes.h"
#include "server/arguments.hpp"
#include "server/audit.hpp"
#include "server/commands.hpp"
#include "server/field_list.hpp"
#include "server/reactor.hpp"
#include "server/server.hpp"

namespace tc::command {

namespace {

constexpr std::size_t fields_bytes_max = 256 * 1024;
constexpr std::size_t message_bytes_max = 512;

// What a message may have of a file or a value: printable ASCII, and not much of it.
std::string printable(std::string text) {
    text.resize(std::min(text.size(), message_bytes_max));
    std::replace_if(
        text.begin(), text.end(), [](char byte) { return byte < ' ' || byte > '~'; }, '?');
    return text;
}

void write_listing(wire_writer* out, const SettingListing& listing) noexcept {
    FieldList fields(out);
    fields.text("key", listing.setting->key);
    fields.text("value", listing.value);
    if (listing.next_value != listing.value) {
        fields.text("next_value", listing.next_value);
    }
    fields.text("default", default_text_of(*listing.setting));
    fields.text("source", name_of(listing.source));
    fields.text("place", listing.place);
    fields.text("takes", range_text_of(*listing.setting));
    fields.number("live", listing.setting->is_live ? 1 : 0);
}

void answer(Command& command, const std::vector<SettingListing>& listings) {
    wire_writer* const out = command.begin(fields_bytes_max);
    if (out == nullptr) {
        return;
    }
    wire_write_u32(out, static_cast<std::uint32_t>(listings.size()));
    for (const SettingListing& listing : listings) {
        write_listing(out, listing);
    }
    command.finish(WIRE_OK);
}

void answer(Command& command, const ConfigurationChange& change) {
    if (!change.problems.empty()) {
        return command.refuse(WIRE_INVALID_ARGUMENT, printable(change.problems[0]));
    }
    std::vector<SettingListing> listings;
    for (const auto* settings : {&change.changed, &change.postponed}) {
        for (const Setting* setting : *settings) {
            const auto listing = command.reactor.server().configuration().list(setting->key);
            listings.insert(listings.end(), listing.begin(), listing.end());
        }
    }
    answer(command, listings);
}

void change_setting(Command& command, const wire_config& request) {
    const Setting* const setting = find_setting(text_of(request.name));
    if (setting == nullptr) {
        return command.answer(WIRE_NOT_FOUND);
    }
    Configuration& configuration = command.reactor.server().configuration();
    if (request.action == WIRE_CONFIG_SET) {
        answer(command, configuration.set(*setting, std::string(text_of(request.value))));
        return audit(command, LogEvent::audit, "config_set",
                     {{"key", setting->key}, {"value", text_of(request.value)}});
    }
    answer(command, configuration.reset(*setting));
    audit(command, LogEvent::audit, "config_reset", {{"key", setting->key}});
}

void list_settings(Command& command, const wire_config& request) {
    const auto listings = command.reactor.server().configuration().list(text_of(request.name));
    if (listings.empty()) {
        return command.answer(WIRE_NOT_FOUND);
    }
    answer(command, listings);
}

void obey(Command& command, const wire_config& request) {
    switch (request.action) {
        case WIRE_CONFIG_GET: return list_settings(command, request);
        case WIRE_CONFIG_SET:
        case WIRE_CONFIG_RESET: return change_setting(command, request);
        case WIRE_CONFIG_RELOAD:
            answer(command, command.reactor.server().reload());
            return audit(command, LogEvent::audit, "config_reload");
        default:
            return command.refuse(WIRE_UNSUPPORTED, "this server knows no such action of CONFIG",
                                  request.action);
    }
}

// Room for a request's names and numbers.
constexpr std::size_t slow_request_bytes_max = 768;
static_assert(WIRE_SLOWLOG_LIMIT_MAX < WIRE_REPLY_BYTES_MAX / slow_request_bytes_max);

void write_slow_request(wire_writer* out, const SlowRequest& slow) noexcept {
    const wire_opcode_info* const info = wire_opcode_find(slow.opcode);
    FieldList fields(out);
    fields.number("id", slow.id);
    fields.number("time_ms", slow.time_ms);
    fields.number("duration_us", slow.duration_us);
    fields.text("opcode", info != nullptr ? info->name : "");
    fields.text("name", slow.name());
    fields.number("requests", slow.request_count);
    fields.number("client", slow.client_id);
    fields.text("address", slow.address.view());
    fields.text("client_name", slow.client_name.view());
    fields.text("user", slow.user.view());
}

void list_slow_requests(Command& command, std::uint32_t limit) {
    const auto requests = command.reactor.server().slow_log().list(limit);
    wire_writer* const out = command.begin(4 + requests.size() * slow_request_bytes_max);
    if (out == nullptr) {
        return;
    }
    wire_write_u32(out, static_cast<std::uint32_t>(requests.size()));
    for (const SlowRequest& slow : requests) {
        write_slow_request(out, slow);
    }
    command.finish(WIRE_OK);
}

}  // namespace

void config(Command& command) noexcept {
    wire_config request;
    if (!wire_decode_config(command.request.body, &request)) {
        return command.malformed();
    }
    command.charge(limits::turn_work_max);
    const bool has_name = request.action != WIRE_CONFIG_RELOAD;
    const bool has_value = request.action == WIRE_CONFIG_SET;
    if ((!has_name && request.name.size != 0) || (!has_value && request.value.size != 0)) {
        return command.refuse(WIRE_INVALID_ARGUMENT, "this action of CONFIG takes no such field");
    }
    try {
        obey(command, request);
    } catch (const std::exception&) {
        refuse_argument(command, WIRE_OUT_OF_MEMORY);
    }
}

void slowlog(Command& command) noexcept {
    wire_slowlog request;
    if (!wire_decode_slowlog(command.request.body, &request)) {
        return command.malformed();
    }
    if (request.action > WIRE_SLOWLOG_RESET) {
        return command.refuse(WIRE_UNSUPPORTED, "this server knows no such action of SLOWLOG",
                              request.action);
    }
    const bool is_reset = request.action == WIRE_SLOWLOG_RESET;
    const bool is_fit = is_reset ? request.limit == 0
                                 : request.limit >= 1 && request.limit <= WIRE_SLOWLOG_LIMIT_MAX;
    if (!is_fit) {
        return command.refuse(WIRE_INVALID_ARGUMENT,
                              "the limit of SLOWLOG is 1 to 128, and 0 to reset it",
                              WIRE_SLOWLOG_LIMIT_MAX);
    }
    command.charge(limits::turn_work_max);
    try {
        if (is_reset) {
            command.reactor.server().slow_log().reset();
        }
        list_slow_requests(command, request.limit);
    } catch (const std::bad_alloc&) {
        refuse_argument(command, WIRE_OUT_OF_MEMORY);
    }
}

void shutdown(Command& command) noexcept {
    if (!wire_decode_shutdown(command.request.body)) {
        return command.malformed();
    }
    command.reactor.server().request_stop();
    command.answer(WIRE_OK);
    audit(command, LogEvent::audit, "shutdown");
}

}  // namespace tc::command
