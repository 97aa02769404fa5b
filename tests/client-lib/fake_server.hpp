// SPDX-License-Identifier: MIT
//
// A server on a loopback socket that does what a script says, to one connection after the other,
// each until its script returns. Every wait has a deadline; a script that throws ends its
// connection and fails the test in the destructor.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "client-lib/replies.hpp"
#include "support/loopback_listener.hpp"

namespace tc::test {

// The server's end of one connection.
class Peer {
 public:
    explicit Peer(int fd) : fd_(fd) {}
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    ~Peer() { close(fd_); }

    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                throw std::runtime_error("the client is gone");
            }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    // Blocks until the client's preface and HELLO are there, and answers them.
    void greet() {
        while (input_.size() < WIRE_PREFACE_BYTES) {
            receive();
        }
        input_.erase(0, WIRE_PREFACE_BYTES);
        (void)request();
        send(greeting());
    }

    // The next request's opcode and id; its body is dropped.
    wire_request request() {
        wire_request parsed;
        while (wire_parse_request(wire(input_), UINT32_MAX, &parsed) != WIRE_FRAME_COMPLETE) {
            receive();
        }
        input_.erase(0, parsed.frame_bytes);
        parsed.body = {};
        return parsed;
    }

    // Blocks until at least one byte of a request is there.
    void first_byte() {
        while (input_.empty()) {
            receive();
        }
    }

    // Reads and drops until the client closes: the stall of a server that never answers.
    void until_client_closes() {
        std::array<char, 4096> dropped{};
        do {
            wait_readable();
        } while (recv(fd_, dropped.data(), dropped.size(), 0) > 0);
    }

    void hang_up() { shutdown(fd_, SHUT_RDWR); }

    // Closes with a reset instead of an end.
    void reset() {
        const linger now{1, 0};
        setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }

 private:
    void wait_readable() {
        pollfd readable{fd_, POLLIN, 0};
        if (poll(&readable, 1, 60'000) != 1) {
            throw std::runtime_error("the client sends nothing");
        }
    }

    void receive() {
        std::array<char, 64 * 1024> buffer{};
        wait_readable();
        const ssize_t size = recv(fd_, buffer.data(), buffer.size(), 0);
        if (size <= 0) {
            throw std::runtime_error("the client closed too early");
        }
        input_.append(buffer.data(), static_cast<std::size_t>(size));
    }

    int fd_;
    std::string input_;
};

class FakeServer {
 public:
    using Script = std::function<void(Peer&)>;

    explicit FakeServer(std::vector<Script> scripts)
        : scripts_(std::move(scripts)), thread_([this] { run(); }) {}
    explicit FakeServer(Script script) : FakeServer(std::vector<Script>{std::move(script)}) {}
    FakeServer(const FakeServer&) = delete;
    FakeServer& operator=(const FakeServer&) = delete;
    ~FakeServer() {
        thread_.join();
        CHECK(complaint_ == "");
    }

    [[nodiscard]] int port() const { return listener_.port(); }

 private:
    void run() {
        for (const Script& script : scripts_) {
            pollfd readable{listener_.fd(), POLLIN, 0};
            if (poll(&readable, 1, 60'000) != 1) {
                complaint_ = "nobody connects";
                return;
            }
            Peer peer(accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC));
            try {
                script(peer);
            } catch (const std::exception& error) {
                complaint_ = error.what();
            }
        }
    }

    std::vector<Script> scripts_;
    LoopbackListener listener_;
    std::string complaint_;
    std::thread thread_;
};

}  // namespace tc::test
