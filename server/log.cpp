// SPDX-License-Identifier: MIT
#include "server/log.hpp"

#include <poll.h>
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "server/clock.hpp"
#include "server/crash_report.hpp"
#include "server/log_line.hpp"

namespace tc {

namespace {

constexpr int last_wait_ms = 1'000;
constexpr int wait_ms = 100;

struct EventKind {
    std::string_view name;
    std::uint32_t lines_per_second;
};

// In the order of LogEvent.
constexpr std::array<EventKind, log_event_count> kinds = {{
    {"listening", 10},
    {"warning", 10},
    {"stopping", 10},
    {"stopped", 10},
    {"configuration_read", 10},
    {"configuration_refused", 10},
    {"setting_changed", 100},
    {"setting_postponed", 100},
    {"users_refused", 10},
    {"audit", 100},
    {"audit", 10},
    {"loop_lag", 10},
    {"loop_hang", 10},
}};

constexpr std::array<std::pair<std::string_view, LogLevel>, 5> level_names = {{
    {"debug", LogLevel::debug},
    {"info", LogLevel::info},
    {"warning", LogLevel::warning},
    {"error", LogLevel::error},
    {"off", LogLevel::off},
}};

spdlog::level::level_enum spdlog_level(LogLevel level) noexcept {
    switch (level) {
        case LogLevel::debug: return spdlog::level::debug;
        case LogLevel::info: return spdlog::level::info;
        case LogLevel::warning: return spdlog::level::warn;
        case LogLevel::error: return spdlog::level::err;
        case LogLevel::off: break;
    }
    return spdlog::level::off;
}

}  // namespace

// Writes lines on the log's thread. A reader who does not read holds up this thread and no other,
// and not the end of the program.
class DescriptorSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
    explicit DescriptorSink(int fd) : fd_(fd) {}

    // From any thread: nothing waits much longer from now on.
    void hurry() noexcept { is_hurried_.store(true, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t lost_count() const noexcept {
        return lost_count_.load(std::memory_order_relaxed);
    }

 private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        if (!write_all({line.data(), line.size()})) {
            lost_count_.fetch_add(1, std::memory_order_relaxed);
        }
    }
    void flush_() override {}

    bool write_all(std::string_view line) noexcept {
        while (!line.empty()) {
            if (!wait_for_room()) {
                return false;
            }
            const ssize_t count = ::write(fd_, line.data(), line.size());
            if (count < 0 && errno != EINTR && errno != EAGAIN) {
                return false;
            }
            line.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
        }
        return true;
    }

    // A write of less than a page does not block then.
    bool wait_for_room() noexcept {
        pollfd room{fd_, POLLOUT, 0};
        for (;;) {
            const int count = poll(&room, 1, wait_ms);
            if (count > 0 || (count < 0 && errno != EINTR)) {
                return true;
            }
            if (is_hurried_.load(std::memory_order_relaxed)) {
                hurried_wait_ms_ += wait_ms;
                if (hurried_wait_ms_ >= last_wait_ms) {
                    return false;
                }
            }
        }
    }

    const int fd_;
    int hurried_wait_ms_ = 0;
    std::atomic<bool> is_hurried_{false};
    std::atomic<std::uint64_t> lost_count_{0};
};

// spdlog takes no other pointers than shared_ptr to what its thread uses: the one exception.
class Log::Writer {
 public:
    Writer(LogFormat format, int fd, std::size_t lines_waiting_max)
        : sink_(std::make_shared<DescriptorSink>(fd)),
          thread_(std::make_shared<spdlog::details::thread_pool>(
              lines_waiting_max, 1, [] { thread_local const CrashStack crash_stack; })),
          logger_(std::make_shared<spdlog::async_logger>(
              "", sink_, thread_, spdlog::async_overflow_policy::overrun_oldest)) {
        const char* const pattern = format == LogFormat::json
                                        ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                                        : "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
        logger_->set_formatter(std::make_unique<spdlog::pattern_formatter>(
            pattern, spdlog::pattern_time_type::utc, "\n"));
        logger_->set_level(spdlog::level::trace);
        logger_->set_error_handler([this](const std::string& /*message*/) {
            failed_count_.fetch_add(1, std::memory_order_relaxed);  // no memory for a long line
        });
    }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    ~Writer() {
        sink_->hurry();
        thread_.reset();  // writes what waits
    }

