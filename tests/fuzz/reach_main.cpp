// SPDX-License-Identifier: MIT
//
// Usage: fuzz_reach INPUTS_FOLDER [COUNT [SEED]]
// The gate on what the corpora are worth: they and some lists of commands that are made here have
// to reach every opcode that works and every status that a server can answer. Names what is
// missing, and fails then. COUNT of those lists, 2000 unless told, are a campaign without a
// sanitizer, which is faster.
#include <cstdio>
#include <random>
#include <span>
#include <string>

#include "command_run.hpp"
#include "connection_run.hpp"
#include "input_files.hpp"
#include "protocol/opcodes.h"
#include "reached.hpp"

namespace {

using namespace tc::fuzz;

constexpr unsigned long made_count = 2000;
constexpr unsigned long made_seed = 1984;
constexpr std::size_t made_bytes_max = 256;

// The bytes alone are random; what they are taken for is in command_run.hpp.
void run_made_lists(unsigned long count, unsigned long seed) {
    std::mt19937 random(static_cast<std::mt19937::result_type>(seed));
    for (unsigned long i = 0; i < count; ++i) {
        std::vector<std::uint8_t> bytes(random() % made_bytes_max);
        for (std::uint8_t& byte : bytes) {
            byte = static_cast<std::uint8_t>(random());
        }
        Input input(bytes.data(), bytes.size());
        CommandRun(input).run();
    }
}

void run_corpora(const std::filesystem::path& inputs) {
    for (const auto& file : files_of(inputs / "commands")) {
        const auto bytes = bytes_of_file(file);
        Input input(bytes.data(), bytes.size());
        CommandRun(input).run();
    }
    for (const auto& file : files_of(inputs / "connection")) {
        const auto bytes = bytes_of_file(file);
        Input input(bytes.data(), bytes.size());
        run_connection(input);
    }
}

struct Unreached {
    std::uint8_t code;
    const char* reason;
};

// What no input can reach, and why.
constexpr Unreached statuses_out_of_reach[] = {
    {WIRE_NOT_STORED, "a draft: FILL does not work yet"},
    {WIRE_STALE, "a draft: LEASE does not work yet"},
    {WIRE_REPLY_TOO_LARGE, "no reply of this server can be too large but MGET's"},
    {WIRE_FORBIDDEN, "needs a user with fewer rights"},
    {WIRE_MOVED, "reserved"},
    {WIRE_BUSY, "needs a queue that is full"},
    {WIRE_AUTH_REQUIRED, "needs a server with credentials"},
};

constexpr Unreached opcodes_out_of_reach[] = {
    {WIRE_OP_AUTH, "its answer comes from a worker's thread"},
    {WIRE_OP_USER, "its answer comes from a worker's thread"},
    {WIRE_OP_TOKEN, "its answer comes from a worker's thread"},
};

const char* reason_of(std::span<const Unreached> out_of_reach, std::uint8_t code) {
    for (const Unreached& each : out_of_reach) {
        if (each.code == code) {
            return each.reason;
        }
    }
    return nullptr;
}

// A code without a name has that of its class.
bool is_known_status(int code) {
    const std::string name = wire_status_name(static_cast<std::uint8_t>(code));
    return name != "OUTCOME" && name != "REFUSED" && name != "RETRY" && name != "CLOSING";
}

int report_missing_opcodes() {
    int missing_count = 0;
    std::size_t count = 0;
    const wire_opcode_info* const opcodes = wire_opcodes(&count);
    for (std::size_t i = 0; i < count; ++i) {
        if (!opcodes[i].is_working || is_reached(opcodes[i].opcode, WIRE_OK)) {
            continue;
        }
        const char* const reason = reason_of(opcodes_out_of_reach, opcodes[i].opcode);
        if (reason != nullptr) {
            std::printf("out of reach: %s: %s\n", opcodes[i].name, reason);
        } else {
            std::printf("missing: an OK reply to %s\n", opcodes[i].name);
            ++missing_count;
        }
    }
    return missing_count;
}

int report_missing_statuses() {
    int missing_count = 0;
    for (int code = 0; code <= UINT8_MAX; ++code) {
        const auto status = static_cast<std::uint8_t>(code);
        if (!is_known_status(code) || is_status_reached(status)) {
            continue;
        }
        const char* const reason = reason_of(statuses_out_of_reach, status);
        if (reason != nullptr) {
            std::printf("out of reach: %s: %s\n", wire_status_name(status), reason);
        } else {
            std::printf("missing: %s\n", wire_status_name(status));
            ++missing_count;
        }
    }
    return missing_count;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2 || argc > 4) {
        std::fprintf(stderr, "Usage: fuzz_reach INPUTS_FOLDER [COUNT [SEED]]\n");
        return 2;
    }
    try {
        run_corpora(argv[1]);
        run_made_lists(argc > 2 ? std::stoul(argv[2]) : made_count,
                       argc > 3 ? std::stoul(argv[3]) : made_seed);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "fuzz_reach: %s\n", error.what());
        return 1;
    }
    const int missing_count = report_missing_opcodes() + report_missing_statuses();
    return missing_count == 0 ? 0 : 1;
}
