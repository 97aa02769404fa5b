// SPDX-License-Identifier: MIT
//
// config, shutdown and restart, binary against binary, and the changes to a file's text.
#include <stdlib.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "cli/config_text.hpp"
#include "cli/failure.hpp"
#include "cli/temporary_config.hpp"
#include "support/cli_run.hpp"
#include "support/secret_file.hpp"
#include "support/users.hpp"

using namespace tc;
using namespace tc::test;

TEST_CASE("a value is changed in its place, and everything else stays as it was", "[cli][config]") {
    const std::string before =
        "# ours\r\nport = 1 # why\nunix = '/a' # \xC3\xA4\n\n[memory]\n  max =  \"1g\"  # big\n"
        "[ttl]\nmax_ms = 5\n";
    CHECK(with_setting(before, "port", "22") ==
          "# ours\r\nport = 22 # why\nunix = '/a' # \xC3\xA4\n\n[memory]\n  max =  \"1g\"  # big\n"
          "[ttl]\nmax_ms = 5\n");
    CHECK(with_setting(before, "memory.max", "\"2g\"") ==
          "# ours\r\nport = 1 # why\nunix = '/a' # \xC3\xA4\n\n[memory]\n  max =  \"2g\"  # big\n"
          "[ttl]\nmax_ms = 5\n");
    CHECK(with_setting("a = '\xC3\xA4' # x\nb = [1,\n 2] # y\n", "b", "[]") ==
          "a = '\xC3\xA4' # x\nb = [] # y\n");
    CHECK(with_setting("t = { a = \"\xC3\xA4\", max = 2 } # \xC3\xA4\n", "t.max", "33") ==
          "t = { a = \"\xC3\xA4\", max = 33 } # \xC3\xA4\n");
    CHECK(with_setting("memory.max = 1", "memory.max", "2") == "memory.max = 2");
}

TEST_CASE("a new value goes behind its default's comment, or to the end of its table",
          "[cli][config]") {
    CHECK(with_setting("", "port", "1") == "port = 1\n");
    CHECK(with_setting("", "memory.max", "1") == "[memory]\nmax = 1\n");
    CHECK(with_setting("# port = 1984\n\n# unix = \"\"\n[memory]\n# max = 1\n\n[ttl]\n", "port",
                       "1") ==
          "# port = 1984\nport = 1\n\n# unix = \"\"\n[memory]\n# max = 1\n\n[ttl]\n");
    CHECK(with_setting("[memory]\n# max = 1\n\n[ttl]\n", "memory.max", "2") ==
          "[memory]\n# max = 1\nmax = 2\n\n[ttl]\n");
    CHECK(with_setting("[memory]\nx = 1\n\n[ttl]", "memory.max", "2") ==
          "[memory]\nx = 1\nmax = 2\n\n[ttl]\n");
    CHECK(with_setting("[ttl]\na = 1", "port", "2") == "port = 2\n[ttl]\na = 1\n");
    CHECK(with_setting("a = 1\n", "memory.max", "2") == "a = 1\n\n[memory]\nmax = 2\n");
}

TEST_CASE("a value that is taken back becomes a comment", "[cli][config]") {
    CHECK(without_setting("port = 1 # why\n", "port") == "# port = 1 # why\n");
    CHECK(without_setting("a = 1\n", "port") == "a = 1\n");
    CHECK(without_setting("b = [1,\n 2]\nc = 1\n", "b") == "# b = [1,\n#  2]\nc = 1\n");
}

TEST_CASE("what cannot be changed safely is left to the user", "[cli][config]") {
    CHECK_THROWS_AS(without_setting("memory = { max = 1, min = 2 }\n", "memory.max"), Failure);
    CHECK_THROWS_AS(with_setting("memory = { min = 2 }\n", "memory.max", "1"), Failure);
    CHECK_THROWS_AS(with_setting("memory = 1\n", "memory.max", "1"), Failure);
    CHECK_THROWS_AS(with_setting("port = = 1\n", "port", "1"), Failure);
    CHECK_THROWS_AS(with_setting("a = 1\n", "port", "1\nb = 2"), Failure);
}

TEST_CASE("numbers, truths, lists and quoted texts are TOML, and anything else is a text",
          "[cli][config]") {
    CHECK(toml_value_of("12") == "12");
    CHECK(toml_value_of("true") == "true");
    CHECK(toml_value_of("[\"a\", \"b\"]") == "[\"a\", \"b\"]");
    CHECK(toml_value_of("'12'") == "'12'");
    CHECK(toml_value_of("2g") == "'2g'");
    CHECK(toml_value_of("/run/a b") == "'/run/a b'");
    CHECK(toml_value_of("1\nport = 2").find('\n') == std::string::npos);
    CHECK(toml_value_of("") == "''");
}

