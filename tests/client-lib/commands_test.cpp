// SPDX-License-Identifier: MIT
//
// Every blocking verb against a real server.
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "client-lib/handles.hpp"
#include "client-lib/replies.hpp"
#include "support/running_server.hpp"

using namespace tc::test;

namespace {

// A server, a client of it, and short forms of what the tests do most.
struct Cache {
    RunningServer server;
    ClientHandle handle = new_client(server.port());
    ResultHandle reply = new_result();
    tagcache_client* client = handle.get();
    tagcache_result* result = reply.get();

    tagcache_status put(std::string_view key, std::string_view value,
                        const std::vector<std::string_view>& tags = {}) {
        std::vector<tagcache_bytes> views;
        for (const auto tag : tags) {
            views.push_back(bytes_of(tag));
        }
        tagcache_write_options options = TAGCACHE_WRITE_OPTIONS_INIT;
        options.fields = TAGCACHE_WRITE_TAGS;
        options.tags = views.data();
        options.tag_count = views.size();
        return tagcache_put(client, bytes_of(key), bytes_of(value), result, &options, nullptr);
    }
    tagcache_status get(std::string_view key) {
        return tagcache_get(client, bytes_of(key), result, nullptr, nullptr);
    }
    // The value, or "(NOT_FOUND)".
    std::string value(std::string_view key) {
        const tagcache_status status = get(key);
        return status == TAGCACHE_OK ? text_of(tagcache_result_value(result))
                                     : "(" + std::string(tagcache_status_name(status)) + ")";
    }
    std::uint64_t version(std::string_view key) {
        tagcache_read_options options = TAGCACHE_READ_OPTIONS_INIT;
        options.fields = TAGCACHE_READ_VERSION;
        REQUIRE(tagcache_exists(client, bytes_of(key), result, &options, nullptr) == TAGCACHE_OK);
        return tagcache_result_version(result);
    }
    std::multiset<std::string> tags(std::string_view key) {
        std::multiset<std::string> tags;
        if (tagcache_tags(client, bytes_of(key), result, nullptr) == TAGCACHE_OK) {
            CHECK(tagcache_result_fields(result) == TAGCACHE_READ_TAGS);
            for (tagcache_bytes tag; tagcache_result_next_tag(result, &tag);) {
                tags.insert(text_of(tag));
            }
        }
        return tags;
    }
    std::uint64_t count() const { return tagcache_result_count(result); }
};

using Names = std::multiset<std::string>;

// All names of all pages of `ask(page)`.
template <typename Ask>
Names names_of(tagcache_result* result, std::uint32_t limit, std::uint32_t fields, Ask ask) {
    Names names;
    tagcache_page_options page = TAGCACHE_PAGE_OPTIONS_INIT;
    page.limit = limit;
    page.fields = fields;
    do {
        REQUIRE(ask(&page) == TAGCACHE_OK);
        CHECK(tagcache_result_item_count(result) <= limit);
        while (tagcache_result_next(result)) {
            names.insert(text_of(tagcache_result_name(result)));
        }
        page.cursor = tagcache_result_cursor(result);
    } while (page.cursor.size != 0);
    return names;
}

}  // namespace

TEST_CASE("a client is named as long as the server can show it", "[client]") {
    const RunningServer server;
    tagcache_client_options options = TAGCACHE_CLIENT_OPTIONS_INIT;
    options.port = static_cast<std::uint16_t>(server.port());
    for (const std::size_t size : {63U, 64U}) {
        const std::string name(size, 'n');
        options.client_name = name.c_str();
        tagcache_client* client = nullptr;
        const tagcache_status made = tagcache_client_new(&options, &client);
        const ClientHandle handle(client);
        CHECK(made == (size == 63 ? TAGCACHE_OK : TAGCACHE_LOCAL_INVALID_ARGUMENT));
        CHECK((tagcache_ping(client, nullptr) == TAGCACHE_OK) == (size == 63));
    }
}

TEST_CASE("a value comes back byte for byte", "[client][commands]") {
    Cache cache;
    const std::string key("k\0\r\n\xff", 5);
    const std::string value("\0v\xf5TC\n", 6);
    CHECK(cache.get(key) == TAGCACHE_NOT_FOUND);
    CHECK(cache.put(key, value) == TAGCACHE_OK);
    CHECK(cache.value(key) == value);
    CHECK(cache.put(key, "") == TAGCACHE_OK);
    CHECK(cache.value(key).empty());
    CHECK(tagcache_ping(cache.client, nullptr) == TAGCACHE_OK);
    CHECK(std::string(tagcache_client_server_version(cache.client)) != "");
    CHECK(tagcache_client_limit(cache.client, TAGCACHE_LIMIT_VALUE_BYTES) == WIRE_VALUE_BYTES_MAX);
}

