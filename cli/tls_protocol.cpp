// SPDX-License-Identifier: MIT
#include "cli/tls_protocol.hpp"

#include <new>
#include <utility>

namespace tc {
namespace {

constexpr std::size_t tls_room_bytes = 64 * 1024;

class TlsProtocol : public driver::Protocol {
 public:
    TlsProtocol(std::unique_ptr<driver::Protocol> inner, tagcache_tls* tls, const std::string& host)
        : inner_(std::move(inner)),
          connection_(transport_.open(tls, host.c_str()), transport_.close),
          room_(std::make_unique_for_overwrite<std::uint8_t[]>(tls_room_bytes)) {
        if (connection_ == nullptr) {
            throw std::bad_alloc();
        }
    }

    [[nodiscard]] bool is_ready() const noexcept override { return inner_->is_ready(); }
    [[nodiscard]] bool append(std::uint32_t number, const driver::Operation& operation,
                              driver::Completions& completions) noexcept override {
        return inner_->append(number, operation, completions);
    }

    [[nodiscard]] std::span<const std::uint8_t> output() noexcept override {
        for (auto bytes = inner_->output(); !bytes.empty() && !has_failed_;
             bytes = inner_->output()) {
            std::size_t taken = 0;
            const tagcache_bytes plaintext{bytes.data(), bytes.size()};
            has_failed_ = transport_.write(connection_.get(), plaintext, &taken) != TAGCACHE_OK;
            if (taken == 0) {
                break;  // the handshake
            }
            inner_->sent(taken);
        }
        const tagcache_bytes bytes = transport_.output(connection_.get());
        return {static_cast<const std::uint8_t*>(bytes.data), bytes.size};
    }
    void sent(std::size_t size) noexcept override { transport_.sent(connection_.get(), size); }

    [[nodiscard]] std::span<std::uint8_t> room() noexcept override {
        return {room_.get(), tls_room_bytes};
    }
    [[nodiscard]] bool received(std::size_t size,
                                driver::Completions& completions) noexcept override {
        has_failed_ = transport_.feed(connection_.get(), {room_.get(), size}) != TAGCACHE_OK;
        while (!has_failed_) {
            const std::span<std::uint8_t> room = inner_->room();
            std::size_t read_bytes = 0;
            has_failed_ = transport_.read(connection_.get(), room.data(), room.size(),
                                          &read_bytes) != TAGCACHE_OK;
            if (read_bytes == 0) {
                break;
            }
            if (!inner_->received(read_bytes, completions)) {
                return false;
            }
        }
        return !has_failed_;
    }

    [[nodiscard]] std::string failure() const override {
        return has_failed_ ? transport_.error(connection_.get()) : inner_->failure();
    }
    [[nodiscard]] std::string reason_name(std::int32_t reason) const override {
        return inner_->reason_name(reason);
    }

 private:
    const tagcache_transport& transport_ = *tagcache_tls_transport();
    std::unique_ptr<driver::Protocol> inner_;
    std::unique_ptr<void, void (*)(void*)> connection_;
    std::unique_ptr<std::uint8_t[]> room_;
    bool has_failed_ = false;
};

}  // namespace

std::unique_ptr<driver::Protocol> inside_tls(std::unique_ptr<driver::Protocol> inner,
                                             tagcache_tls* tls, const std::string& host) {
    return std::make_unique<TlsProtocol>(std::move(inner), tls, host);
}

}  // namespace tc
