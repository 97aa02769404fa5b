// SPDX-License-Identifier: MIT
//
// The codec alone: what parsing and encoding cost a request.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <string>

#include "protocol/entry_messages.h"
#include "protocol/frame.h"

namespace {

wire_bytes bytes(const std::string& text) {
    return {text.data(), text.size()};
}

void BM_get_request_decode(benchmark::State& state) {
    std::array<std::uint8_t, 256> buffer{};
    wire_writer out = wire_writer_over(buffer.data(), buffer.size());
    const std::string key = "key:000000000042";
    const wire_get sent{0, 0, bytes(key)};
    const std::size_t begin = wire_begin_request(&out, WIRE_OP_GET, 0, 1);
    wire_encode_get(&out, &sent);
    wire_finish_request(&out, begin);
    for (auto _ : state) {
        wire_request request;
        wire_get get;
        benchmark::DoNotOptimize(
            wire_parse_request({buffer.data(), wire_writer_size(&out)}, 1 << 20, &request));
        benchmark::DoNotOptimize(wire_decode_get(request.body, &get));
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_get_request_decode);

void BM_hit_reply_encode(benchmark::State& state) {
    const std::string value(static_cast<std::size_t>(state.range(0)), 'v');
    std::string buffer(value.size() + 256, '\0');
    wire_hit hit{};
    hit.value = bytes(value);
    for (auto _ : state) {
        wire_writer out = wire_writer_over(buffer.data(), buffer.size());
        const std::size_t begin = wire_begin_reply(&out, WIRE_OP_GET, 1);
        wire_write_hit(&out, &hit);
        wire_finish_reply(&out, begin, WIRE_OK, 0);
        benchmark::DoNotOptimize(buffer.data());
        benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_hit_reply_encode)->ArgName("value_bytes")->Arg(16)->Arg(100)->Arg(1024);

}  // namespace
