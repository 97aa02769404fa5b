// SPDX-License-Identifier: MIT
//
// Who takes part in the comparison: how each server is started, and what is spoken to it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/comparison_row.hpp"
#include "bench/server_process.hpp"
#include "driver/protocol.hpp"

namespace tc::bench {

enum class Speech : std::uint8_t { native, resp, meta, echo };

struct Contender {
    std::string name;     // "redis", as in the tables
    std::string program;  // its path; "" when it is not installed
    Speech speech = Speech::native;

    [[nodiscard]] bool is_installed() const noexcept { return !program.empty(); }
    // memcached has no tags; the echo has one thread.
    [[nodiscard]] bool takes_part_in(const Row& row) const noexcept;
    // For a server of so many threads.
    [[nodiscard]] ServerProcess::Command command(std::uint32_t threads) const;
    [[nodiscard]] driver::ProtocolFactory protocol(std::uint64_t value_bytes) const;
};

// All of them, ours first; our own two programs lie in that folder. Throws a std::runtime_error
// when they do not.
[[nodiscard]] std::vector<Contender> all_contenders(const std::filesystem::path& our_programs);

}  // namespace tc::bench
