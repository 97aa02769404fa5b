// SPDX-License-Identifier: MIT
//
// get key, getdel: entries, shown.
#include <algorithm>

#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/escape.hpp"
#include "cli/outcome.hpp"
#include "cli/quantity.hpp"

namespace tc {
namespace {

constexpr std::uint32_t details =
    TAGCACHE_READ_TTL | TAGCACHE_READ_TAGS | TAGCACHE_READ_VERSION | TAGCACHE_READ_FLAGS;

tagcache_read_options read_options(const Arguments& arguments) {
    tagcache_read_options options = TAGCACHE_READ_OPTIONS_INIT;
    options.fields = arguments.has_details ? details : 0;
    if (arguments.has_no_value) {
        options.fields |= TAGCACHE_READ_NO_VALUE;
    }
    if (arguments.ttl_ms.has_value()) {
        options.fields |= TAGCACHE_READ_TOUCH;
        options.ttl_ms = *arguments.ttl_ms;
    }
    return options;
}

std::string joined(const std::vector<std::string_view>& tags) {
    std::string text;
    for (const std::string_view tag : tags) {
        text += text.empty() ? "" : ", ";
        text += escaped(tag);
    }
    return text;
}

void show_json(Output& output, const Arguments& arguments, std::string_view key,
               const Result& entry) {
    output.json([&](JsonObject& object) {
        object.bytes("key", key).text("status", "OK");
        if (arguments.has_details) {
            object.number("ttl_ms", tagcache_result_ttl_ms(entry));
            object.version(tagcache_result_version(entry));
            object.number("flags", tagcache_result_flags(entry)).begin_list("tags");
            for (const std::string_view tag : entry.tags()) {
                object.list_item(tag);
            }
            object.end_list();
        }
        object.number("value_bytes", tagcache_result_value_bytes(entry));
        if (!arguments.has_no_value) {
            object.bytes("value", entry.value());
        }
    });
}

// With names, for people: also in a pipe, where control characters are escaped just the same.
void show_details(Output& output, const Arguments& arguments, std::string_view key,
                  const Result& entry) {
    constexpr std::size_t name_width = std::string_view("version").size();
    const std::uint64_t ttl_ms = tagcache_result_ttl_ms(entry);
    output.field("key", escaped(key), name_width);
    output.field("ttl", ttl_ms == 0 ? "none" : duration_text(ttl_ms), name_width);
    output.field("tags", joined(entry.tags()), name_width);
    output.field("version", std::to_string(tagcache_result_version(entry)), name_width);
    output.field("flags", std::to_string(tagcache_result_flags(entry)), name_width);
    output.field("size", std::to_string(tagcache_result_value_bytes(entry)), name_width);
    if (!arguments.has_no_value) {
        output.field("value", escaped_lines(entry.value()), name_width);
    }
}

// On a terminal, on lines of its own; one of several has its key before it. In a pipe the exact
// bytes, behind each of several the separator.
void show_value(Output& output, std::string_view key, std::string_view value, bool is_one_of_many) {
    if (output.form() == Form::terminal) {
        const std::string label = is_one_of_many ? output.strong(escaped(key)) + ": " : "";
        const bool is_line = !value.empty() && value.back() == '\n' && !is_one_of_many;
        output.write(label + escaped_lines(value) + (is_line ? "" : "\n"));
    } else if (is_one_of_many) {
        output.item(value);
    } else {
        output.write(value);
    }
}

ExitCode show(Output& output, const Arguments& arguments, std::string_view key,
              tagcache_status status, const Result& entry) {
    if (status != TAGCACHE_OK) {
        return report_outcome(output, "get", key, status);
    }
    const bool is_one_of_many = arguments.keys.size() > 1;
    if (output.form() == Form::json) {
        show_json(output, arguments, key, entry);
    } else if (arguments.has_details) {
        show_details(output, arguments, key, entry);
    } else if (arguments.has_no_value) {
        const std::string size = std::to_string(tagcache_result_value_bytes(entry));
        output.number(size, escaped(key) + ": " + size + " bytes");
    } else {
        show_value(output, key, entry.value(), is_one_of_many);
    }
    return ExitCode::ok;
}

ExitCode get_one(const Client& client, const Arguments& arguments, const std::string& key,
                 Output& output) {
    const tagcache_read_options options = read_options(arguments);
    const Result result;
    const tagcache_status status = client.check(
        tagcache_get(client, as_bytes(key), result, &options, nullptr), "get " + in_quotes(key));
    return show(output, arguments, key, status, result);
}

}  // namespace

ExitCode get_key(const Arguments& arguments, Output& output) {
    if (arguments.keys.empty()) {
        throw usage_failure("no key; see: tagcache get --help");
    }
    const Client client(arguments);
    if (arguments.keys.size() == 1) {
        return get_one(client, arguments, arguments.keys[0], output);
    }
    const std::size_t batch_max = client.batch_keys_max();
    const tagcache_read_options options = read_options(arguments);
    const std::vector<tagcache_bytes> keys = as_bytes(arguments.keys);
    const Result result;
    ExitCode worst = ExitCode::ok;
    for (std::size_t begin = 0; begin < keys.size(); begin += batch_max) {
        const std::size_t count = std::min(batch_max, keys.size() - begin);
        client.check(tagcache_mget(client, &keys[begin], count, result, &options, nullptr), "get");
        for (std::size_t i = begin; tagcache_result_next(result); ++i) {
            const tagcache_status status = tagcache_result_item_status(result);
            // What did not fit into a reply with the others is fetched alone.
            const ExitCode code = status == TAGCACHE_TRUNCATED
                                      ? get_one(client, arguments, arguments.keys[i], output)
                                      : show(output, arguments, arguments.keys[i], status, result);
            worst = std::max(worst, code);
        }
    }
    return worst;
}

ExitCode getdel(const Arguments& arguments, Output& output) {
    const Client client(arguments);
    const std::string& key = arguments.keys[0];
    const tagcache_read_options options = read_options(arguments);
    const Result result;
    const tagcache_status status =
        client.check(tagcache_getdel(client, as_bytes(key), result, &options, nullptr),
                     "getdel " + in_quotes(key));
    return show(output, arguments, key, status, result);
}

}  // namespace tc
