// SPDX-License-Identifier: MIT
//
// A client made of nothing but the codec and a socket, for tests that have to send bytes which the
// library would never send, or in pieces of their own choosing. Every wait has a deadline.
#pragma once

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/admin_messages.h"
#include "protocol/entry_messages.h"
#include "protocol/frame.h"
#include "protocol/tag_messages.h"

namespace tc::test {

inline wire_bytes bytes(std::string_view text) {
    return {text.data(), text.size()};
}

inline std::string text(wire_bytes bytes) {
    return {static_cast<const char*>(bytes.data), bytes.size};
}

// Any frame as bytes: `body` is called with the writer.
template <typename Body>
std::string frame(std::uint8_t opcode, std::uint32_t request_id, Body body,
                  std::uint8_t flags = 0) {
    // Most frames are small, and tests make hundreds of thousands.
    constexpr std::size_t kibibyte = 1024;
    for (const std::size_t size_max : {4 * kibibyte, 128 * kibibyte, 4096 * kibibyte}) {
        std::string buffer(size_max, '\0');
        wire_writer out = wire_writer_over(buffer.data(), buffer.size());
        const std::size_t begin = wire_begin_request(&out, opcode, flags, request_id);
        body(&out);
        wire_finish_request(&out, begin);
        if (!out.failed) {
            buffer.resize(wire_writer_size(&out));
            return buffer;
        }
    }
    throw std::runtime_error("the frame does not fit");
}

inline std::string raw_frame(std::uint8_t opcode, std::uint32_t request_id, std::string_view body,
                             std::uint8_t flags = 0) {
    return frame(
        opcode, request_id, [&](wire_writer* out) { wire_write_raw(out, bytes(body)); }, flags);
}

inline std::string ping_frame(std::uint32_t request_id = 0) {
    return raw_frame(WIRE_OP_PING, request_id, "");
}

inline std::string get_frame(std::string_view key, std::uint32_t request_id = 0,
                             std::uint16_t options = 0, std::uint8_t flags = 0) {
    const wire_get get{options, 0, bytes(key)};
    return frame(
        WIRE_OP_GET, request_id, [&](wire_writer* out) { wire_encode_get(out, &get); }, flags);
}

inline std::string put_frame(std::string_view key, std::string_view value,
                             const std::vector<std::string>& tags = {},
                             std::uint32_t request_id = 0, std::uint8_t flags = 0,
                             std::uint8_t opcode = WIRE_OP_PUT) {
    std::vector<wire_bytes> views;
    for (const std::string& tag : tags) {
        views.push_back(bytes(tag));
    }
    wire_put put{};
    put.options = tags.empty() ? 0 : WIRE_FIELD_TAGS;
    put.tags = {static_cast<std::uint32_t>(views.size()), views.data(), {}};
    put.key = bytes(key);
    put.value = bytes(value);
    return frame(
        opcode, request_id, [&](wire_writer* out) { wire_encode_put(out, &put); }, flags);
}

inline std::string mget_frame(const std::vector<std::string>& keys) {
    std::vector<wire_bytes> views;
    for (const std::string& key : keys) {
        views.push_back(bytes(key));
    }
    wire_mget mget{};
    mget.keys = {static_cast<std::uint32_t>(views.size()), views.data(), {}};
    return frame(WIRE_OP_MGET, 0, [&](wire_writer* out) { wire_encode_mget(out, &mget); });
}

// The same key, so many times.
inline std::string mget_frame(const std::string& key, std::size_t count) {
    return mget_frame(std::vector<std::string>(count, key));
}

inline std::string invalidate_frame(std::string_view tag, std::uint32_t request_id = 0) {
    const wire_bytes view = bytes(tag);
    const wire_invalidate invalidate{0, {1, &view, {}}};
    return frame(WIRE_OP_INVALIDATE, request_id,
                 [&](wire_writer* out) { wire_encode_invalidate(out, &invalidate); });
}

inline std::string client_preface(std::uint8_t version_min = 1, std::uint8_t version_max = 1) {
    std::string buffer(WIRE_PREFACE_BYTES, '\0');
    wire_writer out = wire_writer_over(buffer.data(), buffer.size());
    const wire_client_preface preface{version_min, version_max};
    wire_encode_client_preface(&out, &preface);
    return buffer;
}

struct Reply {
    std::uint8_t status = 0xFF;
    std::uint8_t opcode = 0;
    std::uint32_t request_id = 0;
    std::string body;

