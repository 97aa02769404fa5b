// SPDX-License-Identifier: MIT
//
// One connection that sends whatever the input says, in pieces: whatever comes back is what a
// server may say, and the store stays sound.
#pragma once

#include "input.hpp"

namespace tc::fuzz {

void run_connection(Input& input);

}  // namespace tc::fuzz
