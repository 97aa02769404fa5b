// SPDX-License-Identifier: MIT
//
// Checks of what a request names: keys, tags, pages. Each returns whether the command may go on,
// and has refused it otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "protocol/list.h"
#include "server/command.hpp"

namespace tc {

// WIRE_OK, or why this key cannot be one: batches answer it for the item alone.
[[nodiscard]] inline wire_status check_key(const Command& command, std::string_view key) noexcept {
    if (key.empty()) {
        return WIRE_KEY_EMPTY;
    }
    return key.size() > command.request_limits.key_bytes_max ? WIRE_KEY_TOO_LONG : WIRE_OK;
}
[[nodiscard]] inline wire_status check_value(const Command& command,
                                             std::string_view value) noexcept {
    return value.size() > command.request_limits.value_bytes_max ? WIRE_VALUE_TOO_LARGE : WIRE_OK;
}
// Nothing means that the request has no TTL, which is always allowed: it gets the default one.
[[nodiscard]] inline wire_status check_ttl(const Store& store,
                                           std::optional<std::uint64_t> ttl_ms) noexcept {
    return ttl_ms.has_value() && !store.allows_ttl(*ttl_ms) ? WIRE_TTL_TOO_LONG : WIRE_OK;
}

[[nodiscard]] bool accept_key(Command& command, std::string_view key) noexcept;
[[nodiscard]] bool accept_value(Command& command, std::string_view value) noexcept;
[[nodiscard]] bool accept_ttl(Command& command, std::optional<std::uint64_t> ttl_ms) noexcept;
// Charges the work of so many keys, too.
[[nodiscard]] bool accept_key_count(Command& command, std::uint32_t count) noexcept;

// A request names the tag: that may be counted among its uses. read_tags() does it.
void note_tag(Command& command, std::string_view tag) noexcept;

// The tags as views in the reactor's scratch, which the next call overwrites; nothing when a tag or
// their number is refused. The status says why.
struct TagArguments {
    wire_status status = WIRE_OK;
    std::span<const std::string_view> tags;
};
[[nodiscard]] TagArguments read_tags(Command& command, const wire_list& list) noexcept;
[[nodiscard]] std::optional<std::span<const std::string_view>> accept_tags(
    Command& command, const wire_list& list) noexcept;

// A password or a token may travel over the command's connection as it is.
[[nodiscard]] bool may_send_secrets(const Command& command) noexcept;

// Refuses a limit or a cursor that no page can have.
[[nodiscard]] bool accept_limit(Command& command, std::uint32_t limit) noexcept;

// The text that goes with a refusal of a key, value or tag.
[[nodiscard]] std::string_view message_of(wire_status status) noexcept;
// Refuses with that text and the limit in question.
void refuse_argument(Command& command, wire_status status) noexcept;

// The status of a store's outcome, and an answer with it.
[[nodiscard]] wire_status status_of(Outcome outcome) noexcept;
void answer_outcome(Command& command, Outcome outcome) noexcept;

}  // namespace tc
