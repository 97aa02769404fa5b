// SPDX-License-Identifier: MIT
//
// The client library for C++17: thin, header-only, with no ABI of its own. In a few lines
// (examples/quickstart.cpp is the whole of it):
//
//     tagcache::Client cache("tagcache://127.0.0.1:1984");
//     tagcache::WriteOptions options;
//     options.tags = {"product:7", "category:3"};
//     options.ttl = std::chrono::minutes(1);
//     cache.put("page:/", "<html>", options);
//     std::optional<std::string> page = cache.get("page:/");
//     std::uint64_t gone = cache.invalidate("product:7");
//
// Failures (a tagcache_status below 0) are thrown as tagcache::Error; answers such as "not found"
// are return values: an empty optional, or false. Keys, tags and values are bytes in
// std::string_view, copied before a call returns. A Client is moved, not copied, and used by one
// thread at a time; client.handle() gives the C functions for what is not wrapped.
#ifndef TAGCACHE_TAGCACHE_HPP
#define TAGCACHE_TAGCACHE_HPP

#include <tagcache/tagcache.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tagcache/result.hpp>
#include <utility>
#include <vector>

namespace tagcache {

// A TTL as the C functions take it. Below 0 it would become a time without end there.
[[nodiscard]] inline std::uint64_t to_ttl_ms(std::chrono::milliseconds ttl) {
    if (ttl.count() < 0) {
        throw Error(TAGCACHE_LOCAL_INVALID_ARGUMENT,
                    "LOCAL_INVALID_ARGUMENT: a TTL cannot be negative; 0 is no expiry");
    }
    return static_cast<std::uint64_t>(ttl.count());
}

// The other way; what no duration can hold becomes the longest one.
[[nodiscard]] inline std::chrono::milliseconds to_ttl(std::uint64_t ttl_ms) noexcept {
    using Milliseconds = std::chrono::milliseconds;
    constexpr auto ttl_ms_max = static_cast<std::uint64_t>(Milliseconds::max().count());
    return Milliseconds(static_cast<Milliseconds::rep>(std::min(ttl_ms, ttl_ms_max)));
}

// What a write brings along; what is not set is absent, which is not zero. It owns its tags: most
// are made on the spot, and it lives longer than the statement that sets them.
struct WriteOptions {
    std::optional<std::chrono::milliseconds> ttl;  // 0 = no expiry
    std::optional<std::vector<std::string>> tags;
    std::optional<std::uint64_t> if_version;
    std::optional<std::uint32_t> flags;
    bool keeps_ttl = false;
    bool keeps_tags = false;
};

// WriteOptions as the C functions take them, of which it has views; lives as long as the call.
class NativeWriteOptions {
 public:
    explicit NativeWriteOptions(const WriteOptions& options) {
        set(TAGCACHE_WRITE_KEEP_TTL, options.keeps_ttl);
        set(TAGCACHE_WRITE_KEEP_TAGS, options.keeps_tags);
        if (options.ttl) {
            set(TAGCACHE_WRITE_TTL, true);
            native_.ttl_ms = to_ttl_ms(*options.ttl);
        }
        if (options.if_version) {
            set(TAGCACHE_WRITE_IF_VERSION, true);
            native_.if_version = *options.if_version;
        }
        if (options.flags) {
            set(TAGCACHE_WRITE_FLAGS, true);
            native_.flags = *options.flags;
        }
        if (options.tags) {
            set(TAGCACHE_WRITE_TAGS, true);
            for (const std::string& tag : *options.tags) {
                tags_.push_back(to_bytes(tag));
            }
            native_.tags = tags_.data();
            native_.tag_count = tags_.size();
        }
    }
    NativeWriteOptions(const NativeWriteOptions&) = delete;
    NativeWriteOptions& operator=(const NativeWriteOptions&) = delete;
    [[nodiscard]] const tagcache_write_options* get() const noexcept { return &native_; }

 private:
    void set(std::uint32_t bit, bool is_set) noexcept { native_.fields |= is_set ? bit : 0; }

