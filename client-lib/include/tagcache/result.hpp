// SPDX-License-Identifier: MIT
//
// What calls of the C++ wrapper give back: replies, and failures as exceptions. Include
// tagcache.hpp.
#ifndef TAGCACHE_RESULT_HPP
#define TAGCACHE_RESULT_HPP

#include <tagcache/tagcache.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tagcache {

class Error : public std::runtime_error {
 public:
    Error(tagcache_status status, const std::string& message)
        : std::runtime_error(message), status_(status) {}
    [[nodiscard]] tagcache_status status() const noexcept { return status_; }
    // The change may have been made: only the caller knows whether it may be repeated.
    [[nodiscard]] bool is_in_doubt() const noexcept { return status_ == TAGCACHE_IN_DOUBT; }

 private:
    tagcache_status status_;
};

[[nodiscard]] inline tagcache_bytes to_bytes(std::string_view text) noexcept {
    return {text.data(), text.size()};
}

[[nodiscard]] inline std::string_view to_view(tagcache_bytes bytes) noexcept {
    return {static_cast<const char*>(bytes.data), bytes.size};
}

// An entry with all that can be asked about it.
struct Entry {
    std::string value;
    std::vector<std::string> tags;
    std::uint64_t version = 0;
    std::chrono::milliseconds ttl{0};  // 0 = no expiry
    std::uint32_t flags = 0;
};

// One of the server's figures.
struct Field {
    std::string name;
    std::variant<std::uint64_t, std::int64_t, double, std::string> value;
};

// A key that is read much, or a tag that is named much.
struct HotName {
    std::string name;
    std::uint64_t rate = 0;  // an estimate of how often it is used a second
};

// Throws for a status below 0.
inline void check(const tagcache_client* client, tagcache_status status) {
    if (status >= 0) {
        return;
    }
    if (client == nullptr) {
        throw std::bad_alloc();
    }
    throw Error(status, tagcache_client_error(client));
}

// One reply. Views are valid until the next call that fills it.
class Result {
 public:
    Result() : handle_(tagcache_result_new(), tagcache_result_free) {
        if (!handle_) {
            throw std::bad_alloc();
        }
    }
    [[nodiscard]] tagcache_result* handle() const noexcept { return handle_.get(); }

    [[nodiscard]] tagcache_status status() const noexcept {
        return tagcache_result_status(handle());
    }
    [[nodiscard]] std::uint64_t user_data() const noexcept {
        return tagcache_result_user_data(handle());
    }
    [[nodiscard]] std::string_view message() const noexcept {
        return to_view(tagcache_result_message(handle()));
    }
    [[nodiscard]] std::uint64_t count() const noexcept { return tagcache_result_count(handle()); }
    [[nodiscard]] std::int64_t number() const noexcept { return tagcache_result_number(handle()); }
    [[nodiscard]] std::string_view value() const noexcept {
        return to_view(tagcache_result_value(handle()));
    }
    [[nodiscard]] std::uint64_t version() const noexcept {
        return tagcache_result_version(handle());
    }

    // Items of a batch or page.
    [[nodiscard]] bool next() const noexcept { return tagcache_result_next(handle()); }
    [[nodiscard]] tagcache_status item_status() const noexcept {
        return tagcache_result_item_status(handle());
    }
    [[nodiscard]] std::string_view name() const noexcept {
        return to_view(tagcache_result_name(handle()));
    }

    [[nodiscard]] std::uint64_t rate() const noexcept { return tagcache_result_rate(handle()); }

    [[nodiscard]] std::vector<std::string> tags() const {
        tagcache_result_rewind(handle());
        std::vector<std::string> tags;
        tagcache_bytes tag;
        while (tagcache_result_next_tag(handle(), &tag)) {
            tags.emplace_back(to_view(tag));
        }
        return tags;
    }

    [[nodiscard]] std::vector<Field> fields() const {
        tagcache_result_rewind(handle());
        std::vector<Field> fields;
        while (tagcache_result_next_field(handle())) {
            fields.push_back({std::string(to_view(tagcache_result_field_name(handle()))), {}});
            auto& value = fields.back().value;
            switch (tagcache_result_field_type(handle())) {
                case TAGCACHE_FIELD_U64: value = tagcache_result_field_u64(handle()); break;
                case TAGCACHE_FIELD_I64: value = tagcache_result_field_i64(handle()); break;
                case TAGCACHE_FIELD_F64: value = tagcache_result_field_f64(handle()); break;
                default: value = std::string(to_view(tagcache_result_field_text(handle())));
            }
        }
        return fields;
    }

 private:
    std::unique_ptr<tagcache_result, decltype(&tagcache_result_free)> handle_;
};

}  // namespace tagcache

#endif
