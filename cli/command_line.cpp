// SPDX-License-Identifier: MIT
#include "cli/command_line.hpp"

#include <unistd.h>

#include <algorithm>

#include "cli/descriptor.hpp"
#include "cli/json_object.hpp"
#include "cli/output.hpp"

namespace tc {
namespace {

void report(const Failure& failure, bool is_json) {
    std::string line;
    if (is_json) {
        JsonObject object(line);
        object.text("error", failure.what());
        if (failure.status() != TAGCACHE_OK) {
            object.text("status", tagcache_status_name(failure.status()));
        }
    } else {
        line = std::string("tagcache: ") + failure.what();
    }
    try {
        write_all(STDERR_FILENO, line + '\n', "standard error");
    } catch (const Failure&) {
        // Standard error itself cannot be written to: the exit code has to do.
        return;
    }
}

ExitCode run(const Words& words, const Arguments& defaults,
             const std::function<void(Arguments&)>& adjust) {
    std::optional<Arguments> arguments = parse_arguments(words, defaults);
    if (!arguments.has_value()) {
        return ExitCode::ok;
    }
    adjust(*arguments);
    Output output(*arguments);
    const ExitCode code = arguments->command(*arguments, output);
    output.flush();
    return code;
}

}  // namespace

ExitCode run_command_line(const Words& words, const Arguments& defaults,
                          const std::function<void(Arguments&)>& adjust) {
    // Also when the words could not be understood: a script that wants JSON wants it then too.
    const bool is_json = defaults.is_json || std::ranges::find(words, "--json") != words.end();
    ExitCode code = ExitCode::ok;
    const auto failed = run_reported([&] { code = run(words, defaults, adjust); }, is_json);
    return failed.value_or(code);
}

std::optional<ExitCode> run_reported(const std::function<void()>& action, bool is_json) {
    try {
        action();
        return std::nullopt;
    } catch (const Failure& failure) {
        report(failure, is_json);
        return failure.code();
    } catch (const std::exception& error) {
        report({ExitCode::refused, error.what()}, is_json);
        return ExitCode::refused;
    }
}

}  // namespace tc
