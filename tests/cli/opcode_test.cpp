// SPDX-License-Identifier: MIT
//
// Every working opcode of the protocol can be reached from the command line.
#include <set>

#include "cli/recording_proxy.hpp"
#include "protocol/opcodes.h"
#include "support/cli_run.hpp"
#include "support/secret_file.hpp"
#include "support/users.hpp"

using namespace tc::test;

namespace {

// What sends which request, in an order in which each succeeds. HELLO goes before them all.
const std::vector<std::pair<std::string, Cli::Words>>& invocations() {
    static const std::vector<std::pair<std::string, Cli::Words>> table = {
        {"PING", {"ping"}},
        {"PUT", {"put", "k", "v", "-t", "t"}},
        {"ADD", {"add", "added", "v"}},
        {"REPLACE", {"replace", "added", "w"}},
        {"MPUT", {"put", "--pairs", "m1", "1", "m2", "2"}},
        {"GET", {"get", "k"}},
        {"MGET", {"get", "key", "m1", "m2"}},
        {"APPEND", {"append", "k", "x"}},
        {"PREPEND", {"prepend", "k", "x"}},
        {"INCR", {"increment", "n"}},
        {"DECR", {"decrement", "n"}},
        {"TOUCH", {"touch", "k", "--ttl", "1h"}},
        {"EXISTS", {"exists", "k"}},
        {"TAGS", {"tags", "k"}},
        {"TAG_ADD", {"tag", "add", "k", "u"}},
        {"TAG_REMOVE", {"tag", "remove", "k", "u"}},
        {"KEYS_BY_TAG", {"get", "tag", "t"}},
        {"TAG_COUNT", {"tag", "count", "t"}},
        {"TAG_LIST", {"tag", "list"}},
        {"SCAN", {"scan"}},
        {"INVALIDATE", {"invalidate", "t"}},
        {"GETDEL", {"getdel", "m1"}},
        {"DELETE", {"delete", "m2"}},
        {"DELETE_PREFIX", {"delete-prefix", "n"}},
        {"FLUSH", {"flush", "all"}},
        {"STATS", {"stats"}},
        {"INFO", {"info"}},
        {"CLIENT", {"clients"}},
        {"HOTKEYS", {"hotkeys"}},
        {"CONFIG", {"config", "show"}},
        {"SLOWLOG", {"slowlog"}},
        {"SHUTDOWN", {"shutdown"}},
    };
    return table;
}

Cli by_way_of(const RecordingProxy& proxy) {
    Cli cli;
    cli.environment["TAGCACHE_PORT"] = std::to_string(proxy.port());
    return cli;
}

std::vector<std::string> names_of(const std::vector<RecordedRequest>& requests) {
    std::vector<std::string> names;
    for (const RecordedRequest& request : requests) {
        names.emplace_back(wire_opcode_find(request.opcode)->name);
    }
    return names;
}

}  // namespace

namespace {

// Those that take a server with users, and somebody who may administrate them.
std::set<std::string> reached_by_users() {
    GuardedServer guarded;
    const SecretFile password("a good password");
    RecordingProxy proxy(guarded.server().port());
    const Cli cli = by_way_of(proxy);
    const std::vector<std::pair<std::string, Cli::Words>> table = {
        {"USER", {"user", "list"}},
        {"USER", {"user", "add", "web", "--no-password"}},
        {"USER", {"user", "set", "web", "--rights", "read"}},
        {"TOKEN", {"token", "new", "web"}},
        {"TOKEN", {"token", "list", "web"}},
    };
    std::set<std::string> reached;
    for (const auto& [opcode, words] : table) {
        Cli::Words all = {"--user", "root", "--password-file", password.path()};
        all.insert(all.end(), words.begin(), words.end());
        const CliResult result = cli(all);
        INFO(opcode << ": " << result);
        CHECK(result.exit_code == 0);
        // Not twice, whatever was done before: connecting is one thing and asking another.
        CHECK(names_of(proxy.take_requests()) == std::vector<std::string>{"HELLO", "AUTH", opcode});
        reached.insert({"AUTH", opcode});
    }
    return reached;
}

}  // namespace

TEST_CASE("every working opcode is reached from the command line", "[cli][opcodes]") {
    const RunningServer server;
    RecordingProxy proxy(server.port());
    const Cli cli = by_way_of(proxy);
    std::set<std::string> reached = reached_by_users();
    for (const auto& [opcode, words] : invocations()) {
        const CliResult result = cli(words);
        INFO(opcode << ": " << result);
        CHECK(result.exit_code == 0);
        CHECK(names_of(proxy.take_requests()) == std::vector<std::string>{"HELLO", opcode});
        reached.insert(opcode);
    }
    std::size_t count = 0;
    const wire_opcode_info* opcodes = wire_opcodes(&count);
    for (std::size_t i = 0; i < count; ++i) {
        if (opcodes[i].is_working && opcodes[i].opcode != WIRE_OP_HELLO) {
            INFO(opcodes[i].name);
            CHECK(reached.count(opcodes[i].name) == 1);
        }
    }
}

TEST_CASE("a listing with a limit asks for no more than that", "[cli][opcodes]") {
    const RunningServer server;
    RecordingProxy proxy(server.port());
    const Cli cli = by_way_of(proxy);
    const auto limit_of = [&](const Cli::Words& words) {
        CHECK(cli(words).exit_code == 0);
        const RecordedRequest request = proxy.take_requests().back();
        wire_scan scan{};
        if (wire_decode_scan(bytes(request.body), request.opcode, &scan)) {
            return scan.limit;
        }
        wire_keys_by_tag by_tag{};
        REQUIRE(wire_decode_keys_by_tag(bytes(request.body), &by_tag));
        return by_tag.limit;
    };
    CHECK(limit_of({"scan", "--limit", "1"}) == 1);
    CHECK(limit_of({"scan", "--limit", "1001"}) == 1000);
    CHECK(limit_of({"scan"}) == 1000);
    CHECK(limit_of({"get", "tag", "t", "--limit", "7"}) == 7);
}
