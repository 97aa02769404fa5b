/* SPDX-License-Identifier: MIT
 *
 * From arguments and options to the messages of the protocol. */
#include "client-lib/request.h"

#include <string.h>

#include "client-lib/credentials.h"
#include "client-lib/options_check.h"

enum {
    READ_WANTED =
        TAGCACHE_READ_TTL | TAGCACHE_READ_TAGS | TAGCACHE_READ_VERSION | TAGCACHE_READ_FLAGS,
    READ_ALL = READ_WANTED | TAGCACHE_READ_TOUCH | TAGCACHE_READ_NO_VALUE,
    WRITE_ITEM = TAGCACHE_WRITE_TTL | TAGCACHE_WRITE_TAGS | TAGCACHE_WRITE_IF_VERSION |
                 TAGCACHE_WRITE_FLAGS | TAGCACHE_WRITE_KEEP_TTL | TAGCACHE_WRITE_KEEP_TAGS |
                 TAGCACHE_WRITE_RETURN_VERSION,
    WRITE_APPEND = TAGCACHE_WRITE_TTL | TAGCACHE_WRITE_IF_VERSION | TAGCACHE_WRITE_RETURN_VERSION,
    WRITE_INCR = TAGCACHE_WRITE_TTL | TAGCACHE_WRITE_TAGS | TAGCACHE_WRITE_RETURN_VERSION,
    USER_ALL = TAGCACHE_USER_PASSWORD | TAGCACHE_USER_RIGHTS | TAGCACHE_USER_KEY_PREFIXES |
               TAGCACHE_USER_TAG_PREFIXES | TAGCACHE_USER_TLS_NAMES,
    FLAGS_OF_CALLER = 0x00FFFFFF,
    PAGE_LIMIT_DEFAULT = 1000,
    HOTKEYS_LIMIT_DEFAULT = 10,
    SLOWLOG_LIMIT_DEFAULT = 10
};

/* The option bits are the wire's, so that they are passed on as they are. */
_Static_assert((int)TAGCACHE_READ_TTL == (int)WIRE_FIELD_TTL, "same bit");
_Static_assert((int)TAGCACHE_READ_TAGS == (int)WIRE_FIELD_TAGS, "same bit");
_Static_assert((int)TAGCACHE_READ_VERSION == (int)WIRE_FIELD_VERSION, "same bit");
_Static_assert((int)TAGCACHE_READ_FLAGS == (int)WIRE_FIELD_FLAGS, "same bit");
_Static_assert((int)TAGCACHE_READ_TOUCH == (int)WIRE_GET_TOUCH, "same bit");
_Static_assert((int)TAGCACHE_READ_NO_VALUE == (int)WIRE_GET_NO_VALUE, "same bit");
_Static_assert((int)TAGCACHE_WRITE_TTL == (int)WIRE_FIELD_TTL, "same bit");
_Static_assert((int)TAGCACHE_WRITE_TAGS == (int)WIRE_FIELD_TAGS, "same bit");
_Static_assert((int)TAGCACHE_WRITE_IF_VERSION == (int)WIRE_FIELD_VERSION, "same bit");
_Static_assert((int)TAGCACHE_WRITE_FLAGS == (int)WIRE_FIELD_FLAGS, "same bit");
_Static_assert((int)TAGCACHE_WRITE_KEEP_TTL == (int)WIRE_PUT_KEEP_TTL, "same bit");
_Static_assert((int)TAGCACHE_WRITE_KEEP_TAGS == (int)WIRE_PUT_KEEP_TAGS, "same bit");
_Static_assert((int)TAGCACHE_WRITE_RETURN_VERSION == (int)WIRE_PUT_RETURN_VERSION, "same bit");
_Static_assert((int)TAGCACHE_USER_PASSWORD == (int)WIRE_USER_PASSWORD, "same bit");
_Static_assert((int)TAGCACHE_USER_RIGHTS == (int)WIRE_USER_RIGHTS, "same bit");
_Static_assert((int)TAGCACHE_USER_KEY_PREFIXES == (int)WIRE_USER_KEY_PREFIXES, "same bit");
_Static_assert((int)TAGCACHE_USER_TAG_PREFIXES == (int)WIRE_USER_TAG_PREFIXES, "same bit");
_Static_assert((int)TAGCACHE_USER_TLS_NAMES == (int)WIRE_USER_TLS_NAMES, "same bit");
_Static_assert((int)TAGCACHE_RIGHT_READ == (int)WIRE_RIGHT_READ, "same bit");
_Static_assert((int)TAGCACHE_RIGHT_WRITE == (int)WIRE_RIGHT_WRITE, "same bit");
_Static_assert((int)TAGCACHE_RIGHT_INVALIDATE == (int)WIRE_RIGHT_INVALIDATE, "same bit");
_Static_assert((int)TAGCACHE_RIGHT_ADMIN == (int)WIRE_RIGHT_ADMIN, "same bit");
_Static_assert((int)TAGCACHE_INVALIDATE_ALL == (int)WIRE_TAGS_ALL, "same bit");
_Static_assert((int)TAGCACHE_INVALIDATE_DRY_RUN == (int)WIRE_INVALIDATE_DRY_RUN, "same bit");

