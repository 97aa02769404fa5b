// SPDX-License-Identifier: MIT
//
// The server's preface as bytes: the first thing it says, or the only one.
#pragma once

#include <array>
#include <cstdint>

#include "protocol/frame.h"

namespace tc {

[[nodiscard]] inline std::array<std::uint8_t, WIRE_PREFACE_BYTES> server_preface(
    std::uint8_t chosen, wire_refusal reason) noexcept {
    std::array<std::uint8_t, WIRE_PREFACE_BYTES> bytes{};
    wire_writer out = wire_writer_over(bytes.data(), bytes.size());
    const wire_server_preface preface{chosen, WIRE_VERSION_OLDEST, WIRE_VERSION,
                                      static_cast<std::uint8_t>(reason)};
    wire_encode_server_preface(&out, &preface);
    return bytes;
}

}  // namespace tc
