// SPDX-License-Identifier: MIT
#include "histories/linearizability.hpp"

#include <algorithm>
#include <bitset>
#include <cassert>
#include <optional>
#include <unordered_set>

namespace tc::test {
namespace {

// What a single client would find under the key.
struct KeyState {
    std::uint64_t value = 0;  // 0 = nothing
    std::uint8_t tags = 0;
    Deadline deadline;

    [[nodiscard]] bool is_present() const { return value != 0; }
    bool operator==(const KeyState&) const = default;
};

constexpr KeyState absent;

// Each operation tells enough of what it found to leave one state behind.
std::optional<KeyState> after(const KeyState& state, const Operation& operation) {
    const bool can_be_found = state.is_present() && !state.deadline.has_surely_passed(operation);
    const bool can_be_missed = !state.is_present() || state.deadline.may_have_passed(operation);
    const auto only_if = [](bool is_possible, const KeyState& next) {
        return is_possible ? std::optional{next} : std::nullopt;
    };
    switch (operation.verb) {
        case Verb::put: return KeyState{operation.value, operation.tags, Deadline::of(operation)};
        case Verb::get:
            return operation.is_found
                       ? only_if(can_be_found && state.value == operation.value, state)
                       : only_if(can_be_missed, absent);
        case Verb::remove:
            return only_if(operation.is_found ? can_be_found : can_be_missed, absent);
        case Verb::touch:
            return operation.is_found
                       ? only_if(can_be_found, {state.value, state.tags, Deadline::of(operation)})
                       : only_if(can_be_missed, absent);
        case Verb::increment:
            return operation.value_before() == 0
                       ? only_if(can_be_missed, {operation.value, 0, {}})
                       : only_if(can_be_found && state.value == operation.value_before(),
                                 {operation.value, state.tags, state.deadline});
        case Verb::invalidate: return (state.tags & operation.tags) != 0 ? absent : state;
    }
    return std::nullopt;
}

using Done = std::bitset<key_operations_max>;

struct Tried {
    Done done;
    KeyState state;
    bool operator==(const Tried&) const = default;
};

struct TriedHash {
    std::size_t operator()(const Tried& tried) const {
        return std::hash<Done>{}(tried.done) * 31 + std::hash<std::uint64_t>{}(tried.state.value);
    }
};

// The calls and returns that are not in the order yet, by time, in a list from which a pair can be
// taken out and put back at once.
class PendingEvents {
 public:
    static constexpr std::size_t end = 0;  // also the head, so the first event follows it

    explicit PendingEvents(const History& operations) : links_(2 * operations.size() + 1) {
        std::vector<std::size_t> events(2 * operations.size());
        for (std::size_t i = 0; i < events.size(); ++i) {
            events[i] = i + 1;
        }
        const auto time = [&](std::size_t event) {
            const Operation& operation = operations[operation_of(event)];
            return is_call(event) ? operation.called_ns : operation.returned_ns;
        };
        // Of two at the same time the call goes first: they may have overlapped.
        std::ranges::sort(events, [&](std::size_t left, std::size_t right) {
            return time(left) != time(right) ? time(left) < time(right)
                                             : is_call(left) && !is_call(right);
        });
        std::size_t last = end;
        for (const std::size_t event : events) {
            links_[last].next = event;
            links_[event].previous = last;
            last = event;
        }
        links_[last].next = end;
        links_[end].previous = last;
    }

    static bool is_call(std::size_t event) { return event % 2 == 1; }
    static std::size_t operation_of(std::size_t event) { return (event - 1) / 2; }
    [[nodiscard]] std::size_t first() const { return links_[end].next; }
    [[nodiscard]] std::size_t next(std::size_t event) const { return links_[event].next; }

    void take(std::size_t call) {
        unlink(call);
        unlink(call + 1);
    }
    // REQUIRES: the pair that was taken last.
    void put_back(std::size_t call) {
        link(call + 1);
        link(call);
    }

