// SPDX-License-Identifier: MIT
#include "request_maker.hpp"

#include <array>

#include "fields.hpp"
#include "require.hpp"

namespace tc::fuzz {
namespace {

constexpr std::size_t frame_bytes_max = 2 * 1024 * 1024;

constexpr std::uint8_t opcodes[] = {
    WIRE_OP_PUT,        WIRE_OP_PUT,       WIRE_OP_GET,         WIRE_OP_GET,
    WIRE_OP_HELLO,      WIRE_OP_PING,      WIRE_OP_MGET,        WIRE_OP_GETDEL,
    WIRE_OP_EXISTS,     WIRE_OP_ADD,       WIRE_OP_REPLACE,     WIRE_OP_MPUT,
    WIRE_OP_APPEND,     WIRE_OP_PREPEND,   WIRE_OP_INCR,        WIRE_OP_DECR,
    WIRE_OP_TOUCH,      WIRE_OP_DELETE,    WIRE_OP_TAGS,        WIRE_OP_TAG_ADD,
    WIRE_OP_TAG_REMOVE, WIRE_OP_TAG_COUNT, WIRE_OP_KEYS_BY_TAG, WIRE_OP_TAG_LIST,
    WIRE_OP_INVALIDATE, WIRE_OP_SCAN,      WIRE_OP_FLUSH,       WIRE_OP_STATS,
    WIRE_OP_INFO,       WIRE_OP_CLIENT,    WIRE_OP_HOTKEYS,     WIRE_OP_PUT};

constexpr std::uint8_t page_opcodes[] = {WIRE_OP_KEYS_BY_TAG, WIRE_OP_SCAN, WIRE_OP_TAG_LIST,
                                         WIRE_OP_DELETE_PREFIX};

constexpr unsigned entry_fields =
    WIRE_FIELD_TTL | WIRE_FIELD_TAGS | WIRE_FIELD_VERSION | WIRE_FIELD_FLAGS;

// The writer's room, used again.
wire_writer frame_writer() {
    static std::string room(frame_bytes_max, '\0');
    return wire_writer_over(room.data(), room.size());
}

std::string frame_of(wire_writer& out) {
    wire_finish_request(&out, 0);
    require(!out.failed, "a request fits");
    return {reinterpret_cast<const char*>(out.start), wire_writer_size(&out)};
}

}  // namespace

wire_bytes RequestMaker::kept(std::string text) {
    kept_.push_back(std::move(text));
    return bytes_of(kept_.back());
}

wire_bytes RequestMaker::key() {
    static const std::string longest(WIRE_KEY_BYTES_MAX, 'l');
    static const std::string too_long(WIRE_KEY_BYTES_MAX + 1, 'l');
    const std::uint32_t drawn = input_.below(64);
    switch (drawn) {
        case 60: return bytes_of(longest);
        case 61: return bytes_of(too_long);
        case 62: return {};
        case 63: return kept(std::string(input_.text(3)));
        default: return kept("k" + std::to_string(drawn % 8));
    }
}

wire_bytes RequestMaker::tag() {
    static const std::string longest(WIRE_TAG_BYTES_MAX, 't');
    const std::uint32_t drawn = input_.below(64);
    switch (drawn) {
        case 61: return bytes_of(longest);
        case 62: return {};
        case 63: return kept(std::string(input_.text(3)));
        default: return kept("t" + std::to_string(drawn % 6));
    }
}

wire_bytes RequestMaker::value() {
    const std::uint32_t drawn = input_.below(32);
    switch (drawn) {
        case 0: return {};
        case 1: return bytes_of("9223372036854775807");
        case 2: return bytes_of("-9223372036854775808");
        case 3: return kept(std::string(9'000, 'r'));   // sent from where it lies
        case 4: return kept(std::string(20'000, 'b'));  // a blob
        case 5:
            // Costly, so rare: exactly the longest, and one byte more.
            return input_.below(64) != 9
                       ? bytes_of("-0")
                       : kept(std::string(WIRE_VALUE_BYTES_MAX + input_.below(2), 'v'));
        case 6:
        case 7: return kept(std::string(input_.text(8)));
        default: return kept(std::to_string(drawn));
    }
}

wire_list RequestMaker::keys(std::uint32_t count_max) {
    const std::uint32_t drawn = input_.below(64);
    std::uint32_t count = drawn % (count_max + 1);
    key_list_.clear();
    if (drawn == 63) {  // too many, or as many as there may be, of one key
        key_list_.assign(WIRE_KEYS_MAX + input_.below(2), key());
        count = 0;
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        key_list_.push_back(key());
    }
    return {static_cast<std::uint32_t>(key_list_.size()), key_list_.data(), {}};
}

wire_list RequestMaker::tags() {
    const std::uint32_t drawn = input_.below(64);
    tag_list_.clear();
    if (drawn == 63) {
        tag_list_.assign(WIRE_TAGS_MAX + 1, tag());
    }
    for (std::uint32_t i = 0; i < drawn % 4; ++i) {
        tag_list_.push_back(tag());
    }
    return {static_cast<std::uint32_t>(tag_list_.size()), tag_list_.data(), {}};
}

std::uint64_t RequestMaker::ttl_ms() {
    constexpr std::array<std::uint64_t, 8> ttls{0, 1, 2, 100, 5'000, 60'000, 70'000, UINT64_MAX};
    return ttls.at(input_.below(ttls.size()));
}

std::uint64_t RequestMaker::if_version(wire_bytes key) {
    switch (input_.below(4)) {
        case 0: return model_.old_version_of(text_of(key));
        case 1: return 12345;
        default: return model_.version_of(text_of(key));
    }
}

std::uint16_t RequestMaker::options(unsigned legal) {
    const std::uint8_t drawn = input_.byte();
    const unsigned illegal = input_.below(64) == 63 ? 0xFFFFU : legal;
    return static_cast<std::uint16_t>(drawn & illegal);
}

std::uint32_t RequestMaker::limit() {
    constexpr std::array<std::uint32_t, 8> limits{
        1, 2, 3, 10, 100, WIRE_PAGE_LIMIT_MAX, WIRE_PAGE_LIMIT_MAX + 1, 0};
    return limits.at(input_.below(limits.size()));
}

void RequestMaker::write_read(wire_writer* out, std::uint8_t opcode) {
    const unsigned touching = opcode == WIRE_OP_GET ? WIRE_GET_TOUCH | WIRE_GET_NO_VALUE : 0U;
    const wire_get get{options(entry_fields | touching), ttl_ms(), key()};
    wire_encode_get(out, &get);
}

void RequestMaker::write_mget(wire_writer* out) {
    wire_mget mget{};
    mget.options = options(entry_fields | WIRE_GET_TOUCH | WIRE_GET_NO_VALUE);
    mget.ttl_ms = ttl_ms();
    mget.keys = keys(5);
    wire_encode_mget(out, &mget);
}

void RequestMaker::write_item(wire_writer* out, unsigned legal) {
    wire_put put{};
    put.options = options(legal);
    put.ttl_ms = ttl_ms();
    put.flags = input_.byte();
    put.tags = tags();
    put.key = key();
    put.if_version = if_version(put.key);
    put.value = value();
    wire_encode_put(out, &put);
}

void RequestMaker::write_mput(wire_writer* out) {
    wire_mput mput{};
    mput.options = options(WIRE_PUT_RETURN_VERSION);
    mput.count = input_.below(4);
    wire_encode_mput(out, &mput);
    for (std::uint32_t i = 0; i < mput.count; ++i) {
        write_item(out, entry_fields | WIRE_PUT_KEEP_TTL | WIRE_PUT_KEEP_TAGS);
    }
}

void RequestMaker::write_incr(wire_writer* out) {
    constexpr std::array<std::int64_t, 6> amounts{0, 1, 7, -3, INT64_MAX, INT64_MIN};
    wire_incr incr{};
    incr.options = options(WIRE_FIELD_TTL | WIRE_FIELD_TAGS | WIRE_PUT_RETURN_VERSION);
    incr.amount = amounts.at(input_.below(amounts.size()));
    incr.ttl_ms = ttl_ms();
    incr.tags = tags();
    incr.key = key();
    wire_encode_incr(out, &incr);
}

void RequestMaker::write_keys(wire_writer* out, std::uint8_t opcode) {
    wire_keys request{};
    request.options = options(WIRE_FIELD_VERSION);
    request.ttl_ms = ttl_ms();
    request.keys = keys(4);
    versions_.clear();
    for (const wire_bytes each : key_list_) {
        versions_.push_back(if_version(each));
    }
    const bool has_versions =
        (request.options & WIRE_FIELD_VERSION) != 0 && opcode != WIRE_OP_EXISTS;
    request.if_versions = has_versions ? versions_.data() : nullptr;
    wire_encode_keys(out, opcode, &request);
}

void RequestMaker::write_tag_change(wire_writer* out) {
    const wire_tag_change change{options(WIRE_PUT_RETURN_VERSION), tags(), key()};
    wire_encode_tag_change(out, &change);
}

void RequestMaker::write_invalidate(wire_writer* out) {
    const wire_invalidate invalidate{options(WIRE_TAGS_ALL | WIRE_INVALIDATE_DRY_RUN), tags()};
    wire_encode_invalidate(out, &invalidate);
}

void RequestMaker::write_page(wire_writer* out, std::uint8_t opcode) {
    if (opcode == WIRE_OP_KEYS_BY_TAG) {
        const wire_keys_by_tag page{options(WIRE_TAGS_ALL), limit(), {}, tags()};
        return wire_encode_keys_by_tag(out, &page);
    }
    constexpr std::array<std::string_view, 8> patterns{"",  "k",      "k1", "t",
                                                       "*", "k[0-3]", "?2", "l*"};
    wire_scan scan{};
    scan.options = options(opcode == WIRE_OP_DELETE_PREFIX ? 0U : 1U);
    scan.limit = limit();
    scan.pattern = bytes_of(patterns.at(input_.below(patterns.size())));
    if (opcode == WIRE_OP_SCAN && input_.below(64) == 63) {
        scan.pattern = kept(std::string(WIRE_KEY_BYTES_MAX + input_.below(2), '*'));
    }
    wire_encode_scan(out, &scan);
}

void RequestMaker::write_admin(wire_writer* out, std::uint8_t opcode) {
    if (opcode == WIRE_OP_HELLO) {
        const std::string name(input_.below(80), 'n');
        const wire_hello hello{input_.byte(), bytes_of(name), bytes_of("fuzz")};
        wire_encode_hello(out, &hello);
    } else if (opcode == WIRE_OP_CLIENT) {
        const wire_client client{WIRE_CLIENT_LIST, limit(), {}, 0, {}};
        wire_encode_client(out, &client);
    } else if (opcode == WIRE_OP_HOTKEYS) {
        const wire_hotkeys hotkeys{static_cast<std::uint8_t>(input_.below(3)), limit()};
        wire_encode_hotkeys(out, &hotkeys);
    }
}

void RequestMaker::write_body(wire_writer* out, std::uint8_t opcode) {
    switch (opcode) {
        case WIRE_OP_GET:
        case WIRE_OP_GETDEL: return write_read(out, opcode);
        case WIRE_OP_MGET: return write_mget(out);
        case WIRE_OP_PUT:
        case WIRE_OP_ADD:
        case WIRE_OP_REPLACE:
            return write_item(out, entry_fields | WIRE_PUT_KEEP_TTL | WIRE_PUT_KEEP_TAGS |
                                       WIRE_PUT_RETURN_VERSION);
        case WIRE_OP_APPEND:
        case WIRE_OP_PREPEND:
            return write_item(out, WIRE_FIELD_TTL | WIRE_FIELD_VERSION | WIRE_PUT_RETURN_VERSION);
        case WIRE_OP_MPUT: return write_mput(out);
        case WIRE_OP_INCR:
        case WIRE_OP_DECR: return write_incr(out);
        case WIRE_OP_EXISTS:
        case WIRE_OP_TOUCH:
        case WIRE_OP_DELETE: return write_keys(out, opcode);
        case WIRE_OP_TAGS: return wire_encode_tags(out, key());
        case WIRE_OP_TAG_COUNT: return wire_encode_tag_count(out, tag());
        case WIRE_OP_TAG_ADD:
        case WIRE_OP_TAG_REMOVE: return write_tag_change(out);
        case WIRE_OP_INVALIDATE: return write_invalidate(out);
        case WIRE_OP_KEYS_BY_TAG:
        case WIRE_OP_SCAN:
        case WIRE_OP_TAG_LIST:
        case WIRE_OP_DELETE_PREFIX: return write_page(out, opcode);
        default: return write_admin(out, opcode);
    }
}

std::string RequestMaker::make(std::uint32_t request_id) {
    const std::uint8_t opcode = opcodes[input_.below(std::size(opcodes))];
    const std::uint32_t oddity = input_.below(64);
    const std::uint8_t flags = oddity % 4 == 0 ? WIRE_REQUEST_QUIET : 0;
    kept_.clear();
    wire_writer out = frame_writer();
    (void)wire_begin_request(&out, oddity == 61 ? std::uint8_t{0xFE} : opcode, flags, request_id);
    if (oddity == 62) {  // of a type that must be known
        out.start[5] |= WIRE_REQUEST_EXT;
        wire_write_u16(&out, 4);
        wire_write_u16(&out, WIRE_EXT_CRITICAL);
        wire_write_u16(&out, 0);
    }
    write_body(&out, opcode);
    if (oddity == 63) {
        wire_store_u16(out.start + 6, 1);  // another namespace
    }
    return frame_of(out);
}

std::string RequestMaker::make_first_page(std::uint32_t request_id) {
    const std::uint8_t opcode = page_opcodes[input_.below(std::size(page_opcodes))];
    kept_.clear();
    wire_writer out = frame_writer();
    (void)wire_begin_request(&out, opcode, 0, request_id);
    write_page(&out, opcode);
    return frame_of(out);
}

std::string RequestMaker::next_page(const wire_request& page, std::string_view cursor,
                                    std::uint32_t request_id) {
    wire_writer out = frame_writer();
    (void)wire_begin_request(&out, page.opcode, 0, request_id);
    if (page.opcode == WIRE_OP_KEYS_BY_TAG) {
        wire_keys_by_tag request;
        require(wire_decode_keys_by_tag(page.body, &request), "a page that was asked for is one");
        request.cursor = bytes_of(cursor);
        wire_encode_keys_by_tag(&out, &request);
    } else {
        wire_scan request;
        require(wire_decode_scan(page.body, page.opcode, &request), "so is a scan");
        request.cursor = bytes_of(cursor);
        wire_encode_scan(&out, &request);
    }
    return frame_of(out);
}

std::string RequestMaker::make_malformed(std::uint32_t request_id) {
    wire_writer out = frame_writer();
    switch (input_.below(5)) {
        case 0:  // no opcode
            (void)wire_begin_request(&out, WIRE_OP_NONE, 0, request_id);
            return frame_of(out);
        case 1:  // an unknown flag
            (void)wire_begin_request(&out, WIRE_OP_PING, 0x80, request_id);
            return frame_of(out);
        case 2: {  // a body too large to wait for
            (void)wire_begin_request(&out, WIRE_OP_PING, 0, request_id);
            wire_finish_request(&out, 0);
            wire_store_u32(out.start, UINT32_MAX);
            return {reinterpret_cast<const char*>(out.start), WIRE_HEADER_BYTES};
        }
        case 3:  // extensions that do not fit
            (void)wire_begin_request(&out, WIRE_OP_PING, WIRE_REQUEST_EXT, request_id);
            wire_write_u16(&out, 9);
            return frame_of(out);
        default:  // a byte behind the end of a body
            (void)wire_begin_request(&out, WIRE_OP_PING, 0, request_id);
            wire_write_u8(&out, 0);
            return frame_of(out);
    }
}

}  // namespace tc::fuzz