    tagcache_write_options native_ = TAGCACHE_WRITE_OPTIONS_INIT;
    std::vector<tagcache_bytes> tags_;
};

// Who a client is: a user and its password; or a token, and the user only if it has to be that
// one's. Views, and the client copies them: who keeps a secret has to wipe it.
struct Credentials {
    std::string_view user;
    std::string_view password;
    std::string_view token;
};

[[nodiscard]] inline tagcache_credentials to_native(const Credentials& credentials) noexcept {
    tagcache_credentials native = TAGCACHE_CREDENTIALS_INIT;
    native.user = to_bytes(credentials.user);
    native.password = to_bytes(credentials.password);
    native.token = to_bytes(credentials.token);
    return native;
}

class Client {
 public:
    explicit Client(const std::string& uri = "tagcache://127.0.0.1:1984") : Client(of_uri(uri)) {}
    Client(const std::string& uri, const Credentials& credentials)
        : Client(of_uri(uri), credentials) {}
    // The same with other options, whose own credentials these take the place of.
    Client(const tagcache_client_options& options, const Credentials& credentials)
        : handle_(nullptr, tagcache_client_free) {
        const tagcache_credentials native = to_native(credentials);
        tagcache_client_options own = options;
        own.credentials = &native;
        open(own);
    }
    explicit Client(const tagcache_client_options& options)
        : handle_(nullptr, tagcache_client_free) {
        open(options);
    }
    [[nodiscard]] tagcache_client* handle() const noexcept { return handle_.get(); }

    [[nodiscard]] std::optional<std::string> get(std::string_view key) {
        return found(tagcache_get(handle(), to_bytes(key), reply(), nullptr, nullptr))
                   ? std::optional<std::string>(result_.value())
                   : std::nullopt;
    }
    [[nodiscard]] std::optional<std::string> getdel(std::string_view key) {
        return found(tagcache_getdel(handle(), to_bytes(key), reply(), nullptr, nullptr))
                   ? std::optional<std::string>(result_.value())
                   : std::nullopt;
    }
    [[nodiscard]] std::optional<Entry> get_entry(std::string_view key) {
        tagcache_read_options options = TAGCACHE_READ_OPTIONS_INIT;
        options.fields =
            TAGCACHE_READ_TTL | TAGCACHE_READ_TAGS | TAGCACHE_READ_VERSION | TAGCACHE_READ_FLAGS;
        if (!found(tagcache_get(handle(), to_bytes(key), reply(), &options, nullptr))) {
            return std::nullopt;
        }
        Entry entry;
        entry.value = result_.value();
        entry.tags = result_.tags();
        entry.version = result_.version();
        entry.ttl = to_ttl(tagcache_result_ttl_ms(reply()));
        entry.flags = tagcache_result_flags(reply());
        return entry;
    }
    // One for each key, in order.
    [[nodiscard]] std::vector<std::optional<std::string>> mget(
        const std::vector<std::string_view>& keys);
    [[nodiscard]] bool exists(std::string_view key) {
        return found(tagcache_exists(handle(), to_bytes(key), reply(), nullptr, nullptr));
    }

