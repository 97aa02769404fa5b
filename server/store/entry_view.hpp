// SPDX-License-Identifier: MIT
//
// What a read of the store returns: an immutable entry, readable until the reader's turn ends, and
// a pin on a large value for those who need it longer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace tc {

class Entry;
struct Blob;
class TagNames;

// Keeps a value readable over turns. Only large values are pinned (they live in a blob of their own
// with a reference count); small ones are copied by whoever needs them longer. May be released on
// another thread than the one that took it, but not after the Store is gone.
class Pin {
 public:
    Pin() = default;
    explicit Pin(Blob* blob) noexcept;  // takes a reference
    Pin(Pin&& other) noexcept : blob_(std::exchange(other.blob_, nullptr)) {}
    Pin& operator=(Pin&& other) noexcept;
    Pin(const Pin&) = delete;
    Pin& operator=(const Pin&) = delete;
    ~Pin();

    [[nodiscard]] explicit operator bool() const noexcept { return blob_ != nullptr; }
    [[nodiscard]] std::string_view value() const noexcept;

 private:
    Blob* blob_ = nullptr;
};

class EntryView {
 public:
    EntryView() = default;
    EntryView(const Entry* entry, const TagNames* names, std::uint64_t version,
              std::uint64_t ttl_ms) noexcept
        : entry_(entry), names_(names), version_(version), ttl_ms_(ttl_ms) {}

    [[nodiscard]] explicit operator bool() const noexcept { return entry_ != nullptr; }

    // REQUIRES for all below: the view is not empty and the turn that made it has not ended.
    [[nodiscard]] std::string_view key() const noexcept;
    [[nodiscard]] std::string_view value() const noexcept;
    [[nodiscard]] std::uint64_t version() const noexcept { return version_; }
    [[nodiscard]] std::uint32_t client_flags() const noexcept;
    // What was left when the entry was read; 0 = never expires.
    [[nodiscard]] std::uint64_t ttl_ms() const noexcept { return ttl_ms_; }
    [[nodiscard]] std::size_t tag_count() const noexcept;
    [[nodiscard]] std::string_view tag(std::size_t index) const noexcept;
    // An empty pin when the value is small: copy it.
    [[nodiscard]] Pin pin() const noexcept;

 private:
    const Entry* entry_ = nullptr;
    const TagNames* names_ = nullptr;
    std::uint64_t version_ = 0;
    std::uint64_t ttl_ms_ = 0;
};

}  // namespace tc
