// SPDX-License-Identifier: MIT
#include "store/reservation.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <new>

#include "failing.hpp"
#include "support/process_memory.hpp"

namespace tc::test {
namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20;

bool is_zero(const char* from, std::size_t bytes) {
    return std::all_of(from, from + bytes, [](char byte) { return byte == 0; });
}

}  // namespace

TEST_CASE("addresses cost nothing until memory is put behind them", "[store][reservation]") {
    const std::uint64_t resident = process_bytes(getpid(), "VmRSS:");
    Reservation reservation(std::size_t{8} << 30);
    CHECK(reservation.committed_bytes() == 0);
    REQUIRE(reservation.commit(64 * mebibyte));
    CHECK(process_bytes(getpid(), "VmRSS:") < resident + 8 * mebibyte);
    CHECK(is_zero(reservation.begin(), 64 * mebibyte));
}

TEST_CASE("a reservation grows in place, in whole steps", "[store][reservation]") {
    Reservation reservation(mebibyte + 1);
    CHECK(reservation.size() == mebibyte + Reservation::commit_step_bytes);
    char* const begin = reservation.begin();
    REQUIRE(reservation.commit(1));
    CHECK(reservation.committed_bytes() == Reservation::commit_step_bytes);
    begin[Reservation::commit_step_bytes - 1] = 'x';
    REQUIRE(reservation.commit(Reservation::commit_step_bytes));
    CHECK(reservation.committed_bytes() == Reservation::commit_step_bytes);
    REQUIRE(reservation.commit(reservation.size()));
    CHECK(reservation.begin() == begin);
    CHECK(begin[Reservation::commit_step_bytes - 1] == 'x');
    begin[reservation.size() - 1] = 'y';
    CHECK_FALSE(reservation.commit(reservation.size() + 1));
    CHECK(reservation.committed_bytes() == reservation.size());
}

TEST_CASE("what is given back is whole pages, and reads as zeros", "[store][reservation]") {
    constexpr std::size_t page = Reservation::page_bytes;
    Reservation reservation(mebibyte);
    REQUIRE(reservation.commit(mebibyte));
    char* const begin = reservation.begin();
    std::fill_n(begin, mebibyte, 'x');
    const auto is_kept = [begin](std::size_t from, std::size_t to) {
        return std::all_of(begin + from, begin + to, [](char byte) { return byte == 'x'; });
    };
    reservation.give_back(1, page);
    CHECK(is_kept(0, mebibyte));
    reservation.give_back(page - 1, page + 1);
    CHECK(is_kept(0, page));
    CHECK(is_zero(begin + page, page));
    CHECK(is_kept(2 * page, mebibyte));
    reservation.give_back(4 * page, 2 * mebibyte);
    CHECK(is_kept(2 * page, 4 * page));
    CHECK(is_zero(begin + 4 * page, mebibyte - 4 * page));
    begin[5 * page] = 'z';
    CHECK(begin[5 * page] == 'z');
    CHECK(reservation.committed_bytes() == mebibyte);
}

TEST_CASE("memory that was given back is the system's", "[store][reservation]") {
    constexpr std::size_t bytes = 64 * mebibyte;
    Reservation reservation(bytes);
    REQUIRE(reservation.commit(bytes));
    std::fill_n(reservation.begin(), bytes, 'x');
    const std::uint64_t resident = process_bytes(getpid(), "VmRSS:");
    reservation.give_back(0, bytes);
    CHECK(process_bytes(getpid(), "VmRSS:") + bytes - 8 * mebibyte < resident);
}

TEST_CASE("memory that is locked cannot be given back, but reads as zeros",
          "[store][reservation]") {
    Reservation reservation(mebibyte);
    REQUIRE(reservation.commit(mebibyte));
    std::fill_n(reservation.begin(), mebibyte, 'x');
    // Where locking is not allowed, this is the test before once more.
    static_cast<void>(mlock(reservation.begin(), Reservation::page_bytes));
    reservation.give_back(0, mebibyte);
    CHECK(is_zero(reservation.begin(), mebibyte));
}

TEST_CASE("a reservation that gets no memory stays as it is", "[store][reservation][faults]") {
    Reservation reservation(mebibyte);
    REQUIRE(reservation.commit(1));
    {
        const Failing failing(1);
        CHECK_FALSE(reservation.commit(mebibyte));
        CHECK(reservation.commit(Reservation::commit_step_bytes));
    }
    CHECK(reservation.committed_bytes() == Reservation::commit_step_bytes);
    CHECK(reservation.commit(mebibyte));
}

TEST_CASE("more addresses than there are cannot be had", "[store][reservation]") {
    CHECK_THROWS_AS(Reservation(std::size_t{1} << 60), std::bad_alloc);
}

}  // namespace tc::test
