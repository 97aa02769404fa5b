// SPDX-License-Identifier: MIT
//
// What a few operations of a few threads answered, and whether there is an order in which a state
// without threads answers the same: one in which no operation comes before another that had ended
// when it began (Herlihy and Wing, "Linearizability", 1990). All orders are tried, so it is for a
// dozen operations.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace tc::test {

template <typename State>
class History {
 public:
    // Does the operation to the state, and says whether the answer would have been the same.
    using Step = std::function<bool(State&)>;

    void add(std::uint64_t begin, std::uint64_t end, Step step) {
        operations_.push_back({.begin = begin, .end = end, .step = std::move(step)});
    }

    [[nodiscard]] bool is_linearizable(const State& first) const { return can_go_on(first, 0); }

 private:
    struct Operation {
        std::uint64_t begin;
        std::uint64_t end;
        Step step;
    };

    // `done` has a bit for each operation that was tried already.
    [[nodiscard]] bool can_go_on(const State& state, std::uint32_t done) const {
        std::uint64_t first_end = UINT64_MAX;
        for (std::size_t index = 0; index < operations_.size(); ++index) {
            if (!is_in(done, index)) {
                first_end = std::min(first_end, operations_[index].end);
            }
        }
        for (std::size_t index = 0; index < operations_.size(); ++index) {
            const Operation& operation = operations_[index];
            if (is_in(done, index) || operation.begin > first_end) {
                continue;
            }
            State next = state;
            if (operation.step(next) && can_go_on(next, done | 1U << index)) {
                return true;
            }
        }
        return first_end == UINT64_MAX;
    }
    [[nodiscard]] static bool is_in(std::uint32_t done, std::size_t index) {
        return (done >> index & 1) != 0;
    }

    std::vector<Operation> operations_;
};

}  // namespace tc::test
