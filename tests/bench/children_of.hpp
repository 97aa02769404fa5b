// SPDX-License-Identifier: MIT
//
// The processes that a process has started: a benchmark that ends must leave none.
#pragma once

#include <sys/types.h>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace tc::bench::test {

// Those of all processes whose parent it is. ("pid (name) state parent ...", and a name may hold
// anything.)
inline std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> children;
    for (const auto& process : std::filesystem::directory_iterator("/proc")) {
        if (std::isdigit(process.path().filename().native().front()) == 0) {
            continue;
        }
        std::ifstream file(process.path() / "stat");
        const std::string line((std::istreambuf_iterator<char>(file)), {});
        std::istringstream behind_name(line.substr(line.rfind(')') + 1));
        char state = 0;
        pid_t its_parent = 0;
        if (behind_name >> state >> its_parent && its_parent == parent) {
            children.push_back(std::stoi(process.path().filename()));
        }
    }
    return children;
}

}  // namespace tc::bench::test
