// SPDX-License-Identifier: MIT
//
// The floor of the comparison: a libuv server of one thread that moves messages as long as those of
// a cache, and does nothing else. One read, one uv_try_write with all replies to it.
//
//     echo_server PORT
#include <signal.h>
#include <uv.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <new>
#include <span>
#include <string_view>

#include "bench/echo_frame.hpp"
#include "bench/output_bytes.hpp"

namespace tc::bench {
namespace {

constexpr std::size_t read_bytes_max = 64 * 1024;

class Client {
 public:
    explicit Client(uv_loop_t* loop) {
        uv_tcp_init(loop, &handle_);
        handle_.data = this;
        write_.data = this;
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void serve(uv_stream_t* listener) noexcept {
        if (uv_accept(listener, stream()) != 0) {
            return close();
        }
        uv_tcp_nodelay(&handle_, 1);
        uv_read_start(stream(), on_alloc, on_read);
    }

 private:
    static Client& client_of(void* data) noexcept { return *static_cast<Client*>(data); }

    static void on_alloc(uv_handle_t* /*handle*/, std::size_t /*suggested*/,
                         uv_buf_t* buffer) noexcept {
        static char shared[read_bytes_max];
        *buffer = uv_buf_init(shared, sizeof shared);
    }
    static void on_read(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) noexcept {
        Client& self = client_of(stream->data);
        if (count < 0) {
            return self.close();
        }
        self.receive(
            {reinterpret_cast<const std::uint8_t*>(buffer->base), static_cast<std::size_t>(count)});
    }
    static void on_write(uv_write_t* request, int status) noexcept {
        Client& self = client_of(request->data);
        if (status != 0) {
            return self.close();
        }
        self.output_.sent(self.writing_bytes_);
        uv_read_start(self.stream(), on_alloc, on_read);
    }
    static void on_close(uv_handle_t* handle) noexcept { delete &client_of(handle->data); }

    [[nodiscard]] uv_stream_t* stream() noexcept {
        return reinterpret_cast<uv_stream_t*>(&handle_);
    }

    void close() noexcept {
        auto* const handle = reinterpret_cast<uv_handle_t*>(&handle_);
        if (uv_is_closing(handle) == 0) {
            uv_close(handle, on_close);
        }
    }

    void receive(std::span<const std::uint8_t> bytes) noexcept {
        while (!bytes.empty()) {
            const std::size_t skipped = std::min<std::size_t>(skip_bytes_, bytes.size());
            skip_bytes_ -= skipped;
            bytes = bytes.subspan(skipped);
            // A head that is cut off is put together in head_.
            const std::size_t part = std::min(sizeof head_ - head_bytes_, bytes.size());
            std::memcpy(head_ + head_bytes_, bytes.data(), part);
            head_bytes_ += part;
            bytes = bytes.subspan(part);
            if (head_bytes_ == sizeof head_ && !answer()) {
                return close();
            }
        }
        flush();
    }

    [[nodiscard]] bool answer() noexcept {
        const EchoHead head = read_echo_head(head_);
        if (!is_valid(head)) {
            return false;
        }
        head_bytes_ = 0;
        skip_bytes_ = head.request_bytes - sizeof head;
        std::memcpy(output_.reserve(head.reply_bytes), &head, sizeof head);
        output_.commit(head.reply_bytes);
        return true;
    }

    // What the kernel does not take is queued once, and nothing is read until it has gone.
    void flush() noexcept {
        if (output_.unsent().empty()) {
            return;
        }
        uv_buf_t buffer = output_buffer();
        const int count = uv_try_write(stream(), &buffer, 1);
        if (count < 0 && count != UV_EAGAIN) {
            return close();
        }
        output_.sent(static_cast<std::size_t>(std::max(count, 0)));
        if (output_.unsent().empty()) {
            return;
        }
        uv_read_stop(stream());
        buffer = output_buffer();
        writing_bytes_ = buffer.len;
        if (uv_write(&write_, stream(), &buffer, 1, on_write) != 0) {
            close();
        }
    }

    [[nodiscard]] uv_buf_t output_buffer() const noexcept {
        const auto unsent = output_.unsent();
        // libuv only reads from it.
        return uv_buf_init(const_cast<char*>(reinterpret_cast<const char*>(unsent.data())),
                           static_cast<unsigned>(unsent.size()));
    }

    uv_tcp_t handle_{};
    uv_write_t write_{};
    std::size_t writing_bytes_ = 0;
    OutputBytes output_;
    std::uint8_t head_[sizeof(EchoHead)] = {};
    std::size_t head_bytes_ = 0;
    std::size_t skip_bytes_ = 0;  // of the request whose head was answered
};

void on_connection(uv_stream_t* listener, int status) noexcept {
    // It deletes itself when it is closed.
    auto* const client = status == 0 ? new (std::nothrow) Client(listener->loop) : nullptr;
    if (client != nullptr) {
        client->serve(listener);
    }
}

int run(std::uint16_t port) {
    constexpr int backlog = 512;
    uv_loop_t* const loop = uv_default_loop();
    uv_tcp_t listener;
    sockaddr_in address{};
    uv_tcp_init(loop, &listener);
    uv_ip4_addr("127.0.0.1", port, &address);
    int error = uv_tcp_bind(&listener, reinterpret_cast<const sockaddr*>(&address), 0);
    if (error == 0) {
        error = uv_listen(reinterpret_cast<uv_stream_t*>(&listener), backlog, on_connection);
    }
    if (error != 0) {
        std::fprintf(stderr, "echo_server: port %u: %s\n", unsigned{port}, uv_strerror(error));
        return 1;
    }
    return uv_run(loop, UV_RUN_DEFAULT);
}

}  // namespace
}  // namespace tc::bench

int main(int argc, char** argv) {
    std::uint16_t port = 0;
    const std::string_view text = argc == 2 ? argv[1] : "";
    const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
    if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) {
        std::fputs("Usage: echo_server PORT\n", stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);  // uv_try_write to a peer that has gone
    return tc::bench::run(port);
}
