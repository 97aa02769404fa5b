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

struct ClassMatch {
    bool contains;
    std::size_t next;
};

// The class whose [ is at `at`, or nothing when it has no end.
std::optional<ClassMatch> match_class(std::string_view pattern, std::size_t at,
                                      unsigned char byte) {
    ++at;
    const bool is_negated = at < pattern.size() && pattern[at] == '!';
    if (is_negated) {
        ++at;
    }
    bool is_listed = false;
    for (bool is_first = true; at < pattern.size() && (is_first || pattern[at] != ']');
         is_first = false) {
        const std::optional<ClassByte> from = class_byte(pattern, at);
        if (!from) {
            return std::nullopt;
        }
        std::optional<ClassByte> to = from;
        if (from->next + 1 < pattern.size() && pattern[from->next] == '-' &&
            pattern[from->next + 1] != ']') {
            to = class_byte(pattern, from->next + 1);
            if (!to) {
                return std::nullopt;
            }
        }
        is_listed = is_listed || (from->value <= byte && byte <= to->value);
        at = to->next;
    }
    if (at >= pattern.size()) {
        return std::nullopt;
    }
    return ClassMatch{is_listed != is_negated, at + 1};
}

class GlobMatcher {
 public:
    explicit GlobMatcher(std::string_view pattern) : pattern_(pattern) {}

    // Matches one byte with the pattern's part at `at`, which is no star. Behind that part, or 0.
    std::size_t match_one(std::size_t at, char byte) {
        if (at >= pattern_.size()) {
            return 0;
        }
        switch (pattern_[at]) {
            case '?': return at + 1;
            case '[':
                if (at < endless_class_) {
                    if (const auto match = match_class(pattern_, at, to_unsigned(byte)); match) {
                        return match->contains ? match->next : 0;
                    }
                    endless_class_ = at;
                }
                break;
            case '\\':
                if (at + 1 < pattern_.size()) {
                    return pattern_[at + 1] == byte ? at + 2 : 0;
                }
                break;
            default: break;
        }
        return pattern_[at] == byte ? at + 1 : 0;
    }

 private:
    std::string_view pattern_;
    // From the first class without an end on no other class has one; nobody looks for it again, or
    // a pattern of many [ would take time by its square for each byte.
    std::size_t endless_class_ = std::string_view::npos;
};

}  // namespace

// On a mismatch only the last star takes one byte more: whatever an earlier one could take instead,
// the last one can take too.
bool glob_matches(std::string_view pattern, std::string_view text) noexcept {
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
            return false;
        }
    }
    while (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
        ++in_pattern;
    }
    return in_pattern == pattern.size();
}

}  // namespace tc
