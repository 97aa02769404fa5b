// SPDX-License-Identifier: MIT
//
// A cache that is obviously right: one map, no cleverness. Tests do the same to it and to the real
// one. An entry that has expired stays in the map until it is swept or written over, because the
// store may still count it; every look at entries by key or by scan passes it over.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tc::test {

using Strings = std::vector<std::string>;

struct ModelEntry {
    std::string value;
    Strings tags;
    // A TTL that would go on for longer ends here, in 8900 years.
    static constexpr std::uint64_t last_deadline_ms =
        (std::uint64_t{1} << 48) - 2 - (std::uint64_t{1} << 32);
    std::uint64_t deadline_ms = never_expires;
    std::uint64_t version = 0;
    std::uint32_t client_flags = 0;

    static constexpr std::uint64_t never_expires = UINT64_MAX;

    [[nodiscard]] bool has(const std::string& tag) const {
        return std::find(tags.begin(), tags.end(), tag) != tags.end();
    }
    [[nodiscard]] bool has_any(const Strings& wanted) const {
        return std::any_of(wanted.begin(), wanted.end(), [&](auto& tag) { return has(tag); });
    }
    [[nodiscard]] bool has_all(const Strings& wanted) const {
        return !wanted.empty() &&
               std::all_of(wanted.begin(), wanted.end(), [&](auto& tag) { return has(tag); });
    }
};

inline Strings distinct(const Strings& names) {
    Strings kept;
    for (const std::string& name : names) {
        if (std::find(kept.begin(), kept.end(), name) == kept.end()) {
            kept.push_back(name);
        }
    }
    return kept;
}

// -?(0|[1-9][0-9]*) within 64 bits.
inline std::optional<std::int64_t> number_in(const std::string& text) {
    const bool is_negative = text.starts_with('-');
    const std::string digits = text.substr(is_negative ? 1 : 0);
    if (digits.empty() || digits.size() > 19 || (digits.size() > 1 && digits[0] == '0') ||
        digits.find_first_not_of("0123456789") != std::string::npos) {
        return std::nullopt;
    }
    __extension__ using Wide = __int128;
    Wide number = 0;
    for (const char digit : digits) {
        number = number * 10 + (digit - '0');
    }
    number = is_negative ? -number : number;
    const bool fits = number >= std::numeric_limits<std::int64_t>::min() &&
                      number <= std::numeric_limits<std::int64_t>::max();
    return fits ? std::optional{static_cast<std::int64_t>(number)} : std::nullopt;
}

class ModelCache {
 public:
    std::map<std::string, ModelEntry> entries;
    std::uint64_t now_ms = 0;

    [[nodiscard]] bool is_expired(const ModelEntry& entry) const {
        return entry.deadline_ms <= now_ms && entry.deadline_ms != ModelEntry::never_expires;
    }
    // The entry as a reader sees it, or nullptr.
    [[nodiscard]] ModelEntry* live(const std::string& key) {
        const auto at = entries.find(key);
        return at == entries.end() || is_expired(at->second) ? nullptr : &at->second;
    }
    [[nodiscard]] std::uint64_t deadline_after(std::uint64_t ttl_ms) const {
        if (ttl_ms == 0) {
            return ModelEntry::never_expires;
        }
        const std::uint64_t last = ModelEntry::last_deadline_ms;
        return ttl_ms > last - now_ms ? last : now_ms + ttl_ms;
    }

    // How many entries satisfy `matches`: those alive, and with those that may not be swept yet.
    struct Range {
        std::uint64_t min = 0;
        std::uint64_t max = 0;
        [[nodiscard]] bool contains(std::uint64_t n) const { return min <= n && n <= max; }
    };
    template <typename Matches>
    [[nodiscard]] Range count(const Matches& matches) const {
        Range range;
        for (const auto& [key, entry] : entries) {
            if (matches(key, entry)) {
                range.min += is_expired(entry) ? 0 : 1;
                range.max += 1;
            }
        }
        return range;
    }
    template <typename Matches>
    [[nodiscard]] Strings live_keys(const Matches& matches) const {
        Strings keys;
        for (const auto& [key, entry] : entries) {
            if (!is_expired(entry) && matches(key, entry)) {
                keys.push_back(key);
            }
        }
        return keys;
    }
    template <typename Matches>
    void remove(const Matches& matches) {
        std::erase_if(entries, [&](const auto& item) { return matches(item.first, item.second); });
    }
};

}  // namespace tc::test