static void refuse(client_request *request, const char *reason) {
    if (request->refusal.status == TAGCACHE_OK) {
        request->refusal = (client_refusal){TAGCACHE_LOCAL_INVALID_ARGUMENT, reason, 0};
    }
}

static void begin(client_request *request, uint8_t opcode) {
    memset(request, 0, sizeof *request);
    request->opcode = opcode;
}

static wire_bytes view_of(tagcache_bytes bytes) {
    return (wire_bytes){bytes.data, bytes.size};
}

static void check_array(client_request *request, const void *items, size_t count) {
    if (items == NULL && count != 0) {
        refuse(request, "an array is NULL, but its count is not 0");
    }
}

/* A count too large for its field becomes one that the limits refuse by name. */
static uint32_t clamp_count(size_t count) {
    return count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
}

static wire_list list_of(const tagcache_bytes *items, size_t count) {
    return (wire_list){clamp_count(count), items, {NULL, 0}};
}

static void check_options(client_request *request, const void *options, size_t known_size,
                          uint32_t fields, uint32_t known_fields) {
    const char *complaint = options_complaint(options, known_size);
    if (complaint != NULL) {
        refuse(request, complaint);
    } else if ((fields & ~known_fields) != 0) {
        refuse(request, "the options' fields have a bit that this verb does not take");
    }
}

/* Nothing that the caller has set is dropped silently. */
static void check_set(client_request *request, bool is_set, uint32_t fields, uint32_t bit) {
    if (is_set && (fields & bit) == 0) {
        refuse(request, "an option is set whose bit in `fields` is not");
    }
}

static uint16_t read_options(client_request *request, const tagcache_read_options *options,
                             uint32_t known, uint64_t *ttl_ms) {
    if (options == NULL) {
        return 0;
    }
    check_options(request, options, sizeof *options, options->fields, known);
    if (request->refusal.status != TAGCACHE_OK) {
        return 0;
    }
    check_set(request, options->ttl_ms != 0, options->fields, TAGCACHE_READ_TOUCH);
    check_set(request, options->reserved != 0, 0, 1);
    *ttl_ms = options->ttl_ms;
    return (uint16_t)options->fields;
}

