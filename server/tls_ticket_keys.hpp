// SPDX-License-Identifier: MIT
//
// The keys that session tickets are sealed with. They are random, in memory only, and replaced
// every two hours, which is as long as a ticket is good for; the ones before are kept as long
// again, for tickets that were sealed last thing. OpenSSL by itself keeps one key for a context's
// whole life, and who gets hold of that reads every session that a ticket of that life has resumed
// (RFC 9325, 3.4).
//
// Threads: any.
#pragma once

#include <openssl/ssl.h>

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

namespace tc {

inline constexpr std::uint64_t ticket_life_ms = std::uint64_t{2} * 60 * 60 * 1'000;

class TicketKeys {
 public:
    static constexpr std::size_t name_bytes = 16;

    struct Key {
        std::array<unsigned char, name_bytes> name;  // in each ticket, in clear
        std::array<unsigned char, 32> cipher_key;
        std::array<unsigned char, 32> mac_key;
    };
    struct OpeningKey {
        Key key;
        bool is_previous = false;  // the ticket should be replaced by one of today's key
    };

    // Throws std::runtime_error when the machine has no random numbers.
    explicit TicketKeys(std::uint64_t now_ms);
    TicketKeys(const TicketKeys&) = delete;
    TicketKeys& operator=(const TicketKeys&) = delete;
    ~TicketKeys();

    [[nodiscard]] Key sealing_key(std::uint64_t now_ms) noexcept;
    // Nothing when no ticket with this name is good any more.
    [[nodiscard]] std::optional<OpeningKey> opening_key(
        std::span<const unsigned char, name_bytes> name, std::uint64_t now_ms) noexcept;

 private:
    void replace_old(std::uint64_t now_ms) noexcept;

    std::mutex mutex_;
    // All guarded by mutex_.
    Key current_{};
    Key previous_{};
    bool has_previous_ = false;
    std::uint64_t current_since_ms_;
};

// The context seals and opens its tickets with these from now on, and frees them with itself.
// Throws std::runtime_error when OpenSSL has no memory for it.
void use_ticket_keys(SSL_CTX* context, std::unique_ptr<TicketKeys> keys);

}  // namespace tc
