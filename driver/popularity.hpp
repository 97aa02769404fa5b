// SPDX-License-Identifier: MIT
//
// Which of many keys, or tags, is drawn how often.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "driver/random.hpp"
#include "driver/zipf.hpp"

namespace tc::driver {

struct Popularity {
    enum class Kind : std::uint8_t {
        uniform,
        zipf,        // index 0 most often
        sequential,  // 0, 1, 2, ..., and again
        hot          // a share of the draws goes to the first of the indexes
    };

    Kind kind = Kind::uniform;
    double exponent = 0.99;        // zipf
    double hot_draw_share = 0.8;   // hot: of the draws
    double hot_index_share = 0.2;  // hot: of the indexes
};

// "uniform", "zipf", "zipf:1.2", "sequential", "hot", "hot:90/1" (90 % of the draws go to 1 % of
// the indexes). Nothing for anything else.
[[nodiscard]] std::optional<Popularity> parse_popularity(std::string_view text);

// Draws indexes below a count.
class IndexDraw {
 public:
    // `first` is where a sequence begins. REQUIRES: index_count >= 1.
    IndexDraw(const Popularity& popularity, std::uint64_t index_count, std::uint64_t first = 0);

    [[nodiscard]] std::uint64_t operator()(Random& random) noexcept {
        switch (popularity_.kind) {
            case Popularity::Kind::uniform: break;
            case Popularity::Kind::zipf: return zipf_(random) - 1;
            case Popularity::Kind::sequential: return next_in_sequence();
            case Popularity::Kind::hot:
                if (random() < hot_threshold_) {
                    return random.below(hot_count_);
                }
                break;
        }
        return random.below(index_count_);
    }

 private:
    [[nodiscard]] std::uint64_t next_in_sequence() noexcept {
        const std::uint64_t index = next_;
        next_ = next_ + 1 < index_count_ ? next_ + 1 : 0;
        return index;
    }

    Popularity popularity_;
    std::uint64_t index_count_;
    std::uint64_t next_;
    std::uint64_t hot_count_;
    std::uint64_t hot_threshold_;
    Zipf zipf_;
};

}  // namespace tc::driver
