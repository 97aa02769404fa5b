// SPDX-License-Identifier: MIT
//
// What each opcode needs: one row an opcode, which docs/protocol.md repeats (section 12, Rights).
// The check comes after parsing and before anything is looked up, and looks at every key and every
// tag of the request.
#pragma once

#include <cstdint>
#include <optional>

#include "access/access_table.hpp"
#include "protocol/frame.h"

namespace tc {

// Which fields of a request are names, hence which grammar finds them.
enum class NamedIn : std::uint8_t {
    nothing,
    get,         // GET GETDEL: a key
    mget,        // MGET: keys
    keys,        // EXISTS TOUCH DELETE: keys, with versions
    item,        // PUT ADD REPLACE: a key and tags
    append,      // APPEND PREPEND: a key
    items,       // MPUT: items
    number,      // INCR DECR: a key and tags
    key,         // TAGS: a key
    tag_change,  // TAG_ADD TAG_REMOVE: a key and tags
    tag_page,    // KEYS_BY_TAG: tags
    tag,         // TAG_COUNT: a tag
    tags,        // INVALIDATE: tags
    key_prefix,  // SCAN DELETE_PREFIX
    tag_prefix,  // TAG_LIST
    draft,       // not known yet: only for those to whom everything is allowed
};

struct AccessRule {
    std::uint8_t rights;  // all of these WIRE_RIGHT_ are needed
    NamedIn names;
    bool is_before_auth = false;  // HELLO AUTH PING
};

// Nothing for an opcode that has no number. No opcode of wire.h is without a row: the compiler says
// so.
[[nodiscard]] std::optional<AccessRule> access_rule_of(std::uint8_t opcode) noexcept;

enum class Access : std::uint8_t {
    allowed,
    unauthenticated,   // the user is nobody()
    lacks_right,       // for this opcode, whatever it names
    outside_prefixes,  // for one of the keys, tags or prefixes that are named
};

// A request whose body is malformed is allowed as far as its names could be read: its command finds
// it malformed and executes nothing.
[[nodiscard]] Access check_access(const User& user, const wire_request& request) noexcept;

}  // namespace tc