 private:
    struct Link {
        std::size_t previous = end;
        std::size_t next = end;
    };
    void unlink(std::size_t event) {
        links_[links_[event].previous].next = links_[event].next;
        links_[links_[event].next].previous = links_[event].previous;
    }
    void link(std::size_t event) {
        links_[links_[event].previous].next = event;
        links_[links_[event].next].previous = event;
    }

    std::vector<Link> links_;
};

class Search {
 public:
    explicit Search(const History& operations) : operations_(operations), pending_(operations) {}

    LinearizabilityResult run(std::uint64_t steps_max) {
        std::size_t event = pending_.first();
        while (pending_.first() != PendingEvents::end) {
            if (++steps_ > steps_max) {
                return {Verdict::unknown, steps_, ""};
            }
            if (PendingEvents::is_call(event)) {
                event = append(event) ? pending_.first() : pending_.next(event);
            } else if (order_.empty()) {
                return {Verdict::violated, steps_, report()};
            } else {
                event = pending_.next(take_back());
            }
        }
        return {Verdict::linearizable, steps_, ""};
    }

 private:
    struct Placed {
        std::size_t call;
        KeyState before;
    };

    // Puts the operation behind the others, if it may stand there and that was not tried yet.
    bool append(std::size_t call) {
        const std::size_t number = PendingEvents::operation_of(call);
        const std::optional<KeyState> next = after(state_, operations_[number]);
        if (!next) {
            return false;
        }
        done_.set(number);
        if (!tried_.insert({done_, *next}).second) {
            done_.reset(number);
            return false;
        }
        order_.push_back({call, state_});
        state_ = *next;
        pending_.take(call);
        if (order_.size() > longest_.size()) {
            longest_ = order_;
        }
        return true;
    }

    std::size_t take_back() {
        const Placed last = order_.back();
        order_.pop_back();
        state_ = last.before;
        done_.reset(PendingEvents::operation_of(last.call));
        pending_.put_back(last.call);
        return last.call;
    }

    [[nodiscard]] std::string report() const {
        constexpr std::size_t shown_max = 12;
        const std::uint64_t origin_ns =
            std::ranges::min_element(operations_, {}, &Operation::called_ns)->called_ns;
        std::string text = "no order is possible beyond";
        Done placed;
        for (std::size_t i = 0; i < longest_.size(); ++i) {
            const std::size_t number = PendingEvents::operation_of(longest_[i].call);
            placed.set(number);
            if (i + shown_max >= longest_.size()) {
                text += "\n  " + describe(operations_[number], origin_ns);
            }
        }
        text += "\nbecause of some of";
        std::vector<const Operation*> left;
        for (std::size_t number = 0; number < operations_.size(); ++number) {
            if (!placed.test(number)) {
                left.push_back(&operations_[number]);
            }
        }
        std::ranges::sort(left, {}, [](const Operation* one) { return one->returned_ns; });
        left.resize(std::min(left.size(), shown_max));
        for (const Operation* const operation : left) {
            text += "\n  " + describe(*operation, origin_ns);
        }
        return text;
    }

    const History& operations_;
    PendingEvents pending_;
    KeyState state_;
    Done done_;
    std::vector<Placed> order_;
    std::vector<Placed> longest_;
    std::unordered_set<Tried, TriedHash> tried_;
    std::uint64_t steps_ = 0;
};

}  // namespace

LinearizabilityResult check_key(const History& operations, std::uint64_t steps_max) {
    assert(operations.size() <= key_operations_max);
    return Search(operations).run(steps_max);
}

History projected_on(const History& history, std::uint16_t key) {
    History projected;
    std::ranges::copy_if(history, std::back_inserter(projected), [&](const Operation& operation) {
        return operation.verb == Verb::invalidate || operation.key == key;
    });
    return projected;
}

}  // namespace tc::test
