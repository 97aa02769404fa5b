// SPDX-License-Identifier: MIT
//
// The part of store_bench that is about tags.
#pragma once

namespace tc::bench {

// Adds them to those that Google Benchmark will run.
void add_tag_benchmarks();

}  // namespace tc::bench
