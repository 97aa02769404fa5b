// SPDX-License-Identifier: MIT
//
// Makes operations out of a description and a seed, without allocating: texts are written into
// buffers that are used again, and values are slices of one block of random bytes.
//
// What a key is like depends on its index alone: its size and its tags are the same in every run
// with the same seed, and whoever puts it, so that what is preloaded is what is read, and a page
// that is put again has the tags that it had. The size of a value is drawn anew for each put.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "driver/operation_mix.hpp"
#include "driver/popularity.hpp"
#include "driver/protocol.hpp"
#include "driver/sizes.hpp"

namespace tc::driver {

struct Load {
    OperationMix mix;
    std::uint64_t key_count = 1'000'000;
    Sizes key_sizes{16};
    std::string key_prefix = "key:";
    Popularity key_popularity;
    Sizes value_sizes{100};
    std::uint64_t ttl_ms = 0;  // 0 = none
    std::uint32_t tags_per_entry = 0;
    std::uint64_t tag_count = 1000;
    std::string tag_prefix = "tag:";
    Popularity tag_popularity;
    std::uint64_t seed = 1;
    // What is drawn of it all, and in which order: another one is another stretch of the same load.
    std::uint64_t draw_seed = 0;

    // How short a key can be so that no two are the same.
    [[nodiscard]] std::uint64_t key_bytes_min() const noexcept;
    // The same keys and entries, put once each, in order.
    [[nodiscard]] Load preload() const;
};

// Random bytes that values are cut from; one block serves all threads.
class ValueBlock {
 public:
    ValueBlock(std::uint64_t value_bytes_max, std::uint64_t seed);

    [[nodiscard]] std::string_view draw(std::uint64_t size, Random& random) const noexcept {
        return {bytes_.data() + random.below(bytes_.size() - size + 1), size};
    }

 private:
    std::vector<char> bytes_;
};

class OperationSource {
 public:
    // Threads have an index each, and draw different numbers. A sequence of keys is shared out
    // among them: each begins with a part of its own. REQUIRES: load, and values for as long as its
    // largest, outlive this; load.key_sizes.min() >= load.key_bytes_min(); load.tag_count >=
    // load.tags_per_entry, and both >= 1 when there are invalidations.
    OperationSource(const Load& load, const ValueBlock& values, std::uint32_t thread_index,
                    std::uint32_t thread_count);

    // Valid until the next call.
    [[nodiscard]] const Operation& next() noexcept;

 private:
    void write_key(std::uint64_t index) noexcept;
    void write_tag(std::size_t place, std::uint64_t index) noexcept;
    void draw_tags_of(std::uint64_t key_index) noexcept;

    const Load& load_;
    const ValueBlock& values_;
    Random random_;
    IndexDraw keys_;
    IndexDraw tags_;
    Operation operation_;
    std::vector<char> key_;                // the prefix, and room for the longest key
    std::vector<std::string> tag_texts_;   // one for each tag that an operation can have
    std::vector<std::string_view> names_;  // what operation_.tags shows
    std::vector<std::uint64_t> tag_indexes_;
};

}  // namespace tc::driver
