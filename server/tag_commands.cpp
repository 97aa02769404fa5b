// SPDX-License-Identifier: MIT
//
// TAGS TAG_ADD TAG_REMOVE KEYS_BY_TAG TAG_COUNT TAG_LIST INVALIDATE SCAN DELETE_PREFIX FLUSH.
#include <algorithm>

#include "protocol/entry_messages.h"
#include "protocol/tag_messages.h"
#include "server/arguments.hpp"
#include "server/audit.hpp"
#include "server/client_record.hpp"
#include "server/commands.hpp"

namespace tc::command {

namespace {

constexpr std::size_t page_fixed_bytes = 4 + 2 + 1 + WIRE_CURSOR_BYTES_MAX;
constexpr std::size_t version_bytes = 8;

// A page of names has to fit into a reply, whatever their sizes: where keys may be long it is
// shorter than asked for.
std::uint32_t keys_per_page(const Command& command, std::uint32_t wanted) noexcept {
    const RequestLimits& own = command.request_limits;
    const std::size_t fitting =
        (own.reply_bytes_max - page_fixed_bytes) / (2 + std::size_t{own.key_bytes_max});
    return static_cast<std::uint32_t>(std::min<std::size_t>(wanted, fitting));
}

TagMatch match_of(std::uint16_t options) noexcept {
    return (options & WIRE_TAGS_ALL) != 0 ? TagMatch::all : TagMatch::any;
}

// The tags of a request that needs at least one.
std::optional<std::span<const std::string_view>> accept_some_tags(Command& command,
                                                                  const wire_list& list) noexcept {
    if (list.count == 0) {
        command.refuse(WIRE_INVALID_ARGUMENT, "at least one tag has to be named");
        return std::nullopt;
    }
    return accept_tags(command, list);
}

// `count` of entries that were removed, or counted.
void answer_count(Command& command, std::uint64_t count) noexcept {
    wire_writer* out = command.begin(sizeof count);
    if (out != nullptr) {
        wire_write_u64(out, count);
        command.finish(WIRE_OK);
    }
}

void answer_keys(Command& command, const PageResult& page) noexcept {
    if (page.outcome != Outcome::ok) {
        return answer_outcome(command, page.outcome);
    }
    command.charge(page.examined_count / limits::places_per_work);
    const auto& keys = command.scratch.keys;
    std::size_t size = page_fixed_bytes;
    for (const std::string_view key : keys) {
        size += 2 + key.size();
    }
    wire_writer* out = command.begin(size);
    if (out == nullptr) {
        return;
    }
    wire_write_page_head(out, static_cast<std::uint32_t>(keys.size()), 0,
                         bytes_of(page.next.view()));
    for (const std::string_view key : keys) {
        wire_write_bytes16(out, bytes_of(key));
    }
    command.finish(WIRE_OK);
}

using TagChange = TagChangeResult (Store::*)(Session&, std::string_view,
                                             std::span<const std::string_view>) noexcept;

void change_tags(Command& command, TagChange act) noexcept {
    wire_tag_change change;
    if (!wire_decode_tag_change(command.request.body, &change)) {
        return command.malformed();
    }
    const std::string_view key = text_of(change.key);
    if (!accept_key(command, key)) {
        return;
    }
    const auto tags = accept_tags(command, change.tags);
    if (!tags) {
        return;
    }
    const TagChangeResult result = (command.store.*act)(command.session, key, *tags);
    if (result.outcome != Outcome::ok) {
        return answer_outcome(command, result.outcome);
    }
    const bool is_version_wanted = (change.options & WIRE_PUT_RETURN_VERSION) != 0;
    wire_writer* out = command.begin(2 + version_bytes);
    if (out != nullptr) {
        wire_write_u16(out, static_cast<std::uint16_t>(result.changed_count));
        wire_write_version(out, is_version_wanted ? result.version : 0);
        command.finish(WIRE_OK);
    }
}

}  // namespace

void tags(Command& command) noexcept {
    wire_bytes key;
    if (!wire_decode_tags(command.request.body, &key)) {
        return command.malformed();
    }
    if (!accept_key(command, text_of(key))) {
        return;
    }
    const EntryView entry = command.store.peek(command.session, text_of(key));
    if (!entry) {
        return command.answer(WIRE_NOT_FOUND);
    }
    wire_list tags{};
    tags.count = static_cast<std::uint32_t>(entry.tag_count());
    tags.array = command.scratch.tag_bytes.data();
    std::size_t size = 2;
    for (std::size_t i = 0; i < entry.tag_count(); ++i) {
        command.scratch.tag_bytes[i] = bytes_of(entry.tag(i));
        size += 1 + entry.tag(i).size();
    }
    wire_writer* out = command.begin(size);
    if (out != nullptr) {
        wire_write_tags(out, &tags);
        command.finish(WIRE_OK);
    }
}

void tag_add(Command& command) noexcept {
    change_tags(command, &Store::add_tags);
}

void tag_remove(Command& command) noexcept {
    change_tags(command, &Store::remove_tags);
}

void keys_by_tag(Command& command) noexcept {
    wire_keys_by_tag request;
    if (!wire_decode_keys_by_tag(command.request.body, &request)) {
        return command.malformed();
    }
    if (!accept_limit(command, request.limit)) {
        return;
    }
    const auto tags = accept_some_tags(command, request.tags);
    if (!tags) {
        return;
    }
    auto& keys = command.scratch.keys;
    keys.clear();
    const PageResult page = command.store.keys_by_tag(
        command.session, *tags, match_of(request.options), Cursor::from(text_of(request.cursor)),
        keys_per_page(command, request.limit), keys);
    if (const User* user = command.client.user; user != nullptr) {
        // A tag of the user's may be on entries of others, whose keys are none of its affair.
        std::erase_if(keys, [&](std::string_view key) { return !user->covers_key(key); });
    }
    answer_keys(command, page);
}

void tag_count(Command& command) noexcept {
    wire_bytes tag;
    if (!wire_decode_tag_count(command.request.body, &tag)) {
        return command.malformed();
    }
    if (tag.size == 0) {
        return refuse_argument(command, WIRE_TAG_EMPTY);
    }
    const std::string_view name = text_of(tag);
    note_tag(command, name);
    answer_count(command,
                 command.store.count_tagged(command.session, std::span(&name, 1), TagMatch::any));
}

void tag_list(Command& command) noexcept {
    wire_scan scan;
    if (!wire_decode_scan(command.request.body, WIRE_OP_TAG_LIST, &scan)) {
        return command.malformed();
    }
    if (!accept_limit(command, scan.limit)) {
        return;
    }
    const bool is_counted = (scan.options & WIRE_TAG_LIST_COUNTS) != 0;
    auto& tags = command.scratch.tag_counts;
    tags.clear();
    const PageResult page =
        command.store.list_tags(command.session, text_of(scan.pattern),
                                Cursor::from(text_of(scan.cursor)), scan.limit, is_counted, tags);
    if (page.outcome != Outcome::ok) {
        return answer_outcome(command, page.outcome);
    }
    command.charge(page.examined_count / limits::places_per_work +
                   (is_counted ? tags.size() * limits::work_per_tag_count : 0));
    wire_writer* out = command.begin(page_fixed_bytes + tags.size() * (8 + 2 + WIRE_TAG_BYTES_MAX));
    if (out == nullptr) {
        return;
    }
    wire_write_page_head(out, static_cast<std::uint32_t>(tags.size()), scan.options,
                         bytes_of(page.next.view()));
    for (const TagCount& tag : tags) {
        if (is_counted) {
            wire_write_u64(out, tag.entry_count);
        }
        wire_write_bytes16(out, bytes_of(tag.name));
    }
    command.finish(WIRE_OK);
}

void invalidate(Command& command) noexcept {
    wire_invalidate request;
    if (!wire_decode_invalidate(command.request.body, &request)) {
        return command.malformed();
    }
    const auto tags = accept_some_tags(command, request.tags);
    if (!tags) {
        return;
    }
    const TagMatch match = match_of(request.options);
    const bool is_dry_run = (request.options & WIRE_INVALIDATE_DRY_RUN) != 0;
    if (tags->size() > 1) {
        command.charge(limits::turn_work_max);  // members are compared one by one
    }
    if (is_dry_run) {
        return answer_count(command, command.store.count_tagged(command.session, *tags, match));
    }
    const std::uint64_t removed_count = command.store.invalidate(command.session, *tags, match);
    command.charge(removed_count / limits::removals_per_work);
    answer_count(command, removed_count);
    audit_removal(command, "invalidate", removed_count,
                  {{"removed", removed_count}, {"tags", tags->size()}, {"tag", tags->front()}});
}

void scan(Command& command) noexcept {
    wire_scan scan;
    if (!wire_decode_scan(command.request.body, WIRE_OP_SCAN, &scan)) {
        return command.malformed();
    }
    const KeyPattern pattern{text_of(scan.pattern), (scan.options & WIRE_SCAN_GLOB) != 0};
    if (!accept_limit(command, scan.limit)) {
        return;
    }
    if (pattern.is_glob && pattern.text.size() > WIRE_GLOB_BYTES_MAX) {
        return command.refuse(WIRE_INVALID_ARGUMENT, "the glob is too long", WIRE_GLOB_BYTES_MAX);
    }
    if (check_key(command, pattern.text) == WIRE_KEY_TOO_LONG) {
        return command.refuse(WIRE_INVALID_ARGUMENT, "the pattern is longer than a key can be",
                              command.request_limits.key_bytes_max);
    }
    command.scratch.keys.clear();
    answer_keys(command,
                command.store.scan(command.session, pattern, Cursor::from(text_of(scan.cursor)),
                                   keys_per_page(command, scan.limit), command.scratch.keys));
}

void delete_prefix(Command& command) noexcept {
    wire_scan scan;
    if (!wire_decode_scan(command.request.body, WIRE_OP_DELETE_PREFIX, &scan)) {
        return command.malformed();
    }
    if (!accept_limit(command, scan.limit)) {
        return;
    }
    const std::string_view prefix = text_of(scan.pattern);
    if (prefix.empty()) {
        return command.refuse(WIRE_INVALID_ARGUMENT, "an empty prefix is every key: use FLUSH");
    }
    const RemovedPageResult page = command.store.remove_prefix(
        command.session, prefix, Cursor::from(text_of(scan.cursor)), scan.limit);
    if (page.outcome != Outcome::ok) {
        return answer_outcome(command, page.outcome);
    }
    command.charge(page.examined_count / limits::places_per_work +
                   page.removed_count / limits::removals_per_work);
    wire_writer* out = command.begin(8 + 1 + WIRE_CURSOR_BYTES_MAX);
    if (out != nullptr) {
        wire_write_removed(out, page.removed_count, bytes_of(page.next.view()));
        command.finish(WIRE_OK);
    }
    audit_removal(command, "delete_prefix", page.removed_count,
                  {{"removed", page.removed_count}, {"prefix", prefix}});
}

void flush(Command& command) noexcept {
    if (command.request.body.size != 0) {
        return command.malformed();
    }
    command.charge(limits::turn_work_max);
    const std::uint64_t removed_count = command.store.flush(command.session);
    answer_count(command, removed_count);
    audit(command, LogEvent::client_audit, "flush", {{"removed", removed_count}});
}

}  // namespace tc::command
