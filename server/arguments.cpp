// SPDX-License-Identifier: MIT
#include "server/arguments.hpp"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>

#include "server/limits.hpp"
#include "server/reactor.hpp"
#include "server/server.hpp"

namespace tc {

namespace {

bool accept(Command& command, wire_status status) noexcept {
    if (status != WIRE_OK) {
        refuse_argument(command, status);
    }
    return status == WIRE_OK;
}

void refuse_ttl(Command& command) noexcept {
    const std::uint64_t ttl_max_ms = command.store.options().ttl_max_ms;
    std::array<char, 64> message{};
    const int size = std::snprintf(message.data(), message.size(),
                                   "a TTL is 1 to %" PRIu64 " ms on this server", ttl_max_ms);
    // A detail has 32 bits, and a maximum of 50 days in milliseconds has more.
    const auto detail = static_cast<std::uint32_t>(std::min<std::uint64_t>(ttl_max_ms, UINT32_MAX));
    command.refuse(WIRE_TTL_TOO_LONG, {message.data(), static_cast<std::size_t>(size)}, detail);
}

}  // namespace

bool accept_key(Command& command, std::string_view key) noexcept {
    return accept(command, check_key(command, key));
}

bool accept_value(Command& command, std::string_view value) noexcept {
    return accept(command, check_value(command, value));
}

bool accept_ttl(Command& command, std::optional<std::uint64_t> ttl_ms) noexcept {
    return accept(command, check_ttl(command.store, ttl_ms));
}

bool accept_key_count(Command& command, std::uint32_t count) noexcept {
    const bool is_accepted = count <= command.request_limits.keys_max;
    if (is_accepted) {
        command.charge(count);
    } else {
        refuse_argument(command, WIRE_TOO_MANY_KEYS);
    }
    return is_accepted;
}

void note_tag(Command& command, std::string_view tag) noexcept {
    command.reactor.hot().tags.note(tag, command.reactor.now_ms());
}

TagArguments read_tags(Command& command, const wire_list& list) noexcept {
    auto& tags = command.scratch.tags;
    if (list.count > command.request_limits.tags_max) {
        return {WIRE_TOO_MANY_TAGS, {}};
    }
    wire_reader in = wire_reader_over(list.raw);
    for (std::uint32_t i = 0; i < list.count; ++i) {
        tags[i] = text_of(wire_read_bytes8(&in));
        if (tags[i].empty()) {
            return {WIRE_TAG_EMPTY, {}};
        }
        note_tag(command, tags[i]);
    }
    return {WIRE_OK, std::span(tags).first(list.count)};
}

std::optional<std::span<const std::string_view>> accept_tags(Command& command,
                                                             const wire_list& list) noexcept {
    command.charge(list.count);
    const TagArguments arguments = read_tags(command, list);
    if (arguments.status != WIRE_OK) {
        refuse_argument(command, arguments.status);
        return std::nullopt;
    }
    return arguments.tags;
}

bool may_send_secrets(const Command& command) noexcept {
    const ClientRecord& client = command.client;
    return client.is_encrypted || !client.is_remote ||
           command.reactor.server().access().options().allows_plaintext_auth;
}

bool accept_limit(Command& command, std::uint32_t limit) noexcept {
    const bool is_legal = limit >= 1 && limit <= WIRE_PAGE_LIMIT_MAX;
    if (!is_legal) {
        command.refuse(WIRE_INVALID_ARGUMENT, "a page's limit is 1 to 10000", WIRE_PAGE_LIMIT_MAX);
    }
    return is_legal;
}

std::string_view message_of(wire_status status) noexcept {
    switch (status) {
        case WIRE_KEY_EMPTY: return "a key has at least one byte";
        case WIRE_KEY_TOO_LONG: return "the key is longer than key_bytes_max";
        case WIRE_VALUE_TOO_LARGE: return "the value is larger than value_bytes_max";
        case WIRE_TAG_EMPTY: return "a tag has at least one byte";
        case WIRE_TOO_MANY_TAGS: return "more tags than tags_max";
        case WIRE_TOO_MANY_KEYS: return "more keys than keys_max";
        case WIRE_NOT_A_NUMBER: return "the value is not a decimal 64-bit number";
        case WIRE_NUMBER_OVERFLOW: return "the result is no signed 64-bit number";
        case WIRE_OUT_OF_MEMORY: return "the memory limit is reached";
        case WIRE_INVALID_ARGUMENT: return "the cursor is not one of this server's";
        default: return "refused";
    }
}

void refuse_argument(Command& command, wire_status status) noexcept {
    const RequestLimits& own = command.request_limits;
    std::uint32_t detail = 0;
    std::uint32_t retry_after_ms = 0;
    switch (status) {
        case WIRE_KEY_TOO_LONG: detail = own.key_bytes_max; break;
        case WIRE_VALUE_TOO_LARGE: detail = own.value_bytes_max; break;
        case WIRE_TOO_MANY_TAGS: detail = own.tags_max; break;
        case WIRE_TOO_MANY_KEYS: detail = own.keys_max; break;
        case WIRE_TTL_TOO_LONG: return refuse_ttl(command);
        case WIRE_OUT_OF_MEMORY: retry_after_ms = limits::out_of_memory_retry_ms; break;
        default: break;
    }
    command.refuse(status, message_of(status), detail, retry_after_ms);
}

wire_status status_of(Outcome outcome) noexcept {
    switch (outcome) {
        case Outcome::ok: return WIRE_OK;
        case Outcome::not_found: return WIRE_NOT_FOUND;
        case Outcome::exists: return WIRE_EXISTS;
        case Outcome::version_mismatch: return WIRE_VERSION_MISMATCH;
        case Outcome::out_of_memory: return WIRE_OUT_OF_MEMORY;
        case Outcome::value_too_large: return WIRE_VALUE_TOO_LARGE;
        case Outcome::too_many_tags: return WIRE_TOO_MANY_TAGS;
        case Outcome::not_a_number: return WIRE_NOT_A_NUMBER;
        case Outcome::number_overflow: return WIRE_NUMBER_OVERFLOW;
        case Outcome::invalid_cursor: return WIRE_INVALID_ARGUMENT;
    }
    return WIRE_INVALID_ARGUMENT;
}

void answer_outcome(Command& command, Outcome outcome) noexcept {
    const wire_status status = status_of(outcome);
    if (status < WIRE_STATUS_REFUSED_FIRST) {
        command.answer(status);
    } else {
        refuse_argument(command, status);
    }
}

}  // namespace tc
