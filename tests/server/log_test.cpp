// SPDX-License-Identifier: MIT
//
// The log: what a line looks like, what is cut, escaped, suppressed and dropped, and that nobody
// ever waits for it.
#include "server/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <simdjson.h>
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "server/clock.hpp"
#include "server/log_line.hpp"
#include "support/eventually.hpp"
#include "support/running_server.hpp"
#include "support/server_stats.hpp"
#include "support/wire_client.hpp"

using namespace tc::test;

namespace {

std::string line_of(tc::LogFormat format, tc::LogFields fields) {
    tc::LogLine line(format);
    for (const tc::LogField& field : fields) {
        line.add(field);
    }
    return std::string(line.view());
}

std::string text_line(tc::LogFields fields) {
    return line_of(tc::LogFormat::text, fields);
}

std::string json_line(tc::LogFields fields) {
    return line_of(tc::LogFormat::json, fields);
}

// What a log writes, through a pipe.
class PipedLog {
 public:
    explicit PipedLog(tc::LogFormat format = tc::LogFormat::text,
                      std::size_t lines_waiting_max = 1024) {
        REQUIRE(pipe2(fds_.data(), O_CLOEXEC) == 0);
        log_ = std::make_unique<tc::Log>(tc::LogLevel::info, format, fds_[1], lines_waiting_max);
    }
    PipedLog(const PipedLog&) = delete;
    PipedLog& operator=(const PipedLog&) = delete;
    ~PipedLog() { close(fds_[0]); }

    tc::Log& log() { return *log_; }
    void forget() { log_.reset(); }
    // Leaves no room in the pipe.
    void fill() {
        fcntl(fds_[1], F_SETFL, O_NONBLOCK);
        while (write(fds_[1], "x", 1) == 1) {
        }
        fcntl(fds_[1], F_SETFL, 0);
    }
    // The lines, once the log is gone.
    std::vector<std::string> end() {
        forget();
        close(fds_[1]);
        std::vector<std::string> lines(1);
        char byte = 0;
        while (read(fds_[0], &byte, 1) == 1) {
            if (byte == '\n') {
                lines.emplace_back();
            } else {
                lines.back() += byte;
            }
        }
        lines.pop_back();
        return lines;
    }

 private:
    std::array<int, 2> fds_{};
    std::unique_ptr<tc::Log> log_;
};

}  // namespace

TEST_CASE("words stand in a line as they are, and everything else in quotes", "[log]") {
    CHECK(text_line({{"event", "x"}, {"n", 5U}, {"key", "a:b/c"}}) == "event=x n=5 key=a:b/c");
    CHECK(text_line({{"a", ""}, {"b", "two words"}, {"c", "x=y"}}) ==
          R"(a="" b="two words" c="x=y")");
    CHECK(text_line({{"a", "say \"hi\" \\o/"}}) == R"(a="say \"hi\" \\o/")");
    CHECK(json_line({{"event", "x"}, {"n", 5U}, {"b", "two words"}}) ==
          R"("event":"x","n":5,"b":"two words")");
}

