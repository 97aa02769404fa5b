// SPDX-License-Identifier: MIT
//
// Clients on threads of their own that do random things to a real server, and write down what they
// did, what they were answered, and when.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "histories/operation.hpp"
#include "histories/reply_order.hpp"

namespace tc::test {

// What is done how often, in percent; the rest is GETs.
struct Mix {
    unsigned puts = 20;
    unsigned removals = 5;
    unsigned increments = 5;
    unsigned touches = 0;
    unsigned invalidations = 8;
};

struct HistoryPlan {
    std::uint64_t seed = 1;
    std::uint16_t keys = 8;
    std::uint8_t tags = 4;
    std::uint32_t operations_per_client = 0;
    std::uint32_t ttl_ms_max = 0;  // PUTs have TTLs of 1 to this; 0: none has one
    Mix mix;
    std::string key_prefix;  // with one that is new the keys are absent at first
};

class Recorder {
 public:
    static constexpr std::size_t client_count = 8;

    // Each client has two connections, and uses now one, now the other.
    explicit Recorder(int port);
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;
    ~Recorder();

    // Throws when a request fails.
    [[nodiscard]] History record(const HistoryPlan& plan);

 private:
    class Client;
    std::vector<std::unique_ptr<Client>> clients_;
};

// Batches of 1 to 32 requests, now over one connection and now over another, by clients each of
// which has keys and tags of its own. One list a client.
[[nodiscard]] std::vector<std::vector<Exchange>> record_pipelines(int port, std::uint64_t seed,
                                                                  std::uint32_t batches_per_client);

}  // namespace tc::test
