// SPDX-License-Identifier: MIT
//
// user, change-password and reset-credentials, binary against binary.
#include "support/cli_run.hpp"
#include "support/secret_file.hpp"
#include "support/users.hpp"

using namespace tc::test;

namespace {

// A server with a root, and a command line that is root.
struct Administration {
    GuardedServer guarded;
    SecretFile password{"a good password"};
    Cli cli{guarded.server()};

    Administration() {
        cli.environment["TAGCACHE_USERNAME"] = "root";
        cli.environment["TAGCACHE_PASSWORD_FILE"] = password.path();
    }

    // Exit code of a request that any user may make, by this password.
    [[nodiscard]] int greet(const std::string& user, const std::string& password_text) const {
        const SecretFile file(password_text);
        const Cli other(guarded.server());
        return other({"stats", "-q", "--user", user, "--password-file", file.path()}).exit_code;
    }
};

constexpr const char* web_json =
    R"({"name":"web","rights":["read","write"],"has_password":false,"tokens":0,)"
    R"("key_prefixes":["page:","fragment:"],"tag_prefixes":[""],"tls_names":["web.example"]})"
    "\n";

}  // namespace

TEST_CASE("the first user is made on a server without users", "[cli][users]") {
    const UsersFolder folder;
    const RunningServer server(folder.arguments());
    const SecretFile password("a good password");
    const Cli cli(server);
    CHECK(cli({"user", "list"}) == prints(""));
    const CliResult powerless = cli({"user", "add", "web", "--no-password"});
    CHECK(powerless.exit_code == 5);
    CHECK_THAT(powerless.err, Catch::StartsWith("tagcache: user add \"web\": INVALID_ARGUMENT"));
    CHECK(cli({"user", "add", "root", "--rights", "all", "--all-keys", "--all-tags",
               "--new-password-file", password.path()}) == prints(""));
    CHECK(cli({"user", "list"}).exit_code == 4);
    CHECK(cli({"user", "list", "--user", "root", "--password-file", password.path()}) ==
          prints("name=root\trights=read write invalidate admin\thas_password=1\ttokens=0\t"
                 "key_prefix=\ttag_prefix=\n"));
}

TEST_CASE("user add, set and remove, and what they say in JSON", "[cli][users]") {
    const Administration administration;
    const Cli& cli = administration.cli;
    const Cli::Words add = {"user",         "add",           "web",          "--rights",
                            "read,write",   "--no-password", "--key-prefix", "page:",
                            "--key-prefix", "fragment:",     "--all-tags",   "--tls-name",
                            "web.example",  "--json"};
    CHECK(cli(add) == prints(web_json));
    CHECK(cli(add) == fails(1, "", "{\"name\":\"web\",\"status\":\"EXISTS\"}\n"));
    CHECK(cli({"user", "add", "web", "--no-password"}) ==
          fails(1, "there is a user \"web\" already\n"));
    const CliResult list = cli({"user", "list", "--json"});
    CHECK_THAT(list.out, Catch::EndsWith(web_json));

    CHECK(cli({"user", "set", "web", "--rights", "none", "--no-tags", "--no-tls-names",
               "--key-prefix", "p"}) == prints(""));
    CHECK(cli({"user", "list"}).out ==
          "name=root\trights=read write invalidate admin\thas_password=1\ttokens=0\t"
          "key_prefix=\ttag_prefix=\n"
          "name=web\trights=\thas_password=0\ttokens=0\tkey_prefix=p\n");
    CHECK(cli({"user", "set", "nobody", "--rights", "read"}) ==
          fails(1, "there is no user \"nobody\"\n"));
    CHECK(cli({"user", "remove", "web", "--json"}) ==
          prints("{\"name\":\"web\",\"status\":\"OK\"}\n"));
    CHECK(cli({"user", "remove", "web"}) == fails(1, "there is no user \"web\"\n"));
    CHECK(cli({"user", "remove", "root"}).exit_code == 5);
}

TEST_CASE("a user's command line that makes no sense is refused", "[cli][users]") {
    const Cli cli;
    CHECK(cli({"user", "set", "web"}) ==
          fails(2, "tagcache: nothing to set; see: tagcache user set --help\n"));
    CHECK(cli({"user", "add", "web", "--rights", "read,root"}) ==
          fails(2,
                "tagcache: --rights: \"root\" is none of read, write, invalidate, admin, all, "
                "none\n"));
    CHECK(cli({"user", "add", "web", "--rights", ""}).exit_code == 2);
    CHECK(cli({"user", "add", "web", "--all-keys", "--key-prefix", "p"}).exit_code == 2);
    CHECK(cli({"user", "add", "web", "--no-password", "--new-password-file", "f"}).exit_code == 2);
    CHECK(cli({"user", "add"}) == fails(2,
                                        "tagcache: NAME is required; see: tagcache user add "
                                        "--help\n"));
    CHECK(cli({"user", "add", "web"}).exit_code == 3);
    CHECK(cli({"user"}).exit_code == 2);
    CHECK(cli({"token", "revoke", "web"}).exit_code == 2);
}

