// SPDX-License-Identifier: MIT
#include "bench/resp_protocol.hpp"

#include <charconv>
#include <utility>

namespace tc::bench {

using driver::Completions;
using driver::Operation;
using driver::Outcome;
using driver::Verb;

namespace {

constexpr std::size_t line_end_bytes = 2;

void append_bulk(OutputBytes& out, std::string_view text) noexcept {
    out.append("$");
    out.append_number(text.size());
    out.append("\r\n");
    out.append(text);
    out.append("\r\n");
}

}  // namespace

RespProtocol::RespProtocol() = default;

bool RespProtocol::append(std::uint32_t number, const Operation& operation,
                          Completions& /*completions*/) noexcept {
    if (number >= progress_.size()) {
        progress_.resize(number + 1);
    }
    progress_[number] = {};
    if (operation.verb == Verb::get) {
        append_head(2);
        append_argument("GET");
        append_argument(operation.key);
        expect(number, Command::get);
        return true;
    }
    if (operation.verb == Verb::put) {
        append_set(operation);
        expect(number, Command::set);
    }
    for (const std::string_view tag : operation.tags) {
        const bool is_put = operation.verb == Verb::put;
        append_head(is_put ? 3 : 2);
        append_argument(is_put ? "SADD" : "SMEMBERS");
        append_argument(tag);
        if (is_put) {
            append_argument(operation.key);
        } else {
            tags_.emplace_back(tag);
        }
        expect(number, is_put ? Command::sadd : Command::smembers);
    }
    return true;
}

void RespProtocol::append_set(const Operation& operation) noexcept {
    append_head(operation.ttl_ms == 0 ? 3 : 5);
    append_argument("SET");
    append_argument(operation.key);
    append_argument(operation.value);
    if (operation.ttl_ms != 0) {
        char digits[20];
        char* const end = std::to_chars(digits, digits + sizeof digits, operation.ttl_ms).ptr;
        append_argument("PX");
        append_argument({digits, static_cast<std::size_t>(end - digits)});
    }
}

void RespProtocol::append_head(std::size_t argument_count) noexcept {
    output_.append("*");
    output_.append_number(argument_count);
    output_.append("\r\n");
}

void RespProtocol::append_argument(std::string_view text) noexcept {
    append_bulk(output_, text);
}

void RespProtocol::expect(std::uint32_t number, Command command) noexcept {
    pending_.push({number, command});
    ++progress_[number].unanswered_count;
}

bool RespProtocol::received(std::size_t size, Completions& completions) noexcept {
    input_.arrived(size);
    while (true) {
        if (bulk_left_bytes_ != 0 && !read_bulk(completions)) {
            return true;
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

// False when its end has not arrived. A member goes into the UNLINK as it stands here; a value is
// only counted.
bool RespProtocol::read_bulk(Completions& completions) noexcept {
    const std::string_view part = input_.take_up_to(bulk_left_bytes_);
    bulk_left_bytes_ -= part.size();
    if (members_left_ != 0) {
        unlink_.append(part);
    }
    if (bulk_left_bytes_ != 0) {
        return false;
    }
    if (members_left_ == 0) {
        answer(completions, Outcome::hit, bulk_bytes_);
    } else if (--members_left_ == 0) {
        end_members(completions);
    }
    return true;
}

bool RespProtocol::read_line(std::string_view line, Completions& completions) noexcept {
    if (pending_.empty() || line.empty()) {
        return fail("an answer to nothing: " + std::string(line));
    }
    const Pending& pending = pending_.front();
    std::int64_t number = 0;
    std::from_chars(line.data() + 1, line.data() + line.size(), number);
    const auto is_answer = [&](char type, Command command) {
        return line[0] == type && pending.command == command;
    };
    if (line[0] == '-') {
        Progress& progress = progress_[pending.number];
        progress.is_refused = true;
        progress.reason = reasons_.number_of(line.substr(1));
        if (pending.command == Command::smembers) {
            tags_.pop_front();
        }
        answer(completions, Outcome::refused);
    } else if (is_answer('$', Command::get) && number < 0) {
        answer(completions, Outcome::miss);
    } else if (is_answer('$', Command::get) ||
               (line[0] == '$' && number >= 0 && members_left_ != 0)) {
        if (members_left_ != 0) {
            unlink_.append(line);
            unlink_.append("\r\n");
        }
        bulk_bytes_ = static_cast<std::uint64_t>(number);
        bulk_left_bytes_ = bulk_bytes_ + line_end_bytes;
    } else if (is_answer('+', Command::set) || is_answer(':', Command::sadd) ||
               is_answer(':', Command::unlink)) {
        answer(completions, Outcome::done);
    } else if (is_answer('*', Command::smembers) && number >= 0) {
        return read_array(number, completions);
    } else {
        return fail("an unexpected answer: " + std::string(line));
    }
    return true;
}

bool RespProtocol::read_array(std::int64_t count, Completions& completions) noexcept {
    members_left_ = static_cast<std::uint64_t>(count);
    if (members_left_ == 0) {
        tags_.pop_front();
        answer(completions, Outcome::done);
        return true;
    }
    unlink_.append("*");
    unlink_.append_number(members_left_ + 2);
    unlink_.append("\r\n");
    append_bulk(unlink_, "UNLINK");
    append_bulk(unlink_, tags_.front());
    tags_.pop_front();
    return true;
}

void RespProtocol::end_members(Completions& completions) noexcept {
    output_.append(unlink_.unsent());
    unlink_.clear();
    expect(pending_.front().number, Command::unlink);
    answer(completions, Outcome::done);
}

// The oldest command is answered; it may be the last of its operation.
void RespProtocol::answer(Completions& completions, Outcome outcome,
                          std::uint64_t value_bytes) noexcept {
    const std::uint32_t number = pending_.front().number;
    pending_.pop();
    const Progress& progress = progress_[number];
    if (--progress_[number].unanswered_count == 0) {
        completions.push_back({number, progress.is_refused ? Outcome::refused : outcome,
                               progress.reason, value_bytes});
    }
}

bool RespProtocol::fail(std::string reason) noexcept {
    failure_ = std::move(reason);
    return false;
}

}  // namespace tc::bench
