// SPDX-License-Identifier: MIT
#include "server/replies.hpp"

#include <algorithm>
#include <cassert>
#include <new>
#include <utility>

namespace tc {

namespace {

uv_buf_t piece_of(const void* data, std::size_t size_bytes) noexcept {
    return uv_buf_init(static_cast<char*>(const_cast<void*>(data)),
                       static_cast<unsigned>(size_bytes));
}

std::span<const std::uint8_t> bytes_of_value(std::string_view value) noexcept {
    return {reinterpret_cast<const std::uint8_t*>(value.data()), value.size()};
}

}  // namespace

bool Replies::can_refer() noexcept {
    if (values_ == nullptr) {
        values_.reset(new (std::nothrow) Values);
    }
    return values_ != nullptr && count_ < values_max;
}

void Replies::refer(std::size_t tail_bytes, std::string_view referred, Pin pin) noexcept {
    assert(values_ != nullptr && count_ < values_max && !referred.empty());
    unpinned_count_ += pin ? 0 : 1;
    value_bytes_ += referred.size();
    value(count_++) = {.position = consumed_bytes_ + bytes_.size() + tail_bytes,
                       .left = referred,
                       .pin = std::move(pin)};
}

std::size_t Replies::pieces(std::span<uv_buf_t, pieces_max> pieces) noexcept {
    std::size_t count = 0;
    std::span<const std::uint8_t> rest = bytes_.readable();
    std::uint64_t position = consumed_bytes_;
    for (std::size_t index = 0; index < count_; ++index) {
        const Value& next = value(index);
        const auto ahead_bytes = static_cast<std::size_t>(next.position - position);
        if (ahead_bytes != 0) {
            pieces[count++] = piece_of(rest.data(), ahead_bytes);
            rest = rest.subspan(ahead_bytes);
            position = next.position;
        }
        pieces[count++] = piece_of(next.left.data(), next.left.size());
    }
    if (!rest.empty()) {
        pieces[count++] = piece_of(rest.data(), rest.size());
    }
    return count;
}

void Replies::consume(std::size_t size_bytes) noexcept {
    assert(size_bytes <= size());
    while (size_bytes != 0) {
        if (const std::size_t ahead = ahead_bytes(); ahead != 0) {
            const std::size_t taken_bytes = std::min(size_bytes, ahead);
            bytes_.consume(taken_bytes);
            consumed_bytes_ += taken_bytes;
            size_bytes -= taken_bytes;
            continue;
        }
        const std::size_t taken_bytes = std::min(size_bytes, value(0).left.size());
        value(0).left.remove_prefix(taken_bytes);
        value_bytes_ -= taken_bytes;
        size_bytes -= taken_bytes;
        if (value(0).left.empty()) {
            drop_first();
        }
    }
}

void Replies::drop_first() noexcept {
    value_bytes_ -= value(0).left.size();
    unpinned_count_ -= value(0).pin ? 0 : 1;
    value(0) = {};
    first_ = (first_ + 1) % values_max;
    --count_;
}

bool Replies::take(Replies& other) noexcept {
    while (!other.empty()) {
        const std::size_t ahead = other.ahead_bytes();
        if (!bytes_.append(other.bytes_.readable().first(ahead))) {
            return false;
        }
        other.consume(ahead);
        if (other.count_ == 0) {
            continue;
        }
        Value& next = other.value(0);
        const std::string_view left = next.left;
        if (next.pin && can_refer()) {
            ++other.unpinned_count_;  // the pin is gone from there
            refer(0, left, std::move(next.pin));
        } else if (!bytes_.append(bytes_of_value(left))) {
            return false;
        }
        other.drop_first();
    }
    return true;
}

void Replies::clear() noexcept {
    while (count_ != 0) {
        drop_first();
    }
    bytes_.clear();
    consumed_bytes_ = 0;
}

void Replies::release_above(std::size_t capacity_bytes_max) noexcept {
    assert(empty());
    bytes_.release_above(capacity_bytes_max);
    if (capacity_bytes_max < sizeof(Values)) {
        values_.reset();
    }
}

void Replies::swap(Replies& other) noexcept {
    bytes_.swap(other.bytes_);
    values_.swap(other.values_);
    std::swap(consumed_bytes_, other.consumed_bytes_);
    std::swap(value_bytes_, other.value_bytes_);
    std::swap(first_, other.first_);
    std::swap(count_, other.count_);
    std::swap(unpinned_count_, other.unpinned_count_);
}

}  // namespace tc
