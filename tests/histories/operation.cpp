// SPDX-License-Identifier: MIT
#include "histories/operation.hpp"

namespace tc::test {
namespace {

std::string tags_text(std::uint8_t tags) {
    std::string text = "{";
    for (int tag = 0; tag < 8; ++tag) {
        if ((tags >> tag & 1) != 0) {
            text += (text.size() > 1 ? "," : "") + std::to_string(tag);
        }
    }
    return text + "}";
}

std::string action_text(const Operation& operation) {
    const std::string key = " key " + std::to_string(operation.key);
    const std::string found = operation.is_found ? " -> found" : " -> not found";
    const std::string ttl =
        operation.ttl_ms == 0 ? "" : " for " + std::to_string(operation.ttl_ms) + " ms";
    switch (operation.verb) {
        case Verb::get:
            return "GET" + key +
                   (operation.is_found ? " -> " + std::to_string(operation.value) : " -> miss");
        case Verb::put:
            return "PUT" + key + " = " + std::to_string(operation.value) + " tags " +
                   tags_text(operation.tags) + ttl;
        case Verb::remove: return "DELETE" + key + found;
        case Verb::increment:
            return "INCR" + key + " by " + std::to_string(operation.amount) + " from " +
                   std::to_string(operation.value_before()) + " -> " +
                   std::to_string(operation.value);
        case Verb::touch: return "TOUCH" + key + ttl + found;
        case Verb::invalidate:
            return "INVALIDATE " + tags_text(operation.tags) + " -> " +
                   std::to_string(operation.count);
    }
    return "";
}

}  // namespace

std::string describe(const Operation& operation, std::uint64_t origin_ns) {
    const auto microseconds = [&](std::uint64_t time_ns) {
        return std::to_string((time_ns - origin_ns) / 1'000);
    };
    return "client " + std::to_string(operation.client) + ": " + action_text(operation) + " [" +
           microseconds(operation.called_ns) + ", " + microseconds(operation.returned_ns) + "] us";
}

}  // namespace tc::test
