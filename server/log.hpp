// SPDX-License-Identifier: MIT
//
// The server's log: one line an event, on standard error, as text or as JSON.
//
//     2026-11-22T09:00:00.000Z info event=setting_changed key=memory.max value=512m
//
// A line is formatted where it comes up and written by a thread of the log's own, behind a bounded
// queue; so nobody ever waits for standard error, and a reader who does not read loses the oldest
// lines, which are counted. Each kind of event has a budget of lines a second; what goes beyond it
// is told as a number. What users chose is escaped and cut, and secrets are never given to it.
//
// Threads: any.
#pragma once

#include <array>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string_view>

namespace tc {

enum class LogLevel : std::uint8_t { debug, info, warning, error, off };
enum class LogFormat : std::uint8_t { text, json };

// As the settings log.level and log.format name them; what is unknown is info, and text.
[[nodiscard]] LogLevel log_level_of(std::string_view name) noexcept;
[[nodiscard]] LogFormat log_format_of(std::string_view name) noexcept;

// log.cpp has their names and budgets, tagcached(8) what they mean.
enum class LogEvent : std::uint8_t {
    listening,
    warning,
    stopping,
    stopped,
    configuration_read,
    configuration_refused,
    setting_changed,
    setting_postponed,
    users_refused,
    audit,
    client_audit,
    loop_lag,
    loop_hang,
};
inline constexpr std::size_t log_event_count = 13;

// A name and what goes with it.
class LogField {
 public:
    // Of what users chose, such as a key; of our own words, such as a reason.
    static constexpr std::size_t user_bytes_max = 128;
    static constexpr std::size_t own_bytes_max = 512;

    constexpr LogField(std::string_view name, std::string_view text,
                       std::size_t bytes_max = user_bytes_max) noexcept
        : name_(name), text_(text.substr(0, bytes_max)), is_cut_(text.size() > bytes_max) {}
    template <std::unsigned_integral Number>
    constexpr LogField(std::string_view name, Number number) noexcept
        : name_(name), number_(number), is_number_(true) {}

    [[nodiscard]] std::string_view name() const noexcept { return name_; }
    [[nodiscard]] std::string_view text() const noexcept { return text_; }
    [[nodiscard]] bool is_cut() const noexcept { return is_cut_; }
    [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
    [[nodiscard]] bool is_number() const noexcept { return is_number_; }

 private:
    std::string_view name_;
    std::string_view text_;
    std::uint64_t number_ = 0;
    bool is_cut_ = false;
    bool is_number_ = false;
};
using LogFields = std::initializer_list<LogField>;

class Log {
 public:
    // Writes to this descriptor, which stays the caller's. Throws when there is no thread for it.
    Log(LogLevel level, LogFormat format, int fd, std::size_t lines_waiting_max = 1024);
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;
    // Writes what waits, for a second at most when nobody reads.
    ~Log();

    void set_level(LogLevel level) noexcept { level_.store(level, std::memory_order_relaxed); }
    // The second fields come behind the first.
    void write(LogLevel level, LogEvent event, LogFields fields, LogFields more = {}) noexcept;
    // Tells how many lines went beyond their budgets, where nothing has told so since. Called now
    // and then.
    void tell_suppressed() noexcept;
    // Lines that the queue had no room for, or that could not be written.
    [[nodiscard]] std::uint64_t dropped_count() const noexcept;

 private:
    class Writer;  // all of spdlog

    struct Budget {
        std::uint64_t second = 0;
        std::uint32_t line_count = 0;
        std::uint32_t suppressed_count = 0;
    };

    [[nodiscard]] bool spend(std::size_t event, std::uint32_t& suppressed_before) noexcept;
    [[nodiscard]] std::uint32_t renew(std::size_t event) noexcept;
    void put_suppressed(std::size_t event, std::uint32_t count) noexcept;
    void put(LogLevel level, std::string_view event, LogFields fields, LogFields more) noexcept;

    std::atomic<LogLevel> level_;
    const LogFormat format_;
    std::mutex budgets_mutex_;
    std::array<Budget, log_event_count> budgets_{};  // Guarded by budgets_mutex_.
    const std::unique_ptr<Writer> writer_;
};

}  // namespace tc
