// SPDX-License-Identifier: MIT
#include "loop_server.hpp"

#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <memory>

#include "require.hpp"
#include "server/reactor.hpp"

namespace {

constexpr std::uint64_t start_ms = 1'000'000;
std::uint64_t fake_now_ms = start_ms;

}  // namespace

// The linker sends calls of clock_gettime() here (--wrap).
extern "C" {
int __real_clock_gettime(clockid_t clock, timespec* now) noexcept;
int __wrap_clock_gettime(clockid_t clock, timespec* now) noexcept;

int __wrap_clock_gettime(clockid_t clock, timespec* now) noexcept {
    if (clock != CLOCK_BOOTTIME) {
        return __real_clock_gettime(clock, now);
    }
    now->tv_sec = static_cast<time_t>(fake_now_ms / 1000);
    now->tv_nsec = static_cast<long>(fake_now_ms % 1000 * 1'000'000);
    return 0;
}
}

namespace tc {

ReactorProbe::ReactorProbe(Reactor& reactor) : reactor_(reactor) {
    reactor_.start_handles();
    uv_timer_stop(&reactor_.tick_timer_);  // its ticks would come when they like
}

void ReactorProbe::turn() {
    uv_run(&reactor_.loop_, UV_RUN_NOWAIT);
}

void ReactorProbe::tick() {
    reactor_.tick();
}

void ReactorProbe::drain() {
    reactor_.drain_connections();
}

bool ReactorProbe::has_work() const {
    return uv_is_active(reinterpret_cast<const uv_handle_t*>(&reactor_.keep_turning_)) != 0;
}

}  // namespace tc

namespace tc::fuzz {
namespace {

Settings one_reactor_without_listeners(std::uint64_t memory_bytes_max) {
    Settings settings;
    settings.memory_bytes_max = memory_bytes_max;
    settings.bind_addresses.clear();
    settings.reactor_count = 1;
    settings.connections_max = 8;
    settings.log_level = "off";
    return settings;
}

}  // namespace

LoopServer::LoopServer(const StoreOptions& options)
    : store_(options),
      configuration_({}, "", one_reactor_without_listeners(options.memory_bytes_max)),
      log_(LogLevel::off, LogFormat::text, STDERR_FILENO),
      server_(store_, configuration_, log_),
      probe_(*server_.reactors().front()),
      session_(store_) {}

LoopServer::~LoopServer() {
    settle();
    require(server_.connection_count() == 0, "a connection whose peer has gone is gone");
}

int LoopServer::connect() {
    std::array<int, 2> ends{};
    require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0, "there are fds");
    require(server_.reactors().front()->adopt(ends[1]), "the reactor takes a connection");
    settle();
    return ends[0];
}

// A turn more than seems needed: what one closes goes in the next. Time passes when turns are many,
// since a frame may wait for memory that does not come.
void LoopServer::settle() {
    constexpr int turns_per_ms = 200;
    int turn_count = 0;
    do {
        probe_.turn();
        fake_now_ms += ++turn_count % turns_per_ms == 0 ? 1 : 0;
    } while (probe_.has_work());
    probe_.turn();
}

void LoopServer::empty() {
    session_.enter(fake_now_ms);
    (void)store_.flush(session_);
    session_.leave();
    probe_.tick();
    settle();
}

std::uint64_t LoopServer::now_ms() noexcept {
    return fake_now_ms;
}

void LoopServer::set_now_ms(std::uint64_t now_ms) noexcept {
    fake_now_ms = now_ms;
}

LoopServer& emptied_server(std::size_t variant, const StoreOptions& options) {
    constexpr std::uint32_t runs_max = 100;
    struct Made {
        std::unique_ptr<LoopServer> server;
        std::uint32_t run_count = 0;
    };
    static std::array<Made, 8> variants;
    // Steps are alike for the wheels of time, as far as they matter. A clock of nanoseconds lasts
    // for 584 years.
    constexpr std::uint64_t step_ms = std::uint64_t{1} << 24;
    constexpr std::uint64_t end_ms = std::uint64_t{1} << 44;
    if (fake_now_ms > end_ms) {
        variants = {};
        fake_now_ms = start_ms;
    }
    fake_now_ms = (fake_now_ms / step_ms + 1) * step_ms;
    Made& made = variants.at(variant);
    if (made.server == nullptr || ++made.run_count > runs_max) {
        made.server.reset();
        made = {std::make_unique<LoopServer>(options), 0};
    }
    made.server->empty();
    return *made.server;
}

LoopClient::LoopClient(LoopServer& server) : server_(server), fd_(server.connect()) {}

LoopClient::~LoopClient() {
    close(fd_);
    server_.settle();
}

void LoopClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t size = ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (size > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(size));
        } else if (is_ended_) {
            return;  // nobody is there to take it
        }
        receive();
    }
}

void LoopClient::receive() {
    static std::array<char, 64 * 1024> room;
    for (bool is_more = true; is_more;) {
        server_.settle();
        is_more = false;
        for (;;) {
            const ssize_t size = recv(fd_, room.data(), room.size(), MSG_DONTWAIT);
            is_ended_ |= size == 0;
            if (size <= 0) {
                break;
            }
            received_.append(room.data(), static_cast<std::size_t>(size));
            is_more = true;
        }
    }
}

}  // namespace tc::fuzz