    // The logger catches what its sinks throw, but not what a copy of a long line does.
    void put(LogLevel level, std::string_view line) noexcept {
        try {
            logger_->log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
        } catch (...) {
            failed_count_.fetch_add(1, std::memory_order_relaxed);
        }
    }
    [[nodiscard]] std::uint64_t dropped_count() const noexcept {
        return thread_->overrun_counter() + sink_->lost_count() +
               failed_count_.load(std::memory_order_relaxed);
    }

 private:
    std::atomic<std::uint64_t> failed_count_{0};
    const std::shared_ptr<DescriptorSink> sink_;
    std::shared_ptr<spdlog::details::thread_pool> thread_;
    const std::shared_ptr<spdlog::async_logger> logger_;
};

LogLevel log_level_of(std::string_view name) noexcept {
    for (const auto& [level_name, level] : level_names) {
        if (level_name == name) {
            return level;
        }
    }
    return LogLevel::info;
}

LogFormat log_format_of(std::string_view name) noexcept {
    return name == "json" ? LogFormat::json : LogFormat::text;
}

Log::Log(LogLevel level, LogFormat format, int fd, std::size_t lines_waiting_max)
    : level_(level),
      format_(format),
      writer_(std::make_unique<Writer>(format, fd, lines_waiting_max)) {}

Log::~Log() = default;

void Log::write(LogLevel level, LogEvent event, LogFields fields, LogFields more) noexcept {
    const auto index = static_cast<std::size_t>(event);
    std::uint32_t suppressed_before = 0;
    if (level < level_.load(std::memory_order_relaxed) || !spend(index, suppressed_before)) {
        return;
    }
    put_suppressed(index, suppressed_before);
    put(level, kinds[index].name, fields, more);
}

// False when the event has had its lines of this second. `suppressed_before`: how many lines went
// so before, of which nothing has been said yet.
bool Log::spend(std::size_t event, std::uint32_t& suppressed_before) noexcept {
    const std::lock_guard lock(budgets_mutex_);
    suppressed_before = renew(event);
    Budget& budget = budgets_[event];
    if (budget.line_count == kinds[event].lines_per_second) {
        ++budget.suppressed_count;
        return false;
    }
    ++budget.line_count;
    return true;
}

// Begins another second, if it is one; returns what the one before has suppressed.
std::uint32_t Log::renew(std::size_t event) noexcept {
    const std::uint64_t second = monotonic_ns() / 1'000'000'000;
    Budget& budget = budgets_[event];
    return budget.second == second
               ? 0
               : std::exchange(budget, Budget{.second = second}).suppressed_count;
}

void Log::tell_suppressed() noexcept {
    for (std::size_t event = 0; event < log_event_count; ++event) {
        std::uint32_t count = 0;
        {
            const std::lock_guard lock(budgets_mutex_);
            count = renew(event);
        }
        put_suppressed(event, count);
    }
}

void Log::put_suppressed(std::size_t event, std::uint32_t count) noexcept {
    if (count != 0) {
        put(LogLevel::warning, "suppressed", {{"kind", kinds[event].name}, {"lines", count}}, {});
    }
}

void Log::put(LogLevel level, std::string_view event, LogFields fields, LogFields more) noexcept {
    LogLine line(format_);
    line.add({"event", event});
    for (const LogFields list : {fields, more}) {
        for (const LogField& field : list) {
            line.add(field);
        }
    }
    writer_->put(level, line.view());
}

std::uint64_t Log::dropped_count() const noexcept {
    return writer_->dropped_count();
}

}  // namespace tc
