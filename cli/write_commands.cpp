// SPDX-License-Identifier: MIT
//
// put add replace append prepend increment decrement: commands that store.
#include <algorithm>

#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/escape.hpp"
#include "cli/input.hpp"
#include "cli/outcome.hpp"

namespace tc {
namespace {

using WriteCall = tagcache_status (*)(tagcache_client*, tagcache_bytes, tagcache_bytes,
                                      tagcache_result*, const tagcache_write_options*,
                                      const tagcache_call_options*);
using CountCall = tagcache_status (*)(tagcache_client*, tagcache_bytes, std::int64_t,
                                      tagcache_result*, const tagcache_write_options*,
                                      const tagcache_call_options*);

// `tags` is the storage that the options point to.
tagcache_write_options write_options(const Arguments& arguments,
                                     const std::vector<tagcache_bytes>& tags) {
    tagcache_write_options options = TAGCACHE_WRITE_OPTIONS_INIT;
    options.fields = TAGCACHE_WRITE_RETURN_VERSION;
    if (arguments.ttl_ms.has_value()) {
        options.fields |= TAGCACHE_WRITE_TTL;
        options.ttl_ms = *arguments.ttl_ms;
    }
    if (!tags.empty()) {
        options.fields |= TAGCACHE_WRITE_TAGS;
        options.tags = tags.data();
        options.tag_count = tags.size();
    }
    if (arguments.if_version.has_value()) {
        options.fields |= TAGCACHE_WRITE_IF_VERSION;
        options.if_version = *arguments.if_version;
    }
    if (arguments.flags.has_value()) {
        options.fields |= TAGCACHE_WRITE_FLAGS;
        options.flags = *arguments.flags;
    }
    if (arguments.keeps_ttl) {
        options.fields |= TAGCACHE_WRITE_KEEP_TTL;
    }
    if (arguments.keeps_tags) {
        options.fields |= TAGCACHE_WRITE_KEEP_TAGS;
    }
    return options;
}

// Why a write changed nothing.
std::string refusal(tagcache_status status, std::string_view key) {
    const std::string what = "not stored: " + in_quotes(key);
    switch (status) {
        case TAGCACHE_EXISTS: return what + " exists already";
        case TAGCACHE_NOT_FOUND: return what + " does not exist";
        case TAGCACHE_VERSION_MISMATCH: return what + " has another version";
        default: return what + ": " + tagcache_status_name(status);
    }
}

ExitCode report_stored(Output& output, std::string_view verb, std::string_view key,
                       tagcache_status status, const Result& result) {
    if (status != TAGCACHE_OK) {
        return report_outcome(output, verb, key, status, refusal(status, key));
    }
    if (output.form() == Form::json) {
        output.json([&](JsonObject& object) {
            object.bytes("key", key).text("status", "OK");
            object.version(tagcache_result_version(result));
        });
    } else {
        output.sentence("stored " + in_quotes(key));
    }
    return ExitCode::ok;
}

std::string value_argument(const Arguments& arguments) {
    if (!arguments.file.empty()) {
        if (!arguments.values.empty()) {
            throw usage_failure("the value is given twice: as VALUE and with --file");
        }
        return read_input(arguments.file);
    }
    if (arguments.values.empty()) {
        throw usage_failure("no value: give VALUE, - to read standard input, or --file FILE");
    }
    if (arguments.values.size() > 1) {
        throw usage_failure("unexpected argument " + in_quotes(arguments.values[1]) +
                            ": quote a value that has spaces");
    }
    return arguments.values[0] == "-" ? read_input("-") : arguments.values[0];
}

ExitCode store_one(const Arguments& arguments, Output& output, WriteCall call, const char* verb) {
    const std::string value = value_argument(arguments);
    const Client client(arguments);
    const std::string& key = arguments.keys[0];
    const std::vector<tagcache_bytes> tags = as_bytes(arguments.tags);
    const tagcache_write_options options = write_options(arguments, tags);
    const Result result;
    const tagcache_status status =
        client.check(call(client, as_bytes(key), as_bytes(value), result, &options, nullptr),
                     std::string(verb) + " " + in_quotes(key));
    return report_stored(output, verb, key, status, result);
}

// What --pairs is about, and how much of it goes into a request.
class Pairs {
 public:
    explicit Pairs(const Arguments& arguments);

    [[nodiscard]] std::size_t size() const { return keys_.size(); }
    [[nodiscard]] const tagcache_bytes* keys(std::size_t begin) const { return &keys_[begin]; }
    [[nodiscard]] const tagcache_bytes* values(std::size_t begin) const { return &values_[begin]; }
    // How many from `begin` on a request takes: one at least, of which the server can complain.
    [[nodiscard]] std::size_t batch_size(std::size_t begin, const Client& client,
                                         std::size_t options_bytes) const;