    // False when if_version was given and the entry is gone or has another version.
    bool put(std::string_view key, std::string_view value, const WriteOptions& options = {}) {
        return found(tagcache_put(handle(), to_bytes(key), to_bytes(value), reply(),
                                  NativeWriteOptions(options).get(), nullptr));
    }
    // False when there is an entry already.
    bool add(std::string_view key, std::string_view value, const WriteOptions& options = {}) {
        return found(tagcache_add(handle(), to_bytes(key), to_bytes(value), reply(),
                                  NativeWriteOptions(options).get(), nullptr));
    }
    // False when there is no entry, or one of another version.
    bool replace(std::string_view key, std::string_view value, const WriteOptions& options = {}) {
        return found(tagcache_replace(handle(), to_bytes(key), to_bytes(value), reply(),
                                      NativeWriteOptions(options).get(), nullptr));
    }
    // The new size of the value; nothing when there is no entry.
    std::optional<std::uint64_t> append(std::string_view key, std::string_view value) {
        return found(tagcache_append(handle(), to_bytes(key), to_bytes(value), reply(), nullptr,
                                     nullptr))
                   ? std::optional<std::uint64_t>(tagcache_result_value_bytes(reply()))
                   : std::nullopt;
    }
    std::optional<std::uint64_t> prepend(std::string_view key, std::string_view value) {
        return found(tagcache_prepend(handle(), to_bytes(key), to_bytes(value), reply(), nullptr,
                                      nullptr))
                   ? std::optional<std::uint64_t>(tagcache_result_value_bytes(reply()))
                   : std::nullopt;
    }
    std::int64_t incr(std::string_view key, std::int64_t amount = 1,
                      const WriteOptions& options = {}) {
        check(tagcache_incr(handle(), to_bytes(key), amount, reply(),
                            NativeWriteOptions(options).get(), nullptr));
        return result_.number();
    }
    std::int64_t decr(std::string_view key, std::int64_t amount = 1,
                      const WriteOptions& options = {}) {
        check(tagcache_decr(handle(), to_bytes(key), amount, reply(),
                            NativeWriteOptions(options).get(), nullptr));
        return result_.number();
    }
    bool touch(std::string_view key, std::chrono::milliseconds ttl) {
        return found(
            tagcache_touch(handle(), to_bytes(key), to_ttl_ms(ttl), reply(), nullptr, nullptr));
    }
    // True when there was an entry.
    bool erase(std::string_view key) {
        return found(tagcache_delete(handle(), to_bytes(key), reply(), nullptr, nullptr));
    }

    [[nodiscard]] std::optional<std::vector<std::string>> tags(std::string_view key) {
        return found(tagcache_tags(handle(), to_bytes(key), reply(), nullptr))
                   ? std::optional<std::vector<std::string>>(result_.tags())
                   : std::nullopt;
    }
    // False when there is no entry.
    bool tag_add(std::string_view key, const std::vector<std::string_view>& tags) {
        const auto views = to_bytes(tags);
        return found(tagcache_tag_add(handle(), to_bytes(key), views.data(), views.size(), reply(),
                                      nullptr, nullptr));
    }
    bool tag_remove(std::string_view key, const std::vector<std::string_view>& tags) {
        const auto views = to_bytes(tags);
        return found(tagcache_tag_remove(handle(), to_bytes(key), views.data(), views.size(),
                                         reply(), nullptr, nullptr));
    }
    [[nodiscard]] std::uint64_t tag_count(std::string_view tag) {
        check(tagcache_tag_count(handle(), to_bytes(tag), reply(), nullptr));
        return result_.count();
    }
    // Removes every entry that has the tag; how many there were.
    std::uint64_t invalidate(std::string_view tag) { return invalidate_any({tag}); }
    std::uint64_t invalidate_any(const std::vector<std::string_view>& tags) {
        return invalidate(tags, 0);
    }
    std::uint64_t invalidate_all(const std::vector<std::string_view>& tags) {
        return invalidate(tags, TAGCACHE_INVALIDATE_ALL);
    }
    // Page after page, each with the client's timeout. A failure's text says how many entries were
    // removed before it.
    std::uint64_t delete_prefix(std::string_view prefix) {
        check(tagcache_delete_prefix(handle(), to_bytes(prefix), reply(), nullptr, nullptr));
        return result_.count();
    }
    std::uint64_t flush() {
        check(tagcache_flush(handle(), reply(), nullptr));
        return result_.count();
    }

    // Page after page to the end. An entry that is stored meanwhile may be missed.
    [[nodiscard]] std::vector<std::string> keys_by_tag(std::string_view tag) {
        const tagcache_bytes view = to_bytes(tag);
        return all_pages([&](const tagcache_page_options* page) {
            return tagcache_keys_by_tag(handle(), &view, 1, reply(), page, nullptr);
        });
    }
    [[nodiscard]] std::vector<std::string> keys(std::string_view prefix) {
        return all_pages([&](const tagcache_page_options* page) {
            return tagcache_scan(handle(), to_bytes(prefix), reply(), page, nullptr);
        });
    }
    [[nodiscard]] std::vector<std::string> tag_list(std::string_view prefix) {
        return all_pages([&](const tagcache_page_options* page) {
            return tagcache_tag_list(handle(), to_bytes(prefix), reply(), page, nullptr);
        });
    }

