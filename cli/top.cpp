// SPDX-License-Identifier: MIT
//
// top: the server, again and again. On a terminal a screen that is drawn over; else, or when told
// how often, a block of text or a JSON object for each interval.
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/environment.hpp"
#include "cli/interrupt.hpp"
#include "cli/terminal_screen.hpp"
#include "cli/top_report.hpp"
#include "cli/top_sample.hpp"

namespace tc {
namespace {

using Clock = std::chrono::steady_clock;

struct Plan {
    Clock::duration interval;
    std::uint64_t interval_count;  // 0 = until ended
    std::uint32_t name_count_max;
};

Plan plan_of(const Arguments& arguments) {
    constexpr std::uint64_t interval_ms_default = 1000;
    constexpr std::uint64_t interval_ms_max = 86'400'000;
    constexpr std::uint64_t name_count_default = 10;
    constexpr std::uint64_t name_count_max = 1000;  // the server's
    const std::uint64_t interval_ms = arguments.interval_ms.value_or(interval_ms_default);
    if (interval_ms > interval_ms_max) {
        throw usage_failure("--interval: the most is 1d");
    }
    const std::uint64_t name_count = arguments.limit.value_or(name_count_default);
    return {std::chrono::milliseconds(interval_ms), arguments.interval_count.value_or(0),
            static_cast<std::uint32_t>(std::min(name_count, name_count_max))};
}

void wait_until(Clock::time_point deadline) {
    for (auto now = Clock::now(); now < deadline; now = Clock::now()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - now);
        poll(nullptr, 0, static_cast<int>(left.count()));
        throw_if_interrupted();
    }
}

std::string text_of(Output& output, const std::vector<TopLine>& lines) {
    std::string text;
    for (const TopLine& line : lines) {
        text += text.empty() ? "" : "\n";
        text += line.is_heading ? output.strong(line.text) : line.text;
    }
    return text;
}

void write_interval(Output& output, const TopInterval& interval, const Plan& plan) {
    constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();
    if (output.form() == Form::json) {
        output.json(
            [&](JsonObject& object) { write_top_members(object, interval, plan.name_count_max); });
    } else {
        const std::vector<TopLine> lines =
            top_lines(interval, {no_limit, no_limit}, plan.name_count_max);
        output.write(text_of(output, lines) + "\n\n");
    }
    output.flush();
}

ExitCode print(const Client& client, Output& output, const Plan& plan) {
    TopSample before = take_top_sample(client, plan.name_count_max);
    for (std::uint64_t i = 0; plan.interval_count == 0 || i < plan.interval_count; ++i) {
        wait_until(before.taken_at + plan.interval);
        TopSample now = take_top_sample(client, plan.name_count_max);
        write_interval(output, TopInterval(before, now), plan);
        before = std::move(now);
    }
    return ExitCode::ok;
}

void draw(TerminalScreen& screen, Output& output, const TopInterval& interval, const Plan& plan) {
    const TerminalScreen::Size size = screen.size();
    // The last line is for what one can do.
    const std::vector<TopLine> lines =
        top_lines(interval, {size.column_count, size.line_count - 1}, plan.name_count_max);
    screen.draw(text_of(output, lines) + (size.line_count > 1 ? "\nq quits" : ""));
}

ExitCode watch(const Client& client, Output& output, const Plan& plan) {
    // Asked before the screen is taken: a server that is not there needs none.
    TopSample before = take_top_sample(client, plan.name_count_max);
    TopSample now = before;
    TerminalScreen screen;
    for (;;) {
        draw(screen, output, TopInterval(before, now), plan);
        const auto event = screen.wait_until(now.taken_at + plan.interval);
        if (event == TerminalScreen::Event::quit) {
            return ExitCode::ok;
        }
        if (event == TerminalScreen::Event::time) {
            before = std::move(now);
            now = take_top_sample(client, plan.name_count_max);
        }
    }
}

bool is_watched(const Arguments& arguments, const Output& output) {
    const char* terminal = environment_text("TERM");
    return output.form() == Form::terminal && !arguments.interval_count.has_value() &&
           terminal != nullptr && std::string_view(terminal) != "dumb";
}

}  // namespace

ExitCode top(const Arguments& arguments, Output& output) {
    const Plan plan = plan_of(arguments);
    const Client client(arguments);
    return is_watched(arguments, output) ? watch(client, output, plan)
                                         : print(client, output, plan);
}

}  // namespace tc