TEST_CASE("no byte of a user ends a line, or is anything but printable ASCII", "[log]") {
    CHECK(text_line({{"k", "a\nevent=listening \x1B[2J\xFF"}}) ==
          R"(k="a\x0aevent=listening \x1b[2J\xff")");
    CHECK(json_line({{"k", "a\n\"\\\xFF"}}) == R"("k":"a\\x0a\"\\\\\\xff")");
    std::string all;
    for (int byte = 0; byte < 256; ++byte) {
        all += static_cast<char>(byte);
    }
    for (const std::string& line : {text_line({{"k", all, 256}}), json_line({{"k", all, 256}})}) {
        CHECK(std::ranges::all_of(line, [](char byte) { return byte >= ' ' && byte <= '~'; }));
    }
}

TEST_CASE("what users chose is cut at 128 bytes, and a line has whole fields only", "[log]") {
    CHECK(text_line({{"k", std::string(128, 'x')}}) == "k=" + std::string(128, 'x'));
    CHECK(text_line({{"k", std::string(129, 'x')}}) == "k=" + std::string(128, 'x') + "...");
    const std::string worst(512, '\xFF');
    const tc::LogField field("k", worst, 512);
    const std::string line = text_line({{"a", "b"}, field, field, {"n", 1U}});
    CHECK(line == text_line({{"a", "b"}, field}));
    CHECK(line.size() < 4000);
}

TEST_CASE("a line has a time, a level and an event, as text and as JSON", "[log]") {
    PipedLog text;
    text.log().write(tc::LogLevel::warning, tc::LogEvent::warning, {{"reason", "too hot"}});
    CHECK_THAT(text.end().at(0),
               Catch::Matches(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warning event=warning )"
                              R"(reason="too hot")"));
    PipedLog json(tc::LogFormat::json);
    json.log().write(tc::LogLevel::error, tc::LogEvent::warning, {{"reason", "\xFF\n"}},
                     {{"n", 7U}});
    simdjson::dom::parser parser;
    const simdjson::dom::element line = parser.parse(json.end().at(0));
    CHECK(std::string(line["level"].get_c_str()) == "error");
    CHECK(std::string(line["event"].get_c_str()) == "warning");
    CHECK(std::string(line["reason"].get_c_str()) == R"(\xff\x0a)");
    CHECK(line["n"].get_uint64().value() == 7);
}

TEST_CASE("what is below the level is not written", "[log]") {
    PipedLog piped;
    piped.log().write(tc::LogLevel::debug, tc::LogEvent::warning, {});
    piped.log().set_level(tc::LogLevel::error);
    piped.log().write(tc::LogLevel::warning, tc::LogEvent::warning, {});
    piped.log().write(tc::LogLevel::error, tc::LogEvent::warning, {{"n", 1U}});
    piped.log().set_level(tc::LogLevel::off);
    piped.log().write(tc::LogLevel::error, tc::LogEvent::warning, {});
    const auto lines = piped.end();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].ends_with(" error event=warning n=1"));
}

TEST_CASE("a kind of event has its lines of a second, and the rest is told as a number", "[log]") {
    PipedLog piped;
    const auto second = [] { return tc::monotonic_ns() / 1'000'000'000; };
    // A whole one, for which nothing of the last one's rest is left.
    const std::uint64_t before = second();
    while (second() == before) {
    }
    const std::uint64_t first = second();
    while (second() == first) {
        piped.log().write(tc::LogLevel::info, tc::LogEvent::warning, {});
    }
    piped.log().write(tc::LogLevel::info, tc::LogEvent::stopped, {});
    piped.log().write(tc::LogLevel::info, tc::LogEvent::warning, {});
    const auto lines = piped.end();
    const auto count_of = [&](const std::string& text) {
        return std::ranges::count_if(
            lines, [&](const std::string& line) { return line.find(text) != std::string::npos; });
    };
    CHECK(count_of(" event=warning") <= 20);
    CHECK(count_of(" event=suppressed kind=warning lines=") == 1);
    CHECK(count_of(" event=stopped") == 1);
}

TEST_CASE("nobody waits for a reader who does not read, and lines that are lost are counted",
          "[log]") {
    PipedLog piped(tc::LogFormat::text, 4);
    piped.fill();
    const std::string reason(500, 'r');
    const auto write_all_kinds = [&] {
        for (std::size_t event = 0; event < tc::log_event_count; ++event) {
            piped.log().write(tc::LogLevel::info, static_cast<tc::LogEvent>(event),
                              {{"reason", reason, tc::LogField::own_bytes_max}});
        }
        return piped.log().dropped_count() != 0;
    };
    CHECK(eventually(write_all_kinds));
    piped.forget();  // ends it, although nobody has read
}

TEST_CASE("a server that logs JSON says each line so, and STATS tells that none was lost",
          "[log]") {
    RunningServer server({"--log-format", "json"});
    simdjson::dom::parser parser;
    const simdjson::dom::element line = parser.parse(server.start_line());
    CHECK(std::string(line["event"].get_c_str()) == "listening");
    CHECK(line["process_id"].get_uint64().value() == static_cast<std::uint64_t>(server.pid()));
    auto client = WireClient::greeted(server.port());
    CHECK(fields_of(client, WIRE_OP_STATS).numbers.at("log_lines_dropped") == 0);
}
