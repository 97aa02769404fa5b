// SPDX-License-Identifier: MIT
//
// The file descriptors that whoever started us has left, or not left, to us.
#pragma once

#include <string>
#include <string_view>

namespace tc {

// What is opened next takes the lowest number that is free. Were standard output closed, that would
// be the connection, and what we print would reach the server as requests. Afterwards whoever uses
// a descriptor that was closed fails with EBADF. False when that cannot be brought about.
[[nodiscard]] bool occupy_standard_descriptors();

// One that does not block, which a parent may have made of it: waits for `events` of poll().
void wait_for(int fd, short events);

// All of it, to a file descriptor; throws a Failure that names `target`.
void write_all(int fd, std::string_view bytes, const std::string& target);

}  // namespace tc
