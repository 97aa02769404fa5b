// SPDX-License-Identifier: MIT
//
// Whether the replies of one client, over however many connections, are those to its requests in
// their order (G8). Nobody else uses its keys and tags, and it waits for the replies of one batch
// before it sends the next, on whichever connection: so each reply can be foretold.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "histories/operation.hpp"

namespace tc::test {

// A request, and the reply that came in its place.
struct Exchange {
    Operation operation;
    std::uint32_t request_id = 0;
    std::uint32_t reply_id = 0;
};

// Empty when all is well; otherwise the first reply that is wrong. GET, PUT, DELETE, INVALIDATE;
// the keys were absent at first.
[[nodiscard]] std::string first_wrong_reply(const std::vector<Exchange>& exchanges);

}  // namespace tc::test
