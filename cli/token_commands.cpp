// SPDX-License-Identifier: MIT
//
// token new|list|revoke: what programs authenticate with.
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/escape.hpp"
#include "cli/fields.hpp"

namespace tc {
namespace {

// Nobody has the name "": it is the one who asks.
std::string owner_text(const std::string& user) {
    return user.empty() ? "of yours" : "of " + in_quotes(user);
}

ExitCode tell_not_found(Output& output, const std::string& sentence) {
    if (output.form() == Form::json) {
        output.json([](JsonObject& object) { object.text("status", "NOT_FOUND"); });
    } else {
        output.note(sentence);
    }
    return ExitCode::negative;
}

}  // namespace

// The token stands alone on standard output, so that it can go into a file; what there is to say of
// it goes to standard error.
ExitCode token_new(const Arguments& arguments, Output& output) {
    const std::string& user = arguments.user.name;
    const Client client(arguments);
    const Result result;
    const tagcache_status status = client.check(
        tagcache_token_new(client, as_bytes(user), arguments.ttl_ms.value_or(0), result, nullptr),
        "token new");
    if (status != TAGCACHE_OK || !tagcache_result_next(result)) {
        return tell_not_found(output, "there is no user " + in_quotes(user));
    }
    const Fields token = read_fields(result);
    if (output.form() == Form::json) {
        output.json([&](JsonObject& object) { write_members(object, token); });
        return ExitCode::ok;
    }
    output.write(std::string(text_of(token, "token")) + '\n');
    const std::string_view expires_at = text_of(token, "expires_at");
    output.note("token " + escaped(text_of(token, "id")) + " of " +
                in_quotes(text_of(token, "user")) +
                (expires_at.empty() ? std::string(", which does not expire")
                                    : ", valid until " + escaped(expires_at)) +
                "; it is shown this once: keep it in a file that only its user can read");
    return ExitCode::ok;
}

ExitCode token_list(const Arguments& arguments, Output& output) {
    const std::string& user = arguments.user.name;
    const Client client(arguments);
    const Result result;
    const tagcache_status status =
        client.check(tagcache_token_list(client, as_bytes(user), result, nullptr), "token list");
    if (status != TAGCACHE_OK) {
        return tell_not_found(output, "there is no user " + in_quotes(user));
    }
    std::vector<Fields> rows;
    while (tagcache_result_next(result)) {
        rows.push_back(read_fields(result));
    }
    if (output.form() == Form::terminal) {
        write_table(output, rows);
        if (rows.empty()) {
            output.sentence("no tokens " + owner_text(user));
        }
        return ExitCode::ok;
    }
    for (const Fields& token : rows) {
        if (output.form() == Form::json) {
            output.json([&](JsonObject& object) { write_members(object, token); });
        } else {
            write_line(output, token);
        }
    }
    return ExitCode::ok;
}

ExitCode token_revoke(const Arguments& arguments, Output& output) {
    const std::string& user = arguments.user.name;
    const std::string& id = arguments.user.token_id;
    const Client client(arguments);
    const tagcache_status status =
        client.check(tagcache_token_revoke(client, as_bytes(user), as_bytes(id), nullptr, nullptr),
                     "token revoke " + in_quotes(id));
    if (status != TAGCACHE_OK) {
        return tell_not_found(output,
                              "there is no token " + in_quotes(id) + " " + owner_text(user));
    }
    if (output.form() == Form::json) {
        output.json([&](JsonObject& object) { object.text("id", id).text("status", "OK"); });
    }
    output.sentence("revoked token " + in_quotes(id) + " " + owner_text(user));
    return ExitCode::ok;
}

}  // namespace tc
