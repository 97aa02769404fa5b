// SPDX-License-Identifier: MIT
//
// What one thread has measured, and the sum of several. Only what succeeded has a latency: an error
// that comes back at once would make a server look fast.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "driver/latency_histogram.hpp"
#include "driver/protocol.hpp"
#include "driver/window.hpp"

namespace tc::driver {

// A miss is an answer, but not the one that was wanted: it has figures of its own.
enum class Answer : std::uint8_t { hit, miss, put, invalidate };
inline constexpr std::size_t answer_count = 4;
[[nodiscard]] const char* answer_name(Answer answer) noexcept;  // "get hit"

struct Counters {
    std::array<LatencyHistogram, answer_count> latencies{};  // by Answer, from the intended time
    std::uint64_t refused_count = 0;
    std::uint64_t error_count = 0;
    std::uint64_t value_bytes = 0;  // that hits brought
    std::uint64_t sent_bytes = 0;
    std::uint64_t received_bytes = 0;
    // Open loop: how long after their intended time operations left, which is the part of the
    // latency that they spent in this program, waiting for a place.
    LatencyHistogram send_delay;
    // Why operations were refused or failed.
    std::map<std::string, std::uint64_t> reasons;

    // What became of an operation that was on its way, by now.
    void record(const Flight& flight, const Completion& completion, std::uint64_t now_ns,
                const Protocol& protocol) {
        const bool is_of_get =
            completion.outcome == Outcome::hit || completion.outcome == Outcome::miss;
        if (completion.outcome <= Outcome::done && is_of_get != (flight.verb == Verb::get)) {
            count_failure("an answer of another kind");
            return;
        }
        const std::uint64_t latency_ns = now_ns - flight.intended_ns;
        switch (completion.outcome) {
            case Outcome::hit:
                value_bytes += completion.value_bytes;
                latency(Answer::hit).record(latency_ns);
                return;
            case Outcome::miss: latency(Answer::miss).record(latency_ns); return;
            case Outcome::done:
                latency(flight.verb == Verb::put ? Answer::put : Answer::invalidate)
                    .record(latency_ns);
                return;
            case Outcome::refused: count_refusal(protocol.reason_name(completion.reason)); return;
            case Outcome::error: count_failure(protocol.reason_name(completion.reason)); return;
        }
    }
    void count_refusal(const std::string& reason);
    void count_failure(const std::string& reason);
    void merge(const Counters& other);

    [[nodiscard]] const LatencyHistogram& latency(Answer answer) const noexcept {
        return latencies[static_cast<std::size_t>(answer)];
    }
    [[nodiscard]] LatencyHistogram& latency(Answer answer) noexcept {
        return latencies[static_cast<std::size_t>(answer)];
    }
    // Hits, and writes that were made.
    [[nodiscard]] std::uint64_t succeeded_count() const noexcept;
    // With misses.
    [[nodiscard]] std::uint64_t answered_count() const noexcept;
    // Whatever became of them.
    [[nodiscard]] std::uint64_t completed_count() const noexcept {
        return answered_count() + refused_count + error_count;
    }
    // Of the gets that were answered; 0 when none was.
    [[nodiscard]] double hit_ratio() const noexcept;
};

}  // namespace tc::driver
