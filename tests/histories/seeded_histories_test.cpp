// SPDX-License-Identifier: MIT
//
// Whether the judges of histories find what they are there for, in a server that has a fault.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <set>
#include <string>

#include "histories/history_checks.hpp"
#include "histories/seeded_faults.hpp"
#include "support/places.hpp"
#include "support/running_server.hpp"

using namespace tc::test;

namespace {

constexpr int attempts_max = 10;
constexpr std::uint32_t rounds_per_attempt = 100;
constexpr std::uint32_t operations_per_attempt = 100'000;
constexpr std::uint32_t batches_per_attempt = 100;

class FaultyServer {
 public:
    explicit FaultyServer(const HistoryFault& fault) {
        setenv(fault_variable, std::string(fault.name).c_str(), 1);
        setenv("TC_SERVER_UNDER_TEST", TC_SEEDED_SERVER, 1);
        server_.emplace(std::vector<std::string>{"--reactors", "2"});
        unsetenv("TC_SERVER_UNDER_TEST");
        unsetenv(fault_variable);
    }
    [[nodiscard]] int port() const { return server_->port(); }

 private:
    std::optional<RunningServer> server_;
};

bool is_found(const HistoryFault& fault, int port, std::uint64_t seed) {
    const auto breaks = [&](Guarantee guarantee, std::uint32_t ttl_ms_max) {
        return check_long_history(port, seed, operations_per_attempt, ttl_ms_max)
            .report.breaks(guarantee);
    };
    switch (fault.found_by) {
        case FoundBy::search:
            return !search_rounds(port, seed, rounds_per_attempt, 0).violation.empty();
        case FoundBy::g1: return breaks(Guarantee::g1, 0);
        case FoundBy::g2: return breaks(Guarantee::g2, 0);
        case FoundBy::g3: return breaks(Guarantee::g3, 0);
        case FoundBy::g6: return breaks(Guarantee::g6, 0);
        case FoundBy::g7: return breaks(Guarantee::g7, 12);
        case FoundBy::g8: return !check_pipelines(port, seed, batches_per_attempt).wrong.empty();
    }
    return false;
}

}  // namespace

TEST_CASE("each seeded fault of a server is found by the check that is named for it", "[seeded]") {
    const std::uint64_t first_seed = history_seed("seeded histories");
    for (const HistoryFault& fault : history_faults) {
        const FaultyServer server(fault);
        int attempt = 0;
        while (attempt < attempts_max &&
               !is_found(fault, server.port(), first_seed + static_cast<std::uint64_t>(attempt))) {
            ++attempt;
        }
        std::printf("%s: found in attempt %d\n", std::string(fault.name).c_str(), attempt + 1);
        INFO(fault.name << " by " << found_by_names[static_cast<std::size_t>(fault.found_by)]);
        CHECK(attempt < attempts_max);
    }
}

TEST_CASE("docs/guarantees.md names each seeded fault of histories with what finds it",
          "[seeded]") {
    std::ifstream file(source_path("docs/guarantees.md"));
    std::set<std::string> listed;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("| over the wire | ")) {
            listed.insert(line);
        }
    }
    for (const HistoryFault& fault : history_faults) {
        const std::string row_begin = "| over the wire | `" + std::string(fault.name) + "` | ";
        const std::string row_end =
            " | " + std::string(found_by_names[static_cast<std::size_t>(fault.found_by)]) + " |";
        const auto erased = std::erase_if(listed, [&](const std::string& line) {
            return line.starts_with(row_begin) && line.ends_with(row_end);
        });
        INFO(row_begin << "..." << row_end);
        CHECK(erased == 1);
    }
    CHECK(listed.empty());
}
