// SPDX-License-Identifier: MIT
#include "bench/contender.hpp"

#include <unistd.h>

#include <memory>
#include <stdexcept>

#include "bench/comparison_figures.hpp"
#include "bench/echo_protocol.hpp"
#include "bench/meta_protocol.hpp"
#include "bench/native_protocol.hpp"
#include "bench/resp_protocol.hpp"

namespace tc::bench {
namespace {

using Words = std::vector<std::string>;

// More than any row stores, so that nobody evicts.
constexpr const char* memory_mib = "8192";

Words tagcached_words(const std::string& program, const std::string& port, std::uint32_t threads) {
    return {program,
            "--bind",
            "127.0.0.1",
            "--port",
            port,
            "--reactors",
            std::to_string(threads),
            "--memory-max",
            std::string(memory_mib) + "m"};
}

Words redis_words(const std::string& program, const std::string& port, std::uint32_t threads) {
    return {program,
            "--bind",
            "127.0.0.1",
            "--port",
            port,
            "--save",
            "",
            "--appendonly",
            "no",
            "--io-threads",
            std::to_string(threads)};
}

// -R: how many commands of one connection it does before it turns to the next. With the 20 that it
// has by default it makes a system call for every 20 commands of a pipeline.
Words memcached_words(const std::string& program, const std::string& port, std::uint32_t threads) {
    Words words = {program, "-l",          "127.0.0.1",
                   "-p",    port,          "-U",
                   "0",     "-t",          std::to_string(threads),
                   "-m",    memory_mib,    "-c",
                   "2048",  "-R",          "1000",
                   "-o",    "hashpower=21"};
    if (geteuid() == 0) {
        words.insert(words.end(), {"-u", "root"});  // it would not start otherwise
    }
    return words;
}

Words words_for(const Contender& contender, const std::string& port, std::uint32_t threads) {
    switch (contender.speech) {
        case Speech::native: return tagcached_words(contender.program, port, threads);
        case Speech::resp: return redis_words(contender.program, port, threads);
        case Speech::meta: return memcached_words(contender.program, port, threads);
        case Speech::echo: return {contender.program, port};
    }
    return {};
}

}  // namespace

bool Contender::takes_part_in(const Row& row) const noexcept {
    switch (speech) {
        case Speech::meta: return !row.has_tags();
        case Speech::echo: return row.server_threads == 1;
        default: return true;
    }
}

ServerProcess::Command Contender::command(std::uint32_t threads) const {
    return [contender = *this, threads](std::uint16_t port) {
        return words_for(contender, std::to_string(port), threads);
    };
}

driver::ProtocolFactory Contender::protocol(std::uint64_t value_bytes) const {
    switch (speech) {
        case Speech::native: return [] { return std::make_unique<NativeProtocol>(); };
        case Speech::resp: return [] { return std::make_unique<RespProtocol>(); };
        case Speech::meta: return [] { return std::make_unique<MetaProtocol>(); };
        case Speech::echo: break;
    }
    return [size = static_cast<std::uint32_t>(value_bytes)] {
        return std::make_unique<EchoProtocol>(size);
    };
}

std::vector<Contender> all_contenders(const std::filesystem::path& our_programs) {
    const auto own = [&](const char* program) {
        const std::filesystem::path path = our_programs / program;
        if (access(path.c_str(), X_OK) != 0) {
            throw std::runtime_error(path.string() + " is not there");
        }
        return path.string();
    };
    return {
        {ours, own("tagcached"), Speech::native},
        {"redis", find_program("redis-server").value_or(""), Speech::resp},
        {"memcached", find_program("memcached").value_or(""), Speech::meta},
        {"valkey", find_program("valkey-server").value_or(""), Speech::resp},
        {floor_server, own("echo_server"), Speech::echo},
    };
}

}  // namespace tc::bench
