// SPDX-License-Identifier: MIT
#include "bench/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "bench/cores.hpp"

namespace tc::bench {
namespace {

driver::RunPlan run_plan(const ServerProcess& server, const Contender& contender, const Row& row) {
    driver::RunPlan plan;
    plan.endpoint = driver::tcp_endpoint("127.0.0.1", server.port());
    plan.protocol = contender.protocol(row.value_bytes);
    plan.connection_count = row.connection_count;
    plan.pipeline_depth = row.pipeline_depth;
    return plan;
}

// A set of entries is stored once, and served by the same servers.
bool is_same_set(const Row& left, const Row& right) {
    return left.server_threads == right.server_threads && left.value_bytes == right.value_bytes;
}

}  // namespace

Comparison::Comparison(ComparisonPlan plan) : plan_(std::move(plan)) {
    const std::vector<std::size_t> cores = usable_cores();
    if (cores.size() >= 2) {
        server_core_ = cores[0];
        client_core_ = cores[1];
    }
}

void Comparison::run(const std::atomic<bool>& stop, const OnRow& on_row) {
    const std::vector<std::size_t> cores = usable_cores();
    const Row* previous = nullptr;
    for (const Row& row : plan_.rows) {
        const bool is_new_set = previous == nullptr || !is_same_set(*previous, row);
        if (is_new_set) {
            bind_to(row.server_threads == 1 && client_core_ ? std::vector{*client_core_} : cores);
            start_servers(row);
        }
        if (is_new_set || (row.has_tags() && !previous->has_tags())) {
            preload(row, stop);
        }
        if (is_new_set && row.server_threads == 1) {
            measure_memory(row);
        }
        previous = &row;
        const RowFigures figures = measure(row, stop);
        if (stop) {
            break;
        }
        check_hit_ratios(figures);
        on_row(figures);
    }
    residents_.clear();
    bind_to(cores);
}

void Comparison::start_servers(const Row& row) {
    residents_.clear();
    const auto core = row.server_threads == 1 ? server_core_ : std::nullopt;
    for (const Contender& contender : plan_.contenders) {
        const bool is_needed =
            std::any_of(plan_.rows.begin(), plan_.rows.end(), [&](const Row& each) {
                return is_same_set(each, row) && contender.takes_part_in(each);
            });
        if (is_needed) {
            auto server =
                std::make_unique<ServerProcess>(contender.command(row.server_threads), core);
            const std::uint64_t empty_bytes = server->resident_bytes();
            residents_.push_back({&contender, std::move(server), empty_bytes});
        }
    }
}

driver::Load Comparison::load_for(const Row& row) const {
    driver::Load load = load_of(row, entry_count_for(row.value_bytes, plan_.key_count));
    load.seed = plan_.seed;
    return load;
}

void Comparison::preload(const Row& row, const std::atomic<bool>& stop) {
    const driver::Load load = load_for(row).preload();
    const Row stored{row.has_tags() ? RowKind::put_tags : RowKind::put, row.value_bytes, 64, 4,
                     row.server_threads};
    for (const Resident& resident : residents_) {
        if (resident.contender->speech == Speech::echo ||
            !resident.contender->takes_part_in(stored)) {
            continue;
        }
        driver::RunPlan plan = run_plan(*resident.server, *resident.contender, stored);
        plan.request_count = load.key_count;
        const driver::RunReport report = driver::run(load, plan, stop);
        check_work(stored, resident.contender->name, report);
    }
}

void Comparison::measure_memory(const Row& row) {
    MemoryFigures figures{row.value_bytes, load_for(row).key_count, {}};
    for (const Resident& resident : residents_) {
        if (resident.contender->speech != Speech::echo) {
            const double grown = static_cast<double>(resident.server->resident_bytes()) -
                                 static_cast<double>(resident.empty_bytes);
            figures.bytes_per_entry[resident.contender->name] =
                grown / static_cast<double>(figures.entry_count);
        }
    }
    memory_.push_back(std::move(figures));
}

RowFigures Comparison::measure(const Row& row, const std::atomic<bool>& stop) {
    const std::uint64_t request_count = row.kind == RowKind::mix ? request_count_for(row, stop) : 0;
    RowFigures figures{row, {}};
    for (std::uint32_t round = 0; round < plan_.pair_count && !stop; ++round) {
        for (const Resident* resident : order_of(row, round)) {
            figures.slices[resident->contender->name].push_back(
                measure_slice(*resident, row, {request_count, round}, stop));
        }
    }
    return figures;
}

// A mix removes entries, the more the longer it lasts: so that all servers keep the same entries,
// each gets as many operations, which take the slowest one the time of a slice.
std::uint64_t Comparison::request_count_for(const Row& row, const std::atomic<bool>& stop) {
    const std::uint64_t probe_count =
        std::min<std::uint64_t>(50'000, std::uint64_t{2'000} * row.pipeline_depth);
    double slowest_per_s = std::numeric_limits<double>::max();
    for (const Resident* resident : order_of(row, 0)) {
        const Slice probe = measure_slice(*resident, row, {probe_count, UINT32_MAX}, stop);
        slowest_per_s = std::min(slowest_per_s, probe.operations_per_s);
    }
    return static_cast<std::uint64_t>(std::max(slowest_per_s * plan_.slice_s, 1.0));
}

// Forwards and backwards in turns, so that nobody always comes behind the same one.
std::vector<Comparison::Resident*> Comparison::order_of(const Row& row, std::uint32_t round) {
    std::vector<Resident*> order;
    for (Resident& resident : residents_) {
        if (resident.contender->takes_part_in(row)) {
            order.push_back(&resident);
        }
    }
    if (round % 2 != 0) {
        std::reverse(order.begin(), order.end());
    }
    return order;
}

Slice Comparison::measure_slice(const Resident& resident, const Row& row, const Stretch& stretch,
                                const std::atomic<bool>& stop) {
    constexpr double ns_per_s = 1e9;
    driver::RunPlan plan = run_plan(*resident.server, *resident.contender, row);
    plan.request_count = stretch.request_count;
    plan.duration_ns =
        stretch.request_count == 0 ? static_cast<std::uint64_t>(plan_.slice_s * ns_per_s) : 0;
    std::uint64_t begin_ns = 0;
    driver::RunObserver observer;
    observer.on_measuring = [&] { begin_ns = resident.server->cpu_ns(); };
    driver::Load load = load_for(row);
    load.draw_seed = stretch.draw_seed;
    const driver::RunReport report = driver::run(load, plan, stop, observer);
    if (!stop) {
        check_work(row, resident.contender->name, report);
    }
    return slice_of(report, resident.server->cpu_ns() - begin_ns);
}

}  // namespace tc::bench
