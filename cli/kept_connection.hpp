// SPDX-License-Identifier: MIT
//
// The connection that the lines of a shell share. It outlives them, and may be lost between two.
#pragma once

#include <cstdint>
#include <string>

#include "cli/client.hpp"

namespace tc {

class KeptConnection {
 public:
    // To the server that the arguments name; made when the first line needs it.
    explicit KeptConnection(const Arguments& arguments) : client_(arguments) {}

    // For the next command. One that was lost is made anew, which a line on stderr says. When that
    // cannot be done, the command will find out, and tell.
    [[nodiscard]] tagcache_client* ready();

    [[nodiscard]] std::string address() const { return client_.address(); }
    [[nodiscard]] Credentials* credentials() const { return client_.credentials(); }

 private:
    Client client_;
    Result answer_;
    std::uint32_t last_request_id_ = 0;
    bool was_connected_ = false;
    bool is_lost_ = false;
};

}  // namespace tc
