// SPDX-License-Identifier: MIT
#include "store/glob.hpp"

#include <cstddef>
#include <optional>

namespace tc {
namespace {

unsigned char to_unsigned(char byte) {
    return static_cast<unsigned char>(byte);
}

struct ClassByte {
    unsigned char value;
    std::size_t next;  // behind it in the pattern
};

// The byte at `at` inside a class, or nothing when the pattern ends.
std::optional<ClassByte> class_byte(std::string_view pattern, std::size_t at) {
    if (at < pattern.size() && pattern[at] == '\\') {
        ++at;
    }
    if (at >= pattern.size()) {
        return std::nullopt;
    }
    return ClassByte{to_unsigned(pattern[at]), at + 1};
}

struct ClassRange {
    unsigned char from;
    unsigned char to;
    std::size_t next;
};

// One byte or from-to at `at` inside a class.
std::optional<ClassRange> class_range(std::string_view pattern, std::size_t at) {
    const std::optional<ClassByte> from = class_byte(pattern, at);
    if (!from) {
        return std::nullopt;
    }
    const std::string_view rest = pattern.substr(from->next);
    if (rest.size() < 2 || rest[0] != '-' || rest[1] == ']') {
        return ClassRange{from->value, from->value, from->next};
    }
    const std::optional<ClassByte> to = class_byte(pattern, from->next + 1);
    return to ? std::optional{ClassRange{from->value, to->value, to->next}} : std::nullopt;
}

struct ClassMatch {
    bool contains;
    std::size_t next;
};

// The class whose [ is at `at`, or nothing when it has no end.
std::optional<ClassMatch> match_class(std::string_view pattern, std::size_t at,
                                      unsigned char byte) {
    ++at;
    const bool is_negated = pattern.substr(at).starts_with('!');
    at += is_negated ? 1 : 0;
    const std::size_t first = at;
    bool is_listed = false;
    while (at == first || (at < pattern.size() && pattern[at] != ']')) {
        const std::optional<ClassRange> range = class_range(pattern, at);
        if (!range) {
            return std::nullopt;
        }
        is_listed = is_listed || (range->from <= byte && byte <= range->to);
        at = range->next;
    }
    return at < pattern.size() ? std::optional{ClassMatch{is_listed != is_negated, at + 1}}
                               : std::nullopt;
}

class GlobMatcher {
 public:
    explicit GlobMatcher(std::string_view pattern) : pattern_(pattern) {}

    // Matches one byte with the pattern's part at `at`, which is no star. Behind that part, or 0.
    std::size_t match_one(std::size_t at, char byte) {
        ++step_count_;
        if (at >= pattern_.size()) {
            return 0;
        }
        if (pattern_[at] == '?') {
            return at + 1;
        }
        if (pattern_[at] == '[' && at < endless_class_) {
            if (const auto match = match_class(pattern_, at, to_unsigned(byte)); match) {
                step_count_ += static_cast<std::uint32_t>(match->next - at);
                return match->contains ? match->next : 0;
            }
            endless_class_ = at;
        }
        const bool is_escape = pattern_[at] == '\\' && at + 1 < pattern_.size();
        at += is_escape ? 1 : 0;
        return pattern_[at] == byte ? at + 1 : 0;
    }

    [[nodiscard]] std::uint32_t step_count() const { return step_count_; }

 private:
    std::string_view pattern_;
    std::uint32_t step_count_ = 0;
    // From the first class without an end on no other class has one; nobody looks for it again, or
    // a pattern of many [ would take time by its square for each byte.
    std::size_t endless_class_ = std::string_view::npos;
};

}  // namespace

// On a mismatch only the last star takes one byte more: whatever an earlier one could take instead,
// the last one can take too.
GlobMatch match_glob(std::string_view pattern, std::string_view text) noexcept {
    std::size_t in_pattern = 0;
    std::size_t in_text = 0;
    std::size_t after_star = 0;  // 0 = no star yet
    std::size_t star_end = 0;    // how far the last star reaches in the text
    GlobMatcher matcher(pattern);
    while (in_text < text.size()) {
        if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
            after_star = ++in_pattern;
            star_end = in_text;
            continue;
        }
        const std::size_t next = matcher.match_one(in_pattern, text[in_text]);
        if (next != 0) {
            in_pattern = next;
            ++in_text;
        } else if (after_star != 0) {
            in_pattern = after_star;
            in_text = ++star_end;
        } else {
            return {false, matcher.step_count()};
        }
    }
    while (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
        ++in_pattern;
    }
    return {in_pattern == pattern.size(), matcher.step_count()};
}

}  // namespace tc
