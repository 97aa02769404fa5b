// SPDX-License-Identifier: MIT
//
// Listings, page by page, with the cursor carried along.
#pragma once

#include <functional>

#include "cli/arguments.hpp"
#include "cli/client.hpp"

namespace tc {

// Asks for the page that `page` says; it may set the fields of `page`.
using PageRequest = std::function<tagcache_status(tagcache_client* client, const Result& result,
                                                  tagcache_page_options& page)>;

// Calls `show` with each page until the last, or until it returns false. A page may be empty.
// `show` may use the client.
void for_each_page(const Client& client, const PageRequest& request, const char* what,
                   const std::function<bool(const Result& page)>& show);

// Keys with any (or all) of the tags. `arguments` has to outlive the request.
[[nodiscard]] PageRequest keys_by_tag_request(const Arguments& arguments);
// Keys with a prefix, or those that match a glob; likewise.
[[nodiscard]] PageRequest scan_request(const Arguments& arguments);

}  // namespace tc
