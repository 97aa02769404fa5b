// SPDX-License-Identifier: MIT
//
// server: becomes tagcached, found beside this program, where it is installed, or in PATH.
#include <unistd.h>

#include "cli/commands.hpp"
#include "cli/subprocess.hpp"

namespace tc {

ExitCode server(const Arguments& arguments, Output& output) {
    if (arguments.names_server()) {
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
    // Returns only when there is nothing to run.
    execvp(server_program().c_str(), argv.data());
    throw usage_failure("cannot run tagcached: " + errno_text() +
                        "; it is neither beside this program nor in PATH: install it there");
}

}  // namespace tc
