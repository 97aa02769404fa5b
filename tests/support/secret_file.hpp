// SPDX-License-Identifier: MIT
//
// A password or a token in a file that is there as long as this.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace tc::test {

class SecretFile {
 public:
    // A line, unless it ends one itself.
    explicit SecretFile(std::string_view contents, mode_t mode = 0600) {
        char path[] = "/tmp/tagcache-secret-XXXXXX";
        const int fd = mkstemp(path);
        std::string line(contents);
        line += line.empty() || line.back() == '\n' ? "" : "\n";
        const bool is_written =
            write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
            fchmod(fd, mode) == 0;
        close(fd);
        path_ = path;
        if (!is_written) {
            throw std::runtime_error("cannot write " + path_);
        }
    }
    SecretFile(const SecretFile&) = delete;
    SecretFile& operator=(const SecretFile&) = delete;
    ~SecretFile() { unlink(path_.c_str()); }

    [[nodiscard]] const std::string& path() const { return path_; }

 private:
    std::string path_;
};

}  // namespace tc::test
