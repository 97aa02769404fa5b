// SPDX-License-Identifier: MIT
//
// A file, line by line, in a buffer that never grows beyond the longest line allowed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/input.hpp"

namespace tc {

class LineReader {
 public:
    // Large enough for a value of 1 MiB in which every byte is written as \u0000.
    static constexpr std::size_t line_bytes_max = 8 * 1024 * 1024;

    // `padding_bytes` behind each line are readable.
    LineReader(const std::string& path, std::size_t padding_bytes);

    struct Line {
        std::string_view text;  // without its line feed; valid until the next call
        std::uint64_t number;   // from 1
        bool is_too_long;       // text is empty then
    };

    // False at the end. The last line need not end with a line feed.
    [[nodiscard]] bool next(Line& line);

    [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }
    [[nodiscard]] std::uint64_t size_bytes() const { return file_.size_bytes(); }

 private:
    [[nodiscard]] bool fill();
    [[nodiscard]] std::string_view rest() const { return {buffer_.data() + begin_, end_ - begin_}; }

    InputFile file_;
    std::size_t padding_bytes_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;  // of what has been read and not taken
    std::size_t end_ = 0;
    std::uint64_t number_ = 0;
    std::uint64_t bytes_read_ = 0;
};

}  // namespace tc
