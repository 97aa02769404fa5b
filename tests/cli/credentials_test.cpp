// SPDX-License-Identifier: MIT
//
// Who the command line is: options, variables, files, URIs and the question on the terminal; and
// that every command comes by it in the same way.
#include "support/cli_run.hpp"
#include "support/other_address.hpp"
#include "support/secret_file.hpp"
#include "support/users.hpp"

using namespace tc::test;

namespace {

constexpr const char* root_password = "a good password";

Cli::Words with(const Cli::Words& first, const Cli::Words& second) {
    Cli::Words words = first;
    words.insert(words.end(), second.begin(), second.end());
    return words;
}

CliResult is_refused(const RunningServer& server, const std::string& what) {
    return fails(4, "tagcache: " + what + ": cannot authenticate at tagcache://127.0.0.1:" +
                        server.port_text() + ": the credentials were refused\n");
}

}  // namespace

TEST_CASE("a server with users wants to know who asks", "[cli][users]") {
    const GuardedServer guarded;
    const Cli cli(guarded.server());
    CHECK(cli({"get", "k"}) ==
          fails(4,
                "tagcache: get \"k\": AUTH_REQUIRED: authenticate first, with AUTH; say who you "
                "are by --user or --token-file\n"));
    const SecretFile wrong("a wrong password");
    CHECK(cli({"get", "k", "--user", "root", "--password-file", wrong.path()}) ==
          is_refused(guarded.server(), "get \"k\""));
    CHECK(cli({"get", "k", "--user", "nobody", "--password-file", wrong.path()}) ==
          is_refused(guarded.server(), "get \"k\""));
}

TEST_CASE("a password or a token comes from a file", "[cli][users]") {
    GuardedServer guarded;
    const SecretFile password(root_password);
    const SecretFile token(guarded.token_of("root").text);
    Cli cli(guarded.server());
    const Cli::Words put = {"put", "k", "v"};
    CHECK(cli(with(put, {"--user", "root", "--password-file", password.path()})) == prints(""));
    CHECK(cli(with(put, {"--token-file", token.path()})) == prints(""));
    CHECK(cli(with(put, {"--token-file", token.path(), "--user", "root"})) == prints(""));
    CHECK(cli(with(put, {"--token-file", token.path(), "--user", "web"})).exit_code == 4);
    CHECK(cli(with(put, {"--user", "root", "--password-file", "-"}), "a good password\n") ==
          prints(""));
    const std::string uri = "tagcache://root@127.0.0.1:" + guarded.server().port_text();
    CHECK(cli(with(put, {"--uri", uri, "--password-file", password.path()})) == prints(""));

    CHECK(cli(with(put, {"--password-file", password.path()})) ==
          fails(2, "tagcache: a password needs the name of its user: --user NAME\n"));
    CHECK(cli(with(put, {"--user", "web", "--uri", uri})) ==
          fails(2, "tagcache: --user and --uri name different users\n"));
    CHECK(cli(with(put, {"--user", "root"})) ==
          fails(2,
                "tagcache: there is no terminal to ask for a password; give --password-file or "
                "--token-file\n"));
    CHECK(cli(with(put, {"--user", ""})) == fails(2, "tagcache: --user is empty\n"));
    CHECK(cli(with(put, {"--token-file", "a", "--password-file", "b"})).exit_code == 2);
}

TEST_CASE("variables say who asks, where the command line does not", "[cli][users]") {
    GuardedServer guarded;
    guarded.add({"web", WIRE_RIGHT_READ, {""}, {}, "a web password"});
    const SecretFile password(root_password);
    const SecretFile web_password("a web password");
    const SecretFile token(guarded.token_of("web").text);
    Cli cli(guarded.server());
    const CliResult flushed = prints("0\n");
    const CliResult forbidden =
        fails(4, "tagcache: flush all: FORBIDDEN: the user lacks the right to do this\n");
    const Cli::Words flush = {"flush", "all"};

    cli.environment["TAGCACHE_USERNAME"] = "root";
    cli.environment["TAGCACHE_PASSWORD_FILE"] = password.path();
    CHECK(cli(flush) == flushed);
    CHECK(cli(with(flush, {"--user", "web", "--password-file", web_password.path()})) == forbidden);
    CHECK(cli(with(flush, {"--token-file", token.path()})) == forbidden);
    // The password is not that of another user.
    CHECK(cli(with(flush, {"--user", "web"})).exit_code == 2);
    CHECK(cli(with(flush, {"--password-file", web_password.path()})).exit_code == 4);

    cli.environment["TAGCACHE_TOKEN_FILE"] = token.path();
    CHECK(
        cli(flush) ==
        fails(2, "tagcache: TAGCACHE_PASSWORD_FILE and TAGCACHE_TOKEN_FILE exclude each other\n"));
    cli.environment.erase("TAGCACHE_PASSWORD_FILE");
    cli.environment.erase("TAGCACHE_USERNAME");
    CHECK(cli(flush) == forbidden);
    CHECK(cli(with(flush, {"--user", "root", "--password-file", password.path()})) == flushed);
    // A secret itself is none of the environment's.
    cli.environment.erase("TAGCACHE_TOKEN_FILE");
    cli.environment["TAGCACHE_USERNAME"] = "root";
    cli.environment["TAGCACHE_PASSWORD"] = root_password;
    CHECK(cli(flush).exit_code == 2);
}

