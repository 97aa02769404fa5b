// SPDX-License-Identifier: MIT
//
// Histories written by hand, to test those who judge histories. Times are milliseconds.
#pragma once

#include "histories/operation.hpp"

namespace tc::test {

struct Span {
    std::uint64_t called_ms;
    std::uint64_t returned_ms;
};

inline Operation at(const Span& span, Verb verb) {
    Operation operation;
    operation.verb = verb;
    operation.called_ns = span.called_ms * 1'000'000;
    operation.returned_ns = span.returned_ms * 1'000'000;
    return operation;
}

inline Operation put(const Span& span, std::uint64_t value, std::uint8_t tags = 0,
                     std::uint32_t ttl_ms = 0) {
    Operation operation = at(span, Verb::put);
    operation.value = value;
    operation.tags = tags;
    operation.ttl_ms = ttl_ms;
    return operation;
}
inline Operation hit(const Span& span, std::uint64_t value) {
    Operation operation = at(span, Verb::get);
    operation.value = value;
    operation.is_found = true;
    return operation;
}
inline Operation miss(const Span& span) {
    return at(span, Verb::get);
}
inline Operation removal(const Span& span, bool is_found) {
    Operation operation = at(span, Verb::remove);
    operation.is_found = is_found;
    return operation;
}
inline Operation touch(const Span& span, std::uint32_t ttl_ms, bool is_found = true) {
    Operation operation = at(span, Verb::touch);
    operation.ttl_ms = ttl_ms;
    operation.is_found = is_found;
    return operation;
}
inline Operation increment(const Span& span, std::uint64_t before, std::uint64_t amount) {
    Operation operation = at(span, Verb::increment);
    operation.amount = amount;
    operation.value = before + amount;
    return operation;
}
inline Operation invalidation(const Span& span, std::uint8_t tags, std::uint64_t count = 0) {
    Operation operation = at(span, Verb::invalidate);
    operation.tags = tags;
    operation.count = count;
    return operation;
}
inline Operation on(std::uint16_t key, Operation operation) {
    operation.key = key;
    return operation;
}

}  // namespace tc::test
