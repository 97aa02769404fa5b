// SPDX-License-Identifier: MIT
#include "cli/user_options.hpp"

#include <array>
#include <utility>

#include "cli/commands.hpp"
#include "cli/option_kinds.hpp"

namespace tc {
namespace {

constexpr std::array<std::pair<const char*, std::uint32_t>, 6> right_names = {{
    {"read", TAGCACHE_RIGHT_READ},
    {"write", TAGCACHE_RIGHT_WRITE},
    {"invalidate", TAGCACHE_RIGHT_INVALIDATE},
    {"admin", TAGCACHE_RIGHT_ADMIN},
    {"all",
     TAGCACHE_RIGHT_READ | TAGCACHE_RIGHT_WRITE | TAGCACHE_RIGHT_INVALIDATE | TAGCACHE_RIGHT_ADMIN},
    {"none", 0},
}};

std::uint32_t right_of(const std::string& name) {
    for (const auto& [known, bits] : right_names) {
        if (name == known) {
            return bits;
        }
    }
    throw usage_failure("--rights: " + in_quotes(name) +
                        " is none of read, write, invalidate, admin, all, none");
}

// "read,write"
std::uint32_t rights_of(const std::string& text) {
    std::uint32_t rights = 0;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        rights |= right_of(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return rights;
}

// Whoever can list the processes of the machine can read the command line; the shell keeps it in
// its history. The word is not repeated here either.
void refuse_option(CLI::App& app, const char* name, const char* instead) {
    app.add_option_function<std::string>(
           name,
           [name, instead](const std::string& /*secret*/) {
               throw usage_failure(std::string(name) +
                                   " is refused, because everybody on this machine can read a "
                                   "command line; " +
                                   instead);
           },
           "Refused: everybody can read a command line")
        ->expected(0, 1)
        ->group("");
}

class UserCommands {
 public:
    UserCommands(CLI::App& app, Arguments& arguments, const AddCommand& add)
        : app_(app), arguments_(arguments), user_(arguments.user), add_(add) {}

    void add_all() {
        add_users();
        add_tokens();
        CLI::App& change =
            add_(app_, "change-password", change_password, "Give yourself a new password",
                 "tagcache change-password --user web");
        add_text(change, "--new-password-file", user_.new_password_file,
                 "Take the new password from FILE, not from the terminal")
            ->option_text("FILE");
        CLI::App& reset = add_(app_, "reset-credentials", reset_credentials,
                               "Give the user admin a new token, on the server's machine",
                               "tagcache reset-credentials --auth-users-file users.toml");
        add_text(reset, "--auth-users-file", user_.users_file,
                 "The server's file of users, unless its configuration says it")
            ->option_text("FILE");
        add_text(reset, "--config", arguments_.file, "The server's configuration")
            ->option_text("FILE");
    }

 private:
    void add_users() {
        CLI::App& user = add_(app_, "user", nullptr, "Add, change, remove and list users",
                              "tagcache user add web --rights read,write --key-prefix page:");
        user.require_subcommand(0, 1);
        CLI::App& add = add_(user, "add", user_add, "Add a user, who may do nothing unless told",
                             "tagcache user add web --rights read,write --key-prefix page:");
        add_name(add);
        add_fields(add);
        add_new_password(add);
        CLI::App& set = add_(user, "set", user_set, "Change what a user may do",
                             "tagcache user set web --rights read,write,invalidate --all-tags");
        add_name(set);
        add_fields(set);
        CLI::App& passwd = add_(user, "passwd", user_passwd, "Give a user a new password",
                                "tagcache user passwd web");
        add_name(passwd);
        add_new_password(passwd);
        add_name(add_(user, "remove", user_remove, "Remove a user, with all tokens",
                      "tagcache user remove web"));
        add_(user, "list", user_list, "Print the users, and what each may do",
             "tagcache user list --json");
    }

    void add_tokens() {
        CLI::App& token = add_(app_, "token", nullptr, "Make, list and revoke tokens of users",
                               "tagcache token new web --ttl 90d > web.token");
        token.require_subcommand(0, 1);
        CLI::App& make = add_(token, "new", token_new, "Make a token, and print it this once",
                              "(umask 077; tagcache token new web --ttl 90d > web.token)");
        add_owner(make);
        add_duration(make, "--ttl", arguments_.ttl_ms, "Valid for 30m, 12h, 90d; 0 = for ever");
        add_owner(add_(token, "list", token_list, "Print the tokens of a user, not their secrets",
                       "tagcache token list web"));
        CLI::App& revoke = add_(token, "revoke", token_revoke, "Take a token away",
                                "tagcache token revoke web 0123456789abcdef");
        add_name(revoke);
        add_text(revoke, "ID", user_.token_id, "Which one, as token list has it")->required();
    }

    void add_name(CLI::App& command) {
        add_text(command, "NAME", user_.name, "The user")->required();
    }
    void add_owner(CLI::App& command) {
        add_text(command, "NAME", user_.name, "The user; none = yourself");
    }

    static CLI::Option* add_list(CLI::App& command, const char* name, std::optional<Words>& target,
                                 const char* description, const char* text) {
        return command
            .add_option_function<Words>(
                name,
                [&target](const Words& words) {
                    target.emplace();
                    for (const std::string& word : words) {
                        target->push_back(unshielded(word));
                    }
                },
                description)
            ->allow_extra_args(false)
            ->option_text(text);
    }
    static void add_flag(CLI::App& command, const char* name, std::optional<Words>& target,
                         const Words& words, const char* description, const char* excluded) {
        command
            .add_flag_callback(
                name, [&target, words] { target = words; }, description)
            ->excludes(excluded);
    }

    void add_fields(CLI::App& command) {
        command
            .add_option_function<std::string>(
                "--rights",
                [&user = user_](const std::string& text) {
                    user.rights = rights_of(unshielded(text));
                },
                "Some of read,write,invalidate,admin; or all, none")
            ->option_text("RIGHTS");
        add_list(command, "--key-prefix", user_.key_prefixes,
                 "Keys that begin with PREFIX; repeat for more", "PREFIX");
        add_flag(command, "--all-keys", user_.key_prefixes, {""}, "All keys", "--key-prefix");
        add_list(command, "--tag-prefix", user_.tag_prefixes,
                 "Tags that begin with PREFIX; repeat for more", "PREFIX");
        add_flag(command, "--all-tags", user_.tag_prefixes, {""}, "All tags", "--tag-prefix");
        add_list(command, "--tls-name", user_.tls_names,
                 "Known by a client certificate for NAME; repeat for more", "NAME");
        add_flag(command, "--no-keys", user_.key_prefixes, {}, "No keys", "--key-prefix");
        add_flag(command, "--no-tags", user_.tag_prefixes, {}, "No tags", "--tag-prefix");
        add_flag(command, "--no-tls-names", user_.tls_names, {}, "By no certificate", "--tls-name");
        command.get_option("--no-keys")->excludes("--all-keys");
        command.get_option("--no-tags")->excludes("--all-tags");
    }

    void add_new_password(CLI::App& command) {
        CLI::Option* file = add_text(command, "--new-password-file", user_.new_password_file,
                                     "Take the password from FILE, not from the terminal");
        file->option_text("FILE");
        command.add_flag("--no-password", user_.has_no_password, "No password: tokens only")
            ->excludes(file);
    }

    CLI::App& app_;
    Arguments& arguments_;
    UserArguments& user_;
    const AddCommand& add_;
};

}  // namespace

void add_credential_options(CLI::App& app, CredentialArguments& credentials) {
    add_text(app, "--user", credentials.user,
             "Authenticate as NAME; asks for the password (TAGCACHE_USERNAME)")
        ->option_text("NAME");
    CLI::Option* password_file =
        add_text(app, "--password-file", credentials.password_file,
                 "Whose password is in FILE; - = standard input (TAGCACHE_PASSWORD_FILE)");
    password_file->option_text("FILE");
    add_text(app, "--token-file", credentials.token_file,
             "Authenticate by the token in FILE (TAGCACHE_TOKEN_FILE)")
        ->option_text("FILE")
        ->excludes(password_file);
    app.add_flag("--auth-allow-plaintext", credentials.allows_plaintext,
                 "Send secrets to another machine without TLS: all in between can read them");
    refuse_option(app, "--password", "use --user NAME and type it, or --password-file FILE");
    refuse_option(app, "--token", "use --token-file FILE");
}

void add_user_commands(CLI::App& app, Arguments& arguments, const AddCommand& add) {
    UserCommands(app, arguments, add).add_all();
}

}  // namespace tc
