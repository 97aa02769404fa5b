// SPDX-License-Identifier: MIT
//
// shell: command after command over one connection; typed on a terminal, or from a file or a pipe.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "cli/interrupt.hpp"
#include "cli/kept_connection.hpp"
#include "cli/line_editor.hpp"
#include "cli/shell_words.hpp"

namespace tc {
namespace {

constexpr std::array<const char*, 3> own_commands = {"help", "quit", "exit"};

class Shell {
 public:
    explicit Shell(const Arguments& arguments);

    [[nodiscard]] std::string address() const { return connection_.address(); }
    // Nothing when the line ends the shell.
    [[nodiscard]] std::optional<ExitCode> run(const std::string& line);

 private:
    // Where a line does not say otherwise, it means the shell's server and connection.
    void place(Arguments& line);

    const Arguments& arguments_;
    Arguments defaults_;
    KeptConnection connection_;
};

Shell::Shell(const Arguments& arguments)
    : arguments_(arguments), defaults_(arguments), connection_(arguments) {
    defaults_.uri.reset();
    defaults_.host.reset();
    defaults_.unix_path.reset();
    defaults_.port.reset();
    defaults_.timeout_ms.reset();
    defaults_.credentials = {};
}

void Shell::place(Arguments& line) {
    if (line.command == shell || line.command == server || line.command == restart ||
        line.command == reset_credentials) {
        throw usage_failure("this command does not run in a shell");
    }
    if (line.names_server()) {
        return;  // nor are our credentials given to a server that was not meant
    }
    line.uri = arguments_.uri;
    line.host = arguments_.host;
    line.unix_path = arguments_.unix_path;
    line.port = arguments_.port;
    const bool is_ourselves = !line.credentials.is_given();
    line.credentials = is_ourselves ? arguments_.credentials : line.credentials;
    if (!line.timeout_ms.has_value()) {
        line.timeout_ms = arguments_.timeout_ms;
        line.connection = is_ourselves ? &connection_ : nullptr;
    }
}

std::optional<ExitCode> Shell::run(const std::string& line) {
    Words words;
    const auto split = [&] { words = split_shell_words(line); };
    const std::optional<ExitCode> refused = run_reported(split, arguments_.is_json);
    if (refused.has_value()) {
        return refused;
    }
    // Lines of a script are lines here, too.
    if (!words.empty() && words[0] == "tagcache") {
        words.erase(words.begin());
    }
    if (words.empty()) {
        return ExitCode::ok;
    }
    if (words[0] == "quit" || words[0] == "exit") {
        return std::nullopt;
    }
    if (words[0] == "help") {
        words.erase(words.begin());
        words.emplace_back("--help");
    }
    return run_command_line(words, defaults_, [this](Arguments& arguments) { place(arguments); });
}

Words completions(const Words& before, std::string_view begun) {
    const bool is_help = !before.empty() && before[0] == "help";
    Words words = completions_of(is_help ? Words(before.begin() + 1, before.end()) : before, begun);
    if (before.empty()) {
        std::ranges::copy_if(own_commands, std::back_inserter(words), [begun](const char* name) {
            return std::string_view(name).starts_with(begun);
        });
        std::ranges::sort(words);
    }
    return words;
}

// Typed on a terminal. Ctrl-C never ends it.
ExitCode talk(Shell& shell) {
    const InterruptScope between_commands;
    LineEditor editor(shell.address() + "> ", shell_history_file(), completions);
    while (const std::optional<std::string> line = editor.read()) {
        const InterruptScope command;
        if (!shell.run(*line).has_value()) {
            break;
        }
    }
    return ExitCode::ok;
}

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

// Standard input, which a command finds closed from now on: it would eat the lines behind its own.
File take_standard_input() {
    const int lines_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    const int unreadable_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    File lines(lines_fd < 0 ? nullptr : fdopen(lines_fd, "r"));
    if (lines == nullptr || unreadable_fd < 0 || dup2(unreadable_fd, STDIN_FILENO) < 0) {
        throw usage_failure("cannot read standard input: " + errno_text());
    }
    close(unreadable_fd);
    return lines;
}

// The first failure decides the exit code; the lines behind it run all the same.
ExitCode run_script(Shell& shell) {
    const File lines = take_standard_input();
    ExitCode first_failure = ExitCode::ok;
    char* buffer = nullptr;
    std::size_t capacity = 0;
    for (;;) {
        const ssize_t size = getline(&buffer, &capacity, lines.get());
        if (size < 0) {
            break;
        }
        const std::optional<ExitCode> code =
            shell.run(std::string(buffer, static_cast<std::size_t>(size)));
        if (!code.has_value()) {
            break;
        }
        if (first_failure == ExitCode::ok) {
            first_failure = *code;
        }
    }
    std::free(buffer);
    return first_failure;
}

}  // namespace

ExitCode shell(const Arguments& arguments, Output& /*output*/) {
    Shell shell(arguments);
    const bool is_typed = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
    return is_typed ? talk(shell) : run_script(shell);
}

}  // namespace tc
