// SPDX-License-Identifier: MIT
#include "cli/kept_connection.hpp"

#include <unistd.h>

#include "cli/descriptor.hpp"

namespace tc {

tagcache_client* KeptConnection::ready() {
    // A question that changes nothing is the only way to learn that the server has gone meanwhile.
    tagcache_status status = tagcache_info(client_, answer_, nullptr);
    if (was_connected_ && tagcache_status_closes(status)) {
        is_lost_ = true;
        if (status != TAGCACHE_CONNECT) {
            status = tagcache_info(client_, answer_, nullptr);
        }
    }
    if (status != TAGCACHE_OK) {
        return client_;
    }
    // The numbers of requests grow on a connection: the library may have made a new one by itself.
    const std::uint32_t request_id = tagcache_result_request_id(answer_);
    if (is_lost_ || (was_connected_ && request_id <= last_request_id_)) {
        const std::string line =
            "tagcache: the connection was lost; connected to " + address() + " again\n";
        write_all(STDERR_FILENO, line, "standard error");
    }
    is_lost_ = false;
    was_connected_ = true;
    last_request_id_ = request_id;
    return client_;
}

}  // namespace tc