static uint16_t write_options(client_request *request, const tagcache_write_options *options,
                              uint32_t known) {
    if (options == NULL) {
        return 0;
    }
    check_options(request, options, sizeof *options, options->fields, known);
    if (request->refusal.status != TAGCACHE_OK) {
        return 0;
    }
    check_set(request, options->ttl_ms != 0, options->fields, TAGCACHE_WRITE_TTL);
    check_set(request, options->if_version != 0, options->fields, TAGCACHE_WRITE_IF_VERSION);
    check_set(request, options->flags != 0, options->fields, TAGCACHE_WRITE_FLAGS);
    check_set(request, options->tag_count != 0, options->fields, TAGCACHE_WRITE_TAGS);
    check_array(request, options->tags, options->tag_count);
    if ((options->flags & ~(uint32_t)FLAGS_OF_CALLER) != 0) {
        refuse(request, "the top 8 bits of an entry's flags are the library's");
    }
    return (uint16_t)options->fields;
}

void request_hello(client_request *request, const char *client_name) {
    static const char library[] = "tagcache-c/" TAGCACHE_LIBRARY_VERSION;
    begin(request, WIRE_OP_HELLO);
    const char *name = client_name != NULL ? client_name : "";
    request->message.hello.client_name = (wire_bytes){name, strlen(name)};
    request->message.hello.library = (wire_bytes){library, sizeof library - 1};
    if (request->message.hello.client_name.size > WIRE_CLIENT_NAME_BYTES_MAX) {
        refuse(request, "the client's name is longer than 63 bytes");
    }
}

void request_bare(client_request *request, uint8_t opcode) {
    begin(request, opcode);
}

void request_get(client_request *request, uint8_t opcode, tagcache_bytes key,
                 const tagcache_read_options *options) {
    begin(request, opcode);
    wire_get *get = &request->message.get;
    const uint32_t known = opcode == WIRE_OP_GETDEL ? READ_WANTED : READ_ALL;
    get->options = read_options(request, options, known, &get->ttl_ms);
    get->key = view_of(key);
}

void request_mget(client_request *request, const tagcache_bytes *keys, size_t key_count,
                  const tagcache_read_options *options) {
    begin(request, WIRE_OP_MGET);
    wire_mget *mget = &request->message.mget;
    mget->options = read_options(request, options, READ_ALL, &mget->ttl_ms);
    mget->keys = list_of(keys, key_count);
    check_array(request, keys, key_count);
}

void request_exists(client_request *request, const tagcache_bytes *keys, size_t key_count,
                    const tagcache_read_options *options) {
    begin(request, WIRE_OP_EXISTS);
    wire_keys *message = &request->message.keys;
    uint64_t ttl_ms = 0;
    message->options = read_options(request, options, TAGCACHE_READ_VERSION, &ttl_ms);
    message->keys = list_of(keys, key_count);
    check_array(request, keys, key_count);
}

void request_keys(client_request *request, uint8_t opcode, const tagcache_bytes *keys,
                  const uint64_t *if_versions, size_t key_count, uint64_t ttl_ms) {
    begin(request, opcode);
    wire_keys *message = &request->message.keys;
    message->options = if_versions != NULL ? WIRE_FIELD_VERSION : 0;
    message->ttl_ms = ttl_ms;
    message->keys = list_of(keys, key_count);
    check_array(request, keys, key_count);
    message->if_versions = if_versions;
}

void request_key(client_request *request, uint8_t opcode, const tagcache_bytes *key,
                 uint64_t ttl_ms, const tagcache_write_options *options) {
    request_keys(request, opcode, key, NULL, 1, ttl_ms);
    request->is_single = true;
    if (write_options(request, options, TAGCACHE_WRITE_IF_VERSION) != 0) {
        request->message.keys.options = WIRE_FIELD_VERSION;
        request->message.keys.if_versions = &options->if_version;
    }
}

static wire_put put_of(tagcache_bytes key, tagcache_bytes value,
                       const tagcache_write_options *options) {
    wire_put put;
    memset(&put, 0, sizeof put);
    put.key = view_of(key);
    put.value = view_of(value);
    if (options != NULL) {
        put.options = (uint16_t)options->fields;
        put.ttl_ms = options->ttl_ms;
        put.if_version = options->if_version;
        put.flags = options->flags;
        put.tags = list_of(options->tags, options->tag_count);
    }
    return put;
}