    [[nodiscard]] std::vector<Field> stats() {
        check(tagcache_stats(handle(), reply(), nullptr));
        return result_.fields();
    }
    [[nodiscard]] std::vector<Field> info() {
        check(tagcache_info(handle(), reply(), nullptr));
        return result_.fields();
    }
    // The hottest first, at most `limit` of them; 0 is the library's default.
    [[nodiscard]] std::vector<HotName> hot_keys(std::uint32_t limit = 0) {
        return hot_names(0, limit);
    }
    [[nodiscard]] std::vector<HotName> hot_tags(std::uint32_t limit = 0) {
        return hot_names(TAGCACHE_HOTKEYS_TAGS, limit);
    }
    // Closes a connection, by its id; false when there is none.
    bool kill_client(std::uint64_t id) {
        return found(tagcache_clients_kill(handle(), id, nullptr));
    }
    // Shows this connection by that name.
    void set_name(std::string_view name) {
        check(tagcache_set_name(handle(), to_bytes(name), nullptr));
    }
    // Fields of each, the latest first, at most `limit` of them; 0 is the library's default.
    [[nodiscard]] std::vector<std::vector<Field>> slow_requests(std::uint32_t limit = 0) {
        check(tagcache_slowlog(handle(), TAGCACHE_SLOWLOG_GET, limit, reply(), nullptr));
        std::vector<std::vector<Field>> requests;
        while (result_.next()) {
            requests.push_back(result_.fields());
        }
        return requests;
    }
    void forget_slow_requests() {
        check(tagcache_slowlog(handle(), TAGCACHE_SLOWLOG_RESET, 0, reply(), nullptr));
    }
    void ping() { check(tagcache_ping(handle(), nullptr)); }

 private:
    void open(const tagcache_client_options& options) {
        tagcache_client* made = nullptr;
        const tagcache_status status = tagcache_client_new(&options, &made);
        handle_.reset(made);
        check(status);
    }
    static tagcache_client_options of_uri(const std::string& uri) {
        tagcache_client_options options = TAGCACHE_CLIENT_OPTIONS_INIT;
        options.uri = uri.c_str();
        return options;
    }
    static std::vector<tagcache_bytes> to_bytes(const std::vector<std::string_view>& texts) {
        std::vector<tagcache_bytes> views;
        for (const std::string_view text : texts) {
            views.push_back(tagcache::to_bytes(text));
        }
        return views;
    }
    static tagcache_bytes to_bytes(std::string_view text) { return tagcache::to_bytes(text); }

    [[nodiscard]] tagcache_result* reply() const noexcept { return result_.handle(); }
    void check(tagcache_status status) const { tagcache::check(handle(), status); }
    // True for OK, false for another answer.
    [[nodiscard]] bool found(tagcache_status status) const {
        check(status);
        return status == TAGCACHE_OK;
    }
    std::uint64_t invalidate(const std::vector<std::string_view>& tags, std::uint32_t fields) {
        tagcache_invalidate_options options = TAGCACHE_INVALIDATE_OPTIONS_INIT;
        options.fields = fields;
        const auto views = to_bytes(tags);
        check(
            tagcache_invalidate(handle(), views.data(), views.size(), reply(), &options, nullptr));
        return result_.count();
    }
    std::vector<HotName> hot_names(std::uint32_t fields, std::uint32_t limit) {
        tagcache_hotkeys_options options = TAGCACHE_HOTKEYS_OPTIONS_INIT;
        options.fields = fields;
        options.limit = limit;
        check(tagcache_hotkeys(handle(), reply(), &options, nullptr));
        std::vector<HotName> names;
        while (result_.next()) {
            names.push_back({std::string(result_.name()), result_.rate()});
        }
        return names;
    }
    template <typename Ask>
    std::vector<std::string> all_pages(Ask ask) {
        std::vector<std::string> names;
        tagcache_page_options page = TAGCACHE_PAGE_OPTIONS_INIT;
        do {
            check(ask(&page));
            while (result_.next()) {
                names.emplace_back(result_.name());
            }
            page.cursor = tagcache_result_cursor(reply());
        } while (page.cursor.size != 0);
        return names;
    }

