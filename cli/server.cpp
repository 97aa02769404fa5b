// SPDX-License-Identifier: MIT
//
// server: becomes tagcached, found beside this program, where it is installed, or in PATH.
#include <limits.h>
#include <unistd.h>

#include <array>

#include "cli/commands.hpp"

namespace tc {
namespace {

std::string own_folder() {
    std::array<char, PATH_MAX> path{};
    const ssize_t size = readlink("/proc/self/exe", path.data(), path.size() - 1);
    if (size <= 0) {
        return "";
    }
    const std::string program(path.data(), static_cast<std::size_t>(size));
    return program.substr(0, program.rfind('/'));
}

}  // namespace

ExitCode server(const Arguments& arguments, Output& output) {
    if (arguments.uri.has_value() || arguments.host.has_value() ||
        arguments.unix_path.has_value() || arguments.port.has_value()) {
        throw usage_failure(
            "options of the server come behind the word server: "
            "tagcache server --port 1985");
    }
    std::vector<std::string> words = {"tagcached"};
    words.insert(words.end(), arguments.server_arguments.begin(), arguments.server_arguments.end());
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    output.flush();
    const std::string folder = own_folder();
    // Each of these returns only when there is nothing to run.
    execv((folder + "/tagcached").c_str(), argv.data());
    execv((folder + "/../sbin/tagcached").c_str(), argv.data());
    execvp("tagcached", argv.data());
    throw usage_failure("cannot run tagcached: " + errno_text() + "; it is neither in " + folder +
                        " nor in PATH: install it there");
}

}  // namespace tc
