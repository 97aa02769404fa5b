/* SPDX-License-Identifier: MIT
 *
 * The first look at a structure of options, whose first member is the size it was built with. */
#ifndef TAGCACHE_CLIENT_LIB_OPTIONS_CHECK_H
#define TAGCACHE_CLIENT_LIB_OPTIONS_CHECK_H

#include <stddef.h>

/* NULL, or what is wrong with it. Behind the known size are members of a later header: as long as
 * none is set, this library does all that was asked of it. */
const char *options_complaint(const void *options, size_t known_size);

/* Copies options that may have been built with an earlier header, with `first_size` bytes at least;
 * members that it did not have are 0. As options_complaint() otherwise. */
const char *options_take(void *taken, size_t known_size, size_t first_size, const void *options);

#endif