TEST_CASE("config shows settings with their sources, and gets one", "[cli][config]") {
    const RunningServer server({"--max-connections", "123"});
    const Cli cli(server);
    CHECK(cli({"config", "get", "max_connections"}) == prints("123\n"));
    CHECK_THAT(cli({"config", "show"}).out,
               Catch::Contains("max_connections\t123\tcommand line\n") &&
                   Catch::Contains("eviction.policy\ts3-fifo\tdefault\n"));
    CHECK_THAT(cli({"config", "show", "ttl", "--json"}).out,
               Catch::StartsWith("{\"key\":\"ttl.default_ms\",\"value\":\"0\",") &&
                   Catch::Contains("\"live\":0}\n"));
    CHECK_THAT(cli.on_terminal({"config", "show", "max_connections"}).out,
               Catch::Contains("max_connections  123  (--max-connections)\n"));
    const CliResult none = cli({"config", "get", "nope"});
    CHECK(none.exit_code == 1);
    CHECK_THAT(none.err, Catch::Contains("the server has no setting \"nope\""));
    CHECK(cli({"config", "get", "ttl"}).exit_code == 1);
    CHECK(cli({"config", "path"}).exit_code == 1);
}

TEST_CASE("config set changes a live setting of a server without a file, until it is reset",
          "[cli][config]") {
    const RunningServer server({"--max-connections", "123"});
    const Cli cli(server);
    CHECK(cli({"config", "set", "max_connections", "77"}).exit_code == 0);
    CHECK(cli({"config", "get", "max_connections"}).out == "77\n");
    CHECK_THAT(cli({"config", "show", "max_connections"}).out, Catch::Contains("\tset\n"));
    const CliResult wrong = cli({"config", "set", "max_connections", "many"});
    CHECK(wrong.exit_code == 5);
    CHECK_THAT(wrong.err, Catch::Contains("'many' is not a number from 1 to 1000000"));
    CHECK(cli({"config", "reset", "max_connections"}).exit_code == 0);
    CHECK(cli({"config", "get", "max_connections"}).out == "123\n");
    const CliResult fixed = cli({"config", "set", "port", "1"});
    CHECK(fixed.exit_code == 5);
    CHECK_THAT(fixed.err, Catch::Contains("takes effect at the server's start only"));
}

