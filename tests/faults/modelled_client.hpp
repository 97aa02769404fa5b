// SPDX-License-Identifier: MIT
//
// A client that has keys of its own and knows what each may hold, also when the connection breaks
// in the middle of a pipeline, or when the server had no memory.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "support/wire_client.hpp"

namespace tc::test {

class ModelledClient {
 public:
    ModelledClient(int port, std::uint32_t number, std::uint64_t seed);

    // Sends batches until so many requests were answered. Throws when an answer is wrong, or when
    // the server is not to be reached for long.
    void run(std::uint64_t answers);

    [[nodiscard]] std::uint64_t answers() const { return answers_; }
    [[nodiscard]] std::uint64_t hits() const { return hits_; }
    [[nodiscard]] std::uint64_t lost_connections() const { return lost_connections_; }
    [[nodiscard]] std::uint64_t refusals() const { return refusals_; }

 private:
    struct Request {
        std::uint8_t opcode = 0;
        std::size_t key = 0;
        std::uint32_t id = 0;
        std::string value;  // of a PUT
    };
    // What a key may hold: values, or nothing, which is the empty one.
    using Candidates = std::set<std::string>;

    void connect();
    [[nodiscard]] Request next_request();
    [[nodiscard]] std::string frame_of(const Request& request) const;
    void exchange_batch();
    void take(const Request& request, const Reply& reply);
    void take_get(const Request& request, const Reply& reply);
    void lose(const Request& request);
    // An INVALIDATE names the tag of one key in four.
    [[nodiscard]] std::string tag_of(std::size_t key) const;
    [[noreturn]] void fail(const Request& request, const std::string& what) const;

    int port_;
    std::string prefix_;
    std::mt19937_64 random_;
    std::optional<WireClient> connection_;
    std::vector<Candidates> keys_;
    std::uint32_t next_id_ = 1;
    std::uint64_t answers_ = 0;
    std::uint64_t hits_ = 0;
    std::uint64_t lost_connections_ = 0;
    std::uint64_t refusals_ = 0;
};

}  // namespace tc::test
