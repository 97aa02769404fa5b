// SPDX-License-Identifier: MIT
//
// Requests and replies as long as those of our own protocol, to a server that does nothing but
// move them: what is left is the kernel's share and libuv's, the same for every server. Every GET
// "hits" a value of the size given.
#pragma once

#include <cstdint>

#include "bench/input_bytes.hpp"
#include "bench/output_bytes.hpp"
#include "driver/protocol.hpp"

namespace tc::bench {

class EchoProtocol final : public driver::Protocol {
 public:
    explicit EchoProtocol(std::uint32_t value_bytes);

    [[nodiscard]] bool append(std::uint32_t number, const driver::Operation& operation,
                              driver::Completions& completions) noexcept override;
    [[nodiscard]] std::span<const std::uint8_t> output() noexcept override {
        return output_.unsent();
    }
    void sent(std::size_t size) noexcept override { output_.sent(size); }
    [[nodiscard]] std::span<std::uint8_t> room() noexcept override { return input_.room(); }
    [[nodiscard]] bool received(std::size_t size,
                                driver::Completions& completions) noexcept override;
    [[nodiscard]] std::string failure() const override { return failure_; }
    [[nodiscard]] std::string reason_name(std::int32_t /*reason*/) const override { return {}; }

 private:
    [[nodiscard]] std::size_t request_bytes(const driver::Operation& operation) const noexcept;
    [[nodiscard]] std::size_t reply_bytes(const driver::Operation& operation) const noexcept;

    const std::uint32_t value_bytes_;
    OutputBytes output_;
    InputBytes input_;
    std::uint64_t skip_bytes_ = 0;
    bool is_skipping_ = false;
    driver::Completion skipped_for_;
    std::string failure_;
};

}  // namespace tc::bench
