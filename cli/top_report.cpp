// SPDX-License-Identifier: MIT
#include "cli/top_report.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "cli/escape.hpp"
#include "cli/quantity.hpp"

namespace tc {
namespace {

// With fewer, three columns of names are too narrow to read.
constexpr std::size_t side_by_side_columns_min = 96;
constexpr std::string_view gap = "  ";

struct Counter {
    std::string_view title;
    std::string_view field;  // of STATS
};
constexpr std::array<Counter, 5> event_counters = {{{"stored", "stored"},
                                                    {"deleted", "deleted"},
                                                    {"invalidated", "invalidated"},
                                                    {"expired", "expired"},
                                                    {"evicted", "evicted"}}};
constexpr std::array<Counter, 5> stored_kinds = {{{"keys", "key_bytes"},
                                                  {"values", "value_bytes"},
                                                  {"overhead", "overhead_bytes"},
                                                  {"index", "index_bytes"},
                                                  {"tags", "tag_bytes"}}};
constexpr std::array<Counter, 4> other_kinds = {{{"retired", "retired_bytes"},
                                                 {"pinned", "pinned_bytes"},
                                                 {"idle", "idle_bytes"},
                                                 {"connections", "connection_bytes"}}};

// ---- Text in columns. A character counts as one column. ----

std::size_t character_count(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// REQUIRES: text is UTF-8.
std::string cut(std::string_view text, std::size_t column_count) {
    std::size_t size = 0;
    for (std::size_t i = 0; i < column_count && size < text.size(); ++i) {
        size += first_code_point(text.substr(size)).size;
    }
    return std::string(text.substr(0, size));
}

std::string padded_left(const std::string& text, std::size_t width) {
    return std::string(width - std::min(width, text.size()), ' ') + text;
}

std::string padded_right(const std::string& text, std::size_t width) {
    return text + std::string(width - std::min(width, character_count(text)), ' ');
}

// ---- The figures. ----

std::string percent_text(double share) {
    return short_text(100 * share) + " %";
}

std::string bytes_rate_text(const TopInterval& interval, std::string_view counter) {
    return size_text(static_cast<std::uint64_t>(interval.rate_per_s(counter))) + "/s";
}

std::string title_line(const TopInterval& interval) {
    const TopSample& now = interval.now();
    return now.address + "  version " + escaped(text_of(now.info, "version")) + "  up for " +
           duration_text(number_of(now.info, "uptime_ms")) + "  last " +
           short_text(interval.seconds()) + " s";
}

std::string request_line(const TopInterval& interval) {
    const std::optional<double> hit_ratio = interval.hit_ratio();
    return "requests " + rate_text(interval.rate_per_s("requests")) + "/s  hit ratio " +
           (hit_ratio.has_value() ? percent_text(*hit_ratio) : "none") + "  in " +
           bytes_rate_text(interval, "input_bytes") + "  out " +
           bytes_rate_text(interval, "output_bytes") + "  connections " +
           std::to_string(number_of(interval.now().stats, "connections"));
}

std::string event_line(const TopInterval& interval) {
    std::string line = "entries " + std::to_string(number_of(interval.now().stats, "entries"));
    for (const Counter& counter : event_counters) {
        line += gap;
        line += counter.title;
        line += ' ' + rate_text(interval.rate_per_s(counter.field)) + "/s";
    }
    return line;
}

std::string memory_line(const TopInterval& interval) {
    const TopSample& now = interval.now();
    const std::uint64_t used_bytes = number_of(now.stats, "used_bytes");
    const std::uint64_t max_bytes = number_of(now.info, "memory_bytes_max");
    std::string line = "memory " + size_text(used_bytes);
    if (max_bytes != 0) {
        line += " of " + size_text(max_bytes) + " (" +
                percent_text(static_cast<double>(used_bytes) / static_cast<double>(max_bytes)) +
                ")";
    }
    return line;
}

std::string memory_kinds_line(const TopInterval& interval, std::span<const Counter> kinds) {
    std::string line;
    for (const Counter& kind : kinds) {
        line += line.empty() ? "" : gap;
        line += kind.title;
        line += ' ' + size_text(number_of(interval.now().stats, kind.field));
    }
    return line;
}

std::vector<TopLine> latency_table(const TopInterval& interval) {
    constexpr std::size_t name_width = 12;
    constexpr std::size_t cell_width = 10;
    constexpr std::uint64_t ns_per_us = 1000;
    std::string heading = padded_right("latency", name_width);
    for (const char* title : {"rate", "p50", "p99", "p99.9", "max"}) {
        heading += padded_left(title, cell_width);
    }
    std::vector<TopLine> lines = {{heading, true}};
    for (const RequestClass& request_class : request_classes) {
        const LatencyBuckets latency = interval.latency(request_class);
        std::string line = padded_right(std::string(request_class.name), name_width) +
                           padded_left(rate_text(interval.rate_per_s(latency)) + "/s", cell_width);
        for (const double quantile : {0.5, 0.99, 0.999, 1.0}) {
            const std::uint64_t time_us = latency.quantile_us(quantile);
            line += padded_left(time_us == 0 ? "-" : latency_text(time_us * ns_per_us), cell_width);
        }
        lines.push_back({line});
    }
    return lines;
}

// ---- The names. ----

std::string rate_and_name(double rate_per_s, std::string_view name) {
    constexpr std::size_t rate_width = 8;
    return padded_left(rate_text(rate_per_s) + "/s", rate_width) + std::string(gap) + escaped(name);
}

std::vector<TopLine> hot_list(const char* title, const std::vector<HotName>& names,
                              std::size_t count_max) {
    std::vector<TopLine> lines = {{title, true}};
    for (std::size_t i = 0; i < std::min(names.size(), count_max); ++i) {
        lines.push_back({rate_and_name(static_cast<double>(names[i].rate_per_s), names[i].name)});
    }
    return lines;
}

std::vector<TopLine> client_list(const TopInterval& interval, std::size_t count_max) {
    std::vector<TopLine> lines = {{"busiest clients", true}};
    for (const ClientRate& rate : interval.busiest_clients(count_max)) {
        lines.push_back(
            {rate_and_name(rate.rate_per_s, rate.client.address + " " + rate.client.name)});
    }
    return lines;
}

using Blocks = std::array<std::vector<TopLine>, 3>;

std::vector<TopLine> side_by_side(const Blocks& blocks, std::size_t column_count) {
    const std::size_t width = column_count / blocks.size();
    std::size_t line_count = 0;
    for (const std::vector<TopLine>& block : blocks) {
        line_count = std::max(line_count, block.size());
    }
    std::vector<TopLine> lines(line_count);
    for (std::size_t i = 0; i < line_count; ++i) {
        lines[i].is_heading = i == 0;
        for (const std::vector<TopLine>& block : blocks) {
            const std::string text = i < block.size() ? block[i].text : "";
            lines[i].text += padded_right(cut(text, width - gap.size()), width);
        }
        lines[i].text.erase(lines[i].text.find_last_not_of(' ') + 1);
    }
    return lines;
}

// One below the other. On a screen that is too short each gets its share of the lines.
std::vector<TopLine> stacked(const Blocks& blocks, std::size_t line_count) {
    const std::size_t share = std::max<std::size_t>(line_count / blocks.size(), 2);
    std::vector<TopLine> lines;
    for (const std::vector<TopLine>& block : blocks) {
        const std::size_t count = std::min(block.size(), share);
        lines.insert(lines.end(), block.begin(),
                     block.begin() + static_cast<std::ptrdiff_t>(count));
    }
    return lines;
}

// As the end of a JSON member's name.
struct Percentile {
    const char* suffix;
    double quantile;
};
constexpr std::array<Percentile, 4> percentiles = {
    {{"_p50_us", 0.5}, {"_p99_us", 0.99}, {"_p99_9_us", 0.999}, {"_max_us", 1}}};

void write_hot_names(JsonObject& object, const char* list, const char* what,
                     const std::vector<HotName>& names) {
    object.objects(list, names.size(), [&](JsonObject& member, std::size_t i) {
        member.bytes(what, names[i].name).number("rate", names[i].rate_per_s);
    });
}

}  // namespace

std::vector<TopLine> top_lines(const TopInterval& interval, TopSize size,
                               std::size_t name_count_max) {
    std::vector<TopLine> lines = {{title_line(interval), true},
                                  {request_line(interval)},
                                  {event_line(interval)},
                                  {memory_line(interval)},
                                  {memory_kinds_line(interval, stored_kinds)},
                                  {memory_kinds_line(interval, other_kinds)}};
    const std::vector<TopLine> latencies = latency_table(interval);
    lines.insert(lines.end(), latencies.begin(), latencies.end());
    const std::size_t rest = size.line_count - std::min(size.line_count, lines.size());
    const Blocks blocks = {hot_list("hot keys", interval.now().hot_keys, name_count_max),
                           hot_list("hot tags", interval.now().hot_tags, name_count_max),
                           client_list(interval, name_count_max)};
    const bool is_tall = rest / blocks.size() > name_count_max;
    const bool is_wide = size.column_count >= side_by_side_columns_min;
    const std::vector<TopLine> names =
        is_wide && !is_tall ? side_by_side(blocks, size.column_count) : stacked(blocks, rest);
    lines.insert(lines.end(), names.begin(), names.end());
    lines.resize(std::min(lines.size(), size.line_count));
    for (TopLine& line : lines) {
        line.text = cut(line.text, size.column_count);
    }
    return lines;
}

void write_top_members(JsonObject& object, const TopInterval& interval,
                       std::size_t name_count_max) {
    object.text("server", interval.now().address).real("seconds", interval.seconds());
    object.real("requests_per_second", interval.rate_per_s("requests"));
    for (const Counter& counter : event_counters) {
        object.real(std::string(counter.title) + "_per_second", interval.rate_per_s(counter.field));
    }
    object.real("input_bytes_per_second", interval.rate_per_s("input_bytes"));
    object.real("output_bytes_per_second", interval.rate_per_s("output_bytes"));
    if (const std::optional<double> hit_ratio = interval.hit_ratio()) {
        object.real("hit_ratio", *hit_ratio);
    }
    for (const RequestClass& request_class : request_classes) {
        const LatencyBuckets latency = interval.latency(request_class);
        const std::string name(request_class.name);
        object.number(name + "_count", latency.count());
        for (const Percentile& percentile : percentiles) {
            if (latency.count() != 0) {
                object.number(name + percentile.suffix, latency.quantile_us(percentile.quantile));
            }
        }
    }
    const TopSample& now = interval.now();
    for (const char* name : {"entries", "connections", "used_bytes"}) {
        object.number(name, number_of(now.stats, name));
    }
    for (const std::span<const Counter> kinds :
         {std::span<const Counter>(stored_kinds), std::span<const Counter>(other_kinds)}) {
        for (const Counter& kind : kinds) {
            object.number(kind.field, number_of(now.stats, kind.field));
        }
    }
    write_hot_names(object, "hot_keys", "key", now.hot_keys);
    write_hot_names(object, "hot_tags", "tag", now.hot_tags);
    const std::vector<ClientRate> clients = interval.busiest_clients(name_count_max);
    object.objects("clients", clients.size(), [&](JsonObject& member, std::size_t i) {
        const ClientActivity& client = clients[i].client;
        member.number("id", client.id).text("address", client.address).text("name", client.name);
        member.real("rate", clients[i].rate_per_s);
    });
}

}  // namespace tc
