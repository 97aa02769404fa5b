// SPDX-License-Identifier: MIT
//
// A protocol for tests. A request is 6 bytes: its number as 4, its verb, and the last byte of its
// key or tag; an answer is 5: the number, and what became of it.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "driver/protocol.hpp"

namespace tc::driver::test {

inline constexpr std::size_t toy_request_bytes = 6;
inline constexpr std::size_t toy_answer_bytes = 5;
// What a server sends before anything else; a protocol that gets something else fails.
inline constexpr std::uint8_t toy_greeting = 'T';
// An answer with this outcome makes no sense.
inline constexpr std::uint8_t toy_nonsense = 0xFF;

class ToyProtocol : public Protocol {
 public:
    // So many bytes of output are taken before they have left.
    explicit ToyProtocol(std::size_t output_bytes_max = 1'000'000)
        : output_bytes_max_(output_bytes_max) {}

    [[nodiscard]] bool is_ready() const noexcept override { return is_ready_; }

    bool append(std::uint32_t number, const Operation& operation,
                Completions& completions) noexcept override {
        const std::string_view name =
            operation.verb == Verb::invalidate ? operation.tags[0] : operation.key;
        if (operation.verb == Verb::invalidate && !takes_invalidations) {
            completions.push_back({number, Outcome::refused, 1, 0});
            return true;
        }
        if (!output_.empty() && output_.size() + toy_request_bytes > output_bytes_max_) {
            return false;
        }
        std::array<std::uint8_t, toy_request_bytes> request{};
        std::memcpy(request.data(), &number, sizeof number);
        request[4] = static_cast<std::uint8_t>(operation.verb);
        request[5] = static_cast<std::uint8_t>(name.back());
        output_.insert(output_.end(), request.begin(), request.end());
        return true;
    }

    std::span<const std::uint8_t> output() noexcept override { return output_; }
    void sent(std::size_t size) noexcept override {
        output_.erase(output_.begin(), output_.begin() + static_cast<std::ptrdiff_t>(size));
    }

    std::span<std::uint8_t> room() noexcept override {
        return {input_.data() + input_bytes_, input_.size() - input_bytes_};
    }
    bool received(std::size_t size, Completions& completions) noexcept override {
        input_bytes_ += size;
        std::size_t used = 0;
        if (!is_ready_) {
            is_ready_ = input_[0] == toy_greeting;
            used = 1;
        }
        bool is_sound = is_ready_;
        for (; is_sound && input_bytes_ - used >= toy_answer_bytes; used += toy_answer_bytes) {
            Completion completion;
            std::memcpy(&completion.number, input_.data() + used, sizeof completion.number);
            const std::uint8_t outcome = input_[used + 4];
            if (outcome == toy_nonsense) {
                is_sound = false;
                break;
            }
            completion.outcome = static_cast<Outcome>(outcome);
            completion.reason = 7;
            completions.push_back(completion);
        }
        input_bytes_ -= used;
        std::memmove(input_.data(), input_.data() + used, input_bytes_);
        return is_sound;
    }
    [[nodiscard]] std::string failure() const override { return is_ready_ ? "" : "not a toy"; }
    [[nodiscard]] std::string reason_name(std::int32_t reason) const override {
        return "toy " + std::to_string(reason);
    }

    bool takes_invalidations = true;

 private:
    std::size_t output_bytes_max_;
    bool is_ready_ = false;
    std::vector<std::uint8_t> output_;
    // Not a multiple of an answer, so that answers are cut.
    std::array<std::uint8_t, 64> input_{};
    std::size_t input_bytes_ = 0;
};

}  // namespace tc::driver::test