TEST_CASE("a get brings the fields it asks for and no others", "[client][commands]") {
    Cache cache;
    const tagcache_bytes tags[] = {bytes_of("red"), bytes_of("blue")};
    tagcache_write_options write = TAGCACHE_WRITE_OPTIONS_INIT;
    write.fields = TAGCACHE_WRITE_TAGS | TAGCACHE_WRITE_TTL | TAGCACHE_WRITE_FLAGS |
                   TAGCACHE_WRITE_RETURN_VERSION;
    write.tags = tags;
    write.tag_count = 2;
    write.ttl_ms = 3'600'000;
    write.flags = 0xABCDEF;
    REQUIRE(tagcache_put(cache.client, bytes_of("k"), bytes_of("value"), cache.result, &write,
                         nullptr) == TAGCACHE_OK);
    const std::uint64_t version = tagcache_result_version(cache.result);
    CHECK(version != 0);

    CHECK(cache.get("k") == TAGCACHE_OK);
    CHECK(tagcache_result_fields(cache.result) == 0);

    tagcache_read_options read = TAGCACHE_READ_OPTIONS_INIT;
    read.fields = TAGCACHE_READ_TTL | TAGCACHE_READ_TAGS | TAGCACHE_READ_VERSION |
                  TAGCACHE_READ_FLAGS | TAGCACHE_READ_NO_VALUE;
    REQUIRE(tagcache_get(cache.client, bytes_of("k"), cache.result, &read, nullptr) == TAGCACHE_OK);
    CHECK(tagcache_result_fields(cache.result) == 0x0F);
    CHECK(tagcache_result_value(cache.result).size == 0);
    CHECK(tagcache_result_value_bytes(cache.result) == 5);
    CHECK(tagcache_result_version(cache.result) == version);
    CHECK(tagcache_result_flags(cache.result) == 0xABCDEF);
    CHECK(tagcache_result_ttl_ms(cache.result) > 3'500'000);
    CHECK(tagcache_result_ttl_ms(cache.result) <= 3'600'000);
    CHECK(tagcache_result_tag_count(cache.result) == 2);

    read.fields = TAGCACHE_READ_TOUCH | TAGCACHE_READ_TTL;
    read.ttl_ms = 0;  // never expires from now on
    REQUIRE(tagcache_get(cache.client, bytes_of("k"), cache.result, &read, nullptr) == TAGCACHE_OK);
    CHECK(tagcache_result_ttl_ms(cache.result) == 0);
}

TEST_CASE("add, replace and if_version store only when they may", "[client][commands]") {
    Cache cache;
    const auto add = [&] {
        return tagcache_add(cache.client, bytes_of("k"), bytes_of("added"), nullptr, nullptr,
                            nullptr);
    };
    const auto replace = [&](const tagcache_write_options* options) {
        return tagcache_replace(cache.client, bytes_of("k"), bytes_of("replaced"), nullptr, options,
                                nullptr);
    };
    CHECK(replace(nullptr) == TAGCACHE_NOT_FOUND);
    CHECK(add() == TAGCACHE_OK);
    CHECK(add() == TAGCACHE_EXISTS);
    CHECK(std::string(tagcache_client_error(cache.client)).empty());  // an answer is no error
    tagcache_write_options options = TAGCACHE_WRITE_OPTIONS_INIT;
    options.fields = TAGCACHE_WRITE_IF_VERSION;
    options.if_version = cache.version("k") + 1;
    CHECK(replace(&options) == TAGCACHE_VERSION_MISMATCH);
    options.if_version = cache.version("k");
    CHECK(replace(&options) == TAGCACHE_OK);
    CHECK(cache.value("k") == "replaced");
}

