// SPDX-License-Identifier: MIT
//
// tagcache: the command line of TagCache. Arguments become a struct with a command in it
// (arguments.hpp), the command talks to the server through the client library and prints
// (commands.hpp), and what goes wrong ends here, as one line on stderr and an exit code.
//
//     command_line, arguments,     the command line
//     command_options,
//     option_kinds, suggestion
//     *_commands, load, dump,      the commands
//     server
//     top, top_*, terminal_screen  a command that watches
//     bench, bench_*               a command over driver/, which measures
//     credentials, secret,         who we are, and how that stays unseen
//     user_options
//     shell, shell_words,          a command that runs the others, line by line
//     line_editor, completion,
//     kept_connection, interrupt
//     client, pages, fields,       the client library, with owners and exceptions
//     outcome, environment,
//     latency_buckets
//     output, json_object,         how answers look
//     base64, escape, quantity,
//     progress
//     descriptor, input,           what is read and written
//     line_reader, entry_line,
//     output_file
#include <algorithm>
#include <csignal>
#include <exception>

#include "cli/command_line.hpp"
#include "cli/descriptor.hpp"

int main(int argc, char** argv) {
    if (!tc::occupy_standard_descriptors()) {
        return static_cast<int>(tc::ExitCode::usage);
    }
    // A reader that has seen enough (head) ends us quietly, even if our parent ignored the signal.
    std::signal(SIGPIPE, SIG_DFL);
    try {
        const tc::Words words(argv + std::min(argc, 1), argv + argc);
        return static_cast<int>(tc::run_command_line(words, {}, [](tc::Arguments&) {}));
    } catch (const std::exception&) {
        return static_cast<int>(tc::ExitCode::refused);
    }
}
