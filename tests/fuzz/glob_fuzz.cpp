// SPDX-License-Identifier: MIT
//
// The matcher of SCAN's globs against one that is written down from glob.hpp's rules, without a
// thought for its cost: an input is the length of a pattern, the pattern, and a text.
#include <optional>
#include <vector>

#include "input.hpp"
#include "require.hpp"
#include "store/glob.hpp"
#include "target.hpp"

namespace tc::fuzz {
namespace {

constexpr std::size_t pattern_bytes_max = 24;
constexpr std::size_t text_bytes_max = 24;

unsigned char at(std::string_view text, std::size_t index) {
    return static_cast<unsigned char>(text[index]);
}

// One part of a pattern that stands for one byte, and where the next begins.
struct Part {
    std::size_t next;
    bool matches;
};

// What follows a \ is a byte like any other.
std::optional<std::size_t> class_byte_at(std::string_view pattern, std::size_t index) {
    const bool is_escaped = index < pattern.size() && pattern[index] == '\\';
    const std::size_t place = is_escaped ? index + 1 : index;
    return place < pattern.size() ? std::optional{place} : std::nullopt;
}

// The class that begins at the [ at `begin`; nothing when it has no end.
std::optional<Part> read_class(std::string_view pattern, std::size_t begin, unsigned char byte) {
    std::size_t index = begin + 1;
    const bool is_negated = index < pattern.size() && pattern[index] == '!';
    index += is_negated ? 1 : 0;
    bool is_listed = false;
    for (bool is_first = true; is_first || index >= pattern.size() || pattern[index] != ']';
         is_first = false) {
        const auto from = class_byte_at(pattern, index);
        if (!from) {
            return std::nullopt;
        }
        index = *from + 1;
        auto to = from;
        if (index + 1 < pattern.size() && pattern[index] == '-' && pattern[index + 1] != ']') {
            to = class_byte_at(pattern, index + 1);
            if (!to) {
                return std::nullopt;
            }
            index = *to + 1;
        }
        is_listed |= at(pattern, *from) <= byte && byte <= at(pattern, *to);
    }
    return Part{index + 1, is_listed != is_negated};
}

Part read_part(std::string_view pattern, std::size_t index, unsigned char byte) {
    if (pattern[index] == '?') {
        return {index + 1, true};
    }
    if (pattern[index] == '[') {
        if (const auto part = read_class(pattern, index, byte); part) {
            return *part;
        }
    }
    const bool is_escape = pattern[index] == '\\' && index + 1 < pattern.size();
    const std::size_t literal = is_escape ? index + 1 : index;
    return {literal + 1, at(pattern, literal) == byte};
}

// Which places of the pattern can be reached behind how much of the text.
bool matches_by_rule(std::string_view pattern, std::string_view text) {
    const std::size_t width = pattern.size() + 1;
    std::vector<char> is_reached((text.size() + 1) * width, 0);
    is_reached[0] = 1;
    for (std::size_t done = 0; done <= text.size(); ++done) {
        for (std::size_t place = 0; place < pattern.size(); ++place) {
            if (is_reached[done * width + place] == 0) {
                continue;
            }
            if (pattern[place] == '*') {
                is_reached[done * width + place + 1] = 1;
                if (done < text.size()) {
                    is_reached[(done + 1) * width + place] = 1;
                }
            } else if (done < text.size()) {
                const Part part = read_part(pattern, place, at(text, done));
                if (part.matches) {
                    is_reached[(done + 1) * width + part.next] = 1;
                }
            }
        }
    }
    return is_reached[text.size() * width + pattern.size()] != 0;
}

}  // namespace
}  // namespace tc::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tc::fuzz;
    Input input(data, size);
    const std::string_view pattern = input.text(input.below(pattern_bytes_max + 1));
    const std::string_view text = input.text(text_bytes_max);
    const tc::GlobMatch match = tc::match_glob(pattern, text);
    require(match.is_match == matches_by_rule(pattern, text), "a glob matches as its rules say");
    const std::size_t step_count_max = 2 * (pattern.size() + 1) * (text.size() + 1);
    require(match.step_count <= step_count_max, "a glob costs no more than pattern times text");
    return 0;
}
