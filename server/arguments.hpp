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
[[nodiscard]] wire_status check_key(std::string_view key) noexcept;
[[nodiscard]] wire_status check_value(std::string_view value) noexcept;
// Nothing means that the request has no TTL, which is always allowed: it gets the default one.
[[nodiscard]] wire_status check_ttl(const Store& store,
                                    std::optional<std::uint64_t> ttl_ms) noexcept;

[[nodiscard]] bool accept_key(Command& command, std::string_view key) noexcept;
[[nodiscard]] bool accept_value(Command& command, std::string_view value) noexcept;
[[nodiscard]] bool accept_ttl(Command& command, std::optional<std::uint64_t> ttl_ms) noexcept;
// Charges the work of so many keys, too.
[[nodiscard]] bool accept_key_count(Command& command, std::uint32_t count) noexcept;

// The tags as views in the reactor's scratch, which the next call overwrites; nothing when a tag or
// their number is refused. The status says why.
struct TagArguments {
    wire_status status = WIRE_OK;
    std::span<const std::string_view> tags;
};
[[nodiscard]] TagArguments read_tags(CommandScratch& scratch, const wire_list& list) noexcept;
[[nodiscard]] std::optional<std::span<const std::string_view>> accept_tags(
    Command& command, const wire_list& list) noexcept;

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
