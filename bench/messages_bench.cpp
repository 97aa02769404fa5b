// SPDX-License-Identifier: MIT
//
// The codec alone: what encoding and decoding the common messages cost, header included, and what
// finding the frames of a window costs. A message that does not come back fails the program.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/entry_messages.h"
#include "protocol/frame.h"
#include "protocol/tag_messages.h"
#include "verdict.hpp"

namespace tc::bench {
namespace {

constexpr std::uint32_t body_bytes_max = 1 << 20;

wire_bytes bytes(std::string_view text) {
    return {text.data(), text.size()};
}

const std::string key = "key:000000000042";
const std::array<wire_bytes, 3> tags = {bytes("product:123456"), bytes("category:17"),
                                        bytes("user:987654321")};

wire_list first_tags(std::uint32_t count) {
    return {count, tags.data(), {}};
}

// Bytes of the test, and a writer over them.
class Message {
 public:
    explicit Message(std::size_t capacity = 1024) : storage_(capacity, '\0') {}

    [[nodiscard]] wire_writer writer() {
        return wire_writer_over(storage_.data(), storage_.size());
    }
    void keep(const wire_writer& out) { size_ = wire_writer_size(&out); }
    [[nodiscard]] wire_bytes bytes() const { return {storage_.data(), size_}; }

 private:
    std::string storage_;
    std::size_t size_ = 0;
};

template <typename WriteBody>
void encode_request(wire_writer& out, std::uint8_t opcode, WriteBody write_body) {
    const std::size_t begin = wire_begin_request(&out, opcode, 0, 1);
    write_body(&out);
    wire_finish_request(&out, begin);
}

template <typename WriteBody>
void encode_reply(wire_writer& out, std::uint8_t opcode, WriteBody write_body) {
    const std::size_t begin = wire_begin_reply(&out, opcode, 1);
    write_body(&out);
    wire_finish_reply(&out, begin, WIRE_OK, 0);
}

// encode(writer) writes one message.
template <typename Encode>
void measure_encode(benchmark::State& state, Encode encode, std::size_t capacity = 1024) {
    Message message(capacity);
    for (auto _ : state) {
        wire_writer out = message.writer();
        encode(out);
        message.keep(out);
        benchmark::DoNotOptimize(message);
        benchmark::ClobberMemory();
        if (out.failed) {
            return fail(state, "a message does not fit");
        }
    }
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(message.bytes().size));
}

// What encode(writer) writes is decoded by decode(bytes), which tells whether it is what it was.
template <typename Encode, typename Decode>
void measure_decode(benchmark::State& state, Encode encode, Decode decode,
                    std::size_t capacity = 1024) {
    Message message(capacity);
    wire_writer out = message.writer();
    encode(out);
    message.keep(out);
    for (auto _ : state) {
        wire_bytes arrived = message.bytes();
        benchmark::DoNotOptimize(arrived);
        if (!decode(arrived)) {
            return fail(state, "a message does not come back");
        }
    }
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(message.bytes().size));
}

bool parse_request(wire_bytes arrived, wire_request& request) {
    return wire_parse_request(arrived, body_bytes_max, &request) == WIRE_FRAME_COMPLETE;
}

bool parse_reply(wire_bytes arrived, wire_reply& reply) {
    return wire_parse_reply(arrived, body_bytes_max, &reply) == WIRE_FRAME_COMPLETE;
}

// The decoded message is used, so that no field of it is optimised away.
template <typename Decoded>
bool used(bool is_decoded, Decoded& decoded) {
    benchmark::DoNotOptimize(decoded);
    return is_decoded;
}

void encode_ping(wire_writer& out) {
    encode_request(out, WIRE_OP_PING, [](wire_writer*) {});
}

void BM_ping_encode(benchmark::State& state) {
    measure_encode(state, encode_ping);
}
BENCHMARK(BM_ping_encode);

void BM_ping_decode(benchmark::State& state) {
    measure_decode(state, encode_ping, [](wire_bytes arrived) {
        wire_request request;
        return used(parse_request(arrived, request), request);
    });
}
BENCHMARK(BM_ping_decode);

void encode_get(wire_writer& out) {
    const wire_get get{0, 0, bytes(key)};
    encode_request(out, WIRE_OP_GET, [&](wire_writer* body) { wire_encode_get(body, &get); });
}

void BM_get_encode(benchmark::State& state) {
    measure_encode(state, encode_get);
}
BENCHMARK(BM_get_encode);

void BM_get_decode(benchmark::State& state) {
    measure_decode(state, encode_get, [](wire_bytes arrived) {
        wire_request request;
        wire_get get;
        return parse_request(arrived, request) && used(wire_decode_get(request.body, &get), get);
    });
}
BENCHMARK(BM_get_decode);