void request_put(client_request *request, uint8_t opcode, tagcache_bytes key, tagcache_bytes value,
                 const tagcache_write_options *options) {
    begin(request, opcode);
    const bool is_append = opcode == WIRE_OP_APPEND || opcode == WIRE_OP_PREPEND;
    (void)write_options(request, options, is_append ? WRITE_APPEND : WRITE_ITEM);
    request->message.put = put_of(key, value, options);
}

void request_mput(client_request *request, const tagcache_bytes *keys, const tagcache_bytes *values,
                  size_t count, const tagcache_write_options *const *options) {
    begin(request, WIRE_OP_MPUT);
    check_array(request, keys, count);
    check_array(request, values, count);
    for (size_t i = 0; options != NULL && i < count; ++i) {
        (void)write_options(request, options[i], WRITE_ITEM);
    }
    request->message.mput = (mput_items){keys, values, options, clamp_count(count)};
}

wire_put request_mput_item(const mput_items *items, uint32_t index) {
    const tagcache_write_options *options = items->options != NULL ? items->options[index] : NULL;
    wire_put put = put_of(items->keys[index], items->values[index], options);
    put.options &= (uint16_t)~WIRE_PUT_RETURN_VERSION; /* asked for by the request as a whole */
    return put;
}

void request_incr(client_request *request, uint8_t opcode, tagcache_bytes key, int64_t amount,
                  const tagcache_write_options *options) {
    begin(request, opcode);
    wire_incr *incr = &request->message.incr;
    incr->options = write_options(request, options, WRITE_INCR);
    incr->amount = amount;
    incr->key = view_of(key);
    if (incr->options != 0) {
        incr->ttl_ms = options->ttl_ms;
        incr->tags = list_of(options->tags, options->tag_count);
    }
}

void request_name(client_request *request, uint8_t opcode, tagcache_bytes name) {
    begin(request, opcode);
    request->message.name = view_of(name);
}

void request_tag_change(client_request *request, uint8_t opcode, tagcache_bytes key,
                        const tagcache_bytes *tags, size_t tag_count,
                        const tagcache_write_options *options) {
    begin(request, opcode);
    wire_tag_change *change = &request->message.tag_change;
    change->options = write_options(request, options, TAGCACHE_WRITE_RETURN_VERSION);
    change->tags = list_of(tags, tag_count);
    check_array(request, tags, tag_count);
    change->key = view_of(key);
}

void request_invalidate(client_request *request, const tagcache_bytes *tags, size_t tag_count,
                        const tagcache_invalidate_options *options) {
    begin(request, WIRE_OP_INVALIDATE);
    if (options != NULL) {
        check_options(request, options, sizeof *options, options->fields,
                      TAGCACHE_INVALIDATE_ALL | TAGCACHE_INVALIDATE_DRY_RUN);
        check_set(request, options->reserved != 0, 0, 1);
        request->message.invalidate.options = (uint16_t)options->fields;
    }
    request->message.invalidate.tags = list_of(tags, tag_count);
    check_array(request, tags, tag_count);
}

typedef struct page_start {
    uint32_t fields;
    uint32_t limit;
    wire_bytes cursor;
} page_start;

static page_start page_options(client_request *request, const tagcache_page_options *page,
                               uint32_t known) {
    page_start start = {0, PAGE_LIMIT_DEFAULT, {NULL, 0}};
    if (page == NULL) {
        return start;
    }
    check_options(request, page, sizeof *page, page->fields, known);
    if (request->refusal.status != TAGCACHE_OK) {
        return start;
    }
    const bool is_null_cursor = page->cursor.data == NULL && page->cursor.size != 0;
    if (page->cursor.size > WIRE_CURSOR_BYTES_MAX || is_null_cursor) {
        refuse(request, "the cursor is not one of tagcache_result_cursor()");
    }
    start.fields = page->fields;
    start.limit = page->limit != 0 ? page->limit : PAGE_LIMIT_DEFAULT;
    start.cursor = view_of(page->cursor);
    return start;
}

