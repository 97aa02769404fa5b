// SPDX-License-Identifier: MIT
#include "bench/workload.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

namespace tc::bench::test {
namespace {

const Workload& workload_named(std::string_view name) {
    const auto all = workloads();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const Workload& each) { return each.name == name; });
    REQUIRE(found != all.end());
    return *found;
}

}  // namespace

TEST_CASE("values have the mean size of their workload", "[bench]") {
    for (const Workload& workload : workloads()) {
        CAPTURE(workload.name);
        double sum = 0;
        for (std::uint64_t key = 0; key < 100'000; ++key) {
            const std::uint32_t size = workload.value_bytes(key);
            REQUIRE((size >= 1 && size <= workload.value_bytes_max()));
            sum += size;
        }
        CHECK(sum / 100'000 == Approx(workload.value_bytes_mean).epsilon(0.01));
        CHECK(workload.key_bytes >= 16);
    }
}

TEST_CASE("keys have texts of their size, each its own", "[bench]") {
    std::set<std::string> texts;
    std::string text;
    for (std::uint64_t key = 0; key < 10'000; ++key) {
        write_key(key, 18, text);
        REQUIRE(text.size() == 18);
        texts.insert(text);
    }
    CHECK(texts.size() == 10'000);
    write_key(0x123456789abcdef0, 18, text);
    CHECK(text == "kk123456789abcdef0");
    write_key(0xabc, 2, text);
    CHECK(text == "bc");
}

TEST_CASE("a stream is the same for the same seed, and writes its share", "[bench]") {
    const Workload& workload = workload_named("twitter c37");
    RequestStream stream(workload, 1'000, 1);
    RequestStream same(workload, 1'000, 1);
    RequestStream other(workload, 1'000, 2);
    int write_count = 0;
    int differing_count = 0;
    for (int i = 0; i < 100'000; ++i) {
        const Request request = stream.next();
        const Request twin = same.next();
        REQUIRE((request.key == twin.key && request.is_write == twin.is_write));
        REQUIRE((request.key >= 1 && request.key <= 10'000));
        write_count += request.is_write ? 1 : 0;
        differing_count += other.next().key == request.key ? 0 : 1;
    }
    CHECK(write_count == Approx(37'000).epsilon(0.03));
    CHECK(differing_count > 90'000);
}

TEST_CASE("scans are three in ten requests, of keys never seen before", "[bench]") {
    RequestStream stream(workload_named("zipf 1.0 + scans"), 1'000, 1);
    std::uint64_t scanned_count = 0;
    for (int i = 0; i < 1'000'000; ++i) {
        const std::uint64_t key = stream.next().key;
        if (key > 10'000) {
            ++scanned_count;
            REQUIRE(key == 10'000 + scanned_count);
        }
    }
    CHECK(scanned_count == Approx(300'000).epsilon(0.1));
}

TEST_CASE("a loop is a quarter longer than the cache", "[bench]") {
    RequestStream stream(workload_named("loop of 1.25"), 1'000, 1);
    for (std::uint64_t i = 0; i < 3'000; ++i) {
        REQUIRE(stream.next().key == i % 1'250);
    }
}

}  // namespace tc::bench::test