// The reply to a GET that hits.
void encode_hit(wire_writer& out, const std::string& value) {
    wire_hit hit{};
    hit.value = bytes(value);
    encode_reply(out, WIRE_OP_GET, [&](wire_writer* body) { wire_write_hit(body, &hit); });
}

void BM_hit_encode(benchmark::State& state) {
    const std::string value(static_cast<std::size_t>(state.range(0)), 'v');
    measure_encode(
        state, [&](wire_writer& out) { encode_hit(out, value); }, value.size() + 64);
}
BENCHMARK(BM_hit_encode)->ArgName("value_bytes")->Arg(16)->Arg(100)->Arg(1024)->Arg(16384);

void BM_hit_decode(benchmark::State& state) {
    const std::string value(static_cast<std::size_t>(state.range(0)), 'v');
    measure_decode(
        state, [&](wire_writer& out) { encode_hit(out, value); },
        [&](wire_bytes arrived) {
            wire_reply reply;
            wire_hit hit;
            return parse_reply(arrived, reply) && used(wire_decode_hit(reply.body, &hit), hit) &&
                   hit.value.size == value.size();
        },
        value.size() + 64);
}
BENCHMARK(BM_hit_decode)->ArgName("value_bytes")->Arg(100);

void encode_put(wire_writer& out, const std::string& value, std::uint32_t tag_count) {
    wire_put put{};
    put.options = tag_count == 0 ? 0 : WIRE_FIELD_TAGS;
    put.tags = first_tags(tag_count);
    put.key = bytes(key);
    put.value = bytes(value);
    encode_request(out, WIRE_OP_PUT, [&](wire_writer* body) { wire_encode_put(body, &put); });
}

void BM_put_encode(benchmark::State& state) {
    const std::string value(static_cast<std::size_t>(state.range(0)), 'v');
    const auto tag_count = static_cast<std::uint32_t>(state.range(1));
    measure_encode(
        state, [&](wire_writer& out) { encode_put(out, value, tag_count); }, value.size() + 128);
}
BENCHMARK(BM_put_encode)->ArgNames({"value_bytes", "tags"})->ArgsProduct({{16, 100, 1024}, {0, 3}});

void BM_put_decode(benchmark::State& state) {
    const std::string value(static_cast<std::size_t>(state.range(0)), 'v');
    const auto tag_count = static_cast<std::uint32_t>(state.range(1));
    measure_decode(
        state, [&](wire_writer& out) { encode_put(out, value, tag_count); },
        [&](wire_bytes arrived) {
            wire_request request;
            wire_put put;
            return parse_request(arrived, request) &&
                   used(wire_decode_put(request.body, &put), put) && put.tags.count == tag_count &&
                   put.value.size == value.size();
        },
        value.size() + 128);
}
BENCHMARK(BM_put_decode)->ArgNames({"value_bytes", "tags"})->ArgsProduct({{100}, {0, 3}});

// The reply to a PUT that did not ask for its version.
void encode_stored(wire_writer& out) {
    encode_reply(out, WIRE_OP_PUT, [](wire_writer* body) { wire_write_version(body, 0); });
}

void BM_stored_encode(benchmark::State& state) {
    measure_encode(state, encode_stored);
}
BENCHMARK(BM_stored_encode);

void BM_stored_decode(benchmark::State& state) {
    measure_decode(state, encode_stored, [](wire_bytes arrived) {
        wire_reply reply;
        std::uint64_t version = 0;
        return parse_reply(arrived, reply) &&
               used(wire_decode_stored(reply.body, &version), version);
    });
}
BENCHMARK(BM_stored_decode);

constexpr std::uint32_t key_count = 16;

// key_count times the same key.
struct Keys {
    std::array<wire_bytes, key_count> array;
    wire_list list{key_count, array.data(), {}};

    Keys() { array.fill(bytes(key)); }
    Keys(const Keys&) = delete;
    Keys& operator=(const Keys&) = delete;
};

void encode_mget(wire_writer& out) {
    const Keys keys;
    const wire_mget mget{0, 0, keys.list};
    encode_request(out, WIRE_OP_MGET, [&](wire_writer* body) { wire_encode_mget(body, &mget); });
}

void BM_mget_encode(benchmark::State& state) {
    measure_encode(state, encode_mget);
}
BENCHMARK(BM_mget_encode);

