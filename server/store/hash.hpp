// SPDX-License-Identifier: MIT
//
// The one hash of keys and tags: XXH3 under a secret of this process, so that nobody can choose
// keys that collide. It must never leave the process; routing over servers has a hash of its own.
//
//   of a key                                           of a tag name
//   bits 63..58   stripe                               bits 63..58   shard
//   bits 57..26   directory cell of the key index      bits 47..32   clock
//   bits 25..16   clock                                bits 31..0    bucket in a table
//   bits 19..14   step to the next bucket
//   bits 13..8    bucket in its page
//   bits 7..0     fingerprint
#pragma once

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace tc {

// The most stripes of a store and the shards of its tag names: what six bits can tell apart.
inline constexpr std::uint32_t stripe_count_max = 64;
// A set of stripes is a word, with a bit for each.
inline constexpr std::uint64_t all_stripes = UINT64_MAX;

[[nodiscard]] constexpr std::uint32_t table_bits(std::uint64_t hash) noexcept {
    return static_cast<std::uint32_t>(hash);
}

[[nodiscard]] constexpr std::uint32_t stripe_bits(std::uint64_t hash) noexcept {
    return static_cast<std::uint32_t>(hash >> 58);
}

[[nodiscard]] constexpr std::uint32_t directory_bits(std::uint64_t hash) noexcept {
    return static_cast<std::uint32_t>(hash >> 26);
}

[[nodiscard]] constexpr std::uint32_t bucket_bits(std::uint64_t hash) noexcept {
    return static_cast<std::uint32_t>(hash >> 8) & 63;
}

[[nodiscard]] constexpr std::uint32_t bucket_step_bits(std::uint64_t hash) noexcept {
    return static_cast<std::uint32_t>(hash >> 14) & 63;
}

// Never 0, which stands for "nothing here".
[[nodiscard]] constexpr std::uint8_t fingerprint(std::uint64_t hash) noexcept {
    const auto bits = static_cast<std::uint8_t>(hash);
    return bits == 0 ? UINT8_MAX : bits;
}

// A key with its hash, which is computed once, before any lock is taken.
struct HashedKey {
    std::string_view text;
    std::uint64_t hash;
};

inline constexpr std::uint32_t key_clock_bit_count = 10;
[[nodiscard]] constexpr std::uint32_t key_clock_bits(std::uint64_t hash) noexcept {
    return static_cast<std::uint32_t>(hash >> 16) % (1U << key_clock_bit_count);
}

inline constexpr std::uint32_t tag_clock_bit_count = 16;
[[nodiscard]] constexpr std::uint32_t tag_clock_bits(std::uint64_t hash) noexcept {
    return static_cast<std::uint32_t>(hash >> 32) % (1U << tag_clock_bit_count);
}

class KeyHash {
 public:
    // A seed of 0 takes the secret from the system. Throws std::system_error.
    explicit KeyHash(std::uint64_t seed) {
        if (seed != 0) {
            XXH3_generateSecret_fromSeed(secret_.data(), seed);
            return;
        }
        // Up to 256 bytes come whole or not at all (getrandom(2)).
        if (getrandom(secret_.data(), secret_.size(), 0) != static_cast<ssize_t>(secret_.size())) {
            throw std::system_error(errno, std::generic_category(), "getrandom");
        }
    }

    [[nodiscard]] std::uint64_t operator()(std::string_view bytes) const noexcept {
        return XXH3_64bits_withSecret(bytes.data(), bytes.size(), secret_.data(), secret_.size());
    }

 private:
    std::array<unsigned char, XXH_SECRET_DEFAULT_SIZE> secret_{};
};

}  // namespace tc
