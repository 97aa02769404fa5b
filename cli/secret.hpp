// SPDX-License-Identifier: MIT
//
// Passwords and tokens: from files that others cannot read, or typed on the terminal, unseen. Never
// from the command line, which everybody on the machine can read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tc {

// Bytes in one place, wiped at its end.
class Secret {
 public:
    static constexpr std::size_t bytes_max = 512;

    Secret() { bytes_.reserve(bytes_max); }
    explicit Secret(std::string_view bytes) : Secret() { append(bytes); }
    Secret(const Secret& other) : Secret(other.view()) {}
    Secret& operator=(const Secret& other);
    ~Secret() { clear(); }

    [[nodiscard]] std::string_view view() const { return bytes_; }
    [[nodiscard]] bool empty() const { return bytes_.empty(); }
    // Throws a Failure when it would become too long.
    void append(std::string_view bytes);
    void remove_last() { bytes_.pop_back(); }
    void clear();

 private:
    std::string bytes_;
};

// The one line of a file; "-" is standard input. Throws a Failure when it cannot be read, is empty,
// or is a file of ours that others may read.
[[nodiscard]] Secret read_secret_file(const std::string& path);

// Typed on the terminal, whatever standard input is. Throws a Failure when there is no terminal; it
// says `otherwise`, what to do then.
[[nodiscard]] Secret ask_secret(const std::string& prompt, const std::string& otherwise);
// Typed twice.
[[nodiscard]] Secret ask_new_password(const std::string& user, const std::string& otherwise);

}  // namespace tc
