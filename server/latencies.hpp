// SPDX-License-Identifier: MIT
//
// How long requests take in the server, by class: from the moment that their bytes were read, or
// their turn came again, until their replies were handed to the kernel. Requests that were answered
// together took equally long. Counts since the start, in buckets an eighth of a doubling wide.
//
// Threads: written by one reactor, read by anybody.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <numeric>

#include "protocol/wire.h"
#include "store/session.hpp"

namespace tc {

enum class RequestClass : std::uint8_t {
    read,        // of entries by key
    write,       // of entries by key
    invalidate,  // of many at once
    page,        // scans, and questions about tags
    admin,
};
inline constexpr std::size_t request_class_count = 5;

[[nodiscard]] constexpr RequestClass class_of(std::uint8_t opcode) noexcept {
    switch (opcode) {
        case WIRE_OP_GET:
        case WIRE_OP_MGET:
        case WIRE_OP_EXISTS:
        case WIRE_OP_TAGS: return RequestClass::read;
        case WIRE_OP_INVALIDATE:
        case WIRE_OP_DELETE_PREFIX:
        case WIRE_OP_FLUSH: return RequestClass::invalidate;
        case WIRE_OP_KEYS_BY_TAG:
        case WIRE_OP_TAG_COUNT:
        case WIRE_OP_TAG_LIST:
        case WIRE_OP_SCAN: return RequestClass::page;
        default:
            return opcode >= WIRE_OP_GETDEL && opcode <= WIRE_OP_TAG_REMOVE ? RequestClass::write
                                                                            : RequestClass::admin;
    }
}

// How many requests of each class are in a batch.
class ClassCounts {
 public:
    void add(std::uint8_t opcode) noexcept { ++counts_[static_cast<std::size_t>(classes[opcode])]; }
    [[nodiscard]] std::uint32_t total() const noexcept {
        return std::accumulate(counts_.begin(), counts_.end(), std::uint32_t{0});
    }
    [[nodiscard]] std::uint32_t of(std::size_t class_index) const noexcept {
        return counts_[class_index];
    }

 private:
    static constexpr auto classes = [] {
        std::array<RequestClass, 256> table{};
        for (std::size_t opcode = 0; opcode < table.size(); ++opcode) {
            table[opcode] = class_of(static_cast<std::uint8_t>(opcode));
        }
        return table;
    }();

    std::array<std::uint32_t, request_class_count> counts_{};
};

class Latencies {
 public:
    // The last bucket has all that took longer, which is beyond 16 s.
    static constexpr std::size_t bucket_count = 8 + 21 * 8;

    void record(const ClassCounts& requests, std::uint64_t us) noexcept {
        const std::size_t bucket = bucket_of(us);
        for (std::size_t index = 0; index < request_class_count; ++index) {
            if (requests.of(index) != 0) {
                counts_[index][bucket].add(requests.of(index));
            }
        }
    }
    [[nodiscard]] std::uint64_t count(RequestClass request_class,
                                      std::size_t bucket) const noexcept {
        return counts_[static_cast<std::size_t>(request_class)][bucket].value();
    }

    // Below 8 us a bucket each; from there on 8 to a doubling.
    [[nodiscard]] static constexpr std::size_t bucket_of(std::uint64_t us) noexcept {
        if (us < 8) {
            return us;
        }
        const auto shift = static_cast<std::size_t>(std::bit_width(us)) - 4;
        const std::size_t bucket = 8 + shift * 8 + ((us >> shift) - 8);
        return bucket < bucket_count ? bucket : bucket_count - 1;
    }
    // What every time in the bucket is less than.
    [[nodiscard]] static constexpr std::uint64_t end_us(std::size_t bucket) noexcept {
        return bucket < 8 ? bucket + 1 : (bucket % 8 + 9) << (bucket / 8 - 1);
    }

 private:
    std::array<std::array<Counter, bucket_count>, request_class_count> counts_;
};

}  // namespace tc
