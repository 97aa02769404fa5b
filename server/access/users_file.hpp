// SPDX-License-Identifier: MIT
//
// The file that keeps users over restarts: TOML, one table a user, as
//
//     [users."web"]
//     rights = ["read", "write"]
//     key_prefixes = ["page:"]
//     tag_prefixes = [""]
//     tls_names = []
//     password = "$argon2id$..."
//
//     [[users."web".tokens]]
//     id = "0123456789abcdef"
//     sha256 = "..."
//     created = 2026-01-31T12:00:00Z
//     expires = 2027-01-31T12:00:00Z
//
// It has no secrets, but hashes of passwords; so only its owner may read it.
#pragma once

#include <string>

#include "access/access_table.hpp"

namespace tc {

// A file that is not there is a table without users. Throws std::runtime_error with file, line and
// what is wrong there: nothing is skipped, and nothing that is not known is overlooked.
[[nodiscard]] AccessTable load_users(const std::string& path);

// Written beside the old one, synchronized, and put in its place: a crash leaves one or the other.
// When root writes it, it belongs to whom the old one did, or else to the owner of the folder.
// Throws std::runtime_error; the old file is then as it was.
void save_users(const std::string& path, const AccessTable& table);

// "2026-01-31T12:00:00Z"; "" for 0.
[[nodiscard]] std::string time_text(std::int64_t seconds);

}  // namespace tc
