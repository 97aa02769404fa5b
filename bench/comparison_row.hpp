// SPDX-License-Identifier: MIT
//
// What is compared: one row is one kind of load on all servers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "driver/operation_source.hpp"

namespace tc::bench {

// put_tags: PUT with three tags. mix: 90 GET, 9 such PUT, 1 INVALIDATE.
enum class RowKind : std::uint8_t { get, put, put_tags, mix };

[[nodiscard]] std::string_view row_kind_name(RowKind kind) noexcept;
[[nodiscard]] std::optional<RowKind> parse_row_kind(std::string_view name) noexcept;

struct Row {
    RowKind kind = RowKind::get;
    std::uint64_t value_bytes = 100;
    std::uint32_t pipeline_depth = 1;
    std::uint32_t connection_count = 1;
    std::uint32_t server_threads = 1;

    [[nodiscard]] bool has_tags() const noexcept { return kind >= RowKind::put_tags; }
    // "get 100 B, depth 64, 50 connections"
    [[nodiscard]] std::string label() const;
    friend bool operator==(const Row&, const Row&) = default;
};

struct RowChoice {
    std::vector<RowKind> kinds = {RowKind::get, RowKind::put, RowKind::put_tags, RowKind::mix};
    std::vector<std::uint64_t> value_bytes = {16, 100, 1000, 16384};
    std::vector<std::uint32_t> depths = {1, 16, 64, 256};
    std::vector<std::uint32_t> connection_counts = {1, 50};
    std::vector<std::uint32_t> server_threads = {1, 2};
};

// All combinations, but for two threads: those with the most connections and 100-byte values, or
// the first size there is. Rows of one set of entries stand together, those with tags last, and
// those that remove entries at the very end.
[[nodiscard]] std::vector<Row> chosen_rows(const RowChoice& choice);
// Those that our goals are about, as far as three minutes hold them.
[[nodiscard]] std::vector<Row> quick_rows();

// Entries of one size, as many as a gigabyte and a half of values holds, if that is less than
// key_count.
[[nodiscard]] std::uint64_t entry_count_for(std::uint64_t value_bytes, std::uint64_t key_count);
// The load of a row over so many keys of 10 to 20 bytes, drawn uniformly.
[[nodiscard]] driver::Load load_of(const Row& row, std::uint64_t key_count);

}  // namespace tc::bench