    [[nodiscard]] wire_error error() const {
        wire_error error{};
        if (!wire_decode_error(bytes(body), &error)) {
            throw std::runtime_error("no error body");
        }
        return error;
    }
    [[nodiscard]] std::string value() const {
        wire_hit hit{};
        if (!wire_decode_hit(bytes(body), &hit)) {
            throw std::runtime_error("no hit");
        }
        return text(hit.value);
    }
    [[nodiscard]] std::uint64_t count() const {
        std::uint64_t count = 0;
        if (!wire_decode_count(bytes(body), &count)) {
            throw std::runtime_error("no count");
        }
        return count;
    }
    // The statuses of a batch.
    [[nodiscard]] std::vector<int> results() const {
        wire_results results{};
        if (!wire_decode_results(bytes(body), &results)) {
            throw std::runtime_error("no results");
        }
        wire_reader items = wire_reader_over(results.items);
        std::vector<int> statuses;
        for (std::uint32_t i = 0; i < results.count; ++i) {
            std::uint64_t version = 0;
            statuses.push_back(wire_next_result(&items, results.present, &version));
        }
        return statuses;
    }
};

// The connection has ended where more was to come. Whatever else is wrong with what the server says
// is another error.
class ConnectionBroken : public std::runtime_error {
 public:
    using std::runtime_error::runtime_error;
};

class WireClient {
 public:
    // Connects and sends nothing.
    explicit WireClient(int port) : WireClient(port, 0) {}
    WireClient(const std::string& ipv4, int port) : WireClient(port, 0, ipv4) {}
    // With small segments the server's kernel keeps little for it. 0 = those of the interface.
    WireClient(int port, int segment_bytes, const std::string& ipv4 = "127.0.0.1")
        : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        if (segment_bytes != 0) {
            setsockopt(fd_, IPPROTO_TCP, TCP_MAXSEG, &segment_bytes, sizeof segment_bytes);
            setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &segment_bytes, sizeof segment_bytes);
        }
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        inet_pton(AF_INET, ipv4.c_str(), &address.sin_addr);
        connect_to(reinterpret_cast<const sockaddr*>(&address), sizeof address);
        const int on = 1;
        setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    explicit WireClient(const std::string& unix_path)
        : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, unix_path.c_str(), sizeof address.sun_path - 1);
        connect_to(reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }
    WireClient(WireClient&& other) noexcept : fd_(other.fd_), input_(std::move(other.input_)) {
        other.fd_ = -1;
    }
    WireClient(const WireClient&) = delete;
    WireClient& operator=(const WireClient&) = delete;
    ~WireClient() {
        if (fd_ >= 0) {
            close(fd_);
        }
    }

    // Connected and past the preface.
    static WireClient greeted(int port, int segment_bytes = 0) {
        WireClient client(port, segment_bytes);
        client.send(client_preface());
        if (client.receive_preface().chosen != WIRE_VERSION) {
            throw std::runtime_error("refused");
        }
        return client;
    }

    [[nodiscard]] int fd() const { return fd_; }

    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent < 0) {
                throw ConnectionBroken(std::string("send: ") + std::strerror(errno));
            }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    // As much as the kernel takes now; what the peer does not read stays unsent.
    std::size_t send_some(std::string_view bytes) {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        return sent < 0 ? 0 : static_cast<std::size_t>(sent);
    }

    void end_sending() { shutdown(fd_, SHUT_WR); }

    // Closes with a reset instead of a FIN.
    void reset() {
        const linger abort{1, 0};
        setsockopt(fd_, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
        close(fd_);
        fd_ = -1;
    }

    // Waits for one reply; nothing when the server has closed.
    std::optional<Reply> receive() {
        for (;;) {
            wire_reply parsed{};
            const auto result = wire_parse_reply(bytes(input_), UINT32_MAX - 12, &parsed);
            if (result == WIRE_FRAME_COMPLETE) {
                Reply reply{parsed.status, parsed.opcode, parsed.request_id, text(parsed.body)};
                input_.erase(0, parsed.frame_bytes);
                return reply;
            }
            if (result != WIRE_FRAME_NEED_MORE) {
                throw std::runtime_error("the server's reply is malformed");
            }
            if (!receive_more()) {
                return std::nullopt;
            }
        }
    }

    Reply call(std::string_view frame) {
        send(frame);
        auto reply = receive();
        if (!reply) {
            throw ConnectionBroken("the server has closed the connection");
        }
        return *reply;
    }

    wire_server_preface receive_preface() {
        wire_server_preface preface{};
        while (input_.size() < WIRE_PREFACE_BYTES) {
            if (!receive_more()) {
                throw ConnectionBroken("closed before the preface");
            }
        }
        if (wire_decode_server_preface(bytes(input_), &preface) != WIRE_FRAME_COMPLETE) {
            throw std::runtime_error("no server preface");
        }
        input_.erase(0, WIRE_PREFACE_BYTES);
        return preface;
    }

    // True once the server has closed without another byte; fails the test's deadline otherwise.
    bool is_closed_by_server() {
        while (receive_more()) {
        }
        return input_.empty();
    }

    // What has arrived and was not taken; for tests that look at bytes.
    std::string& input() { return input_; }
    // False at the end of the stream; throws when that is a reset, which may overtake replies, and
    // after 20 s of silence.
    bool receive_more(std::size_t size_max = 65536) {
        pollfd readable{fd_, POLLIN, 0};
        if (poll(&readable, 1, 20'000) != 1) {
            throw std::runtime_error("the server is silent");
        }
        std::vector<char> buffer(size_max);
        const ssize_t received = recv(fd_, buffer.data(), buffer.size(), 0);
        if (received < 0) {
            throw ConnectionBroken(std::string("receive: ") + std::strerror(errno));
        }
        if (received == 0) {
            return false;
        }
        input_.append(buffer.data(), static_cast<std::size_t>(received));
        return true;
    }

 private:
    void connect_to(const sockaddr* address, socklen_t address_bytes) const {
        if (connect(fd_, address, address_bytes) != 0) {
            throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
        }
    }

    int fd_;
    std::string input_;
};

}  // namespace tc::test
