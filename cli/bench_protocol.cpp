// SPDX-License-Identifier: MIT
#include "cli/bench_protocol.hpp"

#include <algorithm>
#include <new>
#include <vector>

#include "cli/client.hpp"

namespace tc {
namespace {

using driver::Completion;
using driver::Completions;
using driver::Operation;
using driver::Outcome;
using driver::Verb;

constexpr std::size_t room_bytes = 64 * 1024;
// The number is in the lower half of a request's user_data, the verb in the upper.
constexpr unsigned verb_shift = 32;

Outcome outcome_of(Verb verb, tagcache_status status) noexcept {
    if (status == TAGCACHE_OK) {
        return verb == Verb::get ? Outcome::hit : Outcome::done;
    }
    if (status == TAGCACHE_NOT_FOUND && verb == Verb::get) {
        return Outcome::miss;
    }
    // The ranges of status.h in which the server says no, or not now, and goes on.
    const bool is_refusal = status <= -0x40 && status > -0xC0;
    return is_refusal ? Outcome::refused : Outcome::error;
}

class SessionProtocol : public driver::Protocol {
 public:
    explicit SessionProtocol(const tagcache_credentials* credentials)
        : room_(std::make_unique_for_overwrite<std::uint8_t[]>(room_bytes)) {
        tagcache_session_options options = TAGCACHE_SESSION_OPTIONS_INIT;
        options.client_name = "tagcache bench";
        options.credentials = credentials;
        tagcache_session* session = nullptr;
        if (tagcache_session_new(&options, &session) != TAGCACHE_OK) {
            throw std::bad_alloc();
        }
        session_.reset(session);
        pipeline_ = tagcache_session_pipeline(session);
    }

    [[nodiscard]] bool is_ready() const noexcept override {
        return tagcache_session_is_ready(session_.get());
    }

    [[nodiscard]] bool append(std::uint32_t number, const Operation& operation,
                              Completions& completions) noexcept override {
        tagcache_call_options call = TAGCACHE_CALL_OPTIONS_INIT;
        call.user_data = number | std::uint64_t{static_cast<std::uint8_t>(operation.verb)}
                                      << verb_shift;
        const tagcache_status status = append_request(operation, call);
        if (status == TAGCACHE_OK || status == TAGCACHE_PIPELINE_FULL) {
            return status == TAGCACHE_OK;
        }
        completions.push_back({number, Outcome::refused, status, 0});
        return true;
    }

    [[nodiscard]] std::span<const std::uint8_t> output() noexcept override {
        const tagcache_bytes bytes = tagcache_session_output(session_.get());
        return {static_cast<const std::uint8_t*>(bytes.data), bytes.size};
    }
    void sent(std::size_t size) noexcept override { tagcache_session_sent(session_.get(), size); }

    [[nodiscard]] std::span<std::uint8_t> room() noexcept override {
        // All replies have been taken, so it always wants more.
        return {room_.get(), std::min(room_bytes, tagcache_session_want_read(session_.get()))};
    }
    [[nodiscard]] bool received(std::size_t size, Completions& completions) noexcept override {
        const tagcache_bytes bytes{room_.get(), size};
        const tagcache_status status = tagcache_session_feed(session_.get(), bytes);
        while (tagcache_pipeline_next(pipeline_, result_, nullptr)) {
            completions.push_back(completion());
        }
        // A session that works may have an error to tell: of the request that found no room.
        return status == TAGCACHE_OK &&
               (is_ready() || *tagcache_session_error(session_.get()) == '\0');
    }

    [[nodiscard]] std::string failure() const override {
        return tagcache_session_error(session_.get());
    }
    [[nodiscard]] std::string reason_name(std::int32_t reason) const override {
        return tagcache_status_name(reason);
    }

 private:
    struct Free {
        void operator()(tagcache_session* session) const { tagcache_session_free(session); }
    };

    tagcache_status append_request(const Operation& operation,
                                   const tagcache_call_options& call) noexcept {
        switch (operation.verb) {
            case Verb::get:
                return tagcache_pipeline_get(pipeline_, as_bytes(operation.key), nullptr, &call);
            case Verb::put: return append_put(operation, call);
            case Verb::invalidate: break;
        }
        take_tags(operation);
        return tagcache_pipeline_invalidate(pipeline_, tags_.data(), tags_.size(), nullptr, &call);
    }

    tagcache_status append_put(const Operation& operation,
                               const tagcache_call_options& call) noexcept {
        tagcache_write_options options = TAGCACHE_WRITE_OPTIONS_INIT;
        if (!operation.tags.empty()) {
            take_tags(operation);
            options.fields |= TAGCACHE_WRITE_TAGS;
            options.tags = tags_.data();
            options.tag_count = tags_.size();
        }
        if (operation.ttl_ms != 0) {
            options.fields |= TAGCACHE_WRITE_TTL;
            options.ttl_ms = operation.ttl_ms;
        }
        return tagcache_pipeline_put(pipeline_, as_bytes(operation.key), as_bytes(operation.value),
                                     &options, &call);
    }

    void take_tags(const Operation& operation) noexcept {
        tags_.clear();
        for (const std::string_view tag : operation.tags) {
            tags_.push_back(as_bytes(tag));
        }
    }

    [[nodiscard]] Completion completion() const noexcept {
        const std::uint64_t user_data = tagcache_result_user_data(result_);
        const auto verb = static_cast<Verb>(user_data >> verb_shift);
        const tagcache_status status = tagcache_result_status(result_);
        const Outcome outcome = outcome_of(verb, status);
        const std::uint64_t value_bytes =
            outcome == Outcome::hit ? tagcache_result_value(result_).size : 0;
        return {static_cast<std::uint32_t>(user_data), outcome, status, value_bytes};
    }

    std::unique_ptr<std::uint8_t[]> room_;
    std::unique_ptr<tagcache_session, Free> session_;
    tagcache_pipeline* pipeline_ = nullptr;  // the session's
    Result result_;
    std::vector<tagcache_bytes> tags_;
};

}  // namespace

std::unique_ptr<driver::Protocol> make_bench_protocol(const tagcache_credentials* credentials) {
    return std::make_unique<SessionProtocol>(credentials);
}

}  // namespace tc
