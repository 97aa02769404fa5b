// SPDX-License-Identifier: MIT
//
// A file that is there whole or not at all: written under another name beside it, synced, renamed.
// "" and "-" are standard output, and what is no regular file (a device, a named pipe) is written
// to directly.
#pragma once

#include <string>
#include <string_view>

namespace tc {

// Where a symbolic link leads: its file is to be written, and not the link replaced. A link that
// leads nowhere is.
[[nodiscard]] std::string behind_links(const std::string& path);

class OutputFile {
 public:
    // All of these throw a Failure when they cannot.
    explicit OutputFile(const std::string& path);
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;
    // Without commit() the file is as it was before.
    ~OutputFile();

    void write(std::string_view bytes);
    void commit();

 private:
    void flush();

    std::string path_;
    std::string temporary_path_;  // "" when written to directly
    int fd_;
    std::string buffer_;
};

}  // namespace tc
