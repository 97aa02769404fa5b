// SPDX-License-Identifier: MIT
#include "cli/output_file.hpp"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "cli/descriptor.hpp"
#include "cli/failure.hpp"

namespace tc {
namespace {

constexpr std::size_t buffer_bytes_max = 256 * 1024;

Failure file_failure(const std::string& path) {
    return usage_failure("cannot write to " + path + ": " + errno_text());
}

bool is_special(const std::string& path) {
    struct stat status {};
    return stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

// What open() would have given the file; mkostemp() makes it private.
mode_t usual_mode() {
    const mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

}  // namespace

std::string behind_links(const std::string& path) {
    std::array<char, PATH_MAX> target{};
    return realpath(path.c_str(), target.data()) == nullptr ? path : target.data();
}

OutputFile::OutputFile(const std::string& path) : path_(path), fd_(STDOUT_FILENO) {
    if (path_.empty() || path_ == "-") {
        path_ = "standard output";
        return;
    }
    path_ = behind_links(path_);
    if (is_special(path_)) {
        fd_ = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    } else {
        temporary_path_ = path_ + ".XXXXXX";
        fd_ = mkostemp(temporary_path_.data(), O_CLOEXEC);
    }
    if (fd_ < 0) {
        temporary_path_.clear();
        throw file_failure(path_);
    }
}

OutputFile::~OutputFile() {
    if (fd_ > STDERR_FILENO) {
        close(fd_);
    }
    if (!temporary_path_.empty()) {
        unlink(temporary_path_.c_str());
    }
}

void OutputFile::write(std::string_view bytes) {
    buffer_ += bytes;
    if (buffer_.size() >= buffer_bytes_max) {
        flush();
    }
}

void OutputFile::flush() {
    write_all(fd_, buffer_, path_);
    buffer_.clear();
}

void OutputFile::commit() {
    flush();
    if (temporary_path_.empty()) {
        return;
    }
    const bool is_done = fchmod(fd_, usual_mode()) == 0 && fsync(fd_) == 0 &&
                         rename(temporary_path_.c_str(), path_.c_str()) == 0;
    if (!is_done) {
        throw file_failure(path_);
    }
    temporary_path_.clear();
}

}  // namespace tc
