// SPDX-License-Identifier: MIT
//
// Our own protocol in raw frames: what the client library would send, without the library, so that
// in the comparison every server has a client of about the same cost.
#pragma once

#include <cstdint>
#include <vector>

#include "bench/buffered_protocol.hpp"
#include "protocol/frame.h"

namespace tc::bench {

class NativeProtocol final : public BufferedProtocol {
 public:
    NativeProtocol();

    [[nodiscard]] bool is_ready() const noexcept override { return is_ready_; }
    [[nodiscard]] bool append(std::uint32_t number, const driver::Operation& operation,
                              driver::Completions& completions) noexcept override;
    [[nodiscard]] bool received(std::size_t size,
                                driver::Completions& completions) noexcept override;
    [[nodiscard]] std::string reason_name(std::int32_t reason) const override;

 private:
    enum class Read : std::uint8_t { whole, cut_off, broken };

    void write_body(wire_writer& out, const driver::Operation& operation) noexcept;
    void use_tags(std::span<const std::string_view> tags) noexcept;
    [[nodiscard]] bool read_preface() noexcept;
    [[nodiscard]] Read read_head() noexcept;

    bool is_ready_ = false;
    std::uint64_t skip_bytes_ = 0;    // of a body that is not looked at
    bool is_skipping_ = false;        // an operation is complete when they have come
    driver::Completion skipped_for_;  // that one
    std::vector<wire_bytes> tags_;    // of the operation that is being appended
};

}  // namespace tc::bench