TEST_CASE("a secret on the command line is refused, and not repeated", "[cli][users]") {
    const Cli cli;
    const std::string why =
        " is refused, because everybody on this machine can read a command "
        "line; use ";
    const std::string instead = "--user NAME and type it, or --password-file FILE\n";
    for (const Cli::Words& words : std::vector<Cli::Words>{{"ping", "--password", "hunter22"},
                                                           {"--password=hunter22", "ping"},
                                                           {"ping", "--password"}}) {
        CHECK(cli(words) == fails(2, "tagcache: --password" + why + instead));
    }
    CHECK(cli({"ping", "--token", "tct_x"}) ==
          fails(2, "tagcache: --token" + why + "--token-file FILE\n"));
    const CliResult result = cli({"ping", "--uri", "tagcache://root:hunter22@127.0.0.1"});
    CHECK(result == fails(2,
                          "tagcache: a URI may name a user, but never a password: others can "
                          "read it there; use --password-file\n"));
    CHECK_THAT(cli({"--help"}).out, !Catch::Contains("--password "));
}

TEST_CASE("a secret's file is refused unless it is one line that only we can read",
          "[cli][users]") {
    const GuardedServer guarded;
    const Cli cli(guarded.server());
    const auto ping_with = [&](const std::string& path) {
        return cli({"ping", "--user", "root", "--password-file", path});
    };
    const auto mode = GENERATE(0640, 0604, 0620);
    const SecretFile open(root_password, static_cast<mode_t>(mode));
    CHECK(ping_with(open.path()) == fails(2, "tagcache: " + open.path() +
                                                 " is open to others, and a secret must not be: "
                                                 "chmod 600 " +
                                                 open.path() + "\n"));
    const SecretFile empty("\n");
    CHECK(ping_with(empty.path()) ==
          fails(2, "tagcache: " + empty.path() + " is empty, where a secret should be\n"));
    const SecretFile lines("a good password\nmore\n");
    CHECK(ping_with(lines.path()) ==
          fails(2, "tagcache: " + lines.path() + " has more than one line; a secret is one\n"));
    const SecretFile too_long(std::string(513, 'x'));
    CHECK(ping_with(too_long.path()) ==
          fails(2, "tagcache: a password or a token has at most 512 bytes\n"));
    CHECK(ping_with("/nowhere") ==
          fails(2, "tagcache: cannot open /nowhere: No such file or directory\n"));
    const SecretFile windows("a good password\r\n");
    CHECK(ping_with(windows.path()).exit_code == 0);
}

TEST_CASE("a password that is typed is not shown", "[cli][users]") {
    GuardedServer guarded;
    const Cli cli(guarded.server());
    const Cli::Words put = {"--user", "root", "put", "k", "v"};
    const auto typed = [&](const std::string& keys) {
        return cli.in_dialogue(put, {{"Password of root: ", keys}});
    };
    for (const std::string keys : {"a good password\n",
                                   "a goof\x7f"
                                   "d password\r",
                                   "nonsense\x15"
                                   "a good password\n",
                                   "a good passwordx\xC3\xA4\x08\x08\n"}) {
        const CliResult result = typed(keys);
        CHECK(result.exit_code == 0);
        CHECK(result.out == "Password of root: \nstored \"k\"\n");
    }
    CHECK(typed("a wrong password\n").exit_code == 4);
    const CliResult interrupted = typed("a good\x03");
    CHECK(interrupted.exit_code == 1);
    CHECK(interrupted.out == "Password of root: \ntagcache: interrupted\n");
    CHECK(typed("\x04").out == "Password of root: \ntagcache: interrupted\n");
    CHECK(typed("\n").out == "Password of root: \ntagcache: no password was typed\n");
}

