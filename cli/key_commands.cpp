// SPDX-License-Identifier: MIT
//
// exists delete touch: one verb, many keys, a status each.
#include <algorithm>

#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/escape.hpp"
#include "cli/outcome.hpp"

namespace tc {
namespace {

struct Batch {
    const tagcache_bytes* keys;
    std::size_t count;
};

struct Outcome {
    ExitCode worst = ExitCode::ok;
    std::uint64_t ok_count = 0;
};

// The version to compare with belongs to one key.
void require_one_key_for_version(const Arguments& arguments) {
    if (arguments.if_version.has_value() && arguments.keys.size() != 1) {
        throw usage_failure("--if-version goes with one key");
    }
}

// Runs `request` for as many keys at a time as the server takes, and shows what became of each:
// `done` is called for those with OK.
template <typename Request, typename Done>
Outcome for_each_key(const Arguments& arguments, Output& output, const char* verb, Request request,
                     Done done) {
    const Client client(arguments);
    const std::size_t batch_max = client.batch_keys_max();
    const std::vector<tagcache_bytes> keys = as_bytes(arguments.keys);
    const Result result;
    Outcome outcome;
    for (std::size_t begin = 0; begin < keys.size(); begin += batch_max) {
        const Batch batch{&keys[begin], std::min(batch_max, keys.size() - begin)};
        client.check(request(client, batch, result), verb);
        for (std::size_t i = begin; tagcache_result_next(result); ++i) {
            const std::string& key = arguments.keys[i];
            const tagcache_status status = tagcache_result_item_status(result);
            if (status != TAGCACHE_OK) {
                outcome.worst = std::max(outcome.worst, report_outcome(output, verb, key, status));
                continue;
            }
            ++outcome.ok_count;
            if (output.form() == Form::json) {
                output.json(
                    [&](JsonObject& object) { object.bytes("key", key).text("status", "OK"); });
            } else {
                done(key);
            }
        }
    }
    return outcome;
}

void report_count(const Arguments& arguments, Output& output, const Outcome& outcome,
                  const std::string& done) {
    if (output.form() == Form::json) {
        return;
    }
    const std::string digits = std::to_string(outcome.ok_count);
    if (arguments.keys.size() > 1) {
        output.number(digits, done + " " + digits + " of " + std::to_string(arguments.keys.size()));
    } else if (output.form() == Form::raw) {
        output.number(digits, "");
    } else if (outcome.ok_count == 1) {
        output.sentence(done + " " + in_quotes(arguments.keys[0]));
    }
}

const std::uint64_t* versions_of(const Arguments& arguments) {
    return arguments.if_version.has_value() ? &*arguments.if_version : nullptr;
}

}  // namespace

ExitCode exists(const Arguments& arguments, Output& output) {
    const auto request = [](const Client& client, Batch batch, const Result& result) {
        return tagcache_exists_keys(client, batch.keys, batch.count, result, nullptr, nullptr);
    };
    const auto show = [&](const std::string& key) { output.item(key); };
    return for_each_key(arguments, output, "exists", request, show).worst;
}

ExitCode delete_keys(const Arguments& arguments, Output& output) {
    require_one_key_for_version(arguments);
    const auto request = [&](const Client& client, Batch batch, const Result& result) {
        return tagcache_delete_keys(client, batch.keys, versions_of(arguments), batch.count, result,
                                    nullptr);
    };
    const Outcome outcome =
        for_each_key(arguments, output, "delete", request, [](const std::string&) {});
    report_count(arguments, output, outcome, "deleted");
    return outcome.worst;
}

ExitCode touch(const Arguments& arguments, Output& output) {
    require_one_key_for_version(arguments);
    if (!arguments.ttl_ms.has_value()) {
        throw usage_failure("touch needs --ttl DURATION, as in: tagcache touch KEY --ttl 5m");
    }
    const auto request = [&](const Client& client, Batch batch, const Result& result) {
        return tagcache_touch_keys(client, batch.keys, versions_of(arguments), batch.count,
                                   *arguments.ttl_ms, result, nullptr);
    };
    const Outcome outcome =
        for_each_key(arguments, output, "touch", request, [](const std::string&) {});
    report_count(arguments, output, outcome, "touched");
    return outcome.worst;
}

}  // namespace tc
