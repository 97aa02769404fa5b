// SPDX-License-Identifier: MIT
//
// Where answers go, in one of three forms: sentences and columns for a terminal, exact bytes for a
// pipe, JSON when asked for. Data goes to stdout; that something is not there is said on stderr.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "cli/json_object.hpp"

namespace tc {

struct Arguments;

enum class Form { terminal, raw, json };

class Output {
 public:
    explicit Output(const Arguments& arguments);
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    // When a command fails, what it has said until then is still true.
    ~Output();

    [[nodiscard]] Form form() const { return form_; }
    [[nodiscard]] bool is_quiet() const { return is_quiet_; }

    // Appends to stdout; throws a Failure when that cannot be written.
    void write(std::string_view bytes);
    // One line of JSON.
    void json(const std::function<void(JsonObject&)>& members);
    // An item of a list: escaped and on a line of its own on a terminal, else its bytes and the
    // separator (a line feed, or NUL with --null).
    void item(std::string_view bytes);
    // A line, only on a terminal and unless --quiet: "stored".
    void sentence(std::string_view line);
    // A number that is the answer: a line of its own in a pipe, and a sentence on a terminal.
    void number(std::string_view digits, std::string_view sentence);
    // A line on stderr, unless --quiet: "not found". In JSON the answer itself says it.
    void negative(std::string_view line);
    // Anything else for stderr that --quiet silences.
    void note(std::string_view line);
    // A failure that does not end the command: a line on stderr.
    void failure(std::string_view line);
    // "name  value" on a terminal, "name<TAB>value" in a pipe.
    void field(std::string_view name, std::string_view value, std::size_t name_width);

    void flush();

    [[nodiscard]] std::string strong(std::string_view text) const;

 private:
    void write_error(std::string_view line);

    Form form_;
    bool has_colour_;
    bool is_quiet_;
    char separator_;
    std::string buffer_;
};

[[nodiscard]] bool terminal_has_colour(int fd, const Arguments& arguments);

}  // namespace tc
