// SPDX-License-Identifier: MIT
#include "cli/line_reader.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

using namespace tc;

namespace {

// A file that holds `text`, for as long as it lives.
class TextFile {
 public:
    explicit TextFile(const std::string& text) {
        close(mkstemp(path_.data()));
        std::ofstream(path_, std::ios::binary) << text;
    }
    ~TextFile() { unlink(path_.c_str()); }
    [[nodiscard]] const std::string& path() const { return path_; }

 private:
    std::string path_ = "/tmp/tagcache-lines-XXXXXX";
};

// All lines; "<too long>" for those that are.
std::vector<std::string> lines_of(const std::string& text) {
    const TextFile file(text);
    LineReader reader(file.path(), 64);
    std::vector<std::string> lines;
    LineReader::Line line{};
    while (reader.next(line)) {
        lines.push_back(line.is_too_long ? "<too long>" : std::string(line.text));
        CHECK(line.number == lines.size());
    }
    CHECK(reader.bytes_read() == text.size());
    CHECK(reader.size_bytes() == text.size());
    CHECK_FALSE(reader.next(line));
    return lines;
}

}  // namespace

TEST_CASE("lines end with a line feed or with the file", "[cli][lines]") {
    CHECK(lines_of("") == std::vector<std::string>{});
    CHECK(lines_of("\n") == std::vector<std::string>{""});
    CHECK(lines_of("a") == std::vector<std::string>{"a"});
    CHECK(lines_of("a\n\nb\r\n") == std::vector<std::string>{"a", "", "b\r"});
    CHECK(lines_of(std::string("a\0b\nc", 5)) == std::vector<std::string>{{"a\0b", 3}, "c"});
}

TEST_CASE("lines that straddle the buffer come whole", "[cli][lines]") {
    std::vector<std::string> lines;
    std::string text;
    for (std::size_t size : {100'000, 200'000, 262'143, 262'144, 262'145, 1, 600'000, 0, 50'000}) {
        lines.emplace_back(size, static_cast<char>('a' + lines.size()));
        text += lines.back() + "\n";
    }
    CHECK(lines_of(text) == lines);
}

TEST_CASE("a line at the limit is read, one over it is named and passed over", "[cli][lines]") {
    const std::string longest(LineReader::line_bytes_max, 'x');
    CHECK(lines_of(longest + "\nb\n") == std::vector<std::string>{longest, "b"});
    CHECK(lines_of(longest) == std::vector<std::string>{longest});
    CHECK(lines_of("a\n" + longest + "x\nb") == std::vector<std::string>{"a", "<too long>", "b"});
    CHECK(lines_of(longest + "x") == std::vector<std::string>{"<too long>"});
    CHECK(lines_of(longest + longest + longest + "\n\nb") ==
          std::vector<std::string>{"<too long>", "", "b"});
}
