// SPDX-License-Identifier: MIT
#include "driver/operation_source.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

namespace tc::driver {
namespace {

constexpr std::size_t digits_max = 20;

std::size_t digit_count(std::uint64_t number) noexcept {
    std::size_t count = 1;
    for (; number >= 10; number /= 10) {
        ++count;
    }
    return count;
}

// "00" to "99".
constexpr std::array<char, 200> make_digit_pairs() noexcept {
    std::array<char, 200> pairs{};
    for (std::size_t i = 0; i < 100; ++i) {
        pairs[2 * i] = static_cast<char>('0' + i / 10);
        pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
    return pairs;
}
constexpr std::array<char, 200> digit_pairs = make_digit_pairs();

// Right-aligned and filled up with zeros. REQUIRES: they suffice for the number.
void write_digits(char* text, std::size_t size, std::uint64_t number) noexcept {
    char* to = text + size;
    for (; number >= 100; number /= 100) {
        to -= 2;
        std::memcpy(to, &digit_pairs[number % 100 * 2], 2);
    }
    // Of the last two the first may be a zero for which there is no room.
    if (to - text >= 2) {
        to -= 2;
        std::memcpy(to, &digit_pairs[number * 2], 2);
    } else {
        *--to = static_cast<char>('0' + number % 10);
    }
    std::fill(text, to, '0');
}

}  // namespace

std::uint64_t Load::key_bytes_min() const noexcept {
    return key_prefix.size() + digit_count(key_count - 1);
}

Load Load::preload() const {
    Load load = *this;
    load.mix = OperationMix{.get_weight = 0, .put_weight = 1, .invalidate_weight = 0};
    load.key_popularity = Popularity{.kind = Popularity::Kind::sequential};
    return load;
}

ValueBlock::ValueBlock(std::uint64_t value_bytes_max, std::uint64_t seed)
    // So much more than a value that slices differ, and so little that the block stays in a cache.
    : bytes_(value_bytes_max + 64 * 1024) {
    Random random(seed);
    for (char& byte : bytes_) {
        byte = static_cast<char>(random() >> 56);
    }
}

OperationSource::OperationSource(const Load& load, const ValueBlock& values,
                                 std::uint32_t thread_index, std::uint32_t thread_count)
    : load_(load),
      values_(values),
      random_(scrambled(load.seed + scrambled(load.draw_seed) + thread_index)),
      keys_(load.key_popularity, load.key_count,
            load.key_count / thread_count * thread_index +
                std::min<std::uint64_t>(load.key_count % thread_count, thread_index)),
      tags_(load.tag_popularity, std::max<std::uint64_t>(load.tag_count, 1)),
      key_(load.key_prefix.begin(), load.key_prefix.end()) {
    assert(load.key_sizes.min() >= load.key_bytes_min());
    assert(load.tag_count >= load.tags_per_entry);
    key_.resize(std::max<std::size_t>(load.key_sizes.max(), load.key_prefix.size()));
    const std::size_t names_max = std::max<std::size_t>(load.tags_per_entry, 1);
    tag_texts_.assign(names_max, load.tag_prefix + std::string(digits_max, '0'));
    names_.resize(names_max);
    tag_indexes_.resize(names_max);
    operation_.ttl_ms = load.ttl_ms;
}

const Operation& OperationSource::next() noexcept {
    operation_.verb = load_.mix.draw(random_);
    if (operation_.verb == Verb::invalidate) {
        write_tag(0, tags_(random_));
        operation_.tags = {names_.data(), 1};
        return operation_;
    }
    const std::uint64_t index = keys_(random_);
    write_key(index);
    if (operation_.verb == Verb::put) {
        operation_.value = values_.draw(load_.value_sizes.draw(random_), random_);
        if (load_.tags_per_entry != 0) {
            draw_tags_of(index);
        }
        operation_.tags = {names_.data(), load_.tags_per_entry};
    }
    return operation_;
}

void OperationSource::write_key(std::uint64_t index) noexcept {
    std::uint64_t size = load_.key_sizes.min();
    if (!load_.key_sizes.is_fixed()) {
        Random of_key(load_.seed ^ scrambled(index));
        size = load_.key_sizes.draw(of_key);
    }
    const std::size_t prefix_size = load_.key_prefix.size();
    write_digits(key_.data() + prefix_size, size - prefix_size, index);
    operation_.key = {key_.data(), size};
}

void OperationSource::write_tag(std::size_t place, std::uint64_t index) noexcept {
    std::string& text = tag_texts_[place];
    const std::size_t size = digit_count(index);
    write_digits(text.data() + load_.tag_prefix.size(), size, index);
    names_[place] = {text.data(), load_.tag_prefix.size() + size};
}

void OperationSource::draw_tags_of(std::uint64_t key_index) noexcept {
    // Not the numbers that its size is drawn with.
    Random of_key(scrambled(load_.seed) ^ scrambled(key_index));
    for (std::size_t place = 0; place < load_.tags_per_entry; ++place) {
        std::uint64_t index = tags_(of_key);
        const auto begin = tag_indexes_.begin();
        const auto end = begin + static_cast<std::ptrdiff_t>(place);
        // An entry has each of its tags once: the next that it does not have yet.
        while (std::find(begin, end, index) != end) {
            index = index + 1 < load_.tag_count ? index + 1 : 0;
        }
        tag_indexes_[place] = index;
        write_tag(place, index);
    }
}

}  // namespace tc::driver
