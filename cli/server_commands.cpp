// SPDX-License-Identifier: MIT
//
// ping stats info status health clients hotkeys slowlog version: commands about the server, and
// about this program.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/escape.hpp"
#include "cli/field_groups.hpp"
#include "cli/fields.hpp"
#include "cli/pages.hpp"
#include "cli/quantity.hpp"

namespace tc {
namespace {

// A line each, or an object.
void write_plainly(Output& output, const Fields& fields) {
    if (output.form() == Form::json) {
        output.json([&](JsonObject& object) { write_members(object, fields); });
    } else {
        write_fields(output, fields);
    }
}

// How long a round trip takes on a connection that is there already.
std::uint64_t ping_us(const Client& client) {
    client.check(tagcache_client_connect(client, nullptr), "connect");
    const auto begin = std::chrono::steady_clock::now();
    client.check(tagcache_ping(client, nullptr), "ping");
    const auto elapsed = std::chrono::steady_clock::now() - begin;
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count());
}

std::string percent_text(std::uint64_t part, std::uint64_t whole) {
    if (whole == 0) {
        return "none yet";
    }
    std::array<char, 32> text{};
    const double percent = 100 * static_cast<double>(part) / static_cast<double>(whole);
    const int size = std::snprintf(text.data(), text.size(), "%.1f %%", percent);
    return {text.data(), static_cast<std::size_t>(size)};
}

std::string memory_text(const Fields& info, const Fields& stats) {
    const std::uint64_t max = number_of(info, "memory_bytes_max");
    const std::string used = size_text(number_of(stats, "used_bytes"));
    return max == 0 ? used : used + " of " + size_text(max);
}

void show_status(Output& output, const Client& client, const Fields& info, const Fields& stats) {
    constexpr std::size_t name_width = std::string_view("connections").size();
    const std::uint64_t hits = number_of(stats, "hits");
    const std::uint64_t reads = hits + number_of(stats, "misses");
    const auto digits = [](const Fields& fields, const char* name) {
        return std::to_string(number_of(fields, name));
    };
    output.field("server", client.address(), name_width);
    output.field("version", escaped(text_of(info, "version")), name_width);
    output.field("up for", duration_text(number_of(info, "uptime_ms")), name_width);
    output.field("connections",
                 digits(stats, "connections") + " of " + digits(info, "connections_max"),
                 name_width);
    output.field("entries", digits(stats, "entries"), name_width);
    output.field("tags", digits(stats, "tags"), name_width);
    output.field("memory", memory_text(info, stats), name_width);
    output.field("hit ratio", percent_text(hits, reads), name_width);
    output.field("requests", digits(stats, "requests"), name_width);
}

void show_rows(Output& output, const std::vector<Fields>& rows) {
    if (output.form() == Form::terminal) {
        return write_table(output, rows);
    }
    for (const Fields& fields : rows) {
        if (output.form() == Form::json) {
            output.json([&](JsonObject& object) { write_members(object, fields); });
        } else {
            write_line(output, fields);
        }
    }
}

std::vector<Fields> slow_requests(const Client& client, std::uint32_t limit) {
    const Result result;
    client.check(tagcache_slowlog(client, TAGCACHE_SLOWLOG_GET, limit, result, nullptr), "slowlog");
    std::vector<Fields> rows;
    while (tagcache_result_next(result)) {
        rows.push_back(read_fields(result));
    }
    return rows;
}

tagcache_hotkeys_options hotkeys_options(const Arguments& arguments) {
    constexpr std::uint64_t limit_max = 1000;  // the server's
    tagcache_hotkeys_options options = TAGCACHE_HOTKEYS_OPTIONS_INIT;
    options.fields = arguments.is_about_tags ? TAGCACHE_HOTKEYS_TAGS : 0;
    options.limit = static_cast<std::uint32_t>(std::min(arguments.limit.value_or(0), limit_max));
    return options;
}

void show_hot_name(Output& output, const char* what, std::string_view name, std::uint64_t rate) {
    if (output.form() == Form::json) {
        output.json([&](JsonObject& object) { object.bytes(what, name).number("rate", rate); });
    } else if (output.form() == Form::terminal) {
        const std::string digits = std::to_string(rate);
        const std::size_t padding = digits.size() < 10 ? 10 - digits.size() : 0;
        output.write(std::string(padding, ' ') + digits + "/s  " + escaped(name) + '\n');
    } else {
        output.item(name);
    }
}

}  // namespace

ExitCode ping(const Arguments& arguments, Output& output) {
    const Client client(arguments);
    const std::uint64_t elapsed_us = ping_us(client);
    if (output.form() == Form::json) {
        output.json([&](JsonObject& object) {
            object.text("status", "OK").text("server", client.address());
            object.number("elapsed_us", elapsed_us);
        });
    } else if (!output.is_quiet()) {
        output.write("answer from " + client.address() + " in " + std::to_string(elapsed_us) +
                     " us\n");
    }
    return ExitCode::ok;
}

