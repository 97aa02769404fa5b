// SPDX-License-Identifier: MIT
//
// What the protocols of the comparison have in common: bytes that wait to be sent, bytes that were
// received, and why the connection can't go on, once it can't.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "bench/input_bytes.hpp"
#include "bench/output_bytes.hpp"
#include "driver/protocol.hpp"

namespace tc::bench {

class BufferedProtocol : public driver::Protocol {
 public:
    [[nodiscard]] std::span<const std::uint8_t> output() noexcept final { return output_.unsent(); }
    void sent(std::size_t size) noexcept final { output_.sent(size); }
    [[nodiscard]] std::span<std::uint8_t> room() noexcept final { return input_.room(); }
    [[nodiscard]] std::string failure() const final { return failure_; }

 protected:
    OutputBytes output_;
    InputBytes input_;
    std::string failure_;
};

}  // namespace tc::bench
