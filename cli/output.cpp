// SPDX-License-Identifier: MIT
#include "cli/output.hpp"

#include <unistd.h>

#include <cstring>
#include <string>

#include "cli/arguments.hpp"
#include "cli/descriptor.hpp"
#include "cli/environment.hpp"
#include "cli/escape.hpp"
#include "cli/failure.hpp"

namespace tc {
namespace {

constexpr std::size_t buffer_bytes_max = 64 * 1024;

Form form_of(const Arguments& arguments) {
    if (arguments.is_json) {
        return Form::json;
    }
    return !arguments.is_raw && isatty(STDOUT_FILENO) == 1 ? Form::terminal : Form::raw;
}

}  // namespace

bool terminal_has_colour(int fd, const Arguments& arguments) {
    const char* terminal = environment_text("TERM");
    const bool is_refused = arguments.is_plain || environment_text("NO_COLOR") != nullptr;
    const bool is_capable = terminal != nullptr && std::strcmp(terminal, "dumb") != 0;
    return !is_refused && is_capable && isatty(fd) == 1;
}

Output::Output(const Arguments& arguments)
    : form_(form_of(arguments)),
      has_colour_(form_ == Form::terminal && terminal_has_colour(STDOUT_FILENO, arguments)),
      is_quiet_(arguments.is_quiet),
      separator_(arguments.ends_with_nul ? '\0' : '\n') {}

Output::~Output() {
    try {
        flush();
    } catch (const Failure&) {
        // The failure that brought us here is the one to report.
        return;
    }
}

void Output::write(std::string_view bytes) {
    buffer_ += bytes;
    if (buffer_.size() >= buffer_bytes_max) {
        flush();
    }
}

void Output::json(const std::function<void(JsonObject&)>& members) {
    {
        JsonObject object(buffer_);
        members(object);
    }
    write("\n");
}

void Output::item(std::string_view bytes) {
    if (form_ == Form::terminal) {
        write(escaped(bytes) + '\n');
        return;
    }
    write(bytes);
    write(std::string_view(&separator_, 1));
}

void Output::sentence(std::string_view line) {
    if (form_ == Form::terminal && !is_quiet_) {
        write(line);
        write("\n");
    }
}

void Output::number(std::string_view digits, std::string_view sentence) {
    write(form_ == Form::terminal ? sentence : digits);
    write("\n");
}

void Output::negative(std::string_view line) {
    if (form_ != Form::json) {
        note(line);
    }
}

void Output::note(std::string_view line) {
    if (!is_quiet_) {
        write_error(line);
    }
}

void Output::failure(std::string_view line) {
    write_error("tagcache: " + std::string(line));
}

void Output::write_error(std::string_view line) {
    // What came before on stdout stands before it, where both are the same terminal.
    flush();
    write_all(STDERR_FILENO, std::string(line) + '\n', "standard error");
}

void Output::field(std::string_view name, std::string_view value, std::size_t name_width) {
    if (form_ == Form::terminal) {
        const std::size_t padding = name.size() < name_width ? name_width - name.size() : 0;
        write(strong(name) + std::string(padding + 2, ' '));
    } else {
        write(name);
        write("\t");
    }
    write(value);
    write("\n");
}

void Output::flush() {
    // Emptied first: what could not be written is not tried again when the failure is reported.
    std::string bytes;
    bytes.swap(buffer_);
    write_all(STDOUT_FILENO, bytes, "standard output");
    bytes.clear();
    buffer_.swap(bytes);
}

std::string Output::strong(std::string_view text) const {
    return has_colour_ ? "\x1B[1m" + std::string(text) + "\x1B[0m" : std::string(text);
}

}  // namespace tc
