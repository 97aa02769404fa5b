// SPDX-License-Identifier: MIT
#include "cli/field_groups.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/escape.hpp"
#include "cli/latency_buckets.hpp"

namespace tc {
namespace {

constexpr std::string_view indent = "  ";

struct FieldGroup {
    std::string_view title;
    std::span<const std::string_view> names;
};

constexpr auto entry_names =
    std::to_array<std::string_view>({"entries", "tags", "edges", "dead_entries"});
constexpr auto memory_names = std::to_array<std::string_view>(
    {"used_bytes", "entry_bytes", "key_bytes", "value_bytes", "overhead_bytes", "index_bytes",
     "tag_bytes", "retired_bytes", "pinned_bytes", "idle_bytes", "connection_bytes",
     "output_bytes_held", "input_bytes_held"});
constexpr auto operation_names =
    std::to_array<std::string_view>({"uptime_ms", "hits", "misses", "stored", "deleted", "expired",
                                     "invalidated", "evicted", "refused_out_of_memory"});
constexpr auto connection_names =
    std::to_array<std::string_view>({"connections",
                                     "connections_accepted",
                                     "connections_refused",
                                     "connections_unauthenticated",
                                     "connections_refused_unauthenticated",
                                     "connections_refused_remote",
                                     "connections_refused_address",
                                     "connections_malformed",
                                     "connections_truncated",
                                     "connections_slow",
                                     "connections_idle",
                                     "connections_over_budget",
                                     "requests",
                                     "input_bytes",
                                     "output_bytes",
                                     "yields",
                                     "paused_reads",
                                     "auth_successes",
                                     "auth_failures",
                                     "requests_forbidden",
                                     "tls_handshakes",
                                     "tls_handshake_failures",
                                     "tls_connections",
                                     "log_lines_dropped"});
constexpr auto pause_names =
    std::to_array<std::string_view>({"pause_turn_us_max", "pause_reclaim_us_max",
                                     "pause_allocator_us_max", "pause_deadlines_us_max"});
constexpr auto latency_names =
    std::to_array<std::string_view>({"read_latency_us", "write_latency_us", "invalidate_latency_us",
                                     "page_latency_us", "admin_latency_us"});

constexpr std::array groups = {
    FieldGroup{"Entries", entry_names},         FieldGroup{"Memory", memory_names},
    FieldGroup{"Since start", operation_names}, FieldGroup{"Connections", connection_names},
    FieldGroup{"Longest pauses", pause_names},  FieldGroup{"Latency in the server", latency_names},
};

// Of thousands of spans nobody sees a percentile.
std::string shown_text(const Field& field, Form form) {
    const bool is_latency = std::ranges::find(latency_names, field.name) != latency_names.end();
    const auto latency = is_latency ? LatencyBuckets::parse(field.text) : std::nullopt;
    return latency.has_value() ? summary_text(*latency) : field_text(field, form);
}

Fields of_group(const FieldGroup& group, const Fields& fields) {
    Fields members;
    for (const std::string_view name : group.names) {
        std::ranges::copy_if(fields, std::back_inserter(members),
                             [name](const Field& field) { return field.name == name; });
    }
    return members;
}

bool is_known(const Field& field) {
    return std::ranges::any_of(groups, [&](const FieldGroup& group) {
        return std::ranges::find(group.names, field.name) != group.names.end();
    });
}

// Nothing for a group without a field.
void write_group(Output& output, std::string_view title, const Fields& members,
                 std::size_t name_width) {
    if (members.empty()) {
        return;
    }
    output.write(output.strong(title) + '\n');
    for (const Field& field : members) {
        output.field(std::string(indent) + escaped(field.name), shown_text(field, output.form()),
                     indent.size() + name_width);
    }
}

}  // namespace

void write_field_groups(Output& output, const Fields& fields) {
    std::size_t name_width = 0;
    for (const Field& field : fields) {
        name_width = std::max(name_width, field.name.size());
    }
    for (const FieldGroup& group : groups) {
        write_group(output, group.title, of_group(group, fields), name_width);
    }
    Fields others = fields;
    std::erase_if(others, is_known);
    write_group(output, "Others", others, name_width);
}

}  // namespace tc