void request_keys_by_tag(client_request *request, const tagcache_bytes *tags, size_t tag_count,
                         const tagcache_page_options *page) {
    begin(request, WIRE_OP_KEYS_BY_TAG);
    const page_start start = page_options(request, page, TAGCACHE_PAGE_ALL_TAGS);
    wire_keys_by_tag *message = &request->message.keys_by_tag;
    message->options = start.fields != 0 ? WIRE_TAGS_ALL : 0;
    message->limit = start.limit;
    message->cursor = start.cursor;
    message->tags = list_of(tags, tag_count);
    check_array(request, tags, tag_count);
}

static uint32_t scan_field(uint8_t opcode) {
    switch (opcode) {
        case WIRE_OP_SCAN: return TAGCACHE_PAGE_GLOB;
        case WIRE_OP_TAG_LIST: return TAGCACHE_PAGE_ENTRIES;
        default: return 0;
    }
}

_Static_assert(WIRE_SCAN_GLOB == WIRE_TAG_LIST_COUNTS, "the one option of a scan has one bit");

void request_scan(client_request *request, uint8_t opcode, tagcache_bytes pattern,
                  const tagcache_page_options *page) {
    begin(request, opcode);
    const page_start start = page_options(request, page, scan_field(opcode));
    wire_scan *scan = &request->message.scan;
    scan->options = start.fields != 0 ? WIRE_SCAN_GLOB : 0;
    scan->limit = start.limit;
    scan->cursor = start.cursor;
    scan->pattern = view_of(pattern);
}

void request_clients(client_request *request, const tagcache_page_options *page) {
    begin(request, WIRE_OP_CLIENT);
    const page_start start = page_options(request, page, 0);
    request->message.client.action = WIRE_CLIENT_LIST;
    request->message.client.limit = start.limit;
    request->message.client.cursor = start.cursor;
}

void request_clients_kill(client_request *request, uint64_t id) {
    begin(request, WIRE_OP_CLIENT);
    request->message.client.action = WIRE_CLIENT_KILL;
    request->message.client.id = id;
}

void request_set_name(client_request *request, tagcache_bytes name) {
    begin(request, WIRE_OP_CLIENT);
    request->message.client.action = WIRE_CLIENT_SETNAME;
    request->message.client.name = view_of(name);
}

void request_hotkeys(client_request *request, const tagcache_hotkeys_options *options) {
    begin(request, WIRE_OP_HOTKEYS);
    wire_hotkeys *hotkeys = &request->message.hotkeys;
    hotkeys->kind = WIRE_HOTKEYS_KEYS;
    hotkeys->limit = HOTKEYS_LIMIT_DEFAULT;
    if (options == NULL) {
        return;
    }
    check_options(request, options, sizeof *options, options->fields, TAGCACHE_HOTKEYS_TAGS);
    if (request->refusal.status != TAGCACHE_OK) {
        return;
    }
    if ((options->fields & TAGCACHE_HOTKEYS_TAGS) != 0) {
        hotkeys->kind = WIRE_HOTKEYS_TAGS;
    }
    if (options->limit != 0) {
        hotkeys->limit = options->limit;
    }
}

void request_config(client_request *request, tagcache_config_action action, tagcache_bytes key,
                    tagcache_bytes value) {
    begin(request, WIRE_OP_CONFIG);
    wire_config *config = &request->message.config;
    config->action = (uint8_t)action;
    config->name = view_of(key);
    config->value = view_of(value);
}

void request_slowlog(client_request *request, tagcache_slowlog_action action, uint32_t limit) {
    begin(request, WIRE_OP_SLOWLOG);
    const bool is_default = action == TAGCACHE_SLOWLOG_GET && limit == 0;
    request->message.slowlog.action = (uint8_t)action;
    request->message.slowlog.limit = is_default ? SLOWLOG_LIMIT_DEFAULT : limit;
}

