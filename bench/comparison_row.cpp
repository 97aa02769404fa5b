// SPDX-License-Identifier: MIT
#include "bench/comparison_row.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace tc::bench {
namespace {

constexpr std::array<std::string_view, 4> names = {"get", "put", "put-tags", "mix"};

constexpr std::uint64_t key_bytes_min = 10;
constexpr std::uint64_t key_bytes_max = 20;
constexpr std::uint32_t tags_per_entry = 3;

driver::OperationMix mix_of(RowKind kind) {
    switch (kind) {
        case RowKind::get: return {.get_weight = 1, .put_weight = 0, .invalidate_weight = 0};
        case RowKind::put:
        case RowKind::put_tags: return {.get_weight = 0, .put_weight = 1, .invalidate_weight = 0};
        case RowKind::mix: return {.get_weight = 90, .put_weight = 9, .invalidate_weight = 1};
    }
    return {};
}

void add_rows(const RowChoice& choice, std::uint32_t threads, std::vector<Row>& rows) {
    std::vector<std::uint64_t> sizes = choice.value_bytes;
    std::vector<std::uint32_t> counts = choice.connection_counts;
    if (threads > 1) {
        const bool has_100 = std::find(sizes.begin(), sizes.end(), 100) != sizes.end();
        sizes = {has_100 ? 100 : sizes.front()};
        counts = {*std::max_element(counts.begin(), counts.end())};
    }
    for (const std::uint64_t value_bytes : sizes) {
        for (const RowKind kind : choice.kinds) {
            for (const std::uint32_t depth : choice.depths) {
                for (const std::uint32_t count : counts) {
                    rows.push_back({kind, value_bytes, depth, count, threads});
                }
            }
        }
    }
}

// Rows of one set of entries next to each other, in the order of their kinds.
void sort_rows(std::vector<Row>& rows) {
    std::stable_sort(rows.begin(), rows.end(), [](const Row& left, const Row& right) {
        return std::tuple(left.server_threads, left.value_bytes, left.kind) <
               std::tuple(right.server_threads, right.value_bytes, right.kind);
    });
}

}  // namespace

std::string_view row_kind_name(RowKind kind) noexcept {
    return names[static_cast<std::size_t>(kind)];
}

std::optional<RowKind> parse_row_kind(std::string_view name) noexcept {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
        return std::nullopt;
    }
    return static_cast<RowKind>(found - names.begin());
}

std::string Row::label() const {
    std::string text(row_kind_name(kind));
    text += " " + std::to_string(value_bytes) + " B, depth " + std::to_string(pipeline_depth) +
            ", " + std::to_string(connection_count) +
            (connection_count == 1 ? " connection" : " connections");
    if (server_threads != 1) {
        text += ", " + std::to_string(server_threads) + " threads";
    }
    return text;
}

std::vector<Row> chosen_rows(const RowChoice& choice) {
    std::vector<Row> rows;
    for (const std::uint32_t threads : choice.server_threads) {
        add_rows(choice, threads, rows);
    }
    sort_rows(rows);
    return rows;
}

std::vector<Row> quick_rows() {
    std::vector<Row> rows = {
        {RowKind::get, 100, 1, 50, 1},       {RowKind::get, 100, 16, 50, 1},
        {RowKind::get, 100, 64, 50, 1},      {RowKind::put, 100, 64, 50, 1},
        {RowKind::put_tags, 100, 64, 50, 1}, {RowKind::mix, 100, 64, 50, 1},
        {RowKind::get, 1000, 64, 50, 1},
    };
    sort_rows(rows);
    return rows;
}

std::uint64_t entry_count_for(std::uint64_t value_bytes, std::uint64_t key_count) {
    constexpr std::uint64_t values_bytes_max = 1'500'000'000;
    return std::min(key_count, values_bytes_max / std::max<std::uint64_t>(value_bytes, 1));
}

driver::Load load_of(const Row& row, std::uint64_t key_count) {
    driver::Load load;
    load.mix = mix_of(row.kind);
    load.key_count = key_count;
    load.key_prefix = "k:";
    load.key_sizes = driver::Sizes({{.min = key_bytes_min, .max = key_bytes_max, .weight = 1}});
    load.value_sizes = driver::Sizes(row.value_bytes);
    load.tags_per_entry = row.has_tags() ? tags_per_entry : 0;
    // As many tags as entries: three entries carry each.
    load.tag_count = std::max<std::uint64_t>(key_count, tags_per_entry);
    return load;
}

}  // namespace tc::bench