void BM_mget_decode(benchmark::State& state) {
    measure_decode(state, encode_mget, [](wire_bytes arrived) {
        wire_request request;
        wire_mget mget;
        if (!parse_request(arrived, request) || !wire_decode_mget(request.body, &mget)) {
            return false;
        }
        wire_reader keys = wire_reader_over(mget.keys.raw);
        for (std::uint32_t i = 0; i < mget.keys.count; ++i) {
            wire_bytes next = wire_next_key(&keys);
            benchmark::DoNotOptimize(next);
        }
        return wire_reader_finished(&keys);
    });
}
BENCHMARK(BM_mget_decode);

void encode_delete(wire_writer& out) {
    const wire_bytes one = bytes(key);
    const wire_keys keys{0, 0, {1, &one, {}}, nullptr};
    encode_request(out, WIRE_OP_DELETE,
                   [&](wire_writer* body) { wire_encode_keys(body, WIRE_OP_DELETE, &keys); });
}

void BM_delete_encode(benchmark::State& state) {
    measure_encode(state, encode_delete);
}
BENCHMARK(BM_delete_encode);

void BM_delete_decode(benchmark::State& state) {
    measure_decode(state, encode_delete, [](wire_bytes arrived) {
        wire_request request;
        wire_keys keys;
        return parse_request(arrived, request) &&
               used(wire_decode_keys(request.body, WIRE_OP_DELETE, &keys), keys);
    });
}
BENCHMARK(BM_delete_decode);

// The reply to a DELETE of one key.
void encode_results(wire_writer& out) {
    encode_reply(out, WIRE_OP_DELETE, [](wire_writer* body) {
        wire_write_results_head(body, 1, 0);
        wire_write_result(body, 0, WIRE_OK, 0);
    });
}

void BM_results_encode(benchmark::State& state) {
    measure_encode(state, encode_results);
}
BENCHMARK(BM_results_encode);

void BM_results_decode(benchmark::State& state) {
    measure_decode(state, encode_results, [](wire_bytes arrived) {
        wire_reply reply;
        wire_results results;
        return parse_reply(arrived, reply) &&
               used(wire_decode_results(reply.body, &results), results);
    });
}
BENCHMARK(BM_results_decode);

void encode_invalidate(wire_writer& out) {
    const wire_invalidate invalidate{0, first_tags(1)};
    encode_request(out, WIRE_OP_INVALIDATE,
                   [&](wire_writer* body) { wire_encode_invalidate(body, &invalidate); });
}

void BM_invalidate_encode(benchmark::State& state) {
    measure_encode(state, encode_invalidate);
}
BENCHMARK(BM_invalidate_encode);

void BM_invalidate_decode(benchmark::State& state) {
    measure_decode(state, encode_invalidate, [](wire_bytes arrived) {
        wire_request request;
        wire_invalidate invalidate;
        return parse_request(arrived, request) &&
               used(wire_decode_invalidate(request.body, &invalidate), invalidate);
    });
}
BENCHMARK(BM_invalidate_decode);

// The reply to an INVALIDATE.
void encode_count(wire_writer& out) {
    encode_reply(out, WIRE_OP_INVALIDATE, [](wire_writer* body) { wire_write_u64(body, 1); });
}

void BM_count_encode(benchmark::State& state) {
    measure_encode(state, encode_count);
}
BENCHMARK(BM_count_encode);

void BM_count_decode(benchmark::State& state) {
    measure_decode(state, encode_count, [](wire_bytes arrived) {
        wire_reply reply;
        std::uint64_t count = 0;
        return parse_reply(arrived, reply) && used(wire_decode_count(reply.body, &count), count);
    });
}
BENCHMARK(BM_count_decode);

// All frames of a window of GETs, one behind the other, as the server finds them.
void BM_parse_window(benchmark::State& state) {
    const auto frame_count = static_cast<std::uint32_t>(state.range(0));
    Message message(frame_count * 64);
    wire_writer out = message.writer();
    for (std::uint32_t i = 0; i < frame_count; ++i) {
        encode_get(out);
    }
    message.keep(out);
    for (auto _ : state) {
        wire_bytes rest = message.bytes();
        benchmark::DoNotOptimize(rest);
        std::uint32_t found_count = 0;
        wire_request request;
        while (rest.size != 0 && used(parse_request(rest, request), request)) {
            rest.data = static_cast<const char*>(rest.data) + request.frame_bytes;
            rest.size -= request.frame_bytes;
            ++found_count;
        }
        if (found_count != frame_count) {
            return fail(state, "a frame is lost");
        }
    }
    state.SetItemsProcessed(state.iterations() * frame_count);
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(message.bytes().size));
}
BENCHMARK(BM_parse_window)->ArgName("frames")->Arg(1)->Arg(16)->Arg(32)->Arg(256);

}  // namespace
}  // namespace tc::bench

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 2;
    }
    benchmark::RunSpecifiedBenchmarks();
    return tc::bench::is_wrong ? 1 : 0;
}
