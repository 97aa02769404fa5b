// SPDX-License-Identifier: MIT
//
// A configuration file in a folder of its own, for tests of what changes it.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace tc::test {

class TemporaryConfig {
 public:
    explicit TemporaryConfig(const std::string& contents) {
        char folder[] = "/tmp/tagcache-config-XXXXXX";
        if (mkdtemp(folder) == nullptr) {
            throw std::runtime_error("mkdtemp");
        }
        folder_ = folder;
        std::ofstream(path()) << contents;
    }
    TemporaryConfig(const TemporaryConfig&) = delete;
    TemporaryConfig& operator=(const TemporaryConfig&) = delete;
    ~TemporaryConfig() {
        unlink(path().c_str());
        // Fails, and so tells, when a temporary file was left.
        CHECK(rmdir(folder_.c_str()) == 0);
    }
    [[nodiscard]] const std::string& folder() const { return folder_; }
    [[nodiscard]] std::string path() const { return folder_ + "/tagcached.toml"; }
    [[nodiscard]] std::string contents() const {
        std::ifstream file(path());
        std::ostringstream text;
        text << file.rdbuf();
        return text.str();
    }

 private:
    std::string folder_;
};

}  // namespace tc::test
