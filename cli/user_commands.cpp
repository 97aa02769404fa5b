// SPDX-License-Identifier: MIT
//
// user add|set|passwd|remove|list, change-password, reset-credentials: who may do what.
#include <unistd.h>

#include <algorithm>

#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/escape.hpp"
#include "cli/fields.hpp"
#include "cli/pages.hpp"
#include "cli/subprocess.hpp"

namespace tc {
namespace {

constexpr const char* password_advice = "give --new-password-file, or --no-password for none";

// What a request is given, and has views of.
class UserOptions {
 public:
    explicit UserOptions(const UserArguments& user) {
        if (user.rights.has_value()) {
            native_.fields |= TAGCACHE_USER_RIGHTS;
            native_.rights = *user.rights;
        }
        set(TAGCACHE_USER_KEY_PREFIXES, user.key_prefixes, key_prefixes_);
        native_.key_prefixes = key_prefixes_.data();
        native_.key_prefix_count = key_prefixes_.size();
        set(TAGCACHE_USER_TAG_PREFIXES, user.tag_prefixes, tag_prefixes_);
        native_.tag_prefixes = tag_prefixes_.data();
        native_.tag_prefix_count = tag_prefixes_.size();
        set(TAGCACHE_USER_TLS_NAMES, user.tls_names, tls_names_);
        native_.tls_names = tls_names_.data();
        native_.tls_name_count = tls_names_.size();
    }
    UserOptions(const UserOptions&) = delete;
    UserOptions& operator=(const UserOptions&) = delete;

    // An empty one takes it away.
    void set_password(const Secret& password) {
        native_.fields |= TAGCACHE_USER_PASSWORD;
        native_.password = as_bytes(password.view());
    }
    [[nodiscard]] const tagcache_user_options* get() const { return &native_; }

 private:
    void set(std::uint32_t bit, const std::optional<Words>& words,
             std::vector<tagcache_bytes>& views) {
        if (words.has_value()) {
            native_.fields |= bit;
            views = as_bytes(*words);
        }
    }

