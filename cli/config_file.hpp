// SPDX-License-Identifier: MIT
//
// The configuration file of a server, to change: it is replaced whole, with its mode and owner,
// once tagcached has found nothing wrong with the new one that it does not find wrong with the old.
#pragma once

#include <sys/stat.h>

#include <string>

namespace tc {

class ConfigFile {
 public:
    // Reads it. Throws a Failure, as replace() does.
    explicit ConfigFile(const std::string& path);

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] const std::string& contents() const { return contents_; }
    // Not when somebody else has changed it since it was read, whose change would be lost.
    // Returns what is wrong with the new one as with the old; "" = nothing.
    [[nodiscard]] std::string replace(const std::string& contents) const;

 private:
    std::string path_;  // where a symbolic link leads
    struct stat status_ {};
    std::string contents_;
};

// Whether tagcached has a setting of this name; true when it cannot say.
[[nodiscard]] bool may_be_setting(const std::string& key);

}  // namespace tc
