/* SPDX-License-Identifier: MIT */
#include "client-lib/options_check.h"

#include <string.h>

/* No structure of options will ever be larger: such a size was never set. */
enum { STRUCT_SIZE_MAX = 4096 };

const char *options_complaint(const void *options, size_t known_size) {
    size_t struct_size = 0;
    memcpy(&struct_size, options, sizeof struct_size);
    if (struct_size < known_size || struct_size > STRUCT_SIZE_MAX) {
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