ExitCode stats(const Arguments& arguments, Output& output) {
    const Client client(arguments);
    const Fields fields = ask_fields(client, tagcache_stats, "stats");
    if (output.form() == Form::terminal) {
        write_field_groups(output, fields);
    } else {
        write_plainly(output, fields);
    }
    return ExitCode::ok;
}

ExitCode info(const Arguments& arguments, Output& output) {
    const Client client(arguments);
    write_plainly(output, ask_fields(client, tagcache_info, "info"));
    return ExitCode::ok;
}

ExitCode status(const Arguments& arguments, Output& output) {
    const Client client(arguments);
    const Fields info = ask_fields(client, tagcache_info, "info");
    const Fields stats = ask_fields(client, tagcache_stats, "stats");
    if (output.form() != Form::json) {
        show_status(output, client, info, stats);
        return ExitCode::ok;
    }
    output.json([&](JsonObject& object) {
        object.text("server", client.address());
        write_members(object, info);
        // STATS repeats the uptime; a member stands in an object once.
        Fields others = stats;
        std::erase_if(others, [&](const Field& field) {
            return std::any_of(info.begin(), info.end(),
                               [&](const Field& known) { return known.name == field.name; });
        });
        write_members(object, others);
    });
    return ExitCode::ok;
}

ExitCode health(const Arguments& arguments, Output& output) {
    const Client client(arguments);
    const std::uint64_t elapsed_us = ping_us(client);
    const Fields info = ask_fields(client, tagcache_info, "info");
    const std::uint64_t uptime_ms = number_of(info, "uptime_ms");
    if (output.form() == Form::json) {
        output.json([&](JsonObject& object) {
            object.text("status", "OK").text("server", client.address());
            object.text("version", text_of(info, "version")).number("uptime_ms", uptime_ms);
            object.number("elapsed_us", elapsed_us);
        });
    } else if (!output.is_quiet()) {
        output.write("healthy: " + client.address() + ", version " +
                     escaped(text_of(info, "version")) + ", up for " + duration_text(uptime_ms) +
                     "\n");
    }
    return ExitCode::ok;
}

ExitCode slowlog(const Arguments& arguments, Output& output) {
    constexpr std::uint64_t limit_max = 128;  // the server's
    const auto limit = static_cast<std::uint32_t>(std::min(arguments.limit.value_or(0), limit_max));
    show_rows(output, slow_requests(Client(arguments), limit));
    return ExitCode::ok;
}

ExitCode slowlog_len(const Arguments& arguments, Output& output) {
    constexpr std::uint32_t limit_max = 128;
    const std::uint64_t count = slow_requests(Client(arguments), limit_max).size();
    if (output.form() == Form::json) {
        output.json([&](JsonObject& object) { object.number("requests", count); });
    } else {
        output.write(std::to_string(count) + '\n');
    }
    return ExitCode::ok;
}

ExitCode slowlog_reset(const Arguments& arguments, Output& output) {
    const Client client(arguments);
    client.check(tagcache_slowlog(client, TAGCACHE_SLOWLOG_RESET, 0, Result(), nullptr), "slowlog");
    output.sentence("no slow request is kept");
    return ExitCode::ok;
}

ExitCode clients(const Arguments& arguments, Output& output) {
    const Client client(arguments);
    std::vector<Fields> rows;
    const PageRequest request = [](tagcache_client* handle, const Result& result,
                                   tagcache_page_options& page) {
        return tagcache_clients(handle, result, &page, nullptr);
    };
    for_each_page(client, request, "clients", [&](const Result& page) {
        while (tagcache_result_next(page)) {
            rows.push_back(read_fields(page));
        }
        return true;
    });
    show_rows(output, rows);
    return ExitCode::ok;
}

ExitCode clients_kill(const Arguments& arguments, Output& output) {
    const Client client(arguments);
    const std::uint64_t id = arguments.client_id.value_or(0);
    const tagcache_status status = tagcache_clients_kill(client, id, nullptr);
    client.check(status, "clients kill");
    if (status != TAGCACHE_OK) {
        output.note("there is no connection " + std::to_string(id));
        return ExitCode::negative;
    }
    output.sentence("connection " + std::to_string(id) + " is closed");
    return ExitCode::ok;
}

ExitCode hotkeys(const Arguments& arguments, Output& output) {
    const Client client(arguments);
    const Result result;
    const tagcache_hotkeys_options options = hotkeys_options(arguments);
    client.check(tagcache_hotkeys(client, result, &options, nullptr), "hotkeys");
    const std::uint64_t count = tagcache_result_item_count(result);
    while (tagcache_result_next(result)) {
        show_hot_name(output, arguments.is_about_tags ? "tag" : "key", result.name(),
                      tagcache_result_rate(result));
    }
    output.sentence(output.strong(arguments.is_about_tags ? count_text(count, "tag", "tags")
                                                          : count_text(count, "key", "keys")));
    return ExitCode::ok;
}

ExitCode version(const Arguments& /*arguments*/, Output& output) {
    const std::string number = tagcache_library_version();
    if (output.form() == Form::json) {
        output.json([&](JsonObject& object) { object.text("version", number); });
    } else {
        output.write("tagcache " + number + "\n");
    }
    return ExitCode::ok;
}

}  // namespace tc
