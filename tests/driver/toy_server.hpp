// SPDX-License-Identifier: MIT
//
// A server of the toy protocol, on a thread of its own, that answers as a test wants it to.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "driver/endpoint.hpp"
#include "toy_protocol.hpp"

namespace tc::driver::test {

struct ToyRequest {
    std::uint32_t number;
    Verb verb;
    char name;  // the last byte of the key or tag
};

struct ToyAnswers {
    std::vector<std::pair<std::uint32_t, std::uint8_t>> answers;  // number and outcome
    bool closes = false;
};

// What is said to the requests that came with one read.
using ToyAnswer = std::function<ToyAnswers(const std::vector<ToyRequest>&)>;

inline std::uint8_t success_of(Verb verb) {
    return static_cast<std::uint8_t>(verb == Verb::get ? Outcome::hit : Outcome::done);
}

inline ToyAnswers all_well(const std::vector<ToyRequest>& requests) {
    ToyAnswers all;
    for (const ToyRequest& request : requests) {
        all.answers.emplace_back(request.number, success_of(request.verb));
    }
    return all;
}

class ToyServer {
 public:
    explicit ToyServer(ToyAnswer answer, std::string greeting = {toy_greeting})
        : answer_(std::move(answer)),
          greeting_(std::move(greeting)),
          listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        if (bind(listener_, generic, size) != 0 || listen(listener_, 64) != 0 ||
            getsockname(listener_, generic, &size) != 0) {
            throw std::runtime_error("cannot listen");
        }
        port_ = ntohs(address.sin_port);
        thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
    }
    ~ToyServer() {
        thread_.request_stop();
        thread_.join();
        close(listener_);
    }
    ToyServer(const ToyServer&) = delete;
    ToyServer& operator=(const ToyServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] Endpoint endpoint() const { return tcp_endpoint("127.0.0.1", port_); }
    [[nodiscard]] std::uint32_t number_max() const { return number_max_; }

 private:
    struct Client {
        int fd;
        std::vector<std::uint8_t> input;
    };

    void serve(const std::stop_token& stop) {
        std::vector<Client> clients;
        while (!stop.stop_requested()) {
            std::vector<pollfd> entries = {{listener_, POLLIN, 0}};
            for (const Client& client : clients) {
                entries.push_back({client.fd, POLLIN, 0});
            }
            poll(entries.data(), entries.size(), 10);
            for (std::size_t i = clients.size(); i != 0; --i) {
                if (entries[i].revents != 0 && !serve_client(clients[i - 1])) {
                    close(clients[i - 1].fd);
                    clients.erase(clients.begin() + static_cast<std::ptrdiff_t>(i - 1));
                }
            }
            if (entries[0].revents != 0) {
                const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
                (void)send(fd, greeting_.data(), greeting_.size(), MSG_NOSIGNAL);
                clients.push_back({fd, {}});
            }
        }
        for (const Client& client : clients) {
            close(client.fd);
        }
    }

    // False when the connection is over.
    bool serve_client(Client& client) {
        std::array<std::uint8_t, 4096> bytes{};
        const ssize_t size = recv(client.fd, bytes.data(), bytes.size(), 0);
        if (size <= 0) {
            return false;
        }
        client.input.insert(client.input.end(), bytes.begin(), bytes.begin() + size);
        std::vector<ToyRequest> requests;
        std::size_t used = 0;
        for (; client.input.size() - used >= toy_request_bytes; used += toy_request_bytes) {
            ToyRequest request{};
            std::memcpy(&request.number, client.input.data() + used, sizeof request.number);
            request.verb = static_cast<Verb>(client.input[used + 4]);
            request.name = static_cast<char>(client.input[used + 5]);
            number_max_ = std::max(number_max_.load(), request.number);
            requests.push_back(request);
        }
        client.input.erase(client.input.begin(),
                           client.input.begin() + static_cast<std::ptrdiff_t>(used));
        const ToyAnswers answers = answer_(requests);
        return send_answers(client.fd, answers) && !answers.closes;
    }

    static bool send_answers(int fd, const ToyAnswers& answers) {
        std::string output;
        for (const auto& [number, outcome] : answers.answers) {
            output.append(reinterpret_cast<const char*>(&number), sizeof number);
            output += static_cast<char>(outcome);
        }
        return output.empty() || send(fd, output.data(), output.size(), MSG_NOSIGNAL) ==
                                     static_cast<ssize_t>(output.size());
    }

    ToyAnswer answer_;
    std::string greeting_;
    int listener_;
    std::uint16_t port_ = 0;
    std::atomic<std::uint32_t> number_max_ = 0;
    std::jthread thread_;
};

}  // namespace tc::driver::test
