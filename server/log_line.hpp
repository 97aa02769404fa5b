// SPDX-License-Identifier: MIT
//
// The fields of one line of the log, in room on the stack. What does not fit is left out, whole
// fields at a time, so that a line can always be read.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "server/log.hpp"

namespace tc {

class LogLine {
 public:
    explicit LogLine(LogFormat format) noexcept : format_(format) {}

    void add(const LogField& field) noexcept;
    // "event=stopped address=\"a b\"", or as members of an object: "\"event\":\"stopped\",...".
    [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data(), size_}; }

 private:
    void put(char byte) noexcept;
    void put(std::string_view text) noexcept;
    void put_text(const LogField& field) noexcept;
    void put_escaped(unsigned char byte) noexcept;
    void put_in_quotes(char byte) noexcept;

    const LogFormat format_;
    bool is_full_ = false;
    std::size_t size_ = 0;
    // With time and level less than PIPE_BUF, so that a line goes into a pipe in one piece.
    std::array<char, 4000> bytes_;
};

}  // namespace tc
