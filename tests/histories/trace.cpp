// SPDX-License-Identifier: MIT
#include "histories/trace.hpp"

#include <algorithm>

namespace tc::test {

Trace::Trace(const History& given) : history(given) {
    for (std::size_t number = 0; number < history.size(); ++number) {
        add(number);
    }
    note_looks();
    inherit();
    for (KeyTrace& key : keys) {
        key.writes.seal();
        key.removals.seal();
        std::ranges::sort(key.operations, {},
                          [&](std::size_t number) { return history[number].called_ns; });
    }
    for (Intervals& of_tag : invalidations) {
        of_tag.seal();
    }
}

void Trace::add(std::size_t number) {
    const Operation& operation = history[number];
    const Interval interval{operation.called_ns, operation.returned_ns, number};
    if (operation.verb == Verb::invalidate) {
        for (std::size_t tag = 0; tag < tags_max; ++tag) {
            if ((operation.tags >> tag & 1) != 0) {
                invalidations[tag].add(interval);
            }
        }
        return;
    }
    if (operation.key >= keys.size()) {
        keys.resize(operation.key + std::size_t{1});
    }
    KeyTrace& key = keys[operation.key];
    key.operations.push_back(number);
    switch (operation.verb) {
        case Verb::get: key.looks.push_back({number, operation.value}); break;
        case Verb::put: add_write(number, operation.tags, Deadline::of(operation)); break;
        case Verb::increment:
            key.looks.push_back({number, operation.value_before()});
            add_write(number, 0, {});
            break;
        case Verb::remove: key.removals.add(interval); break;
        case Verb::touch:
        case Verb::invalidate: break;
    }
}

void Trace::add_write(std::size_t number, std::uint8_t tags, const Deadline& deadline) {
    const Operation& operation = history[number];
    const auto [known, is_new] = writes_of.try_emplace(operation.value, writes.size());
    if (!is_new) {
        twice_written.emplace_back(writes[known->second].operation, number);
    }
    keys[operation.key].writes.add({operation.called_ns, operation.returned_ns, writes.size()});
    writes.push_back({.operation = number,
                      .tags = tags,
                      .deadline = deadline,
                      .known_ns = operation.returned_ns});
}

void Trace::note_looks() {
    for (const KeyTrace& key : keys) {
        for (const Look& look : key.looks) {
            const auto seen = writes_of.find(look.value);
            if (seen == writes_of.end()) {
                continue;
            }
            Write& write = writes[seen->second];
            const Operation& operation = history[look.operation];
            write.known_ns = std::min(write.known_ns, operation.returned_ns);
            write.last_look_called_ns = std::max(write.last_look_called_ns, operation.called_ns);
            if (operation.verb == Verb::increment) {
                if (write.taken_by != Write::none) {
                    twice_taken.emplace_back(write.taken_by, look.operation);
                }
                write.taken_by = look.operation;
            }
        }
    }
}

// An INCR keeps the tags and the deadline of what it found: from each PUT along the row of INCRs
// that wrote over it, of which each is a step at most once.
void Trace::inherit() {
    for (const Write& put : writes) {
        if (operation_of(put).verb != Verb::put) {
            continue;
        }
        const Write* at = &put;
        for (std::size_t i = 0; i < writes.size() && at->taken_by != Write::none; ++i) {
            Write& next = writes[writes_of.at(history[at->taken_by].value)];
            next.tags = at->tags;
            next.deadline = at->deadline;
            at = &next;
        }
    }
}

bool Trace::may_be_invalidated(std::uint8_t tags, std::uint64_t begin_ns,
                               std::uint64_t end_ns) const {
    for (std::size_t tag = 0; tag < tags_max; ++tag) {
        if ((tags >> tag & 1) != 0 && invalidations[tag].has_within(begin_ns, end_ns)) {
            return true;
        }
    }
    return false;
}

bool Trace::was_invalidated(std::uint8_t tags, std::uint64_t begin_ns, std::uint64_t end_ns) const {
    for (std::size_t tag = 0; tag < tags_max; ++tag) {
        if ((tags >> tag & 1) != 0 && invalidations[tag].has_between(begin_ns, end_ns)) {
            return true;
        }
    }
    return false;
}

}  // namespace tc::test
