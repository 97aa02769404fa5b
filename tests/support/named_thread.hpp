// SPDX-License-Identifier: MIT
//
// Threads of another process, by the names that they have given themselves.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace tc::test {

// -1 when there is none.
inline pid_t thread_named(pid_t process, const std::string& name) {
    for (const auto& task :
         std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
        std::string found;
        std::ifstream file(task.path() / "comm");
        std::getline(file, found);
        if (found == name) {
            return std::stoi(task.path().filename());
        }
    }
    return -1;
}

}  // namespace tc::test