    tagcache_user_options native_ = TAGCACHE_USER_OPTIONS_INIT;
    std::vector<tagcache_bytes> key_prefixes_;
    std::vector<tagcache_bytes> tag_prefixes_;
    std::vector<tagcache_bytes> tls_names_;
};

Secret new_password(const UserArguments& user, const std::string& name,
                    const char* otherwise = password_advice) {
    if (user.has_no_password) {
        return {};
    }
    Secret password = user.new_password_file.has_value() ? read_secret_file(*user.new_password_file)
                                                         : ask_new_password(name, otherwise);
    if (password.empty()) {
        throw usage_failure(std::string("no password was typed; ") + otherwise);
    }
    return password;
}

Words texts_of(const Fields& fields, std::string_view name) {
    Words texts;
    for (const Field& field : fields) {
        if (field.name == name) {
            texts.push_back(field.text);
        }
    }
    return texts;
}

void write_list(JsonObject& object, std::string_view name, const Words& items) {
    object.begin_list(name);
    for (const std::string& item : items) {
        object.list_item(item);
    }
    object.end_list();
}

Words words_of(std::string_view text) {
    Words words;
    while (!text.empty()) {
        const std::size_t size = std::min(text.find(' '), text.size());
        words.emplace_back(text.substr(0, size));
        text.remove_prefix(std::min(size + 1, text.size()));
    }
    return words;
}

void write_user(JsonObject& object, const Fields& user) {
    object.text("name", text_of(user, "name"));
    write_list(object, "rights", words_of(text_of(user, "rights")));
    object.boolean("has_password", number_of(user, "has_password") != 0);
    object.number("tokens", number_of(user, "tokens"));
    write_list(object, "key_prefixes", texts_of(user, "key_prefix"));
    write_list(object, "tag_prefixes", texts_of(user, "tag_prefix"));
    write_list(object, "tls_names", texts_of(user, "tls_name"));
}

// "all", "none", or the prefixes in quotes.
std::string prefixes_text(const Words& prefixes) {
    std::string text;
    for (const std::string& prefix : prefixes) {
        if (prefix.empty()) {
            return "all";
        }
        text += (text.empty() ? "" : " ") + in_quotes(prefix);
    }
    return text.empty() ? "none" : text;
}

Field text_field(const char* name, std::string text) {
    Field field;
    field.name = name;
    field.type = TAGCACHE_FIELD_TEXT;
    field.text = std::move(text);
    return field;
}

// A row of the table that people see.
Fields row_of(const Fields& user) {
    std::string names;
    for (const std::string& name : texts_of(user, "tls_name")) {
        names += (names.empty() ? "" : " ") + name;
    }
    const std::string_view rights = text_of(user, "rights");
    return {text_field("user", std::string(text_of(user, "name"))),
            text_field("rights", std::string(rights.empty() ? "none" : rights)),
            text_field("password", number_of(user, "has_password") != 0 ? "yes" : "no"),
            text_field("tokens", std::to_string(number_of(user, "tokens"))),
            text_field("keys", prefixes_text(texts_of(user, "key_prefix"))),
            text_field("tags", prefixes_text(texts_of(user, "tag_prefix"))),
            text_field("certificates", names.empty() ? "none" : names)};
}

// NOT_FOUND, or EXISTS.
ExitCode tell_no(Output& output, const std::string& name, tagcache_status status) {
    if (output.form() == Form::json) {
        output.json([&](JsonObject& object) {
            object.text("name", name).text("status", tagcache_status_name(status));
        });
    } else {
        output.note(status == TAGCACHE_EXISTS ? "there is a user " + in_quotes(name) + " already"
                                              : "there is no user " + in_quotes(name));
    }
    return exit_code_of(status);
}

using SetUser = decltype(&tagcache_user_set);

ExitCode change_user(const Client& client, Output& output, SetUser call, const UserOptions& options,
                     const std::string& name, const char* verb) {
    const Result result;
    const tagcache_status status =
        client.check(call(client, as_bytes(name), result, options.get(), nullptr),
                     std::string("user ") + verb + " " + in_quotes(name));
    if (status != TAGCACHE_OK) {
        return tell_no(output, name, status);
    }
    if (output.form() == Form::json && tagcache_result_next(result)) {
        const Fields user = read_fields(result);
        output.json([&](JsonObject& object) { write_user(object, user); });
    }
    output.sentence("user " + in_quotes(name) + " is as you said");
    return ExitCode::ok;
}

}  // namespace

ExitCode user_add(const Arguments& arguments, Output& output) {
    const UserArguments& user = arguments.user;
    const Client client(arguments);
    UserOptions options(user);
    // Before the question, or a mistake in the name or the address would cost a password typed
    // twice.
    client.check(tagcache_client_connect(client, nullptr), "connect");
    const Secret password = new_password(user, user.name);
    if (!password.empty()) {
        options.set_password(password);
    }
    return change_user(client, output, tagcache_user_add, options, user.name, "add");
}

ExitCode user_set(const Arguments& arguments, Output& output) {
    const UserArguments& user = arguments.user;
    if (!user.rights.has_value() && !user.key_prefixes.has_value() &&
        !user.tag_prefixes.has_value() && !user.tls_names.has_value()) {
        throw usage_failure("nothing to set; see: tagcache user set --help");
    }
    const Client client(arguments);
    return change_user(client, output, tagcache_user_set, UserOptions(user), user.name, "set");
}

ExitCode user_passwd(const Arguments& arguments, Output& output) {
    const UserArguments& user = arguments.user;
    const Client client(arguments);
    client.check(tagcache_client_connect(client, nullptr), "connect");
    const Secret password = new_password(user, user.name);
    UserOptions options{UserArguments{}};
    options.set_password(password);
    return change_user(client, output, tagcache_user_set, options, user.name, "passwd");
}

ExitCode user_remove(const Arguments& arguments, Output& output) {
    const std::string& name = arguments.user.name;
    const Client client(arguments);
    const tagcache_status status =
        client.check(tagcache_user_remove(client, as_bytes(name), nullptr, nullptr),
                     "user remove " + in_quotes(name));
    if (status != TAGCACHE_OK) {
        return tell_no(output, name, status);
    }
    if (output.form() == Form::json) {
        output.json([&](JsonObject& object) { object.text("name", name).text("status", "OK"); });
    }
    output.sentence("removed user " + in_quotes(name));
    return ExitCode::ok;
}

ExitCode user_list(const Arguments& arguments, Output& output) {
    const Client client(arguments);
    std::vector<Fields> rows;
    const PageRequest request = [](tagcache_client* handle, const Result& result,
                                   tagcache_page_options& page) {
        return tagcache_user_list(handle, result, &page, nullptr);
    };
    for_each_page(client, request, "user list", [&](const Result& page) {
        while (tagcache_result_next(page)) {
            const Fields user = read_fields(page);
            if (output.form() == Form::json) {
                output.json([&](JsonObject& object) { write_user(object, user); });
            } else if (output.form() == Form::raw) {
                write_line(output, user);
            } else {
                rows.push_back(row_of(user));
            }
        }
        return true;
    });
    write_table(output, rows);
    if (output.form() == Form::terminal && rows.empty()) {
        output.sentence("no users: everybody whom the server serves has all rights");
    }
    return ExitCode::ok;
}

ExitCode change_password(const Arguments& arguments, Output& output) {
    const Client client(arguments);
    client.check(tagcache_client_connect(client, nullptr), "connect");
    Credentials* own = client.credentials();
    const bool has_password = own != nullptr && !own->password().empty();
    const std::string name = own != nullptr && !own->user().empty() ? own->user() : "yours";
    const Secret old_password =
        has_password ? own->password()
                     : ask_secret("Old password: ", "authenticate by --password-file");
    const Secret password = new_password(arguments.user, name, "give --new-password-file");
    client.check(tagcache_change_password(client, as_bytes(old_password.view()),
                                          as_bytes(password.view()), nullptr, nullptr),
                 "change-password");
    if (has_password) {
        own->replace_password(password);
    }
    if (output.form() == Form::json) {
        output.json([&](JsonObject& object) { object.text("status", "OK"); });
    }
    output.sentence("the password is changed");
    return ExitCode::ok;
}

// Only who may write the server's file of users can help somebody who is locked out; so this is the
// server's program, on the server's machine.
ExitCode reset_credentials(const Arguments& arguments, Output& output) {
    require_no_other_server(arguments);
    std::vector<std::string> words = {server_program(), "--reset-credentials"};
    if (arguments.user.users_file.has_value()) {
        words.insert(words.end(), {"--auth-users-file", *arguments.user.users_file});
    }
    if (!arguments.file.empty()) {
        words.insert(words.end(), {"--config", arguments.file});
    }
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    output.flush();
    // Returns only when there is nothing to run.
    execvp(argv[0], argv.data());
    throw usage_failure("cannot run tagcached: " + errno_text() +
                        "; on the machine of the server run: tagcached --reset-credentials");
}

}  // namespace tc
