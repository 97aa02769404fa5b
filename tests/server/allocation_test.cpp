// SPDX-License-Identifier: MIT
//
// Allocations on the whole path, from bytes in to bytes out: a real Server in this process, whose
// allocator's entry points are replaced by counting ones. The client side allocates nothing.
#include <dlfcn.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <new>
#include <thread>

#include "server/server.hpp"
#include "store/memory.hpp"
#include "support/wire_client.hpp"

namespace {

std::atomic<std::uint64_t> allocation_count{0};

template <typename Function>
Function next(const char* name) noexcept {
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

void* count_malloc(const char* name, std::size_t size) noexcept {
    allocation_count.fetch_add(1, std::memory_order_relaxed);
    return next<void* (*)(std::size_t)>(name)(size);
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) noexcept {
    static const auto real = next<void* (*)(std::size_t)>("malloc");
    allocation_count.fetch_add(1, std::memory_order_relaxed);
    return real(size);
}

void* calloc(std::size_t count, std::size_t size) noexcept {
    static const auto real = next<void* (*)(std::size_t, std::size_t)>("calloc");
    allocation_count.fetch_add(1, std::memory_order_relaxed);
    return real(count, size);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t size) noexcept {
    static const auto real = next<int (*)(void**, std::size_t, std::size_t)>("posix_memalign");
    allocation_count.fetch_add(1, std::memory_order_relaxed);
    return real(block, alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    static const auto real = next<void* (*)(std::size_t, std::size_t)>("aligned_alloc");
    allocation_count.fetch_add(1, std::memory_order_relaxed);
    return real(alignment, size);
}

void* realloc(void* block, std::size_t size) noexcept {
    static const auto real = next<void* (*)(void*, std::size_t)>("realloc");
    allocation_count.fetch_add(1, std::memory_order_relaxed);
    return real(block, size);
}

void* mi_malloc(std::size_t size) noexcept {
    return count_malloc("mi_malloc", size);
}

void* mi_realloc(void* block, std::size_t size) noexcept {
    allocation_count.fetch_add(1, std::memory_order_relaxed);
    return next<void* (*)(void*, std::size_t)>("mi_realloc")(block, size);
}
}

void* operator new(std::size_t size) {
    if (void* block = malloc(size)) {
        return block;
    }
    throw std::bad_alloc();
}

void* operator new(std::size_t size, const std::nothrow_t& /*unused*/) noexcept {
    return malloc(size);
}

void* operator new(std::size_t size, std::align_val_t alignment) {
    const auto bytes = static_cast<std::size_t>(alignment);
    if (void* block = aligned_alloc(bytes, (size + bytes - 1) / bytes * bytes)) {
        return block;
    }
    throw std::bad_alloc();
}

void operator delete(void* block, std::align_val_t /*alignment*/) noexcept {
    std::free(block);
}

void operator delete(void* block, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
    std::free(block);
}

void operator delete(void* block) noexcept {
    std::free(block);
}

void operator delete(void* block, std::size_t /*size*/) noexcept {
    std::free(block);
}

using namespace tc::test;

namespace {

class ServerHere {
 public:
    ServerHere()
        : store_(store_options()),
          configuration_({}, "", tc::completed(settings())),
          log_(tc::LogLevel::off, tc::LogFormat::text, STDERR_FILENO),
          server_(store_, configuration_, log_) {
        server_.start();
        thread_ = std::thread([this] { server_.run(); });
    }
    ~ServerHere() {
        kill(getpid(), SIGTERM);
        thread_.join();
    }
    [[nodiscard]] int port() const {
        const std::string& text = server_.address_text();
        return std::stoi(text.substr(text.find(':') + 1));
    }

 private:
    static tc::StoreOptions store_options() {
        tc::StoreOptions options;
        options.memory_bytes_max = tc::completed({}).memory_bytes_max;
        return options;
    }
    static tc::Settings settings() {
        tc::Settings settings;
        settings.port = 0;
        settings.reactor_count = 1;
        settings.log_level = "off";
        return settings;
    }

    tc::Store store_;
    tc::Configuration configuration_;
    tc::Log log_;
    tc::Server server_;
    std::thread thread_;
};

// Sends `frame` `count` times, each once the reply to the one before has come whole.
std::uint64_t allocations_of(WireClient& client, const std::string& frame, std::size_t reply_bytes,
                             int count) {
    char buffer[64 * 1024];
    const std::uint64_t before = allocation_count.load();
    for (int i = 0; i < count; ++i) {
        REQUIRE(::send(client.fd(), frame.data(), frame.size(), 0) ==
                static_cast<ssize_t>(frame.size()));
        REQUIRE(::recv(client.fd(), buffer, reply_bytes, MSG_WAITALL) ==
                static_cast<ssize_t>(reply_bytes));
    }
    return allocation_count.load() - before;
}

}  // namespace

TEST_CASE("a GET hit allocates nothing from bytes in to bytes out") {
    ServerHere server;
    auto client = WireClient::greeted(server.port());
    const std::string value(1000, 'v');
    REQUIRE(client.call(put_frame("key", value, {"a", "b", "c"})).status == WIRE_OK);
    const std::string get = get_frame("key");
    const std::size_t reply_bytes = WIRE_HEADER_BYTES + 2 + 4 + value.size();
    (void)allocations_of(client, get, reply_bytes, 100);  // buffers reach their size
    CHECK(allocations_of(client, get, reply_bytes, 1000) == 0);
    const std::string pipeline = get + get + get + get;
    (void)allocations_of(client, pipeline, 4 * reply_bytes, 100);
    CHECK(allocations_of(client, pipeline, 4 * reply_bytes, 1000) == 0);
    const std::string miss = get_frame("absent");
    CHECK(allocations_of(client, miss, WIRE_HEADER_BYTES, 1000) == 0);
}

TEST_CASE("a steady-state PUT with three tags allocates at most twice") {
    ServerHere server;
    auto client = WireClient::greeted(server.port());
    REQUIRE(client.call(put_frame("other", "v", {"a", "b", "c"})).status == WIRE_OK);
    const std::string put = put_frame("key", std::string(100, 'v'), {"a", "b", "c"});
    (void)allocations_of(client, put, WIRE_HEADER_BYTES, 1000);
    CHECK(allocations_of(client, put, WIRE_HEADER_BYTES, 1000) <= 2 * 1000);
}

TEST_CASE("the counters of this test count") {
    const std::uint64_t before = allocation_count.load();
    // An optimizer may leave out an allocation that nobody looks at.
    void* volatile escaped = ::operator new(1);
    ::operator delete(escaped);
    escaped = std::malloc(1000);
    std::free(escaped);
    escaped = std::calloc(1, 1000);
    std::free(escaped);
    escaped = std::aligned_alloc(64, 128);
    std::free(escaped);
    escaped = ::operator new (128, std::align_val_t{64});
    ::operator delete (escaped, std::align_val_t{64});
    // The store's door, which is the one that a PUT goes through.
    escaped = tc::allocate(100);
    tc::release(escaped);
    CHECK(allocation_count.load() - before >= 6);
}