 private:
    Words words_;
    std::vector<tagcache_bytes> keys_;
    std::vector<tagcache_bytes> values_;
};

Pairs::Pairs(const Arguments& arguments) : words_(arguments.keys) {
    if (arguments.values.size() % 2 == 0 || !arguments.file.empty()) {
        throw usage_failure("--pairs takes KEY VALUE KEY VALUE and so on");
    }
    if (arguments.if_version.has_value()) {
        throw usage_failure("--if-version goes with one key, not with --pairs");
    }
    words_.insert(words_.end(), arguments.values.begin(), arguments.values.end());
    for (std::size_t i = 0; i < words_.size(); i += 2) {
        if (words_[i + 1] == "-") {
            throw usage_failure("--pairs does not read standard input: - is no value");
        }
        keys_.push_back(as_bytes(words_[i]));
        values_.push_back(as_bytes(words_[i + 1]));
    }
}

std::size_t Pairs::batch_size(std::size_t begin, const Client& client,
                              std::size_t options_bytes) const {
    const std::size_t end = std::min(size(), begin + client.batch_keys_max());
    std::size_t left = client.frame_bytes_max();
    std::size_t i = begin;
    for (; i < end; ++i) {
        const std::size_t item_bytes = keys_[i].size + values_[i].size + options_bytes;
        if (item_bytes > left) {
            break;
        }
        left -= item_bytes;
    }
    return std::max<std::size_t>(i - begin, 1);
}

// More than the options take in a request: their numbers, and the tags with their sizes.
std::size_t options_bytes_max(const Words& tags) {
    std::size_t size_bytes = 64;
    for (const std::string& tag : tags) {
        size_bytes += tag.size() + sizeof(std::uint32_t);
    }
    return size_bytes;
}

// In order, with as few requests as the server's limits allow.
ExitCode put_pairs(const Arguments& arguments, Output& output) {
    const Pairs pairs(arguments);
    const std::vector<tagcache_bytes> tags = as_bytes(arguments.tags);
    const tagcache_write_options options = write_options(arguments, tags);
    const std::vector<const tagcache_write_options*> each(pairs.size(), &options);
    const std::size_t options_bytes = options_bytes_max(arguments.tags);
    const Client client(arguments);
    const Result result;
    ExitCode worst = ExitCode::ok;
    std::size_t begin = 0;
    while (begin < pairs.size()) {
        const std::size_t count = pairs.batch_size(begin, client, options_bytes);
        client.check(tagcache_mput(client, pairs.keys(begin), pairs.values(begin), count, result,
                                   &each[begin], nullptr),
                     "put");
        for (std::size_t i = begin; tagcache_result_next(result); ++i) {
            const tagcache_status status = tagcache_result_item_status(result);
            worst = std::max(worst,
                             report_stored(output, "put", as_view(*pairs.keys(i)), status, result));
        }
        begin += count;
    }
    return worst;
}

ExitCode extend(const Arguments& arguments, Output& output, WriteCall call, const char* verb) {
    const std::string value = value_argument(arguments);
    const Client client(arguments);
    const std::string& key = arguments.keys[0];
    const tagcache_write_options options = write_options(arguments, {});
    const Result result;
    const tagcache_status status =
        client.check(call(client, as_bytes(key), as_bytes(value), result, &options, nullptr),
                     std::string(verb) + " " + in_quotes(key));
    if (status != TAGCACHE_OK) {
        return report_stored(output, verb, key, status, result);
    }
    const std::uint64_t size_bytes = tagcache_result_value_bytes(result);
    if (output.form() == Form::json) {
        output.json([&](JsonObject& object) {
            object.bytes("key", key).text("status", "OK").number("value_bytes", size_bytes);
            object.version(tagcache_result_version(result));
        });
    } else {
        const std::string size = std::to_string(size_bytes);
        output.number(size, in_quotes(key) + " has " + size + " bytes now");
    }
    return ExitCode::ok;
}

ExitCode count(const Arguments& arguments, Output& output, CountCall call, const char* verb) {
    const Client client(arguments);
    const std::string& key = arguments.keys[0];
    const std::vector<tagcache_bytes> tags = as_bytes(arguments.tags);
    const tagcache_write_options options = write_options(arguments, tags);
    const Result result;
    client.check(call(client, as_bytes(key), arguments.amount, result, &options, nullptr),
                 std::string(verb) + " " + in_quotes(key));
    const std::int64_t number = tagcache_result_number(result);
    if (output.form() == Form::json) {
        output.json([&](JsonObject& object) {
            object.bytes("key", key).text("status", "OK").signed_number("number", number);
            object.version(tagcache_result_version(result));
        });
    } else {
        const std::string digits = std::to_string(number);
        output.number(digits, in_quotes(key) + " is " + digits + " now");
    }
    return ExitCode::ok;
}

}  // namespace

ExitCode put(const Arguments& arguments, Output& output) {
    return arguments.has_pairs ? put_pairs(arguments, output)
                               : store_one(arguments, output, tagcache_put, "put");
}

ExitCode add(const Arguments& arguments, Output& output) {
    return store_one(arguments, output, tagcache_add, "add");
}

ExitCode replace(const Arguments& arguments, Output& output) {
    return store_one(arguments, output, tagcache_replace, "replace");
}

ExitCode append(const Arguments& arguments, Output& output) {
    return extend(arguments, output, tagcache_append, "append");
}

ExitCode prepend(const Arguments& arguments, Output& output) {
    return extend(arguments, output, tagcache_prepend, "prepend");
}

ExitCode increment(const Arguments& arguments, Output& output) {
    return count(arguments, output, tagcache_incr, "increment");
}

ExitCode decrement(const Arguments& arguments, Output& output) {
    return count(arguments, output, tagcache_decr, "decrement");
}

}  // namespace tc