void request_auth(client_request *request, const tagcache_credentials *credentials) {
    begin(request, WIRE_OP_AUTH);
    const char *complaint = credentials_read(credentials, &request->message.auth);
    if (complaint != NULL) {
        refuse(request, complaint);
    }
}

void request_user_list(client_request *request, const tagcache_page_options *page) {
    begin(request, WIRE_OP_USER);
    const page_start start = page_options(request, page, 0);
    request->message.user.action = WIRE_USER_LIST;
    request->message.user.limit = start.limit;
    request->message.user.cursor = start.cursor;
}

static void user_options(client_request *request, const tagcache_user_options *options) {
    wire_user *user = &request->message.user;
    check_options(request, options, sizeof *options, options->fields, USER_ALL);
    if (request->refusal.status != TAGCACHE_OK) {
        return;
    }
    const uint32_t fields = options->fields;
    check_set(request, options->password.size != 0, fields, TAGCACHE_USER_PASSWORD);
    check_set(request, options->rights != 0, fields, TAGCACHE_USER_RIGHTS);
    check_set(request, options->key_prefix_count != 0, fields, TAGCACHE_USER_KEY_PREFIXES);
    check_set(request, options->tag_prefix_count != 0, fields, TAGCACHE_USER_TAG_PREFIXES);
    check_set(request, options->tls_name_count != 0, fields, TAGCACHE_USER_TLS_NAMES);
    check_array(request, options->key_prefixes, options->key_prefix_count);
    check_array(request, options->tag_prefixes, options->tag_prefix_count);
    check_array(request, options->tls_names, options->tls_name_count);
    if (options->rights > UINT8_MAX) {
        refuse(request, "the rights have a bit that is not known");
    }
    user->options |= (uint16_t)fields;
    user->rights = (uint8_t)options->rights;
    user->password = view_of(options->password);
    user->key_prefixes = list_of(options->key_prefixes, options->key_prefix_count);
    user->tag_prefixes = list_of(options->tag_prefixes, options->tag_prefix_count);
    user->tls_names = list_of(options->tls_names, options->tls_name_count);
}

void request_user_set(client_request *request, tagcache_bytes name, bool is_new,
                      const tagcache_user_options *options) {
    begin(request, WIRE_OP_USER);
    request->message.user.action = WIRE_USER_SET;
    request->message.user.name = view_of(name);
    request->message.user.options = is_new ? WIRE_USER_CREATE : 0;
    if (options != NULL) {
        user_options(request, options);
    }
}

void request_user_remove(client_request *request, tagcache_bytes name) {
    begin(request, WIRE_OP_USER);
    request->message.user.action = WIRE_USER_DELETE;
    request->message.user.name = view_of(name);
}

void request_change_password(client_request *request, tagcache_bytes old_password,
                             tagcache_bytes new_password) {
    begin(request, WIRE_OP_USER);
    request->message.user.action = WIRE_USER_PASSWD;
    request->message.user.old_password = view_of(old_password);
    request->message.user.password = view_of(new_password);
}

void request_token(client_request *request, wire_token_action action, tagcache_bytes user,
                   uint64_t ttl_ms, tagcache_bytes id) {
    begin(request, WIRE_OP_TOKEN);
    request->message.token = (wire_token){(uint8_t)action, ttl_ms, view_of(user), view_of(id)};
}

uint32_t request_key_count(const client_request *request) {
    switch (request->opcode) {
        case WIRE_OP_MGET: return request->message.mget.keys.count;
        case WIRE_OP_EXISTS:
        case WIRE_OP_TOUCH:
        case WIRE_OP_DELETE: return request->message.keys.keys.count;
        case WIRE_OP_MPUT: return request->message.mput.count;
        default: return 0;
    }
}
