// SPDX-License-Identifier: MIT
#include "cli/quantity.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdio>

namespace tc {
namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor_ms;
};

constexpr std::uint64_t second_ms = 1000;
constexpr std::uint64_t minute_ms = 60 * second_ms;
constexpr std::uint64_t hour_ms = 60 * minute_ms;
constexpr std::uint64_t day_ms = 24 * hour_ms;
constexpr std::array<Unit, 5> units = {
    {{"ms", 1}, {"s", second_ms}, {"m", minute_ms}, {"h", hour_ms}, {"d", day_ms}}};

std::string two_units(std::uint64_t duration_ms, std::uint64_t large_ms, const char* large,
                      std::uint64_t small_ms, const char* small) {
    std::string text = std::to_string(duration_ms / large_ms) + " " + large;
    const std::uint64_t rest = duration_ms % large_ms / small_ms;
    if (rest != 0) {
        text += " " + std::to_string(rest) + " " + small;
    }
    return text;
}

std::string with_one_digit(double number) {
    std::array<char, 32> text{};
    const int size = std::snprintf(text.data(), text.size(), "%.1f", number);
    return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace

std::optional<std::uint64_t> parse_duration_ms(std::string_view text) {
    std::uint64_t count = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, count);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    const std::string_view unit_name(rest, static_cast<std::size_t>(end - rest));
    if (unit_name.empty() && count == 0) {
        return 0;
    }
    for (const Unit& unit : units) {
        if (unit.name == unit_name) {
            const bool overflows = count > UINT64_MAX / unit.factor_ms;
            return overflows ? std::nullopt : std::optional(count * unit.factor_ms);
        }
    }
    return std::nullopt;
}

std::string duration_text(std::uint64_t duration_ms) {
    if (duration_ms < second_ms) {
        return std::to_string(duration_ms) + " ms";
    }
    if (duration_ms < minute_ms) {
        return with_one_digit(static_cast<double>(duration_ms) / second_ms) + " s";
    }
    if (duration_ms < hour_ms) {
        return two_units(duration_ms, minute_ms, "min", second_ms, "s");
    }
    if (duration_ms < day_ms) {
        return two_units(duration_ms, hour_ms, "h", minute_ms, "min");
    }
    return two_units(duration_ms, day_ms, "d", hour_ms, "h");
}

std::string size_text(std::uint64_t size_bytes) {
    constexpr std::array<const char*, 4> names = {"KiB", "MiB", "GiB", "TiB"};
    if (size_bytes < 1024) {
        return std::to_string(size_bytes) + " B";
    }
    double size = static_cast<double>(size_bytes) / 1024;
    std::size_t index = 0;
    // 1023.95 and more would be printed as 1024.0 of the smaller unit.
    while (size >= 1023.95 && index + 1 < names.size()) {
        size /= 1024;
        ++index;
    }
    return with_one_digit(size) + " " + names[index];
}

std::string count_text(std::uint64_t count, const char* one, const char* many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string short_text(double number) {
    std::array<char, 32> text{};
    const int digits = number < 10 ? 2 : number < 100 ? 1 : 0;
    const int size = std::snprintf(text.data(), text.size(), "%.*f", digits, number);
    return {text.data(), static_cast<std::size_t>(size)};
}

std::string latency_text(std::uint64_t ns) {
    const double time_us = static_cast<double>(ns) / 1e3;
    if (time_us < 1000) {
        return short_text(time_us) + " us";
    }
    return time_us < 1e6 ? short_text(time_us / 1e3) + " ms" : short_text(time_us / 1e6) + " s";
}

std::string rate_text(double rate_per_s) {
    if (rate_per_s < 1e4) {
        return std::to_string(static_cast<std::uint64_t>(rate_per_s));
    }
    return rate_per_s < 1e6 ? short_text(rate_per_s / 1e3) + "k"
                            : short_text(rate_per_s / 1e6) + "M";
}

}  // namespace tc
