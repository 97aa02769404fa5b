// SPDX-License-Identifier: MIT
//
// One request being answered: its decoded frame, the store, and the buffer that its reply is
// appended to. Lives on the stack of execute(); the command functions get it as their only
// argument.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "protocol/frame.h"
#include "protocol/list.h"
#include "server/limits.hpp"
#include "server/replies.hpp"
#include "server/request_limits.hpp"
#include "store/store.hpp"

namespace tc {

class ClientRecord;
class Errand;
class Reactor;

[[nodiscard]] inline std::string_view text_of(wire_bytes bytes) noexcept {
    return {static_cast<const char*>(bytes.data), bytes.size};
}

[[nodiscard]] inline wire_bytes bytes_of(std::string_view text) noexcept {
    return {text.data(), text.size()};
}

// Room that commands use and reuse, one a reactor, so that they allocate nothing.
struct CommandScratch {
    CommandScratch() {
        keys.reserve(WIRE_PAGE_LIMIT_MAX);
        tag_counts.reserve(WIRE_PAGE_LIMIT_MAX);
    }

    std::array<std::string_view, WIRE_TAGS_CEILING> tags;
    std::array<wire_bytes, WIRE_TAGS_CEILING> tag_bytes;
    std::vector<std::string_view> keys;
    std::vector<TagCount> tag_counts;
};

// The store's work and the reply's place for a batch of requests of one connection.
struct CommandPlace {
    Reactor& reactor;
    Store& store;
    Session& session;
    CommandScratch& scratch;
    ClientRecord& client;
    Replies& replies;
    const RequestLimits& request_limits;
};

class Command {
 public:
    Command(const CommandPlace& place, const wire_request& parsed,
            const HashedKey& parsed_key = {}) noexcept
        : reactor(place.reactor),
          store(place.store),
          session(place.session),
          scratch(place.scratch),
          client(place.client),
          request_limits(place.request_limits),
          request(parsed),
          key_(parsed_key),
          replies_(place.replies),
          reply_begin_(place.replies.byte_count()) {}

    Reactor& reactor;
    Store& store;
    Session& session;
    CommandScratch& scratch;
    ClientRecord& client;
    const RequestLimits& request_limits;
    const wire_request& request;

    // The request's key with its hash, which is known as a rule.
    [[nodiscard]] HashedKey hashed(std::string_view key) const noexcept {
        const bool is_known = key.data() == key_.text.data() && key.size() == key_.text.size();
        return is_known ? key_ : store.hash(key);
    }

    // Opens the reply with room for a body of at most `body_bytes_max`. Once a command; nullptr
    // when there is no memory for it: the connection is then closed without an answer.
    [[nodiscard]] wire_writer* begin(std::size_t body_bytes_max) noexcept;
    // Makes room in the opened reply for `more_bytes` beyond what was written; false when the body,
    // with `referred_bytes` besides, would be larger than `body_bytes_max`, or there is no memory
    // for it.
    [[nodiscard]] bool extend(std::size_t more_bytes, std::size_t referred_bytes,
                              std::size_t body_bytes_max) noexcept;
    // Whether a value can be part of a reply without a copy; refer() puts it behind what was
    // written. REQUIRES: the value is a view of this turn, or pinned.
    [[nodiscard]] bool can_refer() noexcept { return replies_.can_refer(); }
    void refer(std::string_view value, Pin pin) noexcept;
    // Closes the reply that begin() opened.
    void finish(wire_status status) noexcept;

    // Whole replies. `detail` is a number that goes with the message: a limit, an index.
    void answer(wire_status status) noexcept;
    void refuse(wire_status status, std::string_view message, std::uint32_t detail = 0,
                std::uint32_t retry_after_ms = 0) noexcept;
    void malformed() noexcept;
    // In place of an answer: the errand gives it, once the worker has run it (errand.hpp), or with
    // hold() at once or after its hold_ms(). BUSY when too many wait for the worker.
    void defer(std::unique_ptr<Errand> errand) noexcept;
    void hold(std::unique_ptr<Errand> errand) noexcept;
    [[nodiscard]] bool is_deferred() const noexcept { return is_deferred_; }

    // Says that what the batch did is of no interest to a QUIET client: every item went well.
    void set_batch_uneventful(bool is_uneventful) noexcept { is_batch_uneventful_ = is_uneventful; }

    // Work beyond that of one command, in the units of limits::turn_work_max.
    void charge(std::uint64_t work) noexcept {
        work_ += static_cast<std::uint32_t>(std::min<std::uint64_t>(work, limits::turn_work_max));
    }
    [[nodiscard]] std::uint32_t work() const noexcept { return work_; }

    [[nodiscard]] wire_status status() const noexcept { return status_; }
    // True when not even a refusal could be written: the connection can only be closed.
    [[nodiscard]] bool is_lost() const noexcept { return is_lost_; }
    // Takes the reply back when the request is QUIET and its outcome is the one that is expected.
    void suppress_if_quiet() noexcept;

 private:
    void address(Errand& errand) const noexcept;

    const HashedKey key_;
    Replies& replies_;
    const std::size_t reply_begin_;
    wire_writer writer_{};
    std::size_t referred_bytes_ = 0;  // of the body, and not in the writer
    wire_status status_ = WIRE_OK;
    std::uint32_t work_ = 1;
    bool is_batch_uneventful_ = false;
    bool is_lost_ = false;
    bool is_deferred_ = false;
};

}  // namespace tc
