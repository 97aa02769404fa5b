// SPDX-License-Identifier: MIT
#include "histories/interval_checks.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "histories/trace.hpp"

namespace tc::test {
namespace {

struct Bounds {
    std::uint64_t least = 0;
    std::uint64_t most = 0;
};

class Checker {
 public:
    explicit Checker(const History& history) : history_(history), trace_(history) {
        report_.coverage.operations = history.size();
        if (!history.empty()) {
            origin_ns_ = std::ranges::min_element(history, {}, &Operation::called_ns)->called_ns;
        }
    }

    IntervalReport run() {
        for (const auto& [first, second] : trace_.twice_written) {
            find(Guarantee::g1, "two operations left one value", {first, second});
        }
        for (const auto& [first, second] : trace_.twice_taken) {
            find(Guarantee::g1, "two INCRs began from one value: an update is lost",
                 {first, second});
        }
        for (const KeyTrace& key : trace_.keys) {
            count_overlaps(key);
            for (const Look& look : key.looks) {
                if (look.value != 0) {
                    check_hit(key, look);
                } else {
                    check_miss(key, look);
                }
            }
            check_order_of_looks(key);
        }
        for (const Operation& operation : history_) {
            if (operation.verb == Verb::invalidate) {
                check_count(operation);
            }
        }
        return std::move(report_);
    }

 private:
    // What it saw was stored when it looked, and nothing had taken it away before.
    void check_hit(const KeyTrace& key, const Look& look) {
        const Operation& reader = history_[look.operation];
        ++report_.coverage.hits;
        const Write* const write = trace_.write_of(look.value);
        if (write == nullptr || trace_.operation_of(*write).key != reader.key) {
            return find(Guarantee::g1, "a value that nobody stored there", {look.operation});
        }
        const std::initializer_list<std::size_t> pair = {write->operation, look.operation};
        if (trace_.operation_of(*write).called_ns >= reader.returned_ns) {
            find(Guarantee::g1, "read before it was stored", pair);
        }
        if (key.writes.has_between(write->known_ns, reader.called_ns)) {
            find(Guarantee::g1, "read after it was overwritten", pair);
        }
        if (write->taken_by != Write::none && write->taken_by != look.operation &&
            history_[write->taken_by].returned_ns < reader.called_ns) {
            find(Guarantee::g1, "read after an INCR had changed it", pair);
        }
        if (key.removals.has_between(write->known_ns, reader.called_ns)) {
            find(Guarantee::g1, "read after a DELETE", pair);
        }
        if (trace_.was_invalidated(write->tags, write->known_ns, reader.called_ns)) {
            find(Guarantee::g2, "read after an INVALIDATE of its tag", pair);
        }
        if (write->deadline.has_surely_passed(reader)) {
            find(Guarantee::g7, "read after its deadline", pair);
        }
        if (write->deadline.latest_ns != never_ns) {
            ++report_.coverage.hits_with_deadline;
        }
    }

    // What was stored last has gone for a reason. Nothing is said where another write may have come
    // between.
    void check_miss(const KeyTrace& key, const Look& look) {
        const Operation& reader = history_[look.operation];
        ++report_.coverage.misses;
        const std::size_t last = key.writes.last_before(reader.called_ns);
        if (last == Intervals::none) {
            return;
        }
        const Interval& stored = key.writes[last];
        if (key.writes.has_other_within(stored.called_ns, reader.returned_ns, last)) {
            return;
        }
        const Write& write = trace_.writes[stored.id];
        ++report_.coverage.determined_misses;
        if (key.removals.has_within(stored.called_ns, reader.returned_ns) ||
            trace_.may_be_invalidated(write.tags, stored.called_ns, reader.returned_ns)) {
            return;
        }
        if (write.deadline.may_have_passed(reader)) {
            ++report_.coverage.expiries;
        } else if (write.deadline.latest_ns != never_ns) {
            find(Guarantee::g7, "gone before its deadline", {write.operation, look.operation});
        } else {
            find(Guarantee::g3, "gone although nothing later took it away",
                 {write.operation, look.operation});
        }
    }

    // Nobody sees a value, then something else, then the value again.
    void check_order_of_looks(const KeyTrace& key) {
        struct Span {
            std::uint64_t begin_ns;
            std::uint64_t end_ns;
            const Write* write;
        };
        std::vector<Span> spans;
        for (std::size_t i = 0; i < key.writes.size(); ++i) {
            const Write& write = trace_.writes[key.writes[i].id];
            if (write.last_look_called_ns > write.known_ns) {
                spans.push_back({write.known_ns, write.last_look_called_ns, &write});
            }
        }
        std::ranges::sort(spans, {}, &Span::begin_ns);
        // Of the spans up to each, the two that end last.
        std::vector<std::pair<std::size_t, std::size_t>> latest(spans.size());
        for (std::size_t i = 0; i < spans.size(); ++i) {
            latest[i] = i == 0 ? std::pair{i, i} : latest[i - 1];
            if (spans[i].end_ns >= spans[latest[i].first].end_ns) {
                latest[i] = {i, latest[i].first};
            } else if (latest[i].second == latest[i].first ||
                       spans[i].end_ns > spans[latest[i].second].end_ns) {
                latest[i].second = i;
            }
        }
        for (const Look& look : key.looks) {
            const Operation& reader = history_[look.operation];
            const auto begun = static_cast<std::size_t>(
                std::ranges::lower_bound(spans, reader.called_ns, {}, &Span::begin_ns) -
                spans.begin());
            if (begun == 0) {
                continue;
            }
            for (const std::size_t i : {latest[begun - 1].first, latest[begun - 1].second}) {
                const Write& other = *spans[i].write;
                if (trace_.operation_of(other).value != look.value &&
                    spans[i].end_ns > reader.returned_ns) {
                    find(Guarantee::g1, "seen before and after something else was",
                         {other.operation, look.operation});
                }
            }
        }
    }

