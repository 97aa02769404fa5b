// SPDX-License-Identifier: MIT
#include "bench/echo_protocol.hpp"

#include "bench/echo_frame.hpp"

namespace tc::bench {

using driver::Completions;
using driver::Operation;
using driver::Outcome;
using driver::Verb;

namespace {

// The fields of docs/protocol.md that the requests have behind their header.
constexpr std::size_t options_bytes = 2;
constexpr std::size_t key_length_bytes = 2;
constexpr std::size_t value_length_bytes = 4;
constexpr std::size_t ttl_bytes = 8;
constexpr std::size_t tag_count_bytes = 2;
constexpr std::size_t tag_length_bytes = 1;
// Of the replies to a GET and to an INVALIDATE: present and the value's length, and a count.
constexpr std::size_t hit_bytes = 6;
constexpr std::size_t count_bytes = 8;

std::size_t tags_bytes(std::span<const std::string_view> tags) {
    std::size_t bytes = tag_count_bytes;
    for (const std::string_view tag : tags) {
        bytes += tag_length_bytes + tag.size();
    }
    return bytes;
}

}  // namespace

EchoProtocol::EchoProtocol(std::uint32_t value_bytes) : value_bytes_(value_bytes) {}

std::size_t EchoProtocol::request_bytes(const Operation& operation) const noexcept {
    const std::size_t key_bytes = key_length_bytes + operation.key.size();
    switch (operation.verb) {
        case Verb::get: return sizeof(EchoHead) + options_bytes + key_bytes;
        case Verb::invalidate: return sizeof(EchoHead) + options_bytes + tags_bytes(operation.tags);
        case Verb::put: break;
    }
    return sizeof(EchoHead) + options_bytes + (operation.ttl_ms != 0 ? ttl_bytes : 0) +
           (operation.tags.empty() ? 0 : tags_bytes(operation.tags)) + key_bytes +
           value_length_bytes + operation.value.size();
}

std::size_t EchoProtocol::reply_bytes(const Operation& operation) const noexcept {
    switch (operation.verb) {
        case Verb::get: return sizeof(EchoHead) + hit_bytes + value_bytes_;
        case Verb::put: return sizeof(EchoHead);
        case Verb::invalidate: return sizeof(EchoHead) + count_bytes;
    }
    return sizeof(EchoHead);
}

bool EchoProtocol::append(std::uint32_t number, const Operation& operation,
                          Completions& /*completions*/) noexcept {
    const std::size_t size = request_bytes(operation);
    const EchoHead head{static_cast<std::uint32_t>(size),
                        static_cast<std::uint32_t>(reply_bytes(operation)), number};
    std::uint8_t* const to = output_.reserve(size);
    std::memcpy(to, &head, sizeof head);
    // As much copying as the others have.
    const std::string_view text = operation.verb == Verb::get ? operation.key : operation.value;
    if (!text.empty()) {
        std::memcpy(to + sizeof head, text.data(), text.size());
    }
    output_.commit(size);
    return true;
}

bool EchoProtocol::received(std::size_t size, Completions& completions) noexcept {
    input_.arrived(size);
    while (true) {
        skip_bytes_ -= input_.take_up_to(skip_bytes_).size();
        if (skip_bytes_ != 0) {
            return true;
        }
        if (is_skipping_) {
            completions.push_back(skipped_for_);
            is_skipping_ = false;
        }
        if (input_.unread().size() < sizeof(EchoHead)) {
            return true;
        }
        const EchoHead head = read_echo_head(input_.unread());
        if (!is_valid(head)) {
            failure_ = "not a reply of echo_server";
            return false;
        }
        input_.consume(sizeof head);
        skip_bytes_ = head.reply_bytes - sizeof head;
        is_skipping_ = true;
        const bool is_hit = skip_bytes_ == hit_bytes + value_bytes_;
        skipped_for_ = {head.number, is_hit ? Outcome::hit : Outcome::done, 0,
                        is_hit ? value_bytes_ : 0};
    }
}

}  // namespace tc::bench
