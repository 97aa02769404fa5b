/* SPDX-License-Identifier: MIT
 *
 * Preloaded by bench/instructions: valgrind gives a program 128 GiB of addresses, and the server
 * reserves more. No reservation becomes larger than what the few entries there need; what is
 * committed of it, and everything else, is as ever. */
#define _GNU_SOURCE
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static const size_t reservation_bytes_max = (size_t)512 * 1024 * 1024;

static size_t shortened(size_t size) {
    return size < reservation_bytes_max ? size : reservation_bytes_max;
}

__attribute__((visibility("default"))) void *mmap(void *address, size_t size, int protection,
                                                  int flags, int fd, off_t offset) {
    if (protection == PROT_NONE && (flags & MAP_NORESERVE) != 0) {
        size = shortened(size);
    }
    const long mapped = syscall(SYS_mmap, address, size, protection, flags, fd, offset);
    return mapped == -1 ? MAP_FAILED : (void *)mapped;
}

__attribute__((visibility("default"))) int munmap(void *address, size_t size) {
    return (int)syscall(SYS_munmap, address, shortened(size));
}

__attribute__((visibility("default"))) int madvise(void *address, size_t size, int advice) {
    return (int)syscall(SYS_madvise, address, shortened(size), advice);
}
