// SPDX-License-Identifier: MIT
//
// A set of time intervals, asked in O(log n) which of them lie before or may touch a span.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace tc::test {

struct Interval {
    std::uint64_t called_ns = 0;
    std::uint64_t returned_ns = 0;
    std::size_t id = 0;  // the caller's
};

class Intervals {
 public:
    static constexpr std::size_t none = SIZE_MAX;

    void add(const Interval& interval) { by_call_.push_back(interval); }

    // Between the last add() and the first question.
    void seal() {
        std::ranges::sort(by_call_, {}, &Interval::called_ns);
        std::uint64_t latest_return = 0;
        for (const Interval& interval : by_call_) {
            latest_return = std::max(latest_return, interval.returned_ns);
            latest_return_up_to_.push_back(latest_return);
        }
        by_return_.resize(by_call_.size());
        for (std::size_t i = 0; i < by_return_.size(); ++i) {
            by_return_[i] = i;
        }
        std::ranges::sort(by_return_, {}, [&](std::size_t i) { return by_call_[i].returned_ns; });
        std::size_t latest = 0;
        for (const std::size_t index : by_return_) {
            latest = std::max(latest, index);  // indices are in the order of calls
            latest_call_up_to_.push_back(latest);
        }
    }

    [[nodiscard]] const Interval& operator[](std::size_t index) const { return by_call_[index]; }
    [[nodiscard]] std::size_t size() const { return by_call_.size(); }

    // Of those that returned before `time_ns`, the one called last; none if there is none.
    [[nodiscard]] std::size_t last_before(std::uint64_t time_ns) const {
        const auto end = std::ranges::lower_bound(by_return_, time_ns, {}, [&](std::size_t index) {
            return by_call_[index].returned_ns;
        });
        const auto count = static_cast<std::size_t>(end - by_return_.begin());
        return count == 0 ? none : latest_call_up_to_[count - 1];
    }
    // Whether one lies wholly between.
    [[nodiscard]] bool has_between(std::uint64_t begin_ns, std::uint64_t end_ns) const {
        const std::size_t last = last_before(end_ns);
        return last != none && by_call_[last].called_ns > begin_ns;
    }
    // Whether one may have taken effect after begin_ns and before end_ns.
    [[nodiscard]] bool has_within(std::uint64_t begin_ns, std::uint64_t end_ns) const {
        const std::size_t count = count_called_before(end_ns);
        return count != 0 && latest_return_up_to_[count - 1] > begin_ns;
    }
    // The same, without that one. REQUIRES: it is called at begin_ns or later.
    [[nodiscard]] bool has_other_within(std::uint64_t begin_ns, std::uint64_t end_ns,
                                        std::size_t index) const {
        assert(by_call_[index].called_ns >= begin_ns);
        return (index != 0 && latest_return_up_to_[index - 1] > begin_ns) ||
               count_called_before(end_ns) > index + 1;
    }
    [[nodiscard]] std::size_t count_called_before(std::uint64_t time_ns) const {
        return static_cast<std::size_t>(
            std::ranges::lower_bound(by_call_, time_ns, {}, &Interval::called_ns) -
            by_call_.begin());
    }

 private:
    std::vector<Interval> by_call_;
    std::vector<std::uint64_t> latest_return_up_to_;
    std::vector<std::size_t> by_return_;
    std::vector<std::size_t> latest_call_up_to_;
};

}  // namespace tc::test