TEST_CASE("people see users as a table", "[cli][users]") {
    const Administration administration;
    const Cli& cli = administration.cli;
    CHECK(cli({"user", "add", "web", "--rights", "read", "--key-prefix", "a b", "--no-password"})
              .exit_code == 0);
    CHECK(cli.on_terminal({"user", "list"}).out ==
          "user  rights                       password  tokens  keys   tags  certificates\n"
          "root  read write invalidate admin  yes       0       all    all   none\n"
          "web   read                         no        0       \"a b\"  none  none\n");
    CHECK(cli.on_terminal({"user", "remove", "web"}).out == "removed user \"web\"\n");
}

TEST_CASE("a new password is typed twice", "[cli][users]") {
    const Administration administration;
    const Cli& cli = administration.cli;
    const Cli::Words add = {"user", "add", "web", "--rights", "read"};
    const CliResult differing = cli.in_dialogue(
        add, {{"New password of web: ", "one password\n"}, {"The same again: ", "one passwort\n"}});
    CHECK(differing.exit_code == 2);
    CHECK(differing.out ==
          "New password of web: \nThe same again: \ntagcache: the two passwords differ; nothing "
          "was changed\n");
    const CliResult made = cli.in_dialogue(
        add, {{"New password of web: ", "one password\n"}, {"The same again: ", "one password\n"}});
    CHECK(made.exit_code == 0);
    CHECK_THAT(made.out, !Catch::Contains("one password"));
    CHECK(administration.greet("web", "one password") == 0);
    const CliResult short_one =
        cli.in_dialogue({"user", "passwd", "web"},
                        {{"New password of web: ", "short\n"}, {"The same again: ", "short\n"}});
    CHECK(short_one.exit_code == 5);
    CHECK(cli({"user", "passwd", "web"}) ==
          fails(2,
                "tagcache: there is no terminal to ask for a password; give --new-password-file, "
                "or --no-password for none\n"));
}

TEST_CASE("user passwd gives a password and takes it away", "[cli][users]") {
    const Administration administration;
    const Cli& cli = administration.cli;
    const SecretFile password("another password");
    CHECK(cli({"user", "add", "web", "--no-password"}).exit_code == 0);
    CHECK(administration.greet("web", "another password") == 4);
    CHECK(cli({"user", "passwd", "web", "--new-password-file", password.path()}) == prints(""));
    CHECK(administration.greet("web", "another password") == 0);
    CHECK(cli({"user", "passwd", "web", "--no-password", "--json"}).out ==
          "{\"name\":\"web\",\"rights\":[],\"has_password\":false,\"tokens\":0,"
          "\"key_prefixes\":[],\"tag_prefixes\":[],\"tls_names\":[]}\n");
    CHECK(administration.greet("web", "another password") == 4);
}

TEST_CASE("change-password is for oneself, by the password that one has", "[cli][users]") {
    Administration administration;
    administration.guarded.add({"web", WIRE_RIGHT_READ, {""}, {}, "the old password"});
    const Cli cli(administration.guarded.server());
    const Cli::Words change = {"change-password", "--user", "web"};
    const CliResult changed =
        cli.in_dialogue(change, {{"Password of web: ", "the old password\n"},
                                 {"New password of web: ", "the new password\n"},
                                 {"The same again: ", "the new password\n"}});
    CHECK(changed.out ==
          "Password of web: \nNew password of web: \nThe same again: \nthe password is changed\n");
    CHECK(administration.greet("web", "the old password") == 4);
    CHECK(administration.greet("web", "the new password") == 0);

    // Who came by a token has to know the old one all the same.
    const SecretFile token(administration.guarded.token_of("web").text);
    const SecretFile next("the next password");
    const Cli::Words by_token = {"change-password", "--token-file", token.path(),
                                 "--new-password-file", next.path()};
    CHECK(cli.in_dialogue(by_token, {{"Old password: ", "wrong\n"}}).exit_code == 4);
    CHECK(cli.in_dialogue(by_token, {{"Old password: ", "the new password\n"}}).exit_code == 0);
    CHECK(administration.greet("web", "the next password") == 0);
    CHECK(cli(by_token).exit_code == 2);
}

TEST_CASE("a shell goes on as the user whose password it has changed", "[cli][users]") {
    Administration administration;
    const SecretFile next("the next password");
    const CliResult result = administration.cli(
        {"shell"}, "change-password --new-password-file " + next.path() + "\nflush all\n");
    CHECK(result == prints("0\n"));
    CHECK(administration.greet("root", "the next password") == 0);
}

TEST_CASE("reset-credentials gives the user admin a token, by the server's program",
          "[cli][users]") {
    const UsersFolder folder;
    const Cli cli;
    const CliResult reset = cli({"reset-credentials", "--auth-users-file", folder.file()});
    CHECK(reset.exit_code == 0);
    CHECK_THAT(reset.out, Catch::StartsWith("tct_") && Catch::EndsWith("\n"));
    CHECK_THAT(reset.err, Catch::Contains("a token of the user admin"));
    const RunningServer server(folder.arguments());
    const SecretFile token(reset.out);
    const Cli admin(server);
    CHECK_THAT(admin({"user", "list", "--token-file", token.path()}).out,
               Catch::StartsWith("name=admin\trights=read write invalidate admin\t"));
    CHECK_THAT(cli({"reset-credentials"}).err,
               Catch::Contains("--reset-credentials needs the file"));
}
