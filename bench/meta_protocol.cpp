// SPDX-License-Identifier: MIT
#include "bench/meta_protocol.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace tc::bench {

using driver::Completions;
using driver::Operation;
using driver::Outcome;
using driver::Verb;

namespace {

constexpr std::size_t line_end_bytes = 2;

}  // namespace

MetaProtocol::MetaProtocol() = default;

bool MetaProtocol::append(std::uint32_t number, const Operation& operation,
                          Completions& completions) noexcept {
    if (!operation.tags.empty()) {
        completions.push_back({number, Outcome::refused, reasons_.number_of("NO_TAGS"), 0});
        return true;
    }
    if (operation.verb == Verb::get) {
        output_.append("mg ");
        output_.append(operation.key);
        output_.append(" v\r\n");
    } else {
        output_.append("ms ");
        output_.append(operation.key);
        output_.append(" ");
        output_.append_number(operation.value.size());
        if (operation.ttl_ms != 0) {
            // memcached counts in seconds.
            output_.append(" T");
            output_.append_number((operation.ttl_ms + 999) / 1000);
        }
        output_.append("\r\n");
        output_.append(operation.value);
        output_.append("\r\n");
    }
    pending_.push({number, operation.verb});
    return true;
}

bool MetaProtocol::received(std::size_t size, Completions& completions) noexcept {
    input_.arrived(size);
    while (true) {
        if (skip_bytes_ != 0) {
            skip_bytes_ -= input_.take_up_to(skip_bytes_).size();
            if (skip_bytes_ != 0) {
                return true;
            }
            complete(Outcome::hit, 0, completions);
        }
        std::string_view line;
        if (!input_.take_line(line)) {
            return !input_.is_full() || fail("a line without an end");
        }
        if (!read_line(line, completions)) {
            return false;
        }
    }
}

bool MetaProtocol::read_line(std::string_view line, Completions& completions) noexcept {
    if (pending_.empty()) {
        return fail("an answer to nothing: " + std::string(line));
    }
    const bool is_get = pending_.front().verb == Verb::get;
    const std::string_view word = line.substr(0, line.find(' '));
    if (is_get && word == "VA") {
        const char* const digits = line.data() + std::min(word.size() + 1, line.size());
        if (std::from_chars(digits, line.data() + line.size(), value_bytes_).ec != std::errc()) {
            return fail("not a size: " + std::string(line));
        }
        skip_bytes_ = value_bytes_ + line_end_bytes;
        return true;
    }
    if (is_get && word == "EN") {
        complete(Outcome::miss, 0, completions);
    } else if (!is_get && word == "HD") {
        complete(Outcome::done, 0, completions);
    } else if (word == "NS" || word == "SERVER_ERROR") {
        complete(Outcome::refused, reasons_.number_of(word), completions);
    } else {
        return fail("an unexpected answer: " + std::string(line));
    }
    return true;
}

void MetaProtocol::complete(Outcome outcome, std::int32_t reason,
                            Completions& completions) noexcept {
    completions.push_back(
        {pending_.front().number, outcome, reason, outcome == Outcome::hit ? value_bytes_ : 0});
    pending_.pop();
}

bool MetaProtocol::fail(std::string reason) noexcept {
    failure_ = std::move(reason);
    return false;
}

}  // namespace tc::bench
