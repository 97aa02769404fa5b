// SPDX-License-Identifier: MIT
//
// Requests and replies as long as those of our own protocol, to a server that does nothing but
// move them: what is left is the kernel's share and libuv's, the same for every server. Every GET
// "hits" a value of the size given.
#pragma once

#include <cstdint>

#include "bench/buffered_protocol.hpp"

namespace tc::bench {

class EchoProtocol final : public BufferedProtocol {
 public:
    explicit EchoProtocol(std::uint32_t value_bytes);

    [[nodiscard]] bool append(std::uint32_t number, const driver::Operation& operation,
                              driver::Completions& completions) noexcept override;
    [[nodiscard]] bool received(std::size_t size,
                                driver::Completions& completions) noexcept override;
    [[nodiscard]] std::string reason_name(std::int32_t /*reason*/) const override { return {}; }

 private:
    [[nodiscard]] std::size_t request_bytes(const driver::Operation& operation) const noexcept;
    [[nodiscard]] std::size_t reply_bytes(const driver::Operation& operation) const noexcept;

    const std::uint32_t value_bytes_;
    std::uint64_t skip_bytes_ = 0;
    bool is_skipping_ = false;
    driver::Completion skipped_for_;
};

}  // namespace tc::bench
