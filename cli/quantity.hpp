// SPDX-License-Identifier: MIT
//
// Durations, sizes and counts as people write and read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tc {

// "500ms", "30s", "5m", "2h", "1d", and "0" for no expiry, in milliseconds. Nothing for anything
// else: a bare 60 could be seconds or milliseconds, and a wrong guess would go unnoticed.
[[nodiscard]] std::optional<std::uint64_t> parse_duration_ms(std::string_view text);

// "850 ms", "59.8 s", "4 min 5 s", "2 h 30 min", "3 d 4 h".
[[nodiscard]] std::string duration_text(std::uint64_t duration_ms);

// "512 B", "1.5 KiB", "11.8 MiB".
[[nodiscard]] std::string size_text(std::uint64_t size_bytes);

// "1 entry", "12 entries".
[[nodiscard]] std::string count_text(std::uint64_t count, const char* one, const char* many);

// Three digits that count: "1.23", "12.3", "123".
[[nodiscard]] std::string short_text(double number);

// "412 us", "1.23 ms", "2.05 s".
[[nodiscard]] std::string latency_text(std::uint64_t ns);

// "123", "12.3k", "1.23M".
[[nodiscard]] std::string rate_text(double rate_per_s);

}  // namespace tc
