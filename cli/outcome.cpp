// SPDX-License-Identifier: MIT
#include "cli/outcome.hpp"

#include "cli/escape.hpp"

namespace tc {

std::string outcome_text(tagcache_status status, std::string_view key) {
    switch (status) {
        case TAGCACHE_NOT_FOUND: return "not found: " + in_quotes(key);
        case TAGCACHE_VERSION_MISMATCH:
            return "not done: " + in_quotes(key) + " has another version";
        default: return "not done: " + in_quotes(key) + ": " + tagcache_status_name(status);
    }
}

ExitCode report_outcome(Output& output, std::string_view verb, std::string_view key,
                        tagcache_status status, const std::string& sentence) {
    if (output.form() == Form::json) {
        output.json([&](JsonObject& object) {
            object.bytes("key", key).text("status", tagcache_status_name(status));
        });
    } else if (status > 0) {
        output.note(sentence);
    } else {
        const std::string what = std::string(verb) + " " + in_quotes(key);
        output.failure(failure_message(status, what, "", advice(status)));
    }
    return exit_code_of(status);
}

ExitCode report_outcome(Output& output, std::string_view verb, std::string_view key,
                        tagcache_status status) {
    return report_outcome(output, verb, key, status, outcome_text(status, key));
}

}  // namespace tc
