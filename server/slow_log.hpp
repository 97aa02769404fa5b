// SPDX-License-Identifier: MIT
//
// The last requests that took long, for SLOWLOG. Times are those of server/latencies.hpp: requests
// that were answered together took equally long, so of each batch the one that cost most stands for
// all.
//
// Threads: any. The lock is taken for slow batches alone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "protocol/frame.h"
#include "protocol/wire.h"
#include "server/client_record.hpp"

namespace tc {

// The request of a batch that cost most, as far as it is known.
struct HeaviestRequest {
    wire_request frame{};    // valid as long as the bytes that it was read from
    std::uint32_t work = 0;  // 0: there is none
};

struct SlowRequest {
    static constexpr std::size_t name_bytes_max = 128;

    [[nodiscard]] std::string_view name() const noexcept { return {name_bytes.data(), name_size}; }

    std::uint64_t id = 0;
    std::uint64_t time_ms = 0;  // when it was answered, by the wall clock
    std::uint64_t duration_us = 0;
    std::uint64_t client_id = 0;
    std::uint32_t request_count = 0;  // that were answered together
    std::uint8_t opcode = 0;
    std::array<char, name_bytes_max> name_bytes{};  // the first key or tag, or its beginning
    std::size_t name_size = 0;
    ShortText address;
    ShortText client_name;
    ShortText user;
};

class SlowLog {
 public:
    // REQUIRES: the client's reactor, and the bytes of its request.
    void note(const HeaviestRequest& heaviest, std::uint32_t request_count,
              std::uint64_t duration_us, const ClientRecord& client) noexcept;
    // The latest first. Throws std::bad_alloc.
    [[nodiscard]] std::vector<SlowRequest> list(std::size_t count_max) const;
    // The ids go on.
    void reset() noexcept;

 private:
    mutable std::mutex mutex_;
    std::array<SlowRequest, WIRE_SLOWLOG_LIMIT_MAX> ring_;  // Guarded by mutex_.
    std::uint64_t noted_count_ = 0;                         // Guarded by mutex_.
    std::size_t kept_count_ = 0;                            // Guarded by mutex_.
};

}  // namespace tc
