// SPDX-License-Identifier: MIT
//
// Every working opcode of the protocol can be reached from the command line.
#include <map>

#include "protocol/opcodes.h"
#include "support/cli_run.hpp"

using namespace tc::test;

namespace {

struct Invocation {
    Cli::Words words;
    std::string input = "";
};

// What sends which request, in an order in which each succeeds. HELLO goes before them all.
const std::vector<std::pair<std::string, Invocation>>& invocations() {
    static const std::vector<std::pair<std::string, Invocation>> table = {
        {"PING", {{"ping"}}},
        {"PUT", {{"put", "k", "v", "-t", "t"}}},
        {"ADD", {{"add", "added", "v"}}},
        {"REPLACE", {{"replace", "added", "w"}}},
        {"MPUT", {{"put", "--pairs", "m1", "1", "m2", "2"}}},
        {"GET", {{"get", "k"}}},
        {"MGET", {{"get", "key", "m1", "m2"}}},
        {"APPEND", {{"append", "k", "x"}}},
        {"PREPEND", {{"prepend", "k", "x"}}},
        {"INCR", {{"increment", "n"}}},
        {"DECR", {{"decrement", "n"}}},
        {"TOUCH", {{"touch", "k", "--ttl", "1h"}}},
        {"EXISTS", {{"exists", "k"}}},
        {"TAGS", {{"tags", "k"}}},
        {"TAG_ADD", {{"tag", "add", "k", "u"}}},
        {"TAG_REMOVE", {{"tag", "remove", "k", "u"}}},
        {"KEYS_BY_TAG", {{"get", "tag", "t"}}},
        {"TAG_COUNT", {{"tag", "count", "t"}}},
        {"TAG_LIST", {{"tag", "list"}}},
        {"SCAN", {{"scan"}}},
        {"INVALIDATE", {{"invalidate", "t"}}},
        {"GETDEL", {{"getdel", "m1"}}},
        {"DELETE", {{"delete", "m2"}}},
        {"DELETE_PREFIX", {{"delete-prefix", "n"}}},
        {"FLUSH", {{"flush", "all"}}},
        {"STATS", {{"stats"}}},
        {"INFO", {{"info"}}},
        {"CLIENT", {{"clients"}}},
    };
    return table;
}

}  // namespace

TEST_CASE("every working opcode is reached from the command line", "[cli][opcodes]") {
    const RunningServer server;
    const Cli cli(server);
    std::map<std::string, int> exit_codes;
    for (const auto& [opcode, invocation] : invocations()) {
        const CliResult result = cli(invocation.words, invocation.input);
        INFO(opcode << ": " << result);
        CHECK(result.exit_code == 0);
        exit_codes[opcode] = result.exit_code;
    }
    std::size_t count = 0;
    const wire_opcode_info* opcodes = wire_opcodes(&count);
    std::size_t working_count = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (opcodes[i].is_working && opcodes[i].opcode != WIRE_OP_HELLO) {
            INFO(opcodes[i].name);
            CHECK(exit_codes.count(opcodes[i].name) == 1);
            ++working_count;
        }
    }
    CHECK(working_count == invocations().size());
}
