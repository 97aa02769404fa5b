// SPDX-License-Identifier: MIT
#include "cli/pages.hpp"

#include <algorithm>

namespace tc {
namespace {

// Not a page of a thousand keys to show one.
std::uint32_t page_limit(const Arguments& arguments) {
    constexpr std::uint64_t keys_max = 1000;
    return static_cast<std::uint32_t>(std::min(arguments.limit.value_or(keys_max), keys_max));
}

}  // namespace

void for_each_page(const Client& client, const PageRequest& request, const char* what,
                   const std::function<bool(const Result& page)>& show) {
    const Result result;
    std::string cursor;
    do {
        tagcache_page_options page = TAGCACHE_PAGE_OPTIONS_INIT;
        page.cursor = as_bytes(cursor);
        client.check(request(client, result, page), what);
        // Kept: the result's own view ends with the next call.
        cursor = result.cursor();
    } while (show(result) && !cursor.empty());
}

PageRequest keys_by_tag_request(const Arguments& arguments) {
    const std::vector<tagcache_bytes> tags = as_bytes(arguments.tags);
    return [tags, &arguments](tagcache_client* client, const Result& result,
                              tagcache_page_options& page) {
        page.fields = arguments.matches_all_tags ? TAGCACHE_PAGE_ALL_TAGS : 0;
        page.limit = page_limit(arguments);
        return tagcache_keys_by_tag(client, tags.data(), tags.size(), result, &page, nullptr);
    };
}

PageRequest scan_request(const Arguments& arguments) {
    return
        [&arguments](tagcache_client* client, const Result& result, tagcache_page_options& page) {
            page.fields = arguments.is_glob ? TAGCACHE_PAGE_GLOB : 0;
            page.limit = page_limit(arguments);
            return tagcache_scan(client, as_bytes(arguments.pattern), result, &page, nullptr);
        };
}

}  // namespace tc
