/* SPDX-License-Identifier: MIT */
#include "client-lib/options_check.h"

#include <string.h>

/* No structure of options will ever be larger: such a size was never set. */
enum { STRUCT_SIZE_MAX = 4096 };

static const char *complaint(const void *options, size_t size_min, size_t known_size) {
    size_t struct_size = 0;
    memcpy(&struct_size, options, sizeof struct_size);
    if (struct_size < size_min || struct_size > STRUCT_SIZE_MAX) {
        return "the options' struct_size is not set: begin with the _INIT macro";
    }
    const unsigned char *bytes = options;
    for (size_t i = known_size; i < struct_size; ++i) {
        if (bytes[i] != 0) {
            return "an option is set that this version of the library does not know";
        }
    }
    return NULL;
}

const char *options_complaint(const void *options, size_t known_size) {
    return complaint(options, known_size, known_size);
}

const char *options_take(void *taken, size_t known_size, size_t first_size, const void *options) {
    const char *reason = complaint(options, first_size, known_size);
    if (reason == NULL) {
        size_t struct_size = 0;
        memcpy(&struct_size, options, sizeof struct_size);
        memset(taken, 0, known_size);
        memcpy(taken, options, struct_size < known_size ? struct_size : known_size);
    }
    return reason;
}
