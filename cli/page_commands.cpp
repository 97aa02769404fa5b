// SPDX-License-Identifier: MIT
//
// get tag, tag list, scan, delete-prefix, flush all: commands about many entries at once. Listings
// are fetched page by page and shown as they come.
#include <unistd.h>

#include <iostream>

#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/escape.hpp"
#include "cli/input.hpp"
#include "cli/pages.hpp"
#include "cli/quantity.hpp"

namespace tc {
namespace {

// "3 keys" behind a list on a terminal.
void report_shown(Output& output, std::uint64_t count, const char* one, const char* many) {
    output.sentence(output.strong(count_text(count, one, many)));
}

ExitCode list_keys(const Arguments& arguments, Output& output, const PageRequest& request,
                   const char* what) {
    const Client client(arguments);
    const std::uint64_t limit = arguments.limit.value_or(UINT64_MAX);
    std::uint64_t count = 0;
    const auto show = [&](const Result& page) {
        while (tagcache_result_next(page)) {
            if (count == limit) {
                return false;
            }
            ++count;
            if (output.form() == Form::json) {
                output.json([&](JsonObject& object) { object.bytes("key", page.name()); });
            } else {
                output.item(page.name());
            }
        }
        return count < limit;
    };
    for_each_page(client, request, what, show);
    report_shown(output, count, "key", "keys");
    return ExitCode::ok;
}

ExitCode report_removed(Output& output, std::uint64_t count) {
    if (output.form() == Form::json) {
        output.json([&](JsonObject& object) { object.number("entries", count); });
    } else {
        const std::string digits = std::to_string(count);
        output.number(digits, "removed " + count_text(count, "entry", "entries"));
    }
    return ExitCode::ok;
}

// Asks only where somebody can answer: a script that flushes means it.
bool is_confirmed(const Arguments& arguments, const Client& client) {
    if (arguments.is_confirmed || isatty(STDIN_FILENO) != 1) {
        return true;
    }
    std::cerr << "Remove every entry of " << client.address() << "? [y/N] " << std::flush;
    std::string answer;
    InputFile input("-");
    for (char c = 0; input.read(&c, 1) == 1 && c != '\n';) {
        answer += c;
    }
    return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace

ExitCode get_tag(const Arguments& arguments, Output& output) {
    return list_keys(arguments, output, keys_by_tag_request(arguments), "get tag");
}

ExitCode scan(const Arguments& arguments, Output& output) {
    return list_keys(arguments, output, scan_request(arguments), "scan");
}

ExitCode tag_list(const Arguments& arguments, Output& output) {
    const Client client(arguments);
    const PageRequest request = [&](tagcache_client* handle, const Result& result,
                                    tagcache_page_options& page) {
        page.fields = TAGCACHE_PAGE_ENTRIES;
        return tagcache_tag_list(handle, as_bytes(arguments.pattern), result, &page, nullptr);
    };
    std::uint64_t count = 0;
    const auto show = [&](const Result& page) {
        while (tagcache_result_next(page)) {
            ++count;
            const std::uint64_t entries = tagcache_result_entries(page);
            if (output.form() == Form::json) {
                output.json([&](JsonObject& object) {
                    object.bytes("tag", page.name()).number("entries", entries);
                });
            } else if (output.form() == Form::terminal) {
                const std::string digits = std::to_string(entries);
                const std::size_t padding = digits.size() < 10 ? 10 - digits.size() : 0;
                output.write(std::string(padding, ' ') + digits + "  " + escaped(page.name()) +
                             '\n');
            } else {
                output.item(page.name());
            }
        }
        return true;
    };
    for_each_page(client, request, "tag list", show);
    report_shown(output, count, "tag", "tags");
    return ExitCode::ok;
}

ExitCode delete_prefix(const Arguments& arguments, Output& output) {
    if (arguments.pattern.empty()) {
        throw usage_failure(
            "an empty prefix would remove everything; if that is meant: "
            "tagcache flush all");
    }
    const Client client(arguments);
    const Result result;
    // Page after page, each with its own timeout; the error tells what was removed before it.
    client.check(
        tagcache_delete_prefix(client, as_bytes(arguments.pattern), result, nullptr, nullptr),
        "delete-prefix " + in_quotes(arguments.pattern));
    return report_removed(output, tagcache_result_count(result));
}

ExitCode flush_all(const Arguments& arguments, Output& output) {
    const Client client(arguments);
    if (!is_confirmed(arguments, client)) {
        output.negative("nothing was removed");
        return ExitCode::negative;
    }
    const Result result;
    client.check(tagcache_flush(client, result, nullptr), "flush all");
    return report_removed(output, tagcache_result_count(result));
}

}  // namespace tc
