// SPDX-License-Identifier: MIT
//
// One line of a load file, parsed: {"key" or "key_base64", "value" or "value_base64", "tags",
// "ttl_ms", "flags"}. The format is documented in tagcache(1); dump writes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/client.hpp"

namespace tc {

struct EntryLine {
    std::string_view key;
    std::string_view value;
    std::vector<tagcache_bytes> tags;
    std::optional<std::uint64_t> ttl_ms;
    std::optional<std::uint32_t> flags;
};

// Reuses its memory from line to line: in the steady state it allocates nothing.
class EntryLineParser {
 public:
    // How many bytes behind a line have to be readable; what they hold does not matter.
    static constexpr std::size_t padding_bytes = 64;

    EntryLineParser();
    EntryLineParser(const EntryLineParser&) = delete;
    EntryLineParser& operator=(const EntryLineParser&) = delete;
    ~EntryLineParser();

    // Why the line is no entry, or "". When it is one, entry() has it until the next call, and
    // as long as the line stays where it is.
    [[nodiscard]] std::string parse(std::string_view line);
    [[nodiscard]] const EntryLine& entry() const { return entry_; }

 private:
    struct Json;

    EntryLine entry_;
    std::unique_ptr<Json> json_;
};

}  // namespace tc
