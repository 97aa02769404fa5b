// SPDX-License-Identifier: MIT
//
// RESP2, as Redis and Valkey speak it. They have no tags, so these are kept in the way that is
// usual with them: a PUT with tags is a SET and an SADD of its key to the set of each tag; an
// INVALIDATE asks for the members of its tags, and UNLINKs them with the set. That is more than one
// round trip and not atomic, and sets keep members that are gone: what a tag costs there, not the
// same promise.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "bench/buffered_protocol.hpp"
#include "bench/pending_queue.hpp"
#include "bench/reason_names.hpp"

namespace tc::bench {

class RespProtocol final : public BufferedProtocol {
 public:
    RespProtocol();

    [[nodiscard]] bool append(std::uint32_t number, const driver::Operation& operation,
                              driver::Completions& completions) noexcept override;
    [[nodiscard]] bool received(std::size_t size,
                                driver::Completions& completions) noexcept override;
    [[nodiscard]] std::string reason_name(std::int32_t reason) const override {
        return reasons_.name(reason);
    }

 private:
    enum class Command : std::uint8_t { get, set, sadd, smembers, unlink };
    struct Pending {
        std::uint32_t number;
        Command command;
    };
    // An operation is complete when all its commands are answered; the first refusal counts.
    struct Progress {
        std::uint32_t unanswered_count = 0;
        bool is_refused = false;
        std::int32_t reason = 0;
    };

    void append_head(std::size_t argument_count) noexcept;
    void append_argument(std::string_view text) noexcept;
    void append_set(const driver::Operation& operation) noexcept;
    void expect(std::uint32_t number, Command command) noexcept;

    [[nodiscard]] bool read_bulk(driver::Completions& completions) noexcept;
    [[nodiscard]] bool read_line(std::string_view line, driver::Completions& completions) noexcept;
    [[nodiscard]] bool read_array(std::int64_t count, driver::Completions& completions) noexcept;
    void end_members(driver::Completions& completions) noexcept;
    void answer(driver::Completions& completions, driver::Outcome outcome,
                std::uint64_t value_bytes = 0) noexcept;
    [[nodiscard]] bool fail(std::string reason) noexcept;

    PendingQueue<Pending> pending_;
    std::vector<Progress> progress_;  // by the operation's number
    std::deque<std::string> tags_;    // of the SMEMBERS on their way, in their order

    std::uint64_t bulk_left_bytes_ = 0;  // of a bulk string and its line end
    std::uint64_t bulk_bytes_ = 0;
    std::uint64_t members_left_ = 0;
    OutputBytes unlink_;  // the UNLINK that the members on their way become

    ReasonNames reasons_;
};

}  // namespace tc::bench
