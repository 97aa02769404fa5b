// SPDX-License-Identifier: MIT
#include "store/slot_queue.hpp"

#include <catch2/catch.hpp>
#include <deque>
#include <random>
#include <utility>

#include "failing.hpp"

namespace tc::test {
namespace {

void fill(SlotQueue& queue, std::uint32_t begin, std::uint32_t end) {
    for (std::uint32_t slot = begin; slot < end; ++slot) {
        REQUIRE(queue.push_back(slot));
    }
}

void expect(SlotQueue& queue, std::uint32_t begin, std::uint32_t end) {
    for (std::uint32_t slot = begin; slot < end; ++slot) {
        REQUIRE(queue.front() == slot);
        REQUIRE(queue.pop_front() == slot);
    }
}

}  // namespace

TEST_CASE("slots leave a queue in the order they came", "[store][slot_queue]") {
    SlotQueue queue;
    CHECK(queue.is_empty());
    CHECK(queue.bytes() == 0);
    fill(queue, 0, 1000);
    CHECK(queue.count() == 1000);
    expect(queue, 0, 990);
    fill(queue, 1000, 1010);
    expect(queue, 990, 1010);
    CHECK(queue.is_empty());
}

TEST_CASE("a queue takes 4.2 bytes a slot and gives them back", "[store][slot_queue]") {
    SlotQueue queue;
    fill(queue, 0, 100'000);
    CHECK(queue.bytes() >= 400'000);
    CHECK(queue.bytes() <= 420'000);
    expect(queue, 0, 99'900);
    CHECK(queue.bytes() <= 2'000);
    queue.clear();
    CHECK(queue.bytes() == 0);
    CHECK(queue.is_empty());
    fill(queue, 0, 10);
    expect(queue, 0, 10);
}

TEST_CASE("a queue that is never long allocates no more", "[store][slot_queue]") {
    SlotQueue queue;
    fill(queue, 0, 1);
    const std::uint64_t count_before = allocation_count();
    for (std::uint32_t slot = 1; slot < 10'000; ++slot) {
        REQUIRE(queue.pop_front() == slot - 1);
        REQUIRE(queue.push_back(slot));
    }
    CHECK(allocation_count() == count_before);
}

TEST_CASE("a queue moves as a whole", "[store][slot_queue]") {
    SlotQueue source;
    fill(source, 0, 300);
    const std::uint64_t bytes = source.bytes();
    SlotQueue target(std::move(source));
    CHECK(target.bytes() == bytes);
    SlotQueue other;
    fill(other, 7, 9);
    other = std::move(target);
    CHECK(other.count() == 300);
    expect(other, 0, 300);
}

TEST_CASE("a queue without memory keeps what it has", "[store][slot_queue]") {
    SlotQueue queue;
    {
        const Failing failing(1);
        CHECK_FALSE(queue.push_back(1));
        CHECK_FALSE(queue.ensure_room());
        CHECK(queue.bytes() == 0);
    }
    fill(queue, 0, 1);
    std::uint32_t end = 1;
    {
        const Failing failing(1);
        while (queue.push_back(end)) {
            ++end;
        }
    }
    CHECK(queue.count() == end);
    fill(queue, end, end + 500);
    expect(queue, 0, end + 500);
}

TEST_CASE("a push after ensure_room() cannot fail", "[store][slot_queue]") {
    SlotQueue queue;
    for (std::uint32_t length = 1; length < 400; ++length) {
        fill(queue, 0, length);
        REQUIRE(queue.ensure_room());
        // Once as a rotation, and once after it has run empty.
        const std::uint32_t popped_count = length % 2 == 0 ? 1 : length;
        expect(queue, 0, popped_count);
        {
            const Failing failing(1);
            REQUIRE(queue.push_back(length));
        }
        expect(queue, popped_count, length + 1);
        REQUIRE(queue.is_empty());
    }
}

TEST_CASE("a slot queue does what a deque does", "[store][slot_queue]") {
    std::mt19937 random(42);
    SlotQueue queue;
    std::deque<std::uint32_t> model;
    for (std::uint32_t step = 0; step < 300'000; ++step) {
        const bool grows = random() % 8 < (step / 50'000 % 2 == 1 ? 3U : 5U);
        if (grows || model.empty()) {
            const auto slot = static_cast<std::uint32_t>(random());
            REQUIRE(queue.push_back(slot));
            model.push_back(slot);
        } else {
            REQUIRE(queue.pop_front() == model.front());
            model.pop_front();
        }
        REQUIRE(queue.count() == model.size());
        if (random() % 20'000 == 0) {
            queue.clear();
            model.clear();
            REQUIRE(queue.bytes() == 0);
        }
    }
}

}  // namespace tc::test
