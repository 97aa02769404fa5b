// SPDX-License-Identifier: MIT
//
// What a fuzz target is: one function over arbitrary bytes. libFuzzer calls it in the fuzz preset;
// in every other preset replay_main.cpp calls it for each file of a corpus.
#pragma once

#include <cstddef>
#include <cstdint>

// Returns 0. A finding ends the process.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
