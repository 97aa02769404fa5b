// SPDX-License-Identifier: MIT
//
// The configuration of a real server: its file, at the start and again on SIGHUP.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "protocol/control_messages.h"
#include "support/child_process.hpp"
#include "support/eventually.hpp"
#include "support/running_server.hpp"
#include "support/server_stats.hpp"
#include "support/test_certificates.hpp"
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

std::string config_frame(wire_config_action action, const std::string& key = "",
                         const std::string& value = "") {
    const wire_config message{static_cast<std::uint8_t>(action), bytes(key), bytes(value)};
    return frame(WIRE_OP_CONFIG, 0, [&](wire_writer* out) { wire_encode_config(out, &message); });
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

TEST_CASE("a server tells clients the whole path of its file, wherever it was started") {
    const ConfigFile file("max_connections = 77\n");
    const std::string relative = std::filesystem::relative(file.path());
    REQUIRE(relative.front() != '/');
    RunningServer server({"--config", relative});
    auto client = WireClient::greeted(server.port());
    const std::string told = fields_of(client, WIRE_OP_INFO).texts.at("config_file");
    CHECK(told.front() == '/');
    CHECK(std::filesystem::equivalent(told, file.path()));
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

TEST_CASE("certificates that are wrong when they are read again leave all as it was") {
    TestCertificates certificates;
    const IdentityFiles first = certificates.issue("first");
    const auto tls_text = [](const IdentityFiles& files) {
        return "[tls]\ncert_file = \"" + files.cert_file + "\"\nkey_file = \"" + files.key_file +
               "\"\n";
    };
    const ConfigFile file("max_connections = 77\n" + tls_text(first));
    RunningServer server({"--config", file.path()});
    auto client = WireClient::greeted(server.port());
    const auto reload = [&] { return client.call(config_frame(WIRE_CONFIG_RELOAD)).status; };

    file.write("max_connections = 78\n" + tls_text({"/nowhere.pem", first.key_file}));
    CHECK(reload() == WIRE_INVALID_ARGUMENT);
    CHECK(info_of(client, "connections_max") == 77);
    file.write("max_connections = 79\n" + tls_text(first));
    std::filesystem::remove(first.cert_file);
    CHECK(reload() == WIRE_INVALID_ARGUMENT);
    CHECK(info_of(client, "connections_max") == 77);

    // Files that have moved are those of the next start, until which the old ones are not missed.
    file.write("max_connections = 80\n" + tls_text(certificates.issue("second")));
    CHECK(reload() == WIRE_OK);
    CHECK(info_of(client, "connections_max") == 80);
}

TEST_CASE("texts that CONFIG could not show are refused when the file is read again") {
    const ConfigFile file("max_connections = 77\n");
    RunningServer server({"--config", file.path()});
    auto client = WireClient::greeted(server.port());
    file.write("unix = \"" + std::string(70'000, 'x') + "\"\n");
    CHECK(client.call(config_frame(WIRE_CONFIG_RELOAD)).status == WIRE_INVALID_ARGUMENT);
    const std::string longest(4095, 'x');
    file.write("auth.users_file = \"" + longest + "\"\n");
    CHECK_THAT(client.call(config_frame(WIRE_CONFIG_RELOAD)).body, Catch::Contains(longest));
    CHECK_THAT(client.call(config_frame(WIRE_CONFIG_GET, "auth.users_file")).body,
               Catch::Contains(longest));
}

TEST_CASE(
    "a memory limit that only a new server can have waits for it, and holds up nothing else") {
    const ConfigFile file("max_connections = 77\n[memory]\nmax = \"128m\"\n");
    RunningServer server({"--config", file.path()});
    auto client = WireClient::greeted(server.port());
    file.write("max_connections = 78\n[memory]\nmax = \"100t\"\n");
    kill(server.pid(), SIGHUP);
    REQUIRE(eventually([&] { return info_of(client, "connections_max") == 78; }));
    CHECK(info_of(client, "memory_bytes_max") == std::uint64_t{128} << 20);
    CHECK(client.call(config_frame(WIRE_CONFIG_SET, "max_connections", "79")).status == WIRE_OK);
    CHECK(info_of(client, "connections_max") == 79);
    CHECK(client.call(config_frame(WIRE_CONFIG_SET, "memory.max", "100t")).status ==
          WIRE_INVALID_ARGUMENT);
    CHECK(client.call(config_frame(WIRE_CONFIG_SET, "memory.max", "96m")).status == WIRE_OK);
    CHECK(info_of(client, "memory_bytes_max") == std::uint64_t{96} << 20);
    CHECK(server.stop() == 0);
    CHECK_THAT(server.later_lines(), Catch::Contains("event=setting_postponed key=memory.max\n"));
}

TEST_CASE("a memory limit has to be enough for the values that the running server takes") {
    const ConfigFile file("limits.value_bytes_max = \"2m\"\nmemory.max = \"128m\"\n");
    RunningServer server({"--config", file.path()});
    auto client = WireClient::greeted(server.port());
    file.write("max_connections = 78\nmemory.max = \"64m\"\n");
    kill(server.pid(), SIGHUP);
    REQUIRE(eventually([&] { return info_of(client, "connections_max") == 78; }));
    CHECK(info_of(client, "memory_bytes_max") == std::uint64_t{128} << 20);
    CHECK(client.call(config_frame(WIRE_CONFIG_SET, "memory.max", "64m")).status ==
          WIRE_INVALID_ARGUMENT);
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
