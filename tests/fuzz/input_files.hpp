// SPDX-License-Identifier: MIT
//
// The inputs that fuzz_inputs wrote, as bytes in blocks of their own, so that a sanitizer sees a
// read past their end.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <vector>

namespace tc::fuzz {

// A file alone, or those in a folder.
inline std::vector<std::filesystem::path> files_of(const std::filesystem::path& path) {
    if (!std::filesystem::is_directory(path)) {
        return {path};
    }
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
        if (entry.is_regular_file()) {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

inline std::vector<std::uint8_t> bytes_of_file(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(in), {}};
    if (!in) {
        throw std::runtime_error("cannot read " + file.string());
    }
    bytes.shrink_to_fit();
    return bytes;
}

}  // namespace tc::fuzz
