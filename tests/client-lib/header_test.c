/* SPDX-License-Identifier: MIT
 *
 * The public header as C99, pedantic: the macros and the inline function are used, and the library
 * links without a C++ compiler. Exits with 0 when all is well. */
#include <tagcache/tagcache.h>

static const tagcache_call_options call = TAGCACHE_CALL_OPTIONS_INIT;
static const tagcache_read_options read_options = TAGCACHE_READ_OPTIONS_INIT;
static const tagcache_write_options write_options = TAGCACHE_WRITE_OPTIONS_INIT;
static const tagcache_invalidate_options invalidate_options = TAGCACHE_INVALIDATE_OPTIONS_INIT;
static const tagcache_page_options page_options = TAGCACHE_PAGE_OPTIONS_INIT;
static const tagcache_hotkeys_options hotkeys_options = TAGCACHE_HOTKEYS_OPTIONS_INIT;
static const tagcache_client_options client_options = TAGCACHE_CLIENT_OPTIONS_INIT;
static const tagcache_credentials credentials = TAGCACHE_CREDENTIALS_INIT;
static const tagcache_user_options user_options = TAGCACHE_USER_OPTIONS_INIT;
static const tagcache_session_options session_options = TAGCACHE_SESSION_OPTIONS_INIT;

static int sizes_are_set(void) {
    return call.struct_size == sizeof call && read_options.struct_size == sizeof read_options &&
           write_options.struct_size == sizeof write_options &&
           invalidate_options.struct_size == sizeof invalidate_options &&
           page_options.struct_size == sizeof page_options &&
           hotkeys_options.struct_size == sizeof hotkeys_options &&
           client_options.struct_size == sizeof client_options &&
           credentials.struct_size == sizeof credentials &&
           user_options.struct_size == sizeof user_options &&
           session_options.struct_size == sizeof session_options;
}

/* A structure with padding at its end could not grow: what is appended would lie in bytes that old
 * callers never set. */
static int nothing_is_padded(void) {
    return sizeof(tagcache_call_options) == sizeof(size_t) + 4 + 4 + 8 &&
           sizeof(tagcache_read_options) == sizeof(size_t) + 4 + 4 + 8 &&
           sizeof(tagcache_invalidate_options) == sizeof(size_t) + 4 + 4 &&
           sizeof(tagcache_hotkeys_options) == sizeof(size_t) + 4 + 4 &&
           sizeof(tagcache_page_options) == sizeof(size_t) + 4 + 4 + sizeof(tagcache_bytes) &&
           sizeof(tagcache_client_options) == sizeof(size_t) + 7 * sizeof(char *) + 6 * 4 &&
           sizeof(tagcache_session_options) == sizeof(size_t) + 2 * sizeof(char *) + 4 + 4 &&
           sizeof(tagcache_credentials) == sizeof(size_t) + 3 * sizeof(tagcache_bytes) &&
           sizeof(tagcache_user_options) == sizeof(size_t) + 4 + 4 + sizeof(tagcache_bytes) +
                                                3 * (sizeof(char *) + sizeof(size_t));
}

static int names_are_right(void) {
    return strcmp(tagcache_status_name(TAGCACHE_OK), "OK") == 0 &&
           strcmp(tagcache_status_name(TAGCACHE_NOT_FOUND), "NOT_FOUND") == 0 &&
           strcmp(tagcache_status_name(TAGCACHE_OUT_OF_MEMORY), "OUT_OF_MEMORY") == 0 &&
           strcmp(tagcache_status_name(TAGCACHE_IN_DOUBT), "IN_DOUBT") == 0 &&
           strcmp(tagcache_status_name(0x3D), "OUTCOME") == 0 &&
           strcmp(tagcache_status_name(-0xFD), "CLOSING") == 0 &&
           strcmp(tagcache_status_name(-5000), "LOCAL") == 0 &&
           strcmp(tagcache_status_name(5000), "UNKNOWN") == 0;
}

int main(void) {
    const tagcache_bytes text = tagcache_text("four");
    tagcache_result *result = tagcache_result_new();
    tagcache_client *client = NULL;
    const int is_made = tagcache_client_new(NULL, &client) == TAGCACHE_OK && result != NULL;
    const int is_empty = is_made && tagcache_result_value(result).size == 0 &&
                         !tagcache_result_next(result) && *tagcache_client_error(client) == '\0';
    tagcache_result_free(result);
    tagcache_client_free(client);
    tagcache_result_free(NULL);
    tagcache_client_free(NULL);
    tagcache_pipeline_free(NULL);
    tagcache_session_free(NULL);
    return !(is_empty && text.size == 4 && sizes_are_set() && nothing_is_padded() &&
             names_are_right());
}
