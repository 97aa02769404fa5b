// SPDX-License-Identifier: MIT
//
// Users and tokens by way of the library, against a real server.
#include <tagcache/access.hpp>

#include "client-lib/access_clients.hpp"

using namespace tc::test;

TEST_CASE("users and tokens by blocking calls", "[client][access]") {
    GuardedServer guarded;
    const MadeClient admin = client_as(guarded.server(), password_of("root", root_password));
    tagcache_client* handle = admin.handle.get();
    const ResultHandle result = new_result();
    const tagcache_bytes web = bytes_of("web");
    const tagcache_bytes prefix = bytes_of("page:");
    tagcache_user_options options = reader(prefix, "a web password");
    REQUIRE(tagcache_user_add(handle, web, result.get(), &options, nullptr) == TAGCACHE_OK);
    FieldMap user = next_item(result.get());
    CHECK(value_of(user, "name") == "web");
    CHECK(value_of(user, "rights") == "read");
    CHECK(value_of(user, "has_password") == "1");
    CHECK(value_of(user, "key_prefix") == "page:");
    CHECK(tagcache_user_add(handle, web, nullptr, &options, nullptr) == TAGCACHE_EXISTS);

    tagcache_user_options change = TAGCACHE_USER_OPTIONS_INIT;
    const std::vector<tagcache_bytes> names = {bytes_of("web.example"), bytes_of("web-2.example")};
    change.fields = TAGCACHE_USER_TAG_PREFIXES | TAGCACHE_USER_TLS_NAMES | TAGCACHE_USER_PASSWORD;
    change.tag_prefixes = names.data();
    change.tag_prefix_count = 1;
    change.tls_names = names.data();
    change.tls_name_count = 2;
    REQUIRE(tagcache_user_set(handle, web, result.get(), &change, nullptr) == TAGCACHE_OK);
    user = next_item(result.get());
    CHECK(value_of(user, "has_password") == "0");
    CHECK(value_of(user, "key_prefix") == "page:");
    CHECK(user.count("tls_name") == 2);
    CHECK(tagcache_user_set(handle, bytes_of("nobody"), nullptr, &change, nullptr) ==
          TAGCACHE_NOT_FOUND);

    tagcache_page_options page = TAGCACHE_PAGE_OPTIONS_INIT;
    page.limit = 1;
    REQUIRE(tagcache_user_list(handle, result.get(), &page, nullptr) == TAGCACHE_OK);
    CHECK(value_of(next_item(result.get()), "name") == "root");
    page.cursor = tagcache_result_cursor(result.get());
    REQUIRE(tagcache_user_list(handle, result.get(), &page, nullptr) == TAGCACHE_OK);
    CHECK(value_of(next_item(result.get()), "name") == "web");

    REQUIRE(tagcache_token_new(handle, web, 3'600'000, result.get(), nullptr) == TAGCACHE_OK);
    const FieldMap token = next_item(result.get());
    const std::string secret = value_of(token, "token");
    CHECK(client_as(guarded.server(), token_of(secret)).ping() == TAGCACHE_OK);
    REQUIRE(tagcache_token_list(handle, web, result.get(), nullptr) == TAGCACHE_OK);
    const FieldMap listed = next_item(result.get());
    CHECK(value_of(listed, "id") == value_of(token, "id"));
    CHECK(value_of(listed, "expires_at") != "");
    CHECK(listed.count("token") == 0);
    CHECK(tagcache_token_revoke(handle, web, bytes_of(value_of(token, "id")), nullptr, nullptr) ==
          TAGCACHE_OK);
    CHECK(tagcache_token_revoke(handle, web, bytes_of(value_of(token, "id")), nullptr, nullptr) ==
          TAGCACHE_NOT_FOUND);
    CHECK(tagcache_user_remove(handle, web, nullptr, nullptr) == TAGCACHE_OK);
    CHECK(tagcache_user_remove(handle, web, nullptr, nullptr) == TAGCACHE_NOT_FOUND);
}

TEST_CASE("what a user's options do not say is refused when it is set", "[client][access]") {
    const SessionHandle session = new_session();
    tagcache_pipeline* pipeline = tagcache_session_pipeline(session.get());
    const tagcache_bytes name = bytes_of("web");
    const auto refuses = [&](void (*set)(tagcache_user_options&)) {
        tagcache_user_options options = TAGCACHE_USER_OPTIONS_INIT;
        set(options);
        return tagcache_pipeline_user_set(pipeline, name, &options, nullptr) ==
               TAGCACHE_LOCAL_INVALID_ARGUMENT;
    };
    CHECK(refuses([](auto& options) { options.rights = 1; }));
    CHECK(refuses([](auto& options) { options.password = bytes_of("x"); }));
    CHECK(refuses([](auto& options) { options.key_prefix_count = 1; }));
    CHECK(refuses([](auto& options) { options.fields = 0x20; }));
    CHECK(refuses([](auto& options) {
        options.fields = TAGCACHE_USER_RIGHTS;
        options.rights = 0x100;
    }));
    CHECK(refuses([](auto& options) {
        options.fields = TAGCACHE_USER_TLS_NAMES;
        options.tls_name_count = 1;
    }));
    const std::vector<tagcache_bytes> many(65, name);
    tagcache_user_options options = TAGCACHE_USER_OPTIONS_INIT;
    options.fields = TAGCACHE_USER_KEY_PREFIXES;
    options.key_prefixes = many.data();
    options.key_prefix_count = many.size();
    CHECK(tagcache_pipeline_user_set(pipeline, name, &options, nullptr) ==
          TAGCACHE_LOCAL_INVALID_ARGUMENT);
    options.key_prefix_count = 64;
    CHECK(tagcache_pipeline_user_set(pipeline, name, &options, nullptr) == TAGCACHE_OK);
}

