// SPDX-License-Identifier: MIT
//
// The configuration of a real server: its file, at the start and again on SIGHUP.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "support/child_process.hpp"
#include "support/eventually.hpp"
#include "support/running_server.hpp"
#include "support/server_stats.hpp"
#include "support/wire_client.hpp"

using namespace tc::test;

namespace {

// A file of the test's own, in a folder of its own.
class ConfigFile {
 public:
    explicit ConfigFile(const std::string& contents) {
        char folder[] = "/tmp/tagcached-config-XXXXXX";
        if (mkdtemp(folder) == nullptr) {
            throw std::runtime_error("mkdtemp");
        }
        folder_ = folder;
        write(contents);
    }
    ConfigFile(const ConfigFile&) = delete;
    ConfigFile& operator=(const ConfigFile&) = delete;
    ~ConfigFile() {
        unlink(path().c_str());
        rmdir(folder_.c_str());
    }
    void write(const std::string& contents) const { std::ofstream(path()) << contents; }
    [[nodiscard]] std::string path() const { return folder_ + "/tagcached.toml"; }
    [[nodiscard]] const std::string& folder() const { return folder_; }

 private:
    std::string folder_;
};

Ended run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), server_program);
    return run_program(arguments, {STDOUT_FILENO, STDERR_FILENO});
}

std::uint64_t info_of(WireClient& client, const std::string& name) {
    return fields_of(client, WIRE_OP_INFO).numbers.at(name);
}

}  // namespace

TEST_CASE("a server takes its settings from the file, and options go before it") {
    const ConfigFile file("max_connections = 77\n[memory]\nmax = \"128m\"\n");
    RunningServer server({"--config", file.path(), "--max-connections", "55"});
    auto client = WireClient::greeted(server.port());
    CHECK(info_of(client, "memory_bytes_max") == std::uint64_t{128} << 20);
    CHECK(info_of(client, "connections_max") == 55);
    CHECK(fields_of(client, WIRE_OP_INFO).texts.at("config_file") == file.path());
}

TEST_CASE("a file that is wrong is refused with file, line and setting, and exit code 78") {
    const ConfigFile file("port = 0\nmemory_max = 1\n");
    const Ended ended = run({"--config", file.path()});
    CHECK(ended.exit_code == 78);
    CHECK(ended.output == "tagcached: " + file.path() +
                              ":2: memory_max: there is no such setting; maybe memory.max is "
                              "meant.\n");
    CHECK(run({"--config", file.path(), "--check-config"}).exit_code == 78);
    CHECK(run({"--config", file.folder()}).output ==
          "tagcached: " + file.folder() + ": this is no regular file.\n");
    CHECK(run({"--config", file.path() + ".no"}).exit_code == 78);
    const std::string pipe = file.folder() + "/pipe";
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    CHECK(run({"--config", pipe}).exit_code == 78);
    unlink(pipe.c_str());
    file.write(std::string(1024 * 1024, '#'));
    CHECK(run({"--config", file.path(), "--check-config"}).exit_code == 0);
    file.write(std::string(1024 * 1024 + 1, '#'));
    CHECK(run({"--config", file.path(), "--check-config"}).exit_code == 78);
}

TEST_CASE("a configuration that is only checked or printed starts nothing") {
    const ConfigFile file("port = 12\n");
    const Ended checked = run({"--config", file.path(), "--check-config"});
    CHECK(checked.exit_code == 0);
    CHECK(checked.output == file.path() + ": the configuration is fine\n");
    const Ended printed = run({"--config", file.path(), "--print-config", "--reactors", "3"});
    CHECK(printed.exit_code == 0);
    CHECK(printed.output.find("port = 12  (" + file.path() + ":1: port)\n") != std::string::npos);
    CHECK(printed.output.find("reactors = 3  (--reactors)\n") != std::string::npos);
    CHECK(printed.output.find("unix = no Unix socket  (default)\n") != std::string::npos);
    CHECK(run({"--print-default-config"}).output.find("# port = 1984\n") != std::string::npos);
}

TEST_CASE("SIGHUP takes over what is live and names what waits for the next start") {
    const ConfigFile file("max_connections = 77\n[memory]\nmax = \"128m\"\n");
    RunningServer server({"--config", file.path(), "--reactors", "1"});
    auto client = WireClient::greeted(server.port());
    file.write(
        "max_connections = 78\n[memory]\nmax = \"256m\"\n"
        "[ttl]\nmax_ms = 1000\n");
    kill(server.pid(), SIGHUP);
    CHECK(eventually([&] { return info_of(client, "connections_max") == 78; }));
    CHECK(eventually(
        [&] { return info_of(client, "memory_bytes_max") == std::uint64_t{256} << 20; }));
    CHECK(info_of(client, "ttl_max_ms") == 0);
    CHECK(info_of(client, "reactors") == 1);

    CHECK(server.stop() == 0);
    const std::string& lines = server.later_lines();
    INFO(lines);
    CHECK(lines.find("info event=setting_changed key=max_connections value=78\n") !=
          std::string::npos);
    CHECK(lines.find("event=setting_changed key=memory.max value=256m\n") != std::string::npos);
    CHECK(lines.find("warning event=setting_postponed key=ttl.max_ms\n") != std::string::npos);
    CHECK(lines.find("key=reactors") == std::string::npos);
}

TEST_CASE("a file that is wrong when it is read again changes nothing") {
    const ConfigFile file("max_connections = 77\n");
    RunningServer server({"--config", file.path()});
    auto client = WireClient::greeted(server.port());
    file.write("max_connections = 5\nprot = 1\n");
    kill(server.pid(), SIGHUP);
    CHECK(info_of(client, "connections_max") == 77);
    CHECK(server.stop() == 0);
    const std::string& lines = server.later_lines();
    INFO(lines);
    CHECK(lines.find(":2: prot: there is no such setting") != std::string::npos);
    CHECK(lines.find("setting_changed") == std::string::npos);
}

TEST_CASE("a memory limit that is lowered has entries evicted, and one that is raised has room",
          "[memory]") {
    const ConfigFile file("[memory]\nmax = \"192m\"\n");
    RunningServer server({"--config", file.path(), "--reactors", "1"});
    auto client = WireClient::greeted(server.port());
    const std::string value(64 * 1024, 'v');
    const auto fill = [&](int count) {
        for (int i = 0; i < count; ++i) {
            REQUIRE(client.call(put_frame("key" + std::to_string(i), value)).status == WIRE_OK);
        }
    };
    const auto used_bytes = [&] {
        return fields_of(client, WIRE_OP_STATS).numbers.at("used_bytes");
    };
    fill(2500);
    CHECK(used_bytes() > std::uint64_t{120} << 20);
    file.write("[memory]\nmax = \"64m\"\n");
    kill(server.pid(), SIGHUP);
    CHECK(eventually([&] { return used_bytes() <= std::uint64_t{64} << 20; }));
    file.write("[memory]\nmax = \"512m\"\n");
    kill(server.pid(), SIGHUP);
    CHECK(eventually([&] { return info_of(client, "memory_bytes_max") == 536870912; }));
    fill(5000);
    CHECK(used_bytes() > std::uint64_t{300} << 20);
}
