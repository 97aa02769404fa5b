// SPDX-License-Identifier: MIT
//
// The meta commands of memcached's text protocol: mg and ms. There are no tags: an operation with
// tags is refused here.
#pragma once

#include <cstdint>

#include "bench/buffered_protocol.hpp"
#include "bench/pending_queue.hpp"
#include "bench/reason_names.hpp"

namespace tc::bench {

class MetaProtocol final : public BufferedProtocol {
 public:
    MetaProtocol();

    [[nodiscard]] bool append(std::uint32_t number, const driver::Operation& operation,
                              driver::Completions& completions) noexcept override;
    [[nodiscard]] bool received(std::size_t size,
                                driver::Completions& completions) noexcept override;
    [[nodiscard]] std::string reason_name(std::int32_t reason) const override {
        return reasons_.name(reason);
    }

 private:
    struct Pending {
        std::uint32_t number;
        driver::Verb verb;
    };

    [[nodiscard]] bool read_line(std::string_view line, driver::Completions& completions) noexcept;
    void complete(driver::Outcome outcome, std::int32_t reason,
                  driver::Completions& completions) noexcept;
    [[nodiscard]] bool fail(std::string reason) noexcept;

    PendingQueue<Pending> pending_;
    std::uint64_t skip_bytes_ = 0;   // of a value and its line end
    std::uint64_t value_bytes_ = 0;  // of the hit that is complete when they have come
    ReasonNames reasons_;
};

}  // namespace tc::bench
