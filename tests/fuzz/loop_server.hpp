// SPDX-License-Identifier: MIT
//
// A whole server on the caller's thread: the real reactor, connections and store, whose loop turns
// when it is told to, whose clock is the caller's, and whose clients are ends of socket pairs. So
// what a fuzzer sends takes the way of every request, kernel included, and the same input does the
// same each time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/configuration.hpp"
#include "server/server.hpp"
#include "store/store.hpp"

namespace tc {

// What a reactor does by itself on its own thread, one piece at a time.
class ReactorProbe {
 public:
    explicit ReactorProbe(Reactor& reactor);

    void turn();
    // What the timer does every 100 ms.
    void tick();
    // What a stop does once requests that were on their way have arrived.
    void drain();
    // Work was left over for the next turn.
    [[nodiscard]] bool has_work() const;

 private:
    Reactor& reactor_;
};

}  // namespace tc

namespace tc::fuzz {

// More than any run stores.
inline constexpr std::uint64_t ample_memory_bytes = 256 * 1024 * 1024;

class LoopServer {
 public:
    explicit LoopServer(const StoreOptions& options);
    LoopServer(const LoopServer&) = delete;
    LoopServer& operator=(const LoopServer&) = delete;
    // REQUIRES: no client is left.
    ~LoopServer();

    [[nodiscard]] Store& store() noexcept { return store_; }
    [[nodiscard]] ReactorProbe& reactor() noexcept { return probe_; }
    // A new connection's end of a socket pair.
    [[nodiscard]] int connect();
    // Until nothing is left to do.
    void settle();
    // Removes all entries, and gives their memory back.
    void empty();

    // The clock of all servers of the process: BOOTTIME, as they see it.
    [[nodiscard]] static std::uint64_t now_ms() noexcept;
    static void set_now_ms(std::uint64_t now_ms) noexcept;

 private:
    Store store_;
    Configuration configuration_;
    Log log_;  // silent
    Server server_;
    ReactorProbe probe_;
    Session session_;  // of the target's own
};

// An empty server, at a time that only moves forward. To make one takes a millisecond, so it serves
// many runs; but not too many, because what the first of them left behind would be hard to find.
// REQUIRES: the same options for the same variant.
[[nodiscard]] LoopServer& emptied_server(std::size_t variant, const StoreOptions& options);

// One client of it. Closed with the object.
class LoopClient {
 public:
    explicit LoopClient(LoopServer& server);
    LoopClient(const LoopClient&) = delete;
    LoopClient& operator=(const LoopClient&) = delete;
    ~LoopClient();

    // Sends all of it, has the server deal with it, and receives what it answers.
    void send(std::string_view bytes);
    void receive();

    // Received, and not taken off the front yet.
    [[nodiscard]] std::string& received() noexcept { return received_; }
    // The server has ended its side, and all it said has been received.
    [[nodiscard]] bool is_ended() const noexcept { return is_ended_; }

 private:
    LoopServer& server_;
    int fd_;
    std::string received_;
    bool is_ended_ = false;
};

}  // namespace tc::fuzz