TEST_CASE("batches answer for each key in order", "[client][commands]") {
    Cache cache;
    const tagcache_bytes keys[] = {bytes_of("a"), bytes_of("b"), bytes_of("missing"), bytes_of("")};
    const tagcache_bytes values[] = {bytes_of("1"), bytes_of("2")};
    tagcache_write_options options = TAGCACHE_WRITE_OPTIONS_INIT;
    options.fields = TAGCACHE_WRITE_RETURN_VERSION;
    const tagcache_write_options* each[] = {nullptr, &options};
    REQUIRE(tagcache_mput(cache.client, keys, values, 2, cache.result, each, nullptr) ==
            TAGCACHE_OK);
    REQUIRE(tagcache_result_item_count(cache.result) == 2);
    std::vector<std::uint64_t> versions;
    while (tagcache_result_next(cache.result)) {
        CHECK(tagcache_result_item_status(cache.result) == TAGCACHE_OK);
        versions.push_back(tagcache_result_version(cache.result));
        CHECK(versions.back() != 0);
    }

    const std::vector<tagcache_status> expected = {TAGCACHE_OK, TAGCACHE_OK, TAGCACHE_NOT_FOUND,
                                                   TAGCACHE_KEY_EMPTY};
    const auto statuses = [&] {
        std::vector<tagcache_status> all;
        while (tagcache_result_next(cache.result)) {
            all.push_back(tagcache_result_item_status(cache.result));
        }
        return all;
    };
    REQUIRE(tagcache_mget(cache.client, keys, 4, cache.result, nullptr, nullptr) == TAGCACHE_OK);
    std::string joined;
    std::vector<tagcache_status> read;
    while (tagcache_result_next(cache.result)) {
        read.push_back(tagcache_result_item_status(cache.result));
        joined += text_of(tagcache_result_value(cache.result));
    }
    CHECK(read == expected);
    CHECK(joined == "12");

    REQUIRE(tagcache_exists_keys(cache.client, keys, 4, cache.result, nullptr, nullptr) ==
            TAGCACHE_OK);
    CHECK(statuses() == expected);
    REQUIRE(tagcache_touch_keys(cache.client, keys, nullptr, 4, 60'000, cache.result, nullptr) ==
            TAGCACHE_OK);
    CHECK(statuses() == expected);

    const std::uint64_t if_versions[] = {versions[0] + 1, versions[1], 7, 7};
    REQUIRE(tagcache_delete_keys(cache.client, keys, if_versions, 4, cache.result, nullptr) ==
            TAGCACHE_OK);
    CHECK(statuses() == std::vector<tagcache_status>{TAGCACHE_VERSION_MISMATCH, TAGCACHE_OK,
                                                     TAGCACHE_NOT_FOUND, TAGCACHE_KEY_EMPTY});
    CHECK(cache.value("a") == "1");
    CHECK(cache.get("b") == TAGCACHE_NOT_FOUND);
}

TEST_CASE("a batch of no keys is answered with no items", "[client][commands]") {
    Cache cache;
    CHECK(tagcache_mget(cache.client, nullptr, 0, cache.result, nullptr, nullptr) == TAGCACHE_OK);
    CHECK(tagcache_result_item_count(cache.result) == 0);
    CHECK_FALSE(tagcache_result_next(cache.result));
}

TEST_CASE("a verb on one key has the key's status", "[client][commands]") {
    Cache cache;
    const auto exists = [&](std::string_view key) {
        return tagcache_exists(cache.client, bytes_of(key), nullptr, nullptr, nullptr);
    };
    const auto remove = [&](std::string_view key, const tagcache_write_options* options) {
        return tagcache_delete(cache.client, bytes_of(key), nullptr, options, nullptr);
    };
    CHECK(exists("k") == TAGCACHE_NOT_FOUND);
    CHECK(remove("k", nullptr) == TAGCACHE_NOT_FOUND);
    CHECK(tagcache_touch(cache.client, bytes_of("k"), 1, nullptr, nullptr, nullptr) ==
          TAGCACHE_NOT_FOUND);
    REQUIRE(cache.put("k", "v") == TAGCACHE_OK);
    CHECK(exists("k") == TAGCACHE_OK);
    CHECK(tagcache_touch(cache.client, bytes_of("k"), 60'000, nullptr, nullptr, nullptr) ==
          TAGCACHE_OK);
    tagcache_write_options options = TAGCACHE_WRITE_OPTIONS_INIT;
    options.fields = TAGCACHE_WRITE_IF_VERSION;
    options.if_version = cache.version("k") + 1;
    CHECK(remove("k", &options) == TAGCACHE_VERSION_MISMATCH);
    --options.if_version;
    CHECK(remove("k", &options) == TAGCACHE_OK);
    CHECK(exists("k") == TAGCACHE_NOT_FOUND);
    CHECK(exists("") == TAGCACHE_KEY_EMPTY);
}

TEST_CASE("getdel reads an entry and takes it away", "[client][commands]") {
    Cache cache;
    REQUIRE(cache.put("k", "v") == TAGCACHE_OK);
    CHECK(tagcache_getdel(cache.client, bytes_of("k"), cache.result, nullptr, nullptr) ==
          TAGCACHE_OK);
    CHECK(text_of(tagcache_result_value(cache.result)) == "v");
    CHECK(tagcache_getdel(cache.client, bytes_of("k"), cache.result, nullptr, nullptr) ==
          TAGCACHE_NOT_FOUND);
}

TEST_CASE("append and prepend tell the new size", "[client][commands]") {
    Cache cache;
    const auto append = [&](std::string_view text) {
        return tagcache_append(cache.client, bytes_of("k"), bytes_of(text), cache.result, nullptr,
                               nullptr);
    };
    CHECK(append("x") == TAGCACHE_NOT_FOUND);
    REQUIRE(cache.put("k", "b") == TAGCACHE_OK);
    CHECK(append("c") == TAGCACHE_OK);
    CHECK(tagcache_result_value_bytes(cache.result) == 2);
    CHECK(tagcache_prepend(cache.client, bytes_of("k"), bytes_of("a"), cache.result, nullptr,
                           nullptr) == TAGCACHE_OK);
    CHECK(tagcache_result_value_bytes(cache.result) == 3);
    CHECK(cache.value("k") == "abc");
}

TEST_CASE("numbers go up and down and refuse what is none", "[client][commands]") {
    Cache cache;
    const auto incr = [&](std::int64_t amount) {
        return tagcache_incr(cache.client, bytes_of("n"), amount, cache.result, nullptr, nullptr);
    };
    CHECK(incr(5) == TAGCACHE_OK);
    CHECK(tagcache_result_number(cache.result) == 5);
    CHECK(tagcache_decr(cache.client, bytes_of("n"), 7, cache.result, nullptr, nullptr) ==
          TAGCACHE_OK);
    CHECK(tagcache_result_number(cache.result) == -2);
    CHECK(cache.value("n") == "-2");
    CHECK(incr(INT64_MIN) == TAGCACHE_NUMBER_OVERFLOW);
    REQUIRE(cache.put("n", "seven") == TAGCACHE_OK);
    CHECK(incr(1) == TAGCACHE_NOT_A_NUMBER);
    CHECK(std::string(tagcache_client_error(cache.client)).find("NOT_A_NUMBER: ") == 0);
    CHECK(cache.value("n") == "seven");
}

TEST_CASE("tags are listed, added and taken away", "[client][commands]") {
    Cache cache;
    REQUIRE(cache.put("k", "v", {"red", "blue"}) == TAGCACHE_OK);
    CHECK(cache.tags("k") == Names{"blue", "red"});
    const tagcache_bytes more[] = {bytes_of("red"), bytes_of("green")};
    CHECK(tagcache_tag_add(cache.client, bytes_of("k"), more, 2, cache.result, nullptr, nullptr) ==
          TAGCACHE_OK);
    CHECK(cache.count() == 1);
    CHECK(cache.tags("k") == Names{"blue", "green", "red"});
    CHECK(tagcache_tag_remove(cache.client, bytes_of("k"), more, 2, cache.result, nullptr,
                              nullptr) == TAGCACHE_OK);
    CHECK(cache.count() == 2);
    CHECK(cache.tags("k") == Names{"blue"});
    CHECK(tagcache_tag_count(cache.client, bytes_of("blue"), cache.result, nullptr) == TAGCACHE_OK);
    CHECK(cache.count() == 1);
    CHECK(tagcache_tag_add(cache.client, bytes_of("missing"), more, 2, nullptr, nullptr, nullptr) ==
          TAGCACHE_NOT_FOUND);
    CHECK(tagcache_tags(cache.client, bytes_of("missing"), nullptr, nullptr) == TAGCACHE_NOT_FOUND);
}

TEST_CASE("invalidate removes what has any or all of the tags, or only counts",
          "[client][commands]") {
    Cache cache;
    const tagcache_bytes tags[] = {bytes_of("red"), bytes_of("blue")};
    tagcache_invalidate_options options = TAGCACHE_INVALIDATE_OPTIONS_INIT;
    const auto invalidate = [&](std::uint32_t fields) {
        options.fields = fields;
        REQUIRE(tagcache_invalidate(cache.client, tags, 2, cache.result, &options, nullptr) ==
                TAGCACHE_OK);
        return cache.count();
    };
    REQUIRE(cache.put("a", "v", {"red"}) == TAGCACHE_OK);
    REQUIRE(cache.put("b", "v", {"blue"}) == TAGCACHE_OK);
    REQUIRE(cache.put("c", "v", {"red", "blue"}) == TAGCACHE_OK);
    REQUIRE(cache.put("d", "v") == TAGCACHE_OK);
    CHECK(invalidate(TAGCACHE_INVALIDATE_DRY_RUN) == 3);
    CHECK(invalidate(TAGCACHE_INVALIDATE_ALL) == 1);
    CHECK(cache.get("c") == TAGCACHE_NOT_FOUND);
    CHECK(invalidate(0) == 2);
    CHECK(cache.value("d") == "v");
    CHECK(tagcache_invalidate(cache.client, nullptr, 0, nullptr, nullptr, nullptr) ==
          TAGCACHE_INVALID_ARGUMENT);
}

TEST_CASE("pages lead to every name and end", "[client][commands]") {
    Cache cache;
    Names all;
    for (int i = 0; i < 250; ++i) {
        const std::string key = "key:" + std::to_string(i);
        REQUIRE(cache.put(key, "v", {"tag:" + std::to_string(i % 7), "every"}) == TAGCACHE_OK);
        all.insert(key);
    }
    REQUIRE(cache.put("other", "v") == TAGCACHE_OK);
    const tagcache_bytes every = bytes_of("every");
    CHECK(names_of(cache.result, 30, 0, [&](const auto* page) {
              return tagcache_keys_by_tag(cache.client, &every, 1, cache.result, page, nullptr);
          }) == all);
    CHECK(names_of(cache.result, 30, 0, [&](const auto* page) {
              return tagcache_scan(cache.client, bytes_of("key:"), cache.result, page, nullptr);
          }) == all);
    CHECK(names_of(cache.result, 30, TAGCACHE_PAGE_GLOB, [&](const auto* page) {
              return tagcache_scan(cache.client, bytes_of("o?h*r"), cache.result, page, nullptr);
          }) == Names{"other"});
    CHECK(names_of(cache.result, 3, 0, [&](const auto* page) {
              return tagcache_tag_list(cache.client, bytes_of("tag:"), cache.result, page, nullptr);
          }) == Names{"tag:0", "tag:1", "tag:2", "tag:3", "tag:4", "tag:5", "tag:6"});

    tagcache_page_options page = TAGCACHE_PAGE_OPTIONS_INIT;
    page.fields = TAGCACHE_PAGE_ENTRIES;
    REQUIRE(tagcache_tag_list(cache.client, every, cache.result, &page, nullptr) == TAGCACHE_OK);
    REQUIRE(tagcache_result_next(cache.result));
    CHECK(tagcache_result_entries(cache.result) == 250);

    const tagcache_bytes two[] = {bytes_of("tag:1"), bytes_of("tag:2")};
    CHECK(names_of(cache.result, 1000, TAGCACHE_PAGE_ALL_TAGS, [&](const auto* one) {
              return tagcache_keys_by_tag(cache.client, two, 2, cache.result, one, nullptr);
          }).empty());
}

TEST_CASE("delete_prefix goes on to the end, or removes one page", "[client][commands]") {
    Cache cache;
    for (int i = 0; i < 3000; ++i) {
        REQUIRE(cache.put("key:" + std::to_string(i), "v") == TAGCACHE_OK);
    }
    REQUIRE(cache.put("other", "v") == TAGCACHE_OK);
    tagcache_page_options page = TAGCACHE_PAGE_OPTIONS_INIT;
    page.limit = 100;
    REQUIRE(tagcache_delete_prefix(cache.client, bytes_of("key:"), cache.result, &page, nullptr) ==
            TAGCACHE_OK);
    const std::uint64_t removed = cache.count();
    CHECK(removed <= 100);
    CHECK(tagcache_result_cursor(cache.result).size != 0);
    REQUIRE(tagcache_delete_prefix(cache.client, bytes_of("key:"), cache.result, nullptr,
                                   nullptr) == TAGCACHE_OK);
    CHECK(cache.count() == 3000 - removed);
    CHECK(cache.value("other") == "v");
    CHECK(tagcache_flush(cache.client, cache.result, nullptr) == TAGCACHE_OK);
    CHECK(cache.count() == 1);
}

TEST_CASE("stats, info and clients have named fields", "[client][commands]") {
    Cache cache;
    REQUIRE(cache.put("k", "v") == TAGCACHE_OK);
    const auto names = [&] {
        std::set<std::string> all;
        while (tagcache_result_next_field(cache.result)) {
            CHECK(tagcache_result_field_type(cache.result) != TAGCACHE_FIELD_NONE);
            all.insert(text_of(tagcache_result_field_name(cache.result)));
        }
        return all;
    };
    REQUIRE(tagcache_stats(cache.client, cache.result, nullptr) == TAGCACHE_OK);
    CHECK(names().count("entries") == 1);
    REQUIRE(tagcache_info(cache.client, cache.result, nullptr) == TAGCACHE_OK);
    CHECK(names().count("version") == 1);
    const ClientHandle second = new_client(cache.server.port());
    REQUIRE(tagcache_ping(second.get(), nullptr) == TAGCACHE_OK);
    REQUIRE(tagcache_clients(cache.client, cache.result, nullptr, nullptr) == TAGCACHE_OK);
    CHECK(tagcache_result_item_count(cache.result) == 2);
    while (tagcache_result_next(cache.result)) {
        const std::set<std::string> all = names();
        CHECK_FALSE(all.empty());
        tagcache_result_rewind(cache.result);
        CHECK(names() == all);
    }
}

TEST_CASE("views of a result may be the next call's arguments", "[client][commands]") {
    Cache cache;
    REQUIRE(cache.put("a", "b") == TAGCACHE_OK);
    REQUIRE(cache.put("b", "c") == TAGCACHE_OK);
    REQUIRE(cache.get("a") == TAGCACHE_OK);
    REQUIRE(tagcache_get(cache.client, tagcache_result_value(cache.result), cache.result, nullptr,
                         nullptr) == TAGCACHE_OK);
    CHECK(text_of(tagcache_result_value(cache.result)) == "c");
}

TEST_CASE("a view of the result is a prefix for all pages of a delete_prefix",
          "[client][commands]") {
    Cache cache;
    for (int i = 0; i < 3000; ++i) {
        REQUIRE(cache.put("key:" + std::to_string(i), "v") == TAGCACHE_OK);
    }
    REQUIRE(cache.put("prefix", "key:") == TAGCACHE_OK);
    REQUIRE(cache.value("prefix") == "key:");
    REQUIRE(tagcache_delete_prefix(cache.client, tagcache_result_value(cache.result), cache.result,
                                   nullptr, nullptr) == TAGCACHE_OK);
    CHECK(cache.count() == 3000);
}

TEST_CASE("a server that was restarted is found again", "[client][commands]") {
    ClientHandle client;
    {
        RunningServer server;
        client = new_client(server.port());
        REQUIRE(tagcache_ping(client.get(), nullptr) == TAGCACHE_OK);
    }
    const tagcache_status gone = tagcache_ping(client.get(), nullptr);
    CHECK((gone == TAGCACHE_CONNECTION_LOST || gone == TAGCACHE_CONNECT));
    CHECK(tagcache_ping(client.get(), nullptr) == TAGCACHE_CONNECT);
}

TEST_CASE("a child that frees its parent's client does the parent no harm", "[client][commands]") {
    Cache cache;
    REQUIRE(cache.put("k", "v") == TAGCACHE_OK);
    const pid_t child = fork();
    if (child == 0) {
        tagcache_client_free(cache.client);
        _exit(0);
    }
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(cache.value("k") == "v");
}

TEST_CASE("a Unix socket serves as well", "[client][commands]") {
    const std::string path = "/tmp/tagcache-client-test-" + std::to_string(getpid()) + ".sock";
    RunningServer server({"--unix", path});
    tagcache_client_options options = TAGCACHE_CLIENT_OPTIONS_INIT;
    options.unix_path = path.c_str();
    tagcache_client* made = nullptr;
    REQUIRE(tagcache_client_new(&options, &made) == TAGCACHE_OK);
    const ClientHandle client(made);
    CHECK(tagcache_ping(client.get(), nullptr) == TAGCACHE_OK);
    CHECK(std::string(tagcache_client_address(client.get())) == "unix://" + path);
}
