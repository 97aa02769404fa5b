// SPDX-License-Identifier: MIT
//
// Files to read; "-" is standard input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tc {

class InputFile {
 public:
    // Throws a Failure when it cannot be opened.
    explicit InputFile(const std::string& path);
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;
    ~InputFile();

    // 0 at the end. Throws a Failure when it cannot be read.
    [[nodiscard]] std::size_t read(char* buffer, std::size_t size);
    // 0 when that is not known: a pipe.
    [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }

 private:
    std::string path_;
    int fd_;
    std::uint64_t size_bytes_ = 0;
};

// The whole of it. Throws a Failure when it is larger than any value can be.
[[nodiscard]] std::string read_input(const std::string& path);

}  // namespace tc
