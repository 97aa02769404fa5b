// SPDX-License-Identifier: MIT
#include "access/access_rules.hpp"

#include "protocol/entry_messages.h"
#include "protocol/tag_messages.h"

namespace tc {

namespace {

constexpr std::uint8_t none = 0;
constexpr std::uint8_t read = WIRE_RIGHT_READ;
constexpr std::uint8_t write = WIRE_RIGHT_WRITE;
constexpr std::uint8_t read_write = WIRE_RIGHT_READ | WIRE_RIGHT_WRITE;
constexpr std::uint8_t invalidate = WIRE_RIGHT_INVALIDATE;
constexpr std::uint8_t admin = WIRE_RIGHT_ADMIN;

std::string_view view_of(wire_bytes bytes) noexcept {
    return {static_cast<const char*>(bytes.data), bytes.size};
}

std::uint8_t action_of(const wire_request& request) noexcept {
    wire_reader in = wire_reader_over(request.body);
    return wire_read_u8(&in);
}

std::uint16_t options_of(const wire_request& request) noexcept {
    wire_reader in = wire_reader_over(request.body);
    return wire_read_u16(&in);
}

// Where what a request contains decides: changing an expiry is a write, and one's own name and
// password are nobody else's affair.
std::uint8_t rights_for(const AccessRule& rule, const wire_request& request) noexcept {
    switch (request.opcode) {
        case WIRE_OP_GET:
        case WIRE_OP_MGET:
            return (options_of(request) & WIRE_GET_TOUCH) != 0 ? read_write : rule.rights;
        case WIRE_OP_CLIENT: return action_of(request) == WIRE_CLIENT_SETNAME ? none : rule.rights;
        case WIRE_OP_USER: return action_of(request) == WIRE_USER_PASSWD ? none : rule.rights;
        default: return rule.rights;
    }
}

bool covers_tags(const User& user, const wire_list& tags) noexcept {
    wire_reader in = wire_reader_over(tags.raw);
    for (std::uint32_t i = 0; i < tags.count; ++i) {
        if (!user.covers_tag(view_of(wire_read_bytes8(&in)))) {
            return false;
        }
    }
    return true;
}

bool covers_item(const User& user, const wire_put& item) noexcept {
    return user.covers_key(view_of(item.key)) && covers_tags(user, item.tags);
}

bool covers_mget(const User& user, const wire_request& request) noexcept {
    wire_mget mget;
    if (!wire_decode_mget(request.body, &mget)) {
        return true;
    }
    wire_reader keys = wire_reader_over(mget.keys.raw);
    for (std::uint32_t i = 0; i < mget.keys.count; ++i) {
        if (!user.covers_key(view_of(wire_next_key(&keys)))) {
            return false;
        }
    }
    return true;
}

bool covers_keys(const User& user, const wire_request& request) noexcept {
    wire_keys keys;
    if (!wire_decode_keys(request.body, request.opcode, &keys)) {
        return true;
    }
    // In EXISTS the bit asks for versions, and its items have none.
    const auto options = request.opcode == WIRE_OP_EXISTS ? std::uint16_t{0} : keys.options;
    wire_reader items = wire_reader_over(keys.keys.raw);
    for (std::uint32_t i = 0; i < keys.keys.count; ++i) {
        std::uint64_t version = 0;
        if (!user.covers_key(view_of(wire_next_versioned_key(&items, options, &version)))) {
            return false;
        }
    }
    return true;
}

bool covers_items(const User& user, const wire_request& request) noexcept {
    wire_mput mput;
    if (!wire_decode_mput(request.body, &mput)) {
        return true;
    }
    wire_reader items = wire_reader_over(mput.items);
    for (std::uint32_t i = 0; i < mput.count; ++i) {
        wire_put item;
        wire_next_put(&items, &item);
        if (!covers_item(user, item)) {
            return false;
        }
    }
    return true;
}

// What stands before the first special character of a glob begins every key that it matches.
std::string_view fixed_prefix(const wire_scan& scan, std::uint8_t opcode) noexcept {
    const std::string_view pattern = view_of(scan.pattern);
    const bool is_glob = opcode == WIRE_OP_SCAN && (scan.options & WIRE_SCAN_GLOB) != 0;
    return is_glob ? pattern.substr(0, std::min(pattern.find_first_of("*?[\\"), pattern.size()))
                   : pattern;
}

bool covers_prefix(const User& user, const wire_request& request, bool is_of_tags) noexcept {
    wire_scan scan;
    if (!wire_decode_scan(request.body, request.opcode, &scan)) {
        return true;
    }
    const std::string_view prefix = fixed_prefix(scan, request.opcode);
    return is_of_tags ? user.covers_tag(prefix) : user.covers_key(prefix);
}

bool covers_tag_names(const User& user, const wire_request& request, NamedIn names) noexcept {
    switch (names) {
        case NamedIn::tag_page: {
            wire_keys_by_tag page;
            return !wire_decode_keys_by_tag(request.body, &page) || covers_tags(user, page.tags);
        }
        case NamedIn::tag: {
            wire_bytes tag;
            return !wire_decode_tag_count(request.body, &tag) || user.covers_tag(view_of(tag));
        }
        default: {
            wire_invalidate message;
            return !wire_decode_invalidate(request.body, &message) ||
                   covers_tags(user, message.tags);
        }
    }
}

bool covers_entry_names(const User& user, const wire_request& request, NamedIn names) noexcept {
    switch (names) {
        case NamedIn::get: {
            wire_get get;
            return !wire_decode_get(request.body, &get) || user.covers_key(view_of(get.key));
        }
        case NamedIn::item: {
            wire_put item;
            return !wire_decode_put(request.body, &item) || covers_item(user, item);
        }
        case NamedIn::append: {
            wire_put item;
            return !wire_decode_append(request.body, &item) || user.covers_key(view_of(item.key));
        }
        case NamedIn::number: {
            wire_incr incr;
            return !wire_decode_incr(request.body, &incr) ||
                   (user.covers_key(view_of(incr.key)) && covers_tags(user, incr.tags));
        }
        case NamedIn::key: {
            wire_bytes key;
            return !wire_decode_tags(request.body, &key) || user.covers_key(view_of(key));
        }
        default: {
            wire_tag_change change;
            return !wire_decode_tag_change(request.body, &change) ||
                   (user.covers_key(view_of(change.key)) && covers_tags(user, change.tags));
        }
    }
}

bool covers_names(const User& user, const wire_request& request, NamedIn names) noexcept {
    switch (names) {
        case NamedIn::nothing: return true;
        case NamedIn::get:
        case NamedIn::item:
        case NamedIn::append:
        case NamedIn::number:
        case NamedIn::key:
        case NamedIn::tag_change: return covers_entry_names(user, request, names);
        case NamedIn::mget: return covers_mget(user, request);
        case NamedIn::keys: return covers_keys(user, request);
        case NamedIn::items: return covers_items(user, request);
        case NamedIn::tag_page:
        case NamedIn::tag:
        case NamedIn::tags: return covers_tag_names(user, request, names);
        case NamedIn::key_prefix: return covers_prefix(user, request, false);
        case NamedIn::tag_prefix: return covers_prefix(user, request, true);
        case NamedIn::draft: return user.may(admin) && user.covers_key("") && user.covers_tag("");
    }
    return false;
}

}  // namespace

std::optional<AccessRule> access_rule_of(std::uint8_t opcode) noexcept {
    // No default: an opcode of wire.h without a row is an error of the build (-Wswitch).
    switch (static_cast<wire_opcode>(opcode)) {
        case WIRE_OP_NONE: return std::nullopt;
        case WIRE_OP_HELLO:
        case WIRE_OP_AUTH:
        case WIRE_OP_PING: return AccessRule{none, NamedIn::nothing, true};

        case WIRE_OP_GET: return AccessRule{read, NamedIn::get};
        case WIRE_OP_MGET: return AccessRule{read, NamedIn::mget};
        case WIRE_OP_GETDEL: return AccessRule{read_write, NamedIn::get};
        case WIRE_OP_EXISTS: return AccessRule{read, NamedIn::keys};

        case WIRE_OP_PUT:
        case WIRE_OP_ADD:
        case WIRE_OP_REPLACE: return AccessRule{write, NamedIn::item};
        case WIRE_OP_MPUT: return AccessRule{write, NamedIn::items};
        case WIRE_OP_APPEND:
        case WIRE_OP_PREPEND: return AccessRule{write, NamedIn::append};
        // Their answer is the value.
        case WIRE_OP_INCR:
        case WIRE_OP_DECR: return AccessRule{read_write, NamedIn::number};
        case WIRE_OP_TOUCH:
        case WIRE_OP_DELETE: return AccessRule{write, NamedIn::keys};

        case WIRE_OP_TAGS: return AccessRule{read, NamedIn::key};
        case WIRE_OP_TAG_ADD:
        case WIRE_OP_TAG_REMOVE: return AccessRule{write, NamedIn::tag_change};
        case WIRE_OP_KEYS_BY_TAG: return AccessRule{read, NamedIn::tag_page};
        case WIRE_OP_TAG_COUNT: return AccessRule{read, NamedIn::tag};
        case WIRE_OP_TAG_LIST: return AccessRule{read, NamedIn::tag_prefix};
        case WIRE_OP_INVALIDATE: return AccessRule{invalidate, NamedIn::tags};

        case WIRE_OP_SCAN: return AccessRule{read, NamedIn::key_prefix};
        case WIRE_OP_DELETE_PREFIX: return AccessRule{write, NamedIn::key_prefix};
        case WIRE_OP_FLUSH: return AccessRule{admin, NamedIn::nothing};

        case WIRE_OP_STATS:
        case WIRE_OP_INFO: return AccessRule{none, NamedIn::nothing};
        case WIRE_OP_CONFIG:
        case WIRE_OP_CLIENT: return AccessRule{admin, NamedIn::nothing};
        // Its command leaves out what the user may not name.
        case WIRE_OP_HOTKEYS: return AccessRule{read, NamedIn::nothing};
        case WIRE_OP_SLOWLOG:
        case WIRE_OP_USER:
        case WIRE_OP_TOKEN:
        case WIRE_OP_SHUTDOWN: return AccessRule{admin, NamedIn::nothing};

        case WIRE_OP_LEASE:
        case WIRE_OP_FILL:
        case WIRE_OP_RELEASE: return AccessRule{read_write, NamedIn::draft};
        case WIRE_OP_SUBSCRIBE: return AccessRule{read, NamedIn::draft};
        case WIRE_OP_UNSUBSCRIBE: return AccessRule{none, NamedIn::nothing};
    }
    return std::nullopt;
}

Access check_access(const User& user, const wire_request& request) noexcept {
    const AccessRule rule =
        access_rule_of(request.opcode).value_or(AccessRule{admin, NamedIn::draft});
    if (&user == &AccessTable::nobody()) {
        return rule.is_before_auth ? Access::allowed : Access::unauthenticated;
    }
    if (!user.may(rights_for(rule, request))) {
        return Access::lacks_right;
    }
    return covers_names(user, request, rule.names) ? Access::allowed : Access::outside_prefixes;
}

}  // namespace tc
