// SPDX-License-Identifier: MIT
//
// What the programs of this folder that start servers have in common: options, files for results,
// and an end that leaves no server behind. One main a program.
#pragma once

#include <signal.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdio>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>

namespace tc::bench {

inline std::atomic<bool> stop_requested{false};

// Nothing without a path.
inline void write_file(const std::string& path, const std::string& text) {
    if (path.empty()) {
        return;
    }
    std::ofstream file(path);
    file << text << std::flush;
    if (!file) {
        throw std::runtime_error(path + " cannot be written");
    }
}

struct ProgramText {
    const char* name;
    const char* description;
};

// Whoever interrupts it still gets the rows that are complete, and no server stays behind.
template <typename Options, typename AddOptions, typename Run>
int run_program(const ProgramText& text, int argc, char** argv, AddOptions add_options, Run run) {
    for (const int number : {SIGINT, SIGTERM}) {
        signal(number, [](int) { stop_requested = true; });
    }
    signal(SIGPIPE, SIG_IGN);
    CLI::App app(text.description, text.name);
    Options options;
    add_options(app, options);
    CLI11_PARSE(app, argc, argv);
    try {
        return run(app, options);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", text.name, error.what());
        return 1;
    }
}

}  // namespace tc::bench
