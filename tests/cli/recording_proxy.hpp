// SPDX-License-Identifier: MIT
//
// Stands between the tagcache program and a server, passes on what each says, and keeps the
// requests. One connection after the other, as the program makes one each time it is run.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/loopback_listener.hpp"
#include "support/wire_client.hpp"

namespace tc::test {

struct RecordedRequest {
    std::uint8_t opcode;
    std::string body;
};

class RecordingProxy {
 public:
    explicit RecordingProxy(int server_port)
        : server_port_(server_port), thread_([this] { run(); }) {}
    RecordingProxy(const RecordingProxy&) = delete;
    RecordingProxy& operator=(const RecordingProxy&) = delete;
    ~RecordingProxy() {
        listener_.stop();
        thread_.join();
    }

    [[nodiscard]] int port() const { return listener_.port(); }

    // What has been asked since the last call. Whoever asked has been answered, so it is all here.
    std::vector<RecordedRequest> take_requests() {
        const std::lock_guard lock(mutex_);
        return std::exchange(requests_, {});
    }

 private:
    void run() {
        for (;;) {
            const int client = accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
            if (client < 0) {
                return;
            }
            WireClient server(server_port_);
            pass_on(client, server.fd());
            close(client);
        }
    }

    // Until either side ends.
    void pass_on(int client, int server) {
        std::string input;
        bool has_preface = false;
        for (;;) {
            std::array<pollfd, 2> polled = {pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
            poll(polled.data(), polled.size(), -1);
            if (polled[1].revents != 0 && move_bytes(server, client).empty()) {
                return;
            }
            if (polled[0].revents != 0) {
                // Kept before it is answered: see take_requests().
                const std::string bytes = received(client);
                if (bytes.empty()) {
                    return;
                }
                input += bytes;
                record(input, has_preface);
                send_all(server, bytes);
            }
        }
    }

    void record(std::string& input, bool& has_preface) {
        if (!has_preface) {
            if (input.size() < WIRE_PREFACE_BYTES) {
                return;
            }
            input.erase(0, WIRE_PREFACE_BYTES);
            has_preface = true;
        }
        wire_request request{};
        while (wire_parse_request(bytes(input), UINT32_MAX - 12, &request) == WIRE_FRAME_COMPLETE) {
            const std::lock_guard lock(mutex_);
            requests_.push_back({request.opcode, text(request.body)});
            input.erase(0, request.frame_bytes);
        }
    }

    static std::string received(int fd) {
        std::string block(64 * 1024, '\0');
        const ssize_t count = recv(fd, block.data(), block.size(), 0);
        block.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
        return block;
    }

    static void send_all(int fd, std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                return;
            }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    static std::string move_bytes(int from, int to) {
        std::string bytes = received(from);
        send_all(to, bytes);
        return bytes;
    }

    int server_port_;
    LoopbackListener listener_;
    std::mutex mutex_;
    std::vector<RecordedRequest> requests_;
    std::thread thread_;
};

}  // namespace tc::test
