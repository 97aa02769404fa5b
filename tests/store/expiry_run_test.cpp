// SPDX-License-Identifier: MIT
//
// Millions of operations on entries that expire, by two sessions whose clocks differ: no read is a
// hit at or after the deadline, and none is a miss before it, by the greatest clock so far.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "model_run.hpp"

namespace tc::test {
namespace {

// Ten million where they take seconds.
#if defined(TC_SANITIZED) || !defined(__OPTIMIZE__)
constexpr std::uint64_t operation_count = 500'000;
#else
constexpr std::uint64_t operation_count = 10'000'000;
#endif

constexpr std::uint64_t never = UINT64_MAX;
constexpr std::uint64_t clock_skew_ms_max = 50;

class ExpiryRun {
 public:
    explicit ExpiryRun(std::uint64_t seed)
        : random_(seed), store_({.stripe_count = 4, .hash_seed = seed | 1}) {
        for (std::size_t number = 0; number < deadlines_.size(); ++number) {
            keys_.push_back("k" + std::to_string(number));
        }
    }

    void step() {
        Session& session = sessions_.at(below(2));
        time_ms_ += one_in(8) ? below(4) : 0;
        time_ms_ += one_in(20'000) ? below(100'000) : 0;
        const std::uint64_t clock_ms = time_ms_ - below(clock_skew_ms_max + 1);
        const Turn turn(session, clock_ms);
        now_max_ms_ = std::max(now_max_ms_, clock_ms);
        const std::size_t number = below(keys_.size());
        switch (below(16)) {
            case 0:
            case 1:
            case 2: write(session, number); break;
            case 3: touch(session, number); break;
            case 4: read_and_touch(session, number); break;
            case 5: increment(session, number); break;
            case 6: static_cast<void>(store_.upkeep(session, 0, 1, budget())); break;
            default: read(session, number); break;
        }
    }

    std::uint64_t early_count = 0;
    std::uint64_t late_count = 0;
    std::uint64_t hit_count = 0;
    std::uint64_t expired_read_count = 0;
    std::uint64_t wrong_ttl_count = 0;
    std::uint64_t refused_count = 0;

    void check_invariants() const { store_.check_invariants(); }

 private:
    [[nodiscard]] std::uint64_t below(std::uint64_t end) { return random_() % end; }
    [[nodiscard]] bool one_in(std::uint64_t n) { return below(n) == 0; }
    [[nodiscard]] std::uint32_t budget() { return static_cast<std::uint32_t>(below(64)); }
    [[nodiscard]] std::uint64_t random_ttl() {
        static constexpr std::array<std::uint64_t, 8> ends{2, 10, 60, 100, 600, 5000, 40'000, 1};
        return below(ends.at(below(ends.size())));
    }
    // 0 = it is not there, or has expired.
    [[nodiscard]] bool is_there(std::size_t number) const {
        return deadlines_.at(number) > now_max_ms_;
    }
    void set_deadline(std::size_t number, std::uint64_t ttl_ms) {
        deadlines_.at(number) = ttl_ms == 0 ? never : now_max_ms_ + ttl_ms;
    }
    void judge(const EntryView& view, std::size_t number, bool was_there) {
        hit_count += view ? 1 : 0;
        late_count += view && !was_there ? 1 : 0;
        early_count += !view && was_there ? 1 : 0;
        expired_read_count += !was_there && deadlines_.at(number) != 0 ? 1 : 0;
        if (view && was_there) {
            const std::uint64_t deadline = deadlines_.at(number);
            wrong_ttl_count += view.ttl_ms() != (deadline == never ? 0 : deadline - now_max_ms_);
        }
    }
    void judge(bool is_found, bool was_there) {
        late_count += is_found && !was_there ? 1 : 0;
        early_count += !is_found && was_there ? 1 : 0;
    }

    void write(Session& session, std::size_t number) {
        const std::uint64_t ttl_ms = random_ttl();
        const WriteRequest request{.key = keys_.at(number), .value = "1", .ttl_ms = ttl_ms};
        refused_count += store_.write(session, request).outcome != Outcome::ok ? 1 : 0;
        set_deadline(number, ttl_ms);
    }
    void read(Session& session, std::size_t number) {
        judge(store_.get(session, keys_.at(number)), number, is_there(number));
    }
    void read_and_touch(Session& session, std::size_t number) {
        const std::uint64_t ttl_ms = random_ttl();
        const bool was_there = is_there(number);
        const EntryView view = store_.get_and_touch(session, keys_.at(number), ttl_ms);
        if (was_there) {
            set_deadline(number, ttl_ms);
        }
        judge(view, number, was_there);
    }
    void touch(Session& session, std::size_t number) {
        const std::uint64_t ttl_ms = random_ttl();
        const bool was_there = is_there(number);
        const Outcome outcome = store_.touch(session, keys_.at(number), ttl_ms, std::nullopt);
        judge(outcome == Outcome::ok, was_there);
        if (was_there) {
            set_deadline(number, ttl_ms);
        }
    }
    // Of an absent one the number begins again.
    void increment(Session& session, std::size_t number) {
        const std::uint64_t ttl_ms = random_ttl();
        const bool was_there = is_there(number);
        const IncrementResult result =
            store_.increment(session, {.key = keys_.at(number), .amount = 1, .ttl_ms = ttl_ms});
        judge(result.value != 1, was_there);
        set_deadline(number, ttl_ms);
    }

    std::mt19937_64 random_;
    Store store_;
    std::array<Session, 2> sessions_{Session(store_), Session(store_)};
    std::vector<std::string> keys_;
    std::array<std::uint64_t, 512> deadlines_{};  // 0 = it was never there
    std::uint64_t time_ms_ = 1000;
    std::uint64_t now_max_ms_ = 0;
};

}  // namespace

TEST_CASE("no read is early or late, by sessions whose clocks differ", "[store][expiry]") {
    const std::uint64_t seed = ModelRun::seed_of_run("expiry run");
    INFO("TC_TEST_SEED=" << seed);
    ExpiryRun run(seed);
    for (std::uint64_t operation = 0; operation < operation_count; ++operation) {
        run.step();
    }
    CHECK(run.early_count == 0);
    CHECK(run.late_count == 0);
    CHECK(run.wrong_ttl_count == 0);
    CHECK(run.refused_count == 0);
    CHECK(run.hit_count > operation_count / 10);
    CHECK(run.expired_read_count > operation_count / 100);
    run.check_invariants();
}

}  // namespace tc::test
