// SPDX-License-Identifier: MIT
//
// Which statuses the server has answered to which opcodes, items of batches included: what the gate
// on the reach of the corpora asks.
#pragma once

#include <cstdint>

#include "protocol/frame.h"

namespace tc::fuzz {

void note_reached(const wire_reply& reply);
[[nodiscard]] bool is_reached(std::uint8_t opcode, std::uint8_t status);
// To any opcode.
[[nodiscard]] bool is_status_reached(std::uint8_t status);

}  // namespace tc::fuzz
