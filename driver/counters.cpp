// SPDX-License-Identifier: MIT
#include "driver/counters.hpp"

namespace tc::driver {

const char* answer_name(Answer answer) noexcept {
    switch (answer) {
        case Answer::hit: return "get hit";
        case Answer::miss: return "get miss";
        case Answer::put: return "put";
        case Answer::invalidate: return "invalidate";
    }
    return "";
}

void Counters::count_refusal(const std::string& reason) {
    ++refused_count;
    ++reasons[reason];
}

void Counters::count_failure(const std::string& reason) {
    ++error_count;
    ++reasons[reason];
}

void Counters::merge(const Counters& other) {
    for (std::size_t i = 0; i < answer_count; ++i) {
        latencies[i].merge(other.latencies[i]);
    }
    refused_count += other.refused_count;
    error_count += other.error_count;
    value_bytes += other.value_bytes;
    sent_bytes += other.sent_bytes;
    received_bytes += other.received_bytes;
    send_delay.merge(other.send_delay);
    for (const auto& [reason, count] : other.reasons) {
        reasons[reason] += count;
    }
}

std::uint64_t Counters::answered_count() const noexcept {
    std::uint64_t sum = 0;
    for (const LatencyHistogram& each : latencies) {
        sum += each.count();
    }
    return sum;
}

std::uint64_t Counters::succeeded_count() const noexcept {
    return answered_count() - latency(Answer::miss).count();
}

double Counters::hit_ratio() const noexcept {
    const std::uint64_t hits = latency(Answer::hit).count();
    const std::uint64_t gets = hits + latency(Answer::miss).count();
    return gets == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(gets);
}

}  // namespace tc::driver