    void check_count(const Operation& invalidation) {
        Bounds bounds;
        for (const KeyTrace& key : trace_.keys) {
            const Bounds part = bounds_of(key, invalidation);
            bounds.least += part.least;
            bounds.most += part.most;
        }
        report_.coverage.exact_counts += bounds.least == bounds.most ? 1 : 0;
        report_.coverage.removing_invalidations += invalidation.count != 0 ? 1 : 0;
        if (invalidation.count < bounds.least || invalidation.count > bounds.most) {
            find(Guarantee::g6,
                 "a count outside of " + std::to_string(bounds.least) + ".." +
                     std::to_string(bounds.most),
                 {static_cast<std::size_t>(&invalidation - history_.data())});
        }
    }

    // How often the invalidation can have found an entry of the key: once at most.
    [[nodiscard]] Bounds bounds_of(const KeyTrace& key, const Operation& invalidation) const {
        constexpr Bounds no = {0, 0};
        constexpr Bounds maybe = {0, 1};
        constexpr Bounds yes = {1, 1};
        const std::size_t last = key.writes.last_before(invalidation.called_ns);
        if (last == Intervals::none) {
            return key.writes.count_called_before(invalidation.returned_ns) != 0 ? maybe : no;
        }
        const Interval& stored = key.writes[last];
        if (key.writes.has_other_within(stored.called_ns, invalidation.returned_ns, last)) {
            return maybe;
        }
        const Write& write = trace_.writes[stored.id];
        if ((write.tags & invalidation.tags) == 0 ||
            key.removals.has_between(stored.returned_ns, invalidation.called_ns) ||
            trace_.was_invalidated(write.tags, stored.returned_ns, invalidation.called_ns)) {
            return no;
        }
        // An entry that has expired counts until it is swept.
        const bool may_be_gone =
            key.removals.has_within(stored.called_ns, invalidation.returned_ns) ||
            has_rival(write.tags, stored.called_ns, invalidation) ||
            write.deadline.may_have_passed(invalidation);
        return may_be_gone ? maybe : yes;
    }

    // Whether another INVALIDATE may have removed the entry before or instead of this one.
    [[nodiscard]] bool has_rival(std::uint8_t tags, std::uint64_t begin_ns,
                                 const Operation& invalidation) const {
        for (std::size_t tag = 0; tag < Trace::tags_max; ++tag) {
            if ((tags >> tag & 1) == 0) {
                continue;
            }
            const Intervals& of_tag = trace_.invalidations[tag];
            const bool is_own = (invalidation.tags >> tag & 1) != 0;
            const std::size_t own = of_tag.count_called_before(invalidation.called_ns);
            if (is_own ? of_tag.has_other_within(begin_ns, invalidation.returned_ns, own)
                       : of_tag.has_within(begin_ns, invalidation.returned_ns)) {
                return true;
            }
        }
        return false;
    }

    void count_overlaps(const KeyTrace& key) {
        for (std::size_t i = 1; i < key.operations.size(); ++i) {
            const bool overlaps =
                history_[key.operations[i]].called_ns < history_[key.operations[i - 1]].returned_ns;
            report_.coverage.overlapping_pairs += overlaps ? 1 : 0;
        }
    }

    void find(Guarantee guarantee, const std::string& what,
              std::initializer_list<std::size_t> operations) {
        const auto known = std::ranges::count(report_.findings, guarantee, &Finding::guarantee);
        if (static_cast<std::size_t>(known) >= IntervalReport::findings_max) {
            return;
        }
        std::string text = what;
        for (const std::size_t number : operations) {
            text += "\n  " + describe(history_[number], origin_ns_);
        }
        report_.findings.push_back({guarantee, text});
    }

    const History& history_;
    const Trace trace_;
    std::uint64_t origin_ns_ = 0;
    IntervalReport report_;
};

}  // namespace

bool IntervalReport::breaks(Guarantee guarantee) const {
    return std::ranges::find(findings, guarantee, &Finding::guarantee) != findings.end();
}

std::string IntervalReport::text() const {
    std::string text;
    for (const Finding& finding : findings) {
        constexpr const char* names[] = {"G1", "G2", "G3", "G6", "G7"};
        text += std::string(names[static_cast<std::size_t>(finding.guarantee)]) + ": " +
                finding.text + "\n";
    }
    const auto number = [&](const char* name, std::uint64_t value) {
        text += std::string(name) + " " + std::to_string(value) + ", ";
    };
    number("operations", coverage.operations);
    number("hits", coverage.hits);
    number("misses", coverage.misses);
    number("overlapping pairs", coverage.overlapping_pairs);
    number("determined misses", coverage.determined_misses);
    number("hits with a deadline", coverage.hits_with_deadline);
    number("expiries", coverage.expiries);
    number("removing invalidations", coverage.removing_invalidations);
    number("exact counts", coverage.exact_counts);
    text.resize(text.size() - 2);
    return text;
}

IntervalReport check_intervals(const History& history) {
    return Checker(history).run();
}

}  // namespace tc::test
