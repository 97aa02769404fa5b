// SPDX-License-Identifier: MIT
//
// tagcache: the command line of TagCache. Arguments become a struct with a command in it
// (arguments.hpp), the command talks to the server through the client library and prints
// (commands.hpp), and what goes wrong ends here, as one line on stderr and an exit code.
//
//     arguments, command_options,  the command line
//     option_kinds, suggestion
//     *_commands, load, dump,      the commands
//     server
//     bench, bench_*               a command over driver/, which measures
//     client, pages, fields,       the client library, with owners and exceptions
//     outcome, environment
//     output, json_object,         how answers look
//     base64, escape, quantity,
//     progress
//     descriptor, input,           what is read and written
//     line_reader, entry_line,
//     output_file
#include <csignal>
#include <cstring>
#include <exception>
#include <string>

#include <unistd.h>

#include "cli/arguments.hpp"
#include "cli/commands.hpp"
#include "cli/descriptor.hpp"
#include "cli/failure.hpp"
#include "cli/json_object.hpp"
#include "cli/output.hpp"

namespace {

void report(const tc::Failure& failure, bool is_json) {
    std::string line;
    if (is_json) {
        tc::JsonObject object(line);
        object.text("error", failure.what());
        if (failure.status() != TAGCACHE_OK) {
            object.text("status", tagcache_status_name(failure.status()));
        }
    } else {
        line = std::string("tagcache: ") + failure.what();
    }
    tc::write_all(STDERR_FILENO, line + '\n', "standard error");
}

// Also when the command line itself could not be read: a script that wants JSON wants it then too.
bool asks_for_json(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--json") == 0) {
            return true;
        }
    }
    return false;
}

tc::ExitCode run(int argc, char** argv) {
    const std::optional<tc::Arguments> arguments = tc::parse_arguments(argc, argv);
    if (!arguments.has_value()) {
        return tc::ExitCode::ok;
    }
    tc::Output output(*arguments);
    const tc::ExitCode code = arguments->command(*arguments, output);
    output.flush();
    return code;
}

}  // namespace

int main(int argc, char** argv) {
    if (!tc::occupy_standard_descriptors()) {
        return static_cast<int>(tc::ExitCode::usage);
    }
    // A reader that has seen enough (head) ends us quietly, even if our parent ignored the signal.
    std::signal(SIGPIPE, SIG_DFL);
    tc::ExitCode code = tc::ExitCode::refused;
    try {
        try {
            code = run(argc, argv);
        } catch (const tc::Failure& failure) {
            code = failure.code();
            report(failure, asks_for_json(argc, argv));
        } catch (const std::exception& error) {
            report({code, error.what()}, asks_for_json(argc, argv));
        }
    } catch (const std::exception&) {
        // Standard error itself cannot be written to: the exit code has to do.
        return static_cast<int>(code);
    }
    return static_cast<int>(code);
}