    std::unique_ptr<tagcache_client, decltype(&tagcache_client_free)> handle_;
    Result result_;
};

inline std::vector<std::optional<std::string>> Client::mget(
    const std::vector<std::string_view>& keys) {
    const auto views = to_bytes(keys);
    check(tagcache_mget(handle(), views.data(), views.size(), reply(), nullptr, nullptr));
    std::vector<std::optional<std::string>> values;
    std::vector<std::size_t> truncated;
    while (result_.next()) {
        values.emplace_back();
        switch (result_.item_status()) {
            case TAGCACHE_OK: values.back() = result_.value(); break;
            case TAGCACHE_NOT_FOUND: break;
            case TAGCACHE_TRUNCATED: truncated.push_back(values.size() - 1); break;
            default:
                throw Error(result_.item_status(), tagcache_status_name(result_.item_status()));
        }
    }
    for (const std::size_t index : truncated) {  // what did not fit into one reply
        values[index] = get(keys[index]);
    }
    return values;
}

// Many requests on the way at once. Take their replies with next(), or call finish(): when it ends
// it drops what has not been sent, and disconnects when replies were still to come, and nobody is
// told. Ends before its client.
class Pipeline {
 public:
    explicit Pipeline(Client& client)
        : client_(client.handle()), handle_(nullptr, tagcache_pipeline_free) {
        tagcache_pipeline* made = nullptr;
        check(client_, tagcache_pipeline_new(client_, &made));
        handle_.reset(made);
    }
    [[nodiscard]] tagcache_pipeline* handle() const noexcept { return handle_.get(); }

    // False when replies have to be taken first (PIPELINE_FULL): nothing was appended then.
    [[nodiscard]] bool get(std::string_view key, std::uint64_t user_data = 0) {
        const tagcache_call_options call = call_of(user_data, false);
        return appended(tagcache_pipeline_get(handle(), to_bytes(key), nullptr, &call));
    }
    [[nodiscard]] bool put(std::string_view key, std::string_view value,
                           const WriteOptions& options = {}, std::uint64_t user_data = 0,
                           bool is_quiet = false) {
        const tagcache_call_options call = call_of(user_data, is_quiet);
        return appended(tagcache_pipeline_put(handle(), to_bytes(key), to_bytes(value),
                                              NativeWriteOptions(options).get(), &call));
    }
    [[nodiscard]] bool erase(std::string_view key, std::uint64_t user_data = 0) {
        const tagcache_call_options call = call_of(user_data, false);
        return appended(tagcache_pipeline_delete(handle(), to_bytes(key), nullptr, &call));
    }
    [[nodiscard]] bool invalidate(std::string_view tag, std::uint64_t user_data = 0) {
        const tagcache_call_options call = call_of(user_data, false);
        const tagcache_bytes view = to_bytes(tag);
        return appended(tagcache_pipeline_invalidate(handle(), &view, 1, nullptr, &call));
    }

    // Waits for the next reply; false when all have been taken. Its status may be a failure:
    // nothing is thrown.
    [[nodiscard]] bool next(Result& result) {
        return tagcache_pipeline_next(handle(), result.handle(), nullptr);
    }
    // Waits for all replies and drops them; throws for the first that is a failure.
    void finish() { check(client_, tagcache_pipeline_finish(handle(), nullptr, nullptr)); }

 private:
    static tagcache_call_options call_of(std::uint64_t user_data, bool is_quiet) noexcept {
        tagcache_call_options call = TAGCACHE_CALL_OPTIONS_INIT;
        call.user_data = user_data;
        call.flags = is_quiet ? static_cast<std::uint32_t>(TAGCACHE_CALL_QUIET) : 0;
        return call;
    }
    bool appended(tagcache_status status) const {
        if (status == TAGCACHE_PIPELINE_FULL) {
            return false;
        }
        check(client_, status);
        return true;
    }

    tagcache_client* client_;
    std::unique_ptr<tagcache_pipeline, decltype(&tagcache_pipeline_free)> handle_;
};

}  // namespace tagcache

#endif
