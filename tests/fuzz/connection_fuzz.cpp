// SPDX-License-Identifier: MIT
//
// Arbitrary bytes to a whole server: an input is the size of a piece, and a stream.
#include "connection_run.hpp"
#include "target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    tc::fuzz::Input input(data, size);
    tc::fuzz::run_connection(input);
    return 0;
}
