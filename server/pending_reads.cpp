// SPDX-License-Identifier: MIT
#include "server/pending_reads.hpp"

#include <algorithm>
#include <cassert>

#include "server/connection.hpp"
#include "server/reactor.hpp"
#include "server/server.hpp"

namespace tc {

PendingReads::PendingReads(Reactor& reactor)
    : reactor_(reactor),
      buffer_(limits::pending_bytes_max + limits::direct_read_bytes_min + limits::read_bytes_max) {}

void PendingReads::add(Connection& connection, std::size_t size_bytes,
                       std::uint32_t frame_body_bytes_max) noexcept {
    const std::span<const std::uint8_t> bytes = room().first(size_bytes);
    reads_[count_++] = {&connection, bytes,
                        window_.add(bytes, frame_body_bytes_max, reactor_.server().store())};
    pending_bytes_ += size_bytes;
    if (window_.is_full() || count_ == reads_.size() ||
        pending_bytes_ > limits::pending_bytes_max) {
        execute();
    }
}

void PendingReads::execute() noexcept {
    if (count_ == 0) {
        return;
    }
    reactor_.begin_turn();
    window_.prefetch(reactor_.server().store());
    for (std::size_t i = 0; i < count_; ++i) {
        if (reads_[i].connection != nullptr) {
            reads_[i].connection->execute_read(reads_[i].bytes, reads_[i].share);
        }
    }
    count_ = 0;
    pending_bytes_ = 0;
    window_.clear();
}

void PendingReads::forget(const Connection& connection) noexcept {
    const auto pending = std::span{reads_}.first(count_);
    const auto read = std::ranges::find(pending, &connection, &Read::connection);
    assert(read != pending.end());
    read->connection = nullptr;
}

WindowShare PendingReads::fill_window(std::span<const std::uint8_t> bytes,
                                      std::uint32_t frame_body_bytes_max) noexcept {
    const Store& store = reactor_.server().store();
    window_.clear();
    const WindowShare share = window_.add(bytes, frame_body_bytes_max, store);
    window_.prefetch(store);
    return share;
}

}  // namespace tc
