// SPDX-License-Identifier: MIT
//
// Runs the rows: all servers of a set of entries are resident, slices of each row are taken in
// turns, and what was measured is handed over row by row.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/comparison_figures.hpp"
#include "bench/comparison_row.hpp"
#include "bench/contender.hpp"
#include "bench/server_process.hpp"

namespace tc::bench {

struct ComparisonPlan {
    std::vector<Row> rows;  // as chosen_rows() orders them
    std::vector<Contender> contenders;
    std::uint64_t key_count = 1'000'000;
    double slice_s = 0.8;
    std::uint32_t pair_count = 15;
    std::uint64_t seed = 1;
};

// What entries of one size take, key and value included.
struct MemoryFigures {
    std::uint64_t value_bytes = 0;
    std::uint64_t entry_count = 0;
    std::map<std::string, double> bytes_per_entry;  // by server
};

class Comparison {
 public:
    using OnRow = std::function<void(const RowFigures&)>;

    // REQUIRES: all contenders are installed. Binds this process to a core of its own, when there
    // are two.
    explicit Comparison(ComparisonPlan plan);

    // Throws DifferentWork, and a std::runtime_error when a server fails. Returns early when `stop`
    // becomes true.
    void run(const std::atomic<bool>& stop, const OnRow& on_row);

    [[nodiscard]] const std::vector<MemoryFigures>& memory() const noexcept { return memory_; }
    [[nodiscard]] bool is_pinned() const noexcept { return server_core_.has_value(); }

 private:
    struct Resident {
        const Contender* contender;
        std::unique_ptr<ServerProcess> server;
        std::uint64_t empty_bytes;
    };

    void start_servers(const Row& row);
    void preload(const Row& row, const std::atomic<bool>& stop);
    void measure_memory(const Row& row);
    [[nodiscard]] RowFigures measure(const Row& row, const std::atomic<bool>& stop);
    [[nodiscard]] std::uint64_t request_count_for(const Row& row, const std::atomic<bool>& stop);
    [[nodiscard]] std::vector<Resident*> order_of(const Row& row, std::uint32_t round);
    // How much of a row a slice runs, and which stretch of its load: the same for all servers.
    struct Stretch {
        std::uint64_t request_count;  // 0 = the time of a slice
        std::uint64_t draw_seed;
    };
    [[nodiscard]] Slice measure_slice(const Resident& resident, const Row& row,
                                      const Stretch& stretch, const std::atomic<bool>& stop);
    [[nodiscard]] driver::Load load_for(const Row& row) const;

    const ComparisonPlan plan_;
    std::optional<std::size_t> server_core_;
    std::optional<std::size_t> client_core_;
    std::vector<Resident> residents_;
    std::vector<MemoryFigures> memory_;
};

}  // namespace tc::bench
