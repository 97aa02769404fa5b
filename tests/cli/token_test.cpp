// SPDX-License-Identifier: MIT
//
// token, binary against binary.
#include "support/cli_run.hpp"
#include "support/secret_file.hpp"
#include "support/users.hpp"

using namespace tc::test;

namespace {

// What stands behind `name` in a line of fields.
std::string field_of(const std::string& line, const std::string& name) {
    const std::size_t begin = line.find(name + "=") + name.size() + 1;
    return line.substr(begin, line.find_first_of("\t\n", begin) - begin);
}

}  // namespace

TEST_CASE("a new token stands alone on standard output", "[cli][users]") {
    GuardedServer guarded;
    guarded.add({"web", WIRE_RIGHT_READ | WIRE_RIGHT_WRITE, {"page:"}, {}});
    const SecretFile password("a good password");
    Cli cli(guarded.server());
    cli.environment["TAGCACHE_USERNAME"] = "root";
    cli.environment["TAGCACHE_PASSWORD_FILE"] = password.path();

    const CliResult made = cli({"token", "new", "web"});
    CHECK(made.exit_code == 0);
    CHECK(made.out.size() == 65);
    CHECK_THAT(made.out, Catch::StartsWith("tct_"));
    const std::string id = made.out.substr(4, 16);
    CHECK(made.err == "token " + id +
                          " of \"web\", which does not expire; it is shown this once: keep it in a "
                          "file that only its user can read\n");
    CHECK(cli({"token", "new", "web", "-q"}).err.empty());
    CHECK_THAT(cli({"token", "new", "web", "--ttl", "1d"}).err,
               Catch::Contains("of \"web\", valid until 20"));

    const CliResult list = cli({"token", "list", "web"});
    CHECK(std::count(list.out.begin(), list.out.end(), '\n') == 3);
    CHECK(field_of(list.out, "id") == id);
    CHECK(field_of(list.out, "user") == "web");
    CHECK(list.out.find("tct_") == std::string::npos);

    const SecretFile token(made.out);
    const Cli bearer(guarded.server());
    const Cli::Words put = {"put", "page:/", "v", "--token-file", token.path()};
    CHECK(bearer(put) == prints(""));
    CHECK(bearer({"put", "other", "v", "--token-file", token.path()}).exit_code == 4);
    CHECK(cli({"token", "revoke", "web", id}) == prints(""));
    CHECK(bearer(put).exit_code == 4);
    CHECK(cli({"token", "revoke", "web", id}) ==
          fails(1, "there is no token \"" + id + "\" of \"web\"\n"));
}

TEST_CASE("tokens in JSON, on a terminal, and of oneself", "[cli][users]") {
    GuardedServer guarded;
    const SecretFile password("a good password");
    Cli cli(guarded.server());
    cli.environment["TAGCACHE_USERNAME"] = "root";
    cli.environment["TAGCACHE_PASSWORD_FILE"] = password.path();
    CHECK(cli.on_terminal({"token", "list"}).out == "no tokens of yours\n");
    CHECK(cli.on_terminal({"token", "new"}).exit_code == 0);
    const CliResult made = cli({"token", "new", "--json"});
    CHECK_THAT(made.out, Catch::StartsWith("{\"id\":\"") && Catch::Contains("\"user\":\"root\"") &&
                             Catch::Contains("\"token\":\"tct_"));
    CHECK(made.err.empty());
    const CliResult list = cli({"token", "list", "--json"});
    CHECK(std::count(list.out.begin(), list.out.end(), '\n') == 2);
    CHECK_THAT(list.out, !Catch::Contains("\"token\""));
    CHECK_THAT(cli.on_terminal({"token", "list", "root"}).out, Catch::StartsWith("id  "));
    CHECK(cli({"token", "list", "nobody"}) == fails(1, "there is no user \"nobody\"\n"));
    CHECK(cli({"token", "new", "nobody", "--json"}) ==
          fails(1, "", "{\"status\":\"NOT_FOUND\"}\n"));
    const std::string id = made.out.substr(7, 16);
    CHECK(cli({"token", "revoke", "root", id, "--json"}) ==
          prints("{\"id\":\"" + id + "\",\"status\":\"OK\"}\n"));
}
