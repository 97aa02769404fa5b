// SPDX-License-Identifier: MIT
#include "histories/reply_order.hpp"

#include <map>
#include <utility>

namespace tc::test {
namespace {

struct Entry {
    std::uint64_t value;
    std::uint8_t tags;
};

// Does to the entries what the request asks for, and says what it is to be answered.
Operation answered(std::map<std::uint16_t, Entry>& entries, Operation request) {
    const auto entry = entries.find(request.key);
    const bool is_there = entry != entries.end();
    switch (request.verb) {
        case Verb::put: entries[request.key] = {request.value, request.tags}; break;
        case Verb::get:
            request.is_found = is_there;
            request.value = is_there ? entry->second.value : 0;
            break;
        case Verb::remove:
            request.is_found = is_there;
            entries.erase(request.key);
            break;
        case Verb::invalidate:
            request.count = std::erase_if(
                entries, [&](const auto& each) { return (each.second.tags & request.tags) != 0; });
            break;
        case Verb::increment:
        case Verb::touch: break;
    }
    return request;
}

}  // namespace

std::string first_wrong_reply(const std::vector<Exchange>& exchanges) {
    std::map<std::uint16_t, Entry> entries;
    for (std::size_t i = 0; i < exchanges.size(); ++i) {
        const Exchange& exchange = exchanges[i];
        const std::string place = "exchange " + std::to_string(i) + ": ";
        if (exchange.reply_id != exchange.request_id) {
            return place + "request " + std::to_string(exchange.request_id) + " has the reply of " +
                   std::to_string(exchange.reply_id);
        }
        const Operation expected = answered(entries, exchange.operation);
        const Operation& operation = exchange.operation;
        if (operation.is_found != expected.is_found || operation.value != expected.value ||
            operation.count != expected.count) {
            return place + describe(operation, operation.called_ns) + " instead of " +
                   describe(expected, operation.called_ns);
        }
    }
    return "";
}

}  // namespace tc::test
