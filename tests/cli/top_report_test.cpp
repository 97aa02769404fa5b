// SPDX-License-Identifier: MIT
//
// What `tagcache top` makes of two samples, without a server and without a terminal.
#include "cli/top_report.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace tc;

namespace {

constexpr std::size_t unlimited = SIZE_MAX;

Field number_field(const char* name, std::uint64_t number) {
    return {.name = name, .type = TAGCACHE_FIELD_U64, .u64 = number, .text = ""};
}

Field text_field(const char* name, const char* text) {
    return {.name = name, .type = TAGCACHE_FIELD_TEXT, .text = text};
}

TopSample first_sample() {
    TopSample sample;
    sample.taken_at = std::chrono::steady_clock::time_point(std::chrono::seconds(100));
    sample.address = "tagcache://cache-1:1984";
    sample.info = {text_field("version", "0.1.0"), number_field("uptime_ms", 60'000),
                   number_field("memory_bytes_max", 4096)};
    sample.stats = {number_field("requests", 1000),       number_field("hits", 500),
                    number_field("misses", 500),          number_field("evicted", 10),
                    number_field("input_bytes", 10'000),  number_field("used_bytes", 1024),
                    number_field("key_bytes", 512),       text_field("read_latency_us", "4:1000"),
                    text_field("write_latency_us", "9:1")};
    sample.clients = {{1, "10.0.0.1:1", "web", 600}, {2, "10.0.0.2:1", "cron", 400}};
    return sample;
}

// Two seconds later.
TopSample second_sample() {
    TopSample sample = first_sample();
    sample.taken_at += std::chrono::seconds(2);
    sample.stats = {
        number_field("requests", 1400),       number_field("hits", 590),
        number_field("misses", 510),          number_field("evicted", 10),
        number_field("input_bytes", 14'096),  number_field("used_bytes", 2048),
        number_field("key_bytes", 512),       text_field("read_latency_us", "4:1090 64:10"),
        text_field("write_latency_us", "9:1")};
    sample.hot_keys = {{"page:/", 70}, {"\x1B[2J\xFF", 3}};
    sample.hot_tags = {{"product:7", 40}};
    sample.clients = {
        {1, "10.0.0.1:1", "web", 620}, {2, "10.0.0.2:1", "cron", 400}, {3, "10.0.0.3:1", "", 380}};
    return sample;
}

std::string text_of(const std::vector<TopLine>& lines) {
    std::string text;
    for (const TopLine& line : lines) {
        text += line.text + '\n';
    }
    return text;
}

}  // namespace

TEST_CASE("top shows what happened between two samples, a second", "[cli][top]") {
    const TopSample before = first_sample();
    const TopSample now = second_sample();
    const TopInterval interval(before, now);
    CHECK(interval.seconds() == 2);
    CHECK(interval.growth("requests") == 400);
    CHECK(interval.rate_per_s("requests") == 200);
    CHECK(interval.rate_per_s("evicted") == 0);
    CHECK(interval.rate_per_s("no_such_counter") == 0);
    CHECK(interval.hit_ratio() == 0.9);
    CHECK(interval.latency(request_classes[0]).count() == 100);
    CHECK(interval.latency(request_classes[0]).quantile_us(0.5) == 4);
    CHECK(interval.latency(request_classes[0]).quantile_us(0.99) == 64);
    CHECK(interval.latency(request_classes[1]).count() == 0);
    const std::vector<ClientRate> clients = interval.busiest_clients(10);
    REQUIRE(clients.size() == 2);
    CHECK(clients[0].client.id == 3);
    CHECK(clients[0].rate_per_s == 190);
    CHECK(clients[1].client.id == 1);
    CHECK(clients[1].rate_per_s == 10);
    CHECK(interval.busiest_clients(1).size() == 1);
}

TEST_CASE("top survives a server that was started anew, and no time at all", "[cli][top]") {
    const TopSample before = second_sample();
    TopSample now = first_sample();
    now.taken_at = before.taken_at + std::chrono::seconds(1);
    const TopInterval restarted(before, now);
    CHECK(restarted.growth("requests") == 1000);
    CHECK(restarted.latency(request_classes[0]).count() == 1000);
    CHECK(restarted.busiest_clients(10).at(0).rate_per_s == 600);
    const TopInterval nothing(now, now);
    CHECK(nothing.rate_per_s("requests") == 0);
    CHECK_FALSE(nothing.hit_ratio().has_value());
    CHECK(nothing.busiest_clients(10).empty());
    CHECK_THAT(text_of(top_lines(nothing, {80, 24}, 10)), Catch::Contains("hit ratio none"));
}

TEST_CASE("top's lines have figures, percentiles, memory by kind and names", "[cli][top]") {
    const TopSample before = first_sample();
    const TopSample now = second_sample();
    const std::string text =
        text_of(top_lines(TopInterval(before, now), {unlimited, unlimited}, 10));
    for (const char* line : {
             "tagcache://cache-1:1984  version 0.1.0  up for 1 min  last 2.00 s\n",
             "\nrequests 200/s  hit ratio 90.0 %  in 2.0 KiB/s  out 0 B/s  connections 0\n",
             "\nmemory 2.0 KiB of 4.0 KiB (50.0 %)\n",
             "\nkeys 512 B  values 0 B  ",
             "\nread              50/s   4.00 us   64.0 us   64.0 us   64.0 us\n",
             "\nwrite              0/s         -         -         -         -\n",
             "\nhot keys\n    70/s  page:/\n     3/s  \\x1B[2J\\xFF\nhot tags\n    40/s  "
             "product:7\n",
             "\nbusiest clients\n   190/s  10.0.0.3:1 \n    10/s  10.0.0.1:1 web\n",
         }) {
        CHECK_THAT(text, Catch::Contains(line));
    }
}

TEST_CASE("top's lines fit any screen", "[cli][top]") {
    const TopSample before = first_sample();
    TopSample now = second_sample();
    now.hot_keys.assign(50, {"\xE2\x82\xAC" + std::string(300, 'k') + "\x1B", 1});
    now.hot_tags.assign(50, {"t\xFF", 1});
    const TopInterval interval(before, now);
    for (std::size_t columns = 1; columns < 250; columns += 3) {
        for (const std::size_t line_count : {0, 1, 5, 12, 13, 20, 24, 50, 200}) {
            const std::vector<TopLine> lines = top_lines(interval, {columns, line_count}, 50);
            CHECK(lines.size() <= line_count);
            for (const TopLine& line : lines) {
                const auto character_count = static_cast<std::size_t>(
                    std::ranges::count_if(line.text, [](char c) { return (c & 0xC0) != 0x80; }));
                CHECK(character_count <= columns);
                CHECK(line.text.find('\x1B') == std::string::npos);
            }
        }
    }
}

TEST_CASE("top puts names side by side on a screen that is wide and low", "[cli][top]") {
    const TopSample before = first_sample();
    const TopSample now = second_sample();
    const TopInterval interval(before, now);
    CHECK_THAT(
        text_of(top_lines(interval, {99, 24}, 10)),
        Catch::Contains("\nhot keys                         hot tags                         "
                        "busiest clients\n    70/s  page:/                     40/s  "
                        "product:7                 190/s  10.0.0.3:1\n"));
    // Too narrow: each gets its share of what is left, headings at least.
    const std::string narrow = text_of(top_lines(interval, {80, 24}, 10));
    for (const char* line :
         {"\nhot keys\n    70/s  page:/\n", "\nhot tags\n", "\nbusiest clients\n"}) {
        CHECK_THAT(narrow, Catch::Contains(line));
    }
    CHECK_THAT(text_of(top_lines(interval, {120, 60}, 10)), Catch::Contains("\nhot tags\n"));
}
