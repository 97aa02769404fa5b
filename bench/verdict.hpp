// SPDX-License-Identifier: MIT
//
// Google Benchmark's exit status does not know of wrong results: they are noted here.
#pragma once

#include <benchmark/benchmark.h>

#include <atomic>

namespace tc::bench {

inline std::atomic<bool> is_wrong{false};

inline void fail(benchmark::State& state, const char* what) {
    is_wrong = true;
    state.SkipWithError(what);
}

}  // namespace tc::bench
