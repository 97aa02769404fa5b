// SPDX-License-Identifier: MIT
#include "bench/comparison_report.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "bench/figure_text.hpp"

namespace tc::bench {
namespace {

std::string median_of(const RowFigures& figures, const std::string& server, double Slice::*figure,
                      double unit = 1) {
    const std::optional<Spread> spread = spread_of(figures, server, figure);
    return spread.has_value() ? number(spread->median / unit) : nothing;
}

std::string ratio_cell(const RowFigures& figures, const std::string& server,
                       double Slice::*figure) {
    return server == ours ? nothing : with_spread(ratio_to(figures, server, figure));
}

// A client that is busy most of the time is marked: it may be what was measured.
std::string client_cell(const RowFigures& figures, const std::string& server) {
    constexpr double busy_share = 0.8;
    const std::optional<Spread> share = spread_of(figures, server, &Slice::client_share);
    return share.has_value() ? number(share->median) + (share->median > busy_share ? "!" : "")
                             : nothing;
}

// "redis, 93 % hits"
std::string with_hit_ratio(const RowFigures& figures, const std::string& server) {
    const std::optional<Spread> ratio = spread_of(figures, server, &Slice::hit_ratio);
    if (server == floor_server || !ratio.has_value()) {
        return server;
    }
    return server + ", " + std::to_string(std::lround(ratio->median * 100)) + " % hits";
}

std::vector<std::string> line_of(const RowFigures& figures, const std::string& server) {
    const bool is_rival = server != ours && server != floor_server;
    return {figures.row.kind == RowKind::mix ? with_hit_ratio(figures, server) : server,
            median_of(figures, server, &Slice::operations_per_s, 1e3),
            median_of(figures, server, &Slice::cpu_ns, 1e3),
            median_of(figures, server, &Slice::p50_us),
            median_of(figures, server, &Slice::p99_us),
            median_of(figures, server, &Slice::p999_us),
            median_of(figures, server, &Slice::server_share),
            client_cell(figures, server),
            ratio_cell(figures, server, &Slice::operations_per_s),
            ratio_cell(figures, server, &Slice::cpu_ns),
            is_rival ? with_spread(ratio_above_floor(figures, server)) : nothing};
}

std::vector<std::string> goal_line(const RowFigures& figures, const std::string& rival,
                                   double ratio_max) {
    const std::optional<Spread> ratio = ratio_to(figures, rival, &Slice::cpu_ns);
    const std::optional<Spread> above = ratio_above_floor(figures, rival);
    return {figures.row.label(),
            rival,
            with_spread(ratio),
            number(ratio_max),
            !ratio.has_value()           ? "not measured"
            : ratio->median <= ratio_max ? "reached"
                                         : "missed",
            with_spread(above)};
}

std::vector<std::size_t> widths_of(const Table& table) {
    std::vector<std::size_t> widths;
    for (const auto& line : table) {
        widths.resize(std::max(widths.size(), line.size()));
        for (std::size_t i = 0; i < line.size(); ++i) {
            widths[i] = std::max(widths[i], line[i].size());
        }
    }
    return widths;
}

struct NamedFigure {
    const char* name;
    double Slice::*figure;
};
constexpr NamedFigure named_figures[] = {
    {"operations_per_s", &Slice::operations_per_s},
    {"cpu_ns", &Slice::cpu_ns},
    {"p50_us", &Slice::p50_us},
    {"p99_us", &Slice::p99_us},
    {"p999_us", &Slice::p999_us},
    {"server_share", &Slice::server_share},
    {"client_share", &Slice::client_share},
    {"hit_ratio", &Slice::hit_ratio},
};

std::string json_server(const RowFigures& figures, const std::string& server) {
    std::string text = json_text(server) + ":{";
    for (const NamedFigure& each : named_figures) {
        text +=
            json_text(each.name) + ':' + json_spread(spread_of(figures, server, each.figure)) + ',';
    }
    text += "\"rate_ratio\":" + json_spread(ratio_to(figures, server, &Slice::operations_per_s)) +
            ",\"cpu_ratio\":" + json_spread(ratio_to(figures, server, &Slice::cpu_ns)) +
            ",\"cpu_ratio_above_floor\":" + json_spread(ratio_above_floor(figures, server));
    return text + '}';
}

std::string json_row(const RowFigures& figures) {
    const Row& row = figures.row;
    std::string text = "{\"operation\":" + json_text(row_kind_name(row.kind)) +
                       ",\"value_bytes\":" + std::to_string(row.value_bytes) +
                       ",\"depth\":" + std::to_string(row.pipeline_depth) +
                       ",\"connections\":" + std::to_string(row.connection_count) +
                       ",\"server_threads\":" + std::to_string(row.server_threads) +
                       ",\"servers\":{";
    const char* separator = "";
    for (const auto& [server, slices] : figures.slices) {
        text += separator + json_server(figures, server);
        separator = ",";
    }
    return text + "}}";
}

std::string json_memory(const MemoryFigures& figures) {
    std::string text = "{\"value_bytes\":" + std::to_string(figures.value_bytes) +
                       ",\"entries\":" + std::to_string(figures.entry_count) +
                       ",\"bytes_per_entry\":{";
    const char* separator = "";
    for (const auto& [server, bytes] : figures.bytes_per_entry) {
        text += separator + json_text(server) + ':' + json_number(bytes);
        separator = ",";
    }
    return text + "}}";
}

}  // namespace

Table table_of(const RowFigures& figures, const std::vector<std::string>& servers) {
    Table table = {{figures.row.label(), "kop/s", "CPU us", "p50 us", "p99 us", "p99.9 us",
                    "server", "client", "rate, ours/its", "CPU, ours/its", "above the floor"}};
    for (const std::string& server : servers) {
        if (figures.slices.count(server) != 0) {
            table.push_back(line_of(figures, server));
        }
    }
    return table;
}

Table memory_table(const ComparisonReport& report) {
    Table table = {{"bytes an entry", "entries"}};
    for (const std::string& server : report.servers) {
        if (server != floor_server) {
            table[0].push_back(server);
        }
    }
    for (const MemoryFigures& figures : report.memory) {
        std::vector<std::string> line = {"values of " + std::to_string(figures.value_bytes),
                                         std::to_string(figures.entry_count)};
        for (const std::string& server : report.servers) {
            const auto found = figures.bytes_per_entry.find(server);
            if (server != floor_server) {
                line.push_back(found == figures.bytes_per_entry.end() ? nothing
                                                                      : number(found->second));
            }
        }
        table.push_back(std::move(line));
    }
    return table;
}

Table goal_table(const ComparisonReport& report) {
    Table table = {
        {"server CPU for an operation", "rival", "ours/its", "goal", "", "above the floor"}};
    for (const RowFigures& figures : report.rows) {
        for (const Goal& goal : goals_of(figures.row)) {
            if (figures.slices.count(goal.rival) != 0) {
                table.push_back(goal_line(figures, goal.rival, goal.ratio_max));
            }
        }
    }
    return table;
}

std::string as_text(const Table& table) {
    const std::vector<std::size_t> widths = widths_of(table);
    std::string text;
    for (const auto& line : table) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            const std::string padding(widths[i] - line[i].size(), ' ');
            // Figures stand on the right, what they are of on the left.
            text += i == 0 ? line[i] + padding : "  " + padding + line[i];
        }
        text.erase(text.find_last_not_of(' ') + 1);
        text += '\n';
    }
    return text;
}

std::string as_markdown(const Table& table) {
    std::string text;
    for (std::size_t row = 0; row < table.size(); ++row) {
        for (const std::string& cell : table[row]) {
            text += "| " + cell + (cell.empty() ? "" : " ");
        }
        text += "|\n";
        if (row == 0) {
            for (std::size_t i = 0; i < table[row].size(); ++i) {
                text += "|---";
            }
            text += "|\n";
        }
    }
    return text;
}

std::string markdown_of(const ComparisonReport& report) {
    std::string text;
    for (const RowFigures& figures : report.rows) {
        text += as_markdown(table_of(figures, report.servers)) + '\n';
    }
    return text + as_markdown(memory_table(report)) + '\n' + as_markdown(goal_table(report));
}

std::string json_of(const ComparisonReport& report) {
    return "{\"rows\":" + json_array(report.rows, json_row) +
           ",\n\"memory\":" + json_array(report.memory, json_memory) + "}\n";
}

}  // namespace tc::bench
