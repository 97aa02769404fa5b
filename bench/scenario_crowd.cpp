// SPDX-License-Identifier: MIT
#include "bench/scenario_crowd.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <tagcache/tagcache.hpp>

#include "bench/scenario_target.hpp"
#include "driver/clocks.hpp"
#include "driver/endpoint.hpp"
#include "protocol/entry_messages.h"
#include "protocol/frame.h"

namespace tc::bench {
namespace {

constexpr std::uint32_t timeout_ms = 5000;

// A frame of GETs or a PUT, as bytes.
template <typename Body>
std::string frame(std::uint8_t opcode, Body body) {
    std::array<char, 4096> bytes{};
    wire_writer out = wire_writer_over(bytes.data(), bytes.size());
    const std::size_t begin = wire_begin_request(&out, opcode, 0, 0);
    body(&out);
    wire_finish_request(&out, begin);
    return {bytes.data(), wire_writer_size(&out)};
}

// Connections that have shaken hands, and say nothing.
class Crowd : public Disturbance {
 public:
    Crowd(const ScenarioTarget& target, ScenarioKind kind)
        : target_(target), wanted_(crowd_that_fits(target.plan, kind)) {}
    ~Crowd() override { close_all(); }

    void before_disturbed(std::uint64_t /*lead_ns*/) override {
        connect_all();
        begin_all();
    }
    void disturb(const SliceTime& time) override {
        sleep_until_ns(target_, time.begin_ns + time.duration_ns / 2);
        count_connections();
    }
    [[nodiscard]] std::vector<Evidence> evidence() override {
        close_all();
        return {{std::string("connections ") + what(), static_cast<double>(count_),
                 static_cast<double>(wanted_)}};
    }

 protected:
    [[nodiscard]] virtual const char* what() const { return "stood idle"; }
    [[nodiscard]] virtual int connect(const driver::Endpoint& endpoint) const {
        return driver::connect_socket(endpoint, timeout_ms);
    }
    // What each does when all are there.
    virtual void begin(int /*fd*/) {}

    void connect_all() {
        const driver::Endpoint endpoint = driver::tcp_endpoint("127.0.0.1", target_.port);
        while (fds_.size() < wanted_ && !target_.stop) {
            fds_.push_back(connect(endpoint));
            shake_hands(fds_.back());
        }
    }
    void begin_all() {
        for (const int fd : fds_) {
            begin(fd);
        }
    }

    [[nodiscard]] const ScenarioTarget& target() const { return target_; }
    [[nodiscard]] const std::vector<int>& fds() const { return fds_; }
    // Those that the server has not closed.
    void count_connections() {
        count_ = static_cast<std::uint64_t>(std::ranges::count_if(fds_, [](int fd) {
            pollfd entry{.fd = fd, .events = POLLRDHUP, .revents = 0};
            return poll(&entry, 1, 0) == 0;
        }));
    }

 private:
    // With a small request behind the preface, as each client sends one: the server is to take them
    // for clients that ask for little.
    static void shake_hands(int fd) {
        std::array<std::uint8_t, WIRE_PREFACE_BYTES> preface_bytes{};
        wire_writer out = wire_writer_over(preface_bytes.data(), preface_bytes.size());
        const wire_client_preface preface{WIRE_VERSION_OLDEST, WIRE_VERSION};
        wire_encode_client_preface(&out, &preface);
        const std::string hello = std::string(preface_bytes.begin(), preface_bytes.end()) +
                                  frame(WIRE_OP_PING, [](wire_writer* /*out*/) {});
        std::array<std::uint8_t, WIRE_PREFACE_BYTES + WIRE_HEADER_BYTES> answer{};
        pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
        wire_server_preface chosen{};
        if (send(fd, hello.data(), hello.size(), MSG_NOSIGNAL) !=
                static_cast<ssize_t>(hello.size()) ||
            poll(&entry, 1, timeout_ms) != 1 ||
            recv(fd, answer.data(), answer.size(), MSG_WAITALL) !=
                static_cast<ssize_t>(answer.size()) ||
            wire_decode_server_preface({answer.data(), WIRE_PREFACE_BYTES}, &chosen) !=
                WIRE_FRAME_COMPLETE ||
            chosen.chosen == 0) {
            throw std::runtime_error("the server does not take another connection");
        }
    }
    void close_all() {
        for (const int fd : fds_) {
            // A reset: ten thousand ports that wait for a minute each would soon be all there are.
            const linger at_once{.l_onoff = 1, .l_linger = 0};
            (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
            close(fd);
        }
        fds_.clear();
    }

    const ScenarioTarget target_;
    const std::uint32_t wanted_;
    std::vector<int> fds_;
    std::uint64_t count_ = 0;
};

// Each has asked for more than the kernel holds for it, and reads nothing. The server lets go of
// who takes nothing for ten seconds, which is longer than a slice of the length that is the
// default.
class NeverReading : public Crowd {
 public:
    explicit NeverReading(const ScenarioTarget& target)
        : Crowd(target, ScenarioKind::never_reading) {
        tagcache::Client client("tagcache://127.0.0.1:" + std::to_string(target.port));
        client.put("unread", std::string(value_bytes, 'v'));
    }