TEST_CASE("users and tokens in a pipeline", "[client][access]") {
    GuardedServer guarded;
    const ClientHandle client = new_client(guarded.server().port());
    const PipelineHandle pipeline = new_pipeline(client);
    const tagcache_credentials root = password_of("root", root_password);
    const tagcache_bytes web = bytes_of("web");
    const tagcache_bytes every_key = bytes_of("");  // which the options refer to
    const tagcache_user_options options = reader(every_key, "");
    tagcache_pipeline* handle = pipeline.get();
    CHECK(tagcache_pipeline_auth(handle, &root, nullptr) == TAGCACHE_OK);
    CHECK(tagcache_pipeline_user_add(handle, web, &options, nullptr) == TAGCACHE_OK);
    CHECK(tagcache_pipeline_user_set(handle, web, &options, nullptr) == TAGCACHE_OK);
    CHECK(tagcache_pipeline_token_new(handle, web, 0, nullptr) == TAGCACHE_OK);
    CHECK(tagcache_pipeline_token_list(handle, web, nullptr) == TAGCACHE_OK);
    CHECK(tagcache_pipeline_token_revoke(handle, web, bytes_of("none"), nullptr) == TAGCACHE_OK);
    CHECK(tagcache_pipeline_user_list(handle, nullptr, nullptr) == TAGCACHE_OK);
    CHECK(tagcache_pipeline_user_remove(handle, web, nullptr) == TAGCACHE_OK);
    CHECK(tagcache_pipeline_change_password(handle, bytes_of(root_password),
                                            bytes_of("a new password"), nullptr) == TAGCACHE_OK);
    std::string statuses;
    std::string counts;
    const ResultHandle result = new_result();
    while (tagcache_pipeline_next(handle, result.get(), nullptr)) {
        statuses += tagcache_status_name(tagcache_result_status(result.get())) + std::string(" ");
        counts += std::to_string(tagcache_result_item_count(result.get())) + " ";
    }
    CHECK(statuses == "OK OK OK OK OK NOT_FOUND OK OK OK ");
    CHECK(counts == "0 1 1 1 1 0 2 0 0 ");
}

TEST_CASE("the wrapper authenticates and administrates", "[client][access][wrapper]") {
    GuardedServer guarded;
    const std::string uri = uri_of(guarded.server().port());
    tagcache::Client cache(uri, {"root", root_password, ""});
    tagcache::Access access(cache);
    tagcache::UserOptions options;
    options.password = "a web password";
    options.rights = TAGCACHE_RIGHT_READ | TAGCACHE_RIGHT_WRITE;
    options.key_prefixes = {"page:", "fragment:"};
    CHECK(access.add_user("web", options));
    CHECK_FALSE(access.add_user("web", options));
    tagcache::UserOptions tags;
    tags.tag_prefixes = {""};
    CHECK(access.set_user("web", tags));
    CHECK_FALSE(access.set_user("nobody", tags));
    const std::vector<tagcache::User> users = access.users();
    REQUIRE(users.size() == 2);
    CHECK(users[1].name == "web");
    CHECK(users[1].rights == "read write");
    CHECK(users[1].has_password);
    CHECK(users[1].key_prefixes == std::vector<std::string>{"page:", "fragment:"});
    CHECK(users[1].tag_prefixes == std::vector<std::string>{""});

    const auto token = access.new_token("web", std::chrono::hours(1));
    REQUIRE(token.has_value());
    CHECK(access.new_token("nobody") == std::nullopt);
    tagcache::Client web(uri, {"", "", token->secret});
    CHECK(web.put("page:/", "v"));
    CHECK_THROWS_AS(web.put("other", "v"), tagcache::Error);
    const auto tokens = access.tokens("web");
    REQUIRE(tokens.has_value());
    CHECK(tokens->size() == 1);
    CHECK(tokens->front().id == token->id);
    CHECK(access.revoke_token("web", token->id));
    CHECK_FALSE(access.revoke_token("web", token->id));

    tagcache::Access(web).authenticate({"web", "a web password", ""});
    tagcache::Access(web).change_password("a web password", "another password");
    CHECK(web.exists("page:/"));
    CHECK(access.remove_user("web"));
    try {
        (void)web.exists("page:/");
        FAIL("a user that there is not");
    } catch (const tagcache::Error& error) {
        CHECK(error.status() == TAGCACHE_AUTH_REQUIRED);
    }
}
