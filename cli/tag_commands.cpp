// SPDX-License-Identifier: MIT
//
// tags, tag add|remove|count, invalidate: tags of entries, and entries of tags.
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/escape.hpp"
#include "cli/outcome.hpp"
#include "cli/quantity.hpp"

namespace tc {
namespace {

using TagChange = tagcache_status (*)(tagcache_client*, tagcache_bytes, const tagcache_bytes*,
                                      std::size_t, tagcache_result*, const tagcache_write_options*,
                                      const tagcache_call_options*);

ExitCode change_tags(const Arguments& arguments, Output& output, TagChange call, const char* verb,
                     const char* done) {
    const Client client(arguments);
    const std::string& key = arguments.keys[0];
    const std::vector<tagcache_bytes> tags = as_bytes(arguments.tags);
    tagcache_write_options options = TAGCACHE_WRITE_OPTIONS_INIT;
    options.fields = TAGCACHE_WRITE_RETURN_VERSION;
    const Result result;
    const tagcache_status status = client.check(
        call(client, as_bytes(key), tags.data(), tags.size(), result, &options, nullptr),
        std::string(verb) + " " + in_quotes(key));
    if (status != TAGCACHE_OK) {
        return report_outcome(output, verb, key, status);
    }
    const std::uint64_t changed = tagcache_result_count(result);
    if (output.form() == Form::json) {
        output.json([&](JsonObject& object) {
            object.bytes("key", key).text("status", "OK").number("changed", changed);
            object.version(tagcache_result_version(result));
        });
    } else {
        const std::string digits = std::to_string(changed);
        output.number(digits, std::string(done) + " " + count_text(changed, "tag", "tags"));
    }
    return ExitCode::ok;
}

std::string entries_text(std::uint64_t count) {
    return count_text(count, "entry", "entries");
}

}  // namespace

ExitCode tags(const Arguments& arguments, Output& output) {
    const Client client(arguments);
    const std::string& key = arguments.keys[0];
    const Result result;
    const tagcache_status status = client.check(
        tagcache_tags(client, as_bytes(key), result, nullptr), "tags " + in_quotes(key));
    if (status != TAGCACHE_OK) {
        return report_outcome(output, "tags", key, status);
    }
    if (output.form() == Form::json) {
        output.json([&](JsonObject& object) {
            object.bytes("key", key).text("status", "OK").begin_list("tags");
            for (const std::string_view tag : result.tags()) {
                object.list_item(tag);
            }
            object.end_list();
        });
        return ExitCode::ok;
    }
    const std::vector<std::string_view> tags = result.tags();
    if (tags.empty()) {
        output.sentence(in_quotes(key) + " has no tags");
    }
    for (const std::string_view tag : tags) {
        output.item(tag);
    }
    return ExitCode::ok;
}

ExitCode tag_add(const Arguments& arguments, Output& output) {
    return change_tags(arguments, output, tagcache_tag_add, "tag add", "added");
}

ExitCode tag_remove(const Arguments& arguments, Output& output) {
    return change_tags(arguments, output, tagcache_tag_remove, "tag remove", "removed");
}

ExitCode tag_count(const Arguments& arguments, Output& output) {
    const Client client(arguments);
    const Result result;
    for (const std::string& tag : arguments.tags) {
        client.check(tagcache_tag_count(client, as_bytes(tag), result, nullptr),
                     "tag count " + in_quotes(tag));
        const std::uint64_t count = tagcache_result_count(result);
        if (output.form() == Form::json) {
            output.json(
                [&](JsonObject& object) { object.bytes("tag", tag).number("entries", count); });
        } else {
            output.number(std::to_string(count), in_quotes(tag) + ": " + entries_text(count));
        }
    }
    return ExitCode::ok;
}

ExitCode invalidate(const Arguments& arguments, Output& output) {
    const Client client(arguments);
    const std::vector<tagcache_bytes> tags = as_bytes(arguments.tags);
    tagcache_invalidate_options options = TAGCACHE_INVALIDATE_OPTIONS_INIT;
    if (arguments.matches_all_tags) {
        options.fields |= TAGCACHE_INVALIDATE_ALL;
    }
    if (arguments.is_dry_run) {
        options.fields |= TAGCACHE_INVALIDATE_DRY_RUN;
    }
    const Result result;
    client.check(tagcache_invalidate(client, tags.data(), tags.size(), result, &options, nullptr),
                 "invalidate");
    const std::uint64_t count = tagcache_result_count(result);
    if (output.form() == Form::json) {
        output.json([&](JsonObject& object) {
            object.begin_list("tags");
            for (const std::string& tag : arguments.tags) {
                object.list_item(tag);
            }
            object.end_list().text("match", arguments.matches_all_tags ? "all" : "any");
            object.boolean("dry_run", arguments.is_dry_run).number("entries", count);
        });
    } else {
        output.number(std::to_string(count),
                      (arguments.is_dry_run ? "would remove " : "removed ") + entries_text(count));
    }
    // That nothing carried the tag is what was wanted, not a failure.
    return ExitCode::ok;
}

}  // namespace tc
