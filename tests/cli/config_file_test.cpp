// SPDX-License-Identifier: MIT
//
// How config set takes the place of a file, and when it does not. Where it matters what happens
// while tagcached checks the new file, a script plays tagcached.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "cli/subprocess.hpp"
#include "cli/temporary_config.hpp"
#include "support/cli_run.hpp"

using namespace tc;
using namespace tc::test;

namespace {

Cli cli_without_server() {
    Cli cli;
    cli.environment["TAGCACHE_PORT"] = "1";
    return cli;
}

// tagcache in a folder where the tagcached beside it is a script.
class ScriptedCheck {
 public:
    explicit ScriptedCheck(const std::string& script) {
        char folder[] = "/tmp/tagcache-check-XXXXXX";
        REQUIRE(mkdtemp(folder) != nullptr);
        folder_ = folder;
        std::filesystem::copy_file(cli_program, folder_ + "/tagcache");
        std::ofstream(folder_ + "/tagcached") << "#!/bin/sh\n" << script << '\n';
        REQUIRE(chmod((folder_ + "/tagcached").c_str(), 0700) == 0);
    }
    ScriptedCheck(const ScriptedCheck&) = delete;
    ScriptedCheck& operator=(const ScriptedCheck&) = delete;
    ~ScriptedCheck() { std::filesystem::remove_all(folder_); }

    [[nodiscard]] Ran set(const std::string& key, const std::string& value,
                          const TemporaryConfig& file) const {
        return run_program({folder_ + "/tagcache", "--host", "127.0.0.1", "--port", "1", "config",
                            "set", key, value, "--config", file.path()});
    }

 private:
    std::string folder_;
};

}  // namespace

TEST_CASE("config set changes the file that a symbolic link leads to", "[cli][config]") {
    const TemporaryConfig file("port = 1\n");
    const TemporaryConfig link("");
    REQUIRE(unlink(link.path().c_str()) == 0);
    REQUIRE(symlink(file.path().c_str(), link.path().c_str()) == 0);
    CHECK(cli_without_server()({"config", "set", "port", "7", "--config", link.path()}).exit_code ==
          0);
    CHECK(std::filesystem::is_symlink(link.path()));
    CHECK(file.contents() == "port = 7\n");
}

TEST_CASE("config set leaves what is no regular file where it is", "[cli][config]") {
    const Cli cli = cli_without_server();
    const TemporaryConfig pipe("");
    REQUIRE(unlink(pipe.path().c_str()) == 0);
    REQUIRE(mkfifo(pipe.path().c_str(), 0600) == 0);
    // Not a device of this machine: were it replaced, that would outlive the test.
    for (const std::string& path : {pipe.path(), pipe.folder()}) {
        CHECK(cli({"config", "set", "port", "1", "--config", path}) ==
              fails(2, "tagcache: " + path +
                           " is no regular file; a configuration file has to be one\n"));
    }
}

TEST_CASE("config set says when the file cannot be read to its end", "[cli][config]") {
    const CliResult unread =
        cli_without_server()({"config", "set", "port", "1", "--config", "/proc/self/mem"});
    CHECK(unread.exit_code == 2);
    CHECK_THAT(unread.err,
               Catch::Contains("cannot read /proc/") && Catch::Contains("Input/output error"));
}

TEST_CASE("config set keeps the change that somebody else made meanwhile", "[cli][config]") {
    const TemporaryConfig file("port = 1\n");
    const ScriptedCheck check("echo '# theirs' >> " + file.path());
    const Ran ran = check.set("port", "7", file);
    CHECK(ran.exit_code == 2);
    CHECK_THAT(ran.output, Catch::Contains("somebody else has changed " + file.path()));
    CHECK(file.contents() == "port = 1\n# theirs\n");
}

TEST_CASE("an interrupted config set leaves the file as it was, and no other", "[cli][config]") {
    const TemporaryConfig file("port = 1\n");
    const ScriptedCheck check("kill -INT $PPID");
    CHECK(check.set("port", "7", file).exit_code == 128 + SIGINT);
    CHECK(file.contents() == "port = 1\n");
}

TEST_CASE("config set changes a file to which the server has further options", "[cli][config]") {
    // Alone it contradicts itself.
    const std::string rest = "\n[ttl]\nmax_ms = 5000\ndefault_ms = 9000\n";
    const TemporaryConfig file("# max_connections = 50\n" + rest);
    const RunningServer server({"--config", file.path(), "--ttl-max-ms", "10000"});
    const Cli cli(server);
    const CliResult changed = cli({"config", "set", "max_connections", "60"});
    CHECK(changed ==
          fails(0, "tagcached would not start by this file alone, as before: tagcached: " +
                       file.path() + ":6: ttl.default_ms 9000 is above " + file.path() +
                       ":5: ttl.max_ms 5000.\n"));
    const std::string contents = "# max_connections = 50\nmax_connections = 60\n" + rest;
    CHECK(file.contents() == contents);
    CHECK(cli({"config", "get", "max_connections"}).out == "60\n");
    // What is wrong with the change itself is refused all the same.
    CHECK(cli({"config", "set", "max_connections", "0"}).exit_code == 2);
    CHECK(cli({"config", "set", "memory.max", "1"}).exit_code == 2);
    CHECK(file.contents() == contents);
}