    // What the server does when they ask is another scenario.
    void before_disturbed(std::uint64_t lead_ns) override {
        constexpr std::uint64_t settling_ns = 1'000'000'000;
        Crowd::before_disturbed(lead_ns);
        sleep_until_ns(target(), driver::now_ns() + settling_ns);
    }

 private:
    static constexpr std::size_t value_bytes = 64 * 1024;
    static constexpr int get_count = 16;
    static constexpr int receive_buffer_bytes = 4096;
    static constexpr int segment_bytes = 536;

    [[nodiscard]] const char* what() const override { return "never read"; }
    // With small segments the server's kernel keeps little for it, and the server has the rest.
    [[nodiscard]] int connect(const driver::Endpoint& endpoint) const override {
        const driver::SocketAddress& address = endpoint.front();
        const int fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        (void)setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment_bytes, sizeof segment_bytes);
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                         sizeof receive_buffer_bytes);
        const auto* const generic = reinterpret_cast<const sockaddr*>(&address.storage);
        if (fd < 0 || ::connect(fd, generic, address.size) != 0) {
            throw std::runtime_error("the server does not take another connection");
        }
        return fd;
    }
    void begin(int fd) override {
        const wire_get get{0, 0, {"unread", 6}};
        const std::string one =
            frame(WIRE_OP_GET, [&](wire_writer* out) { wire_encode_get(out, &get); });
        std::string all;
        for (int i = 0; i < get_count; ++i) {
            all += one;
        }
        (void)send(fd, all.data(), all.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    }
};

// They ask in the slice, as fast as the load on their core lets them.
class Rush final : public NeverReading {
 public:
    using NeverReading::NeverReading;

    void before_disturbed(std::uint64_t /*lead_ns*/) override { connect_all(); }
    void disturb(const SliceTime& time) override {
        sleep_until_ns(target(), time.begin_ns + time.duration_ns / 8);
        begin_all();
        NeverReading::disturb(time);
    }

 private:
    [[nodiscard]] const char* what() const override { return "asked for 1 MiB, and never read"; }
};

// Each sends the bytes of a frame that never comes to its end, one a second or as fast as they get
// their turn.
class Slowloris final : public Crowd {
 public:
    explicit Slowloris(const ScenarioTarget& target) : Crowd(target, ScenarioKind::slowloris) {
        wire_put put{};
        put.key = {"slow", 4};
        const std::string value(1000, 'v');
        put.value = {value.data(), value.size()};
        frame_ = frame(WIRE_OP_PUT, [&](wire_writer* out) { wire_encode_put(out, &put); });
    }

    void disturb(const SliceTime& time) override {
        constexpr std::uint64_t second_ns = 1'000'000'000;
        const std::uint64_t middle_ns = time.begin_ns + time.duration_ns / 2;
        const std::uint64_t end_ns = time.begin_ns + time.duration_ns;
        sleep_until_ns(target(), time.begin_ns);
        bool is_counted = false;
        for (std::size_t sent = 1; driver::now_ns() < end_ns && !target().stop; ++sent) {
            if (!is_counted && driver::now_ns() >= middle_ns) {
                count_connections();
                is_counted = true;
            }
            const std::uint64_t round_ns = driver::now_ns();
            const std::uint64_t until_ns = is_counted ? end_ns : middle_ns;
            for (std::size_t i = 0; i < fds().size() && driver::now_ns() < until_ns; ++i) {
                (void)send(fds()[i], &frame_[sent % frame_.size()], 1, MSG_NOSIGNAL | MSG_DONTWAIT);
                sleep_until_ns(target(), round_ns + second_ns * i / fds().size());
            }
        }
    }

 private:
    [[nodiscard]] const char* what() const override { return "sent a byte now and then"; }
    void begin(int fd) override { (void)send(fd, frame_.data(), 1, MSG_NOSIGNAL | MSG_DONTWAIT); }

    std::string frame_;
};

}  // namespace

std::unique_ptr<Disturbance> make_crowd(ScenarioKind kind, const ScenarioTarget& target) {
    switch (kind) {
        case ScenarioKind::rush: return std::make_unique<Rush>(target);
        case ScenarioKind::never_reading: return std::make_unique<NeverReading>(target);
        case ScenarioKind::slowloris: return std::make_unique<Slowloris>(target);
        default: return std::make_unique<Crowd>(target, ScenarioKind::idle_connections);
    }
}

std::uint32_t crowd_that_fits(const ScenarioPlan& plan, ScenarioKind kind) {
    // The same limit holds for the server, which has listeners and an event queue as well.
    constexpr std::uint64_t other_files_max = 128;
    const std::uint32_t wanted = plan.crowd_count(kind);
    driver::raise_open_files_limit();
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return wanted;
    }
    const std::uint64_t taken = plan.connection_count + other_files_max;
    const std::uint64_t free_count = limit.rlim_cur > taken ? limit.rlim_cur - taken : 0;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, free_count));
}

}  // namespace tc::bench