TEST_CASE("a signal ends the question, and the program", "[cli][users]") {
    const Cli cli;
    const int signal_number = GENERATE(SIGTERM, SIGINT, SIGHUP);
    const CliResult result = cli.in_dialogue({"--user", "root", "ping"},
                                             {{"Password of root: ", "", [] {}, signal_number}});
    CHECK(result.exit_code == 128 + signal_number);
    CHECK(result.out == "Password of root: \n");
}

TEST_CASE("standard input stays free for data while a password is typed", "[cli][users]") {
    const GuardedServer guarded;
    const Cli cli(guarded.server());
    const SecretFile value("the value");
    CHECK(cli.in_dialogue({"--user", "root", "put", "k", "--file", value.path()},
                          {{"Password of root: ", "a good password\n"}})
              .exit_code == 0);
}

TEST_CASE("shell, load, dump, bench and top authenticate as all others do", "[cli][users]") {
    GuardedServer guarded;
    const SecretFile password(root_password);
    Cli cli(guarded.server());
    cli.environment["TAGCACHE_USERNAME"] = "root";
    cli.environment["TAGCACHE_PASSWORD_FILE"] = password.path();
    const std::string line = "{\"key\":\"k\",\"value\":\"v\",\"ttl_ms\":0}\n";
    CHECK(cli({"load", "-"}, line).exit_code == 0);
    CHECK(cli({"dump"}).out == line);
    CHECK(cli({"top", "--once", "--interval", "10ms"}).exit_code == 0);
    CHECK(cli({"bench", "-n", "100", "-c", "2", "--preload", "--key-count", "10"}).exit_code == 0);
    CHECK(cli({"status"}).exit_code == 0);
    CHECK(cli({"config", "get", "memory.max"}).exit_code == 0);
    const auto from_options = [&](const std::string& script) {
        const Cli other(guarded.server());
        return other({"shell", "--user", "root", "--password-file", password.path()}, script);
    };
    CHECK(from_options("get key k\nexists k --timeout-ms 60000\n") == prints("vk\n"));
}

TEST_CASE("a shell's credentials are for its own server", "[cli][users]") {
    GuardedServer guarded;
    GuardedServer other;
    other.add({"web", WIRE_RIGHT_READ, {""}, {}, "a web password"});
    const SecretFile password(root_password);
    const SecretFile web("a web password");
    const Cli cli(guarded.server());
    const Cli::Words shell = {"shell", "--user", "root", "--password-file", password.path()};
    const std::string elsewhere = " -p " + other.server().port_text();
    const CliResult stranger = cli(shell, "exists k" + elsewhere + "\n");
    CHECK(stranger.exit_code == 4);
    CHECK_THAT(stranger.err, Catch::Contains("AUTH_REQUIRED"));
    CHECK(cli(shell, "flush all" + elsewhere + " --user root --password-file " + password.path() +
                         "\n") == prints("0\n"));
    // Somebody else at the same server, for one line.
    guarded.add({"web", WIRE_RIGHT_READ, {""}, {}, "a web password"});
    const CliResult both = cli(shell, "flush all --user web --password-file " + web.path() +
                                          "\nflush all\nreset-credentials\n");
    CHECK(both.exit_code == 4);
    CHECK(both.out == "0\n");
    CHECK_THAT(both.err, Catch::EndsWith("this command does not run in a shell\n"));
}

TEST_CASE("a shell asks for the password once", "[cli][users]") {
    const GuardedServer guarded;
    const Cli cli(guarded.server());
    const CliResult result =
        cli.in_dialogue({"shell", "--user", "root"}, {{"Password of root: ", "a good password\n"},
                                                      {"> ", "put k v\n"},
                                                      {"stored", "get k\n"},
                                                      {"v\n", "exit\n"}});
    CHECK(result.exit_code == 0);
    CHECK_THAT(result.out, !Catch::Contains("a good password"));
}

TEST_CASE("the command line sends secrets to another machine in plaintext only when told to",
          "[cli][users]") {
    const std::string address = other_address();
    if (address.empty()) {
        return;
    }
    GuardedServer guarded({"--bind", address, "--auth-allow-plaintext"});
    const std::string port = std::to_string(port_at(guarded.server(), address));
    const SecretFile password(root_password);
    const Cli cli;
    const Cli::Words ping = {"exists", "k",      "--host", address,           "-p",
                             port,     "--user", "root",   "--password-file", password.path()};
    CHECK(cli(ping) == fails(2, "tagcache: connect: tagcache://" + address + ":" + port +
                                    ": a secret is not sent to another machine over a connection "
                                    "that is not encrypted; use TLS, or allow it; that is --tls, "
                                    "or --auth-allow-plaintext\n"));
    CHECK(cli(with(ping, {"--auth-allow-plaintext"})).exit_code == 1);
}
