// SPDX-License-Identifier: MIT
#include "cli/line_reader.hpp"

#include <algorithm>
#include <cstring>

namespace tc {
namespace {

constexpr std::size_t buffer_bytes_first = 256 * 1024;

}  // namespace

LineReader::LineReader(const std::string& path, std::size_t padding_bytes)
    : file_(path), padding_bytes_(padding_bytes), buffer_(buffer_bytes_first + padding_bytes) {}

// Reads more behind what is there. False at the end of the file.
bool LineReader::fill() {
    if (begin_ != 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    std::size_t capacity = buffer_.size() - padding_bytes_;
    if (end_ == capacity) {
        capacity = std::min(capacity * 2, line_bytes_max + 1);
        buffer_.resize(capacity + padding_bytes_);
    }
    const std::size_t count = file_.read(buffer_.data() + end_, capacity - end_);
    end_ += count;
    bytes_read_ += count;
    return count != 0;
}

bool LineReader::next(Line& line) {
    line = {{}, ++number_, false};
    std::size_t searched = 0;
    for (;;) {
        const std::size_t found = rest().find('\n', searched);
        if (found != std::string_view::npos) {
            line.text = line.is_too_long ? std::string_view() : rest().substr(0, found);
            begin_ += found + 1;
            return true;
        }
        searched = end_ - begin_;
        if (searched > line_bytes_max) {
            // Only its end is looked for from here on.
            line.is_too_long = true;
            begin_ = end_;
            searched = 0;
        }
        if (!fill()) {
            line.text = line.is_too_long ? std::string_view() : rest();
            const bool has_line = line.is_too_long || begin_ != end_;
            begin_ = end_;
            return has_line;
        }
    }
}

}  // namespace tc
