// SPDX-License-Identifier: MIT
// Where the programs under test and the repository are. tests/main.cpp alone knows the paths, so
// that the other tests compile to the same in every clone, which ccache makes use of.
#pragma once

#include <string>

namespace tc::test {

extern const char* const server_program;
extern const char* const cli_program;

// A file of the repository, by its path from the root.
[[nodiscard]] std::string source_path(const char* path);

}  // namespace tc::test