TEST_CASE("config set changes the server and its file, and keeps the file's mode and comments",
          "[cli][config]") {
    const TemporaryConfig file("# ours\nmax_connections = 50 # few\n");
    REQUIRE(chmod(file.path().c_str(), 0640) == 0);
    const RunningServer server({"--config", file.path()});
    const Cli cli(server);
    CHECK(cli({"config", "path"}).out == file.path() + "\n");
    CHECK(cli({"config", "set", "max_connections", "60"}).exit_code == 0);
    CHECK(file.contents() == "# ours\nmax_connections = 60 # few\n");
    CHECK(cli({"config", "get", "max_connections"}).out == "60\n");
    CHECK(cli({"config", "set", "ttl.max_ms", "9000"}).exit_code == 0);
    CHECK(file.contents() == "# ours\nmax_connections = 60 # few\n\n[ttl]\nmax_ms = 9000\n");
    CHECK(cli({"config", "get", "ttl.max_ms"}).out == "0\n");
    CHECK(cli({"config", "set", "max_connections", "70", "--live"}).exit_code == 0);
    CHECK(file.contents().find("70") == std::string::npos);
    CHECK(cli({"config", "reload"}).exit_code == 0);
    CHECK(cli({"config", "get", "max_connections"}).out == "60\n");
    const CliResult wrong = cli({"config", "set", "max_connections", "0"});
    CHECK(wrong.exit_code == 2);
    CHECK_THAT(wrong.err, Catch::Contains("'0' is not a number from 1 to 1000000"));
    CHECK(file.contents().find("max_connections = 60 # few") != std::string::npos);
    CHECK(cli({"config", "reset", "max_connections"}).exit_code == 0);
    CHECK(file.contents().find("# max_connections = 60 # few") != std::string::npos);
    struct stat status {};
    REQUIRE(stat(file.path().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0640);
}

TEST_CASE("a file can be changed without a server when it is named", "[cli][config]") {
    const TemporaryConfig file("port = 1\n");
    Cli cli;
    cli.environment["TAGCACHE_PORT"] = "1";
    const CliResult changed = cli({"config", "set", "port", "7", "--config", file.path()});
    INFO(changed);
    CHECK(changed.exit_code == 0);
    CHECK(file.contents() == "port = 7\n");
    CHECK(cli({"config", "set", "port", "7"}).exit_code == 3);
    CHECK(cli({"config", "set", "no.such", "7", "--config", file.path()}).exit_code == 2);
    CHECK(file.contents() == "port = 7\n");
}

TEST_CASE("config set tells of an option or a variable that goes before the file",
          "[cli][config]") {
    const TemporaryConfig file("");
    const RunningServer server(
        {"--config", file.path(), "--max-connections", "123", "--ttl-max-ms", "5000"});
    const Cli cli(server);
    CHECK(cli({"config", "set", "max_connections", "60"}) ==
          fails(1, "changed max_connections in " + file.path() +
                       ", but --max-connections goes before the file: it is still 123\n"));
    CHECK(file.contents() == "max_connections = 60\n");
    CHECK(cli({"config", "get", "max_connections"}).out == "123\n");
    CHECK(cli({"config", "set", "ttl.max_ms", "9000", "-q"}) == fails(1, ""));
    CHECK(cli({"config", "reset", "max_connections"}).exit_code == 1);
}

TEST_CASE("config set leaves a server alone that does not read the file", "[cli][config]") {
    const TemporaryConfig own("max_connections = 50\n");
    const TemporaryConfig other("max_connections = 50\n");
    const RunningServer server({"--config", own.path()});
    const Cli cli(server);
    const CliResult changed =
        cli.on_terminal({"config", "set", "max_connections", "60", "--config", other.path()});
    CHECK(changed == prints("changed max_connections in " + other.path() +
                            "\nthe server at tagcache://" + "127.0.0.1:" + server.port_text() +
                            " does not read this file, and is as it was\n"));
    CHECK(other.contents() == "max_connections = 60\n");
    CHECK(own.contents() == "max_connections = 50\n");
    CHECK(cli({"config", "get", "max_connections"}).out == "50\n");
    // By another name it is the server's all the same.
    const std::string name = own.folder() + "/./tagcached.toml";
    CHECK(cli.on_terminal({"config", "set", "max_connections", "70", "--config", name}) ==
          prints("changed max_connections in the running server and " + name + "\n"));
    CHECK(cli({"config", "get", "max_connections"}).out == "70\n");
}

TEST_CASE("config set tells what else the server took from its file", "[cli][config]") {
    const TemporaryConfig file("max_connections = 50\n");
    const RunningServer server({"--config", file.path()});
    const Cli cli(server);
    CHECK(cli({"config", "set", "log.slow_us", "7", "--live"}).exit_code == 0);
    std::ofstream(file.path(), std::ios::app) << "[ttl]\njitter_percent = 5\n";
    CHECK(cli({"config", "set", "max_connections", "60"}) ==
          fails(0,
                "also took over: log.slow_us = 10000 (default)\n"
                "also waits for a restart: ttl.jitter_percent = 5\n"));
    CHECK(cli({"config", "set", "max_connections", "70", "-q"}) == prints(""));
}

TEST_CASE("config set tells of a server that refuses the file that it has changed",
          "[cli][config]") {
    const TemporaryConfig file("max_connections = 50\n");
    const RunningServer server({"--config", file.path()});
    const Cli cli(server);
    // Somebody has made a mistake before, which is no reason to change nothing else.
    std::ofstream(file.path(), std::ios::app) << "max_connection = 60\n";
    const CliResult refused = cli({"config", "set", "max_connections", "70"});
    CHECK(refused.exit_code == 5);
    CHECK_THAT(refused.err,
               Catch::Contains("tagcache: changed max_connections in " + file.path() +
                               ", but the running server did not take it over: config reload: ") &&
                   Catch::Contains("max_connection"));
    CHECK_THAT(file.contents(), Catch::Contains("max_connections = 70"));
    CHECK(cli({"config", "get", "max_connections"}).out == "50\n");
}

TEST_CASE("config set tells of a limit of memory that the running server cannot have",
          "[cli][config]") {
    const TemporaryConfig file("[memory]\nmax = \"64m\"\n");
    const RunningServer server({"--config", file.path()});
    const Cli cli(server);
    CHECK(cli({"config", "set", "memory.max", "4000g"}) ==
          fails(0, "it takes effect at the server's next start\n"));
    CHECK_THAT(file.contents(), Catch::Contains("4000g"));
    CHECK(cli({"config", "get", "memory.max"}).out == "64m\n");
}

TEST_CASE("config set and reset say when nothing has changed", "[cli][config]") {
    const TemporaryConfig file("max_connections = 50\n");
    const RunningServer server({"--config", file.path()});
    const Cli cli(server);
    const CliResult nothing = prints("nothing has changed\n");
    CHECK(cli.on_terminal({"config", "set", "max_connections", "50"}) == nothing);
    CHECK(cli.on_terminal({"config", "reset", "ttl.max_ms"}) == nothing);
    CHECK(cli.on_terminal({"config", "reset", "log.slow_us", "--live"}) == nothing);
    // The file has it already, and the server has not.
    CHECK(cli({"config", "set", "max_connections", "60", "--live"}).exit_code == 0);
    CHECK(cli.on_terminal({"config", "set", "max_connections", "50"}) ==
          prints("changed max_connections in the running server\n"));
    CHECK(file.contents() == "max_connections = 50\n");
    Cli alone;
    alone.environment["TAGCACHE_PORT"] = "1";
    CHECK(alone.on_terminal({"config", "reset", "port", "--config", file.path()}) == nothing);
    CHECK(
        alone({"config", "reset", "no.such", "--config", file.path()}) ==
        fails(2,
              "tagcache: there is no setting \"no.such\"; tagcached --print-config lists them\n"));
}

TEST_CASE("config path without a server is the file that tagcached would read", "[cli][config]") {
    char folder[] = "/tmp/tagcache-home-XXXXXX";
    REQUIRE(mkdtemp(folder) != nullptr);
    const std::string home = folder;
    const std::string name = "/tagcache/tagcached.toml";
    for (const std::string& place : {home + "/xdg", home + "/.config"}) {
        std::filesystem::create_directories(place + "/tagcache");
        std::ofstream(place + name) << "port = 1\n";
    }
    Cli cli;
    cli.environment["TAGCACHE_PORT"] = "1";
    cli.environment["HOME"] = home;
    CHECK(cli({"config", "path"}) == prints(home + "/.config" + name + "\n"));
    cli.environment["XDG_CONFIG_HOME"] = "";
    CHECK(cli({"config", "path"}) == prints(home + "/.config" + name + "\n"));
    cli.environment["XDG_CONFIG_HOME"] = home + "/xdg";
    CHECK(cli({"config", "path"}) == prints(home + "/xdg" + name + "\n"));
    CHECK_THAT(cli({"server", "--check-config"}).out, Catch::StartsWith(home + "/xdg" + name));
    cli.environment["TAGCACHED_CONFIG"] = "/ours.toml";
    CHECK(cli({"config", "path"}) == prints("/ours.toml\n"));
    cli.environment["TAGCACHED_CONFIG"] = "";
    CHECK(cli({"config", "path"}).exit_code == 1);
    std::filesystem::remove_all(home);
}

TEST_CASE("a server that refuses us is not taken for one that does not run", "[cli][config]") {
    const TemporaryConfig file("port = 1\n");
    const GuardedServer guarded;
    const SecretFile wrong("a wrong password");
    const Cli cli(guarded.server());
    const auto as_root = [&](Cli::Words words) {
        words.insert(words.end(), {"--user", "root", "--password-file", wrong.path()});
        return cli(words).exit_code;
    };
    CHECK(as_root({"config", "path"}) == 4);
    CHECK(as_root({"config", "set", "port", "7", "--config", file.path()}) == 4);
    // Nor is one that speaks no TLS.
    CHECK(cli({"config", "path", "--tls"}).exit_code == 3);
    CHECK(cli({"config", "set", "port", "7", "--config", file.path(), "--tls"}).exit_code == 3);
    CHECK(file.contents() == "port = 1\n");
}

TEST_CASE("shutdown is answered, and the server ends well", "[cli][config]") {
    RunningServer server;
    const Cli cli(server);
    CHECK(cli({"shutdown"}).exit_code == 0);
    CHECK(server.wait() == 0);
    CHECK(cli({"ping"}).exit_code == 3);
}

TEST_CASE("restart says how when no service manager runs the server", "[cli][config]") {
    Cli cli;
    cli.environment["PATH"] = "/nonexistent";
    const CliResult restarted = cli({"restart"});
    CHECK(restarted.exit_code == 1);
    CHECK_THAT(restarted.err, Catch::Contains("tagcache shutdown"));
}
