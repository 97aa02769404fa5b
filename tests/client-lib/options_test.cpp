// SPDX-License-Identifier: MIT
//
// Programs that were built with the header of a later version: an option that this library does not
// know is refused when it is set, and does no harm when it is not.
#include <catch2/catch.hpp>

#include "client-lib/handles.hpp"
#include "client-lib/replies.hpp"

using namespace tc::test;

namespace {

// A structure of options that has grown.
template <typename Options>
struct Later {
    Options known;
    std::uint64_t added = 0;

    explicit Later(const Options& init) : known(init) { known.struct_size = sizeof *this; }
};

// `use` is given the options, and its status must be OK exactly when nothing unknown is set.
template <typename Options, typename Use>
void check_later(const Options& init, Use use) {
    Later<Options> later(init);
    CHECK(use(&later.known) == TAGCACHE_OK);
    later.added = UINT64_C(1) << 63;
    CHECK(use(&later.known) == TAGCACHE_LOCAL_INVALID_ARGUMENT);
    later.added = 0;
    later.known.struct_size = SIZE_MAX;  // what was never set may be anything
    CHECK(use(&later.known) == TAGCACHE_LOCAL_INVALID_ARGUMENT);
    later.known.struct_size = 0;
    CHECK(use(&later.known) == TAGCACHE_LOCAL_INVALID_ARGUMENT);
}

}  // namespace

TEST_CASE("an option of a later version is refused when it is set", "[client][options]") {
    const SessionHandle session = new_session();
    tagcache_pipeline* pipeline = tagcache_session_pipeline(session.get());
    const tagcache_bytes name = bytes_of("n");
    SECTION("of a call") {
        check_later(tagcache_call_options TAGCACHE_CALL_OPTIONS_INIT,
                    [&](const auto* call) { return tagcache_pipeline_ping(pipeline, call); });
    }
    SECTION("of a read") {
        check_later(tagcache_read_options TAGCACHE_READ_OPTIONS_INIT, [&](const auto* read) {
            return tagcache_pipeline_get(pipeline, name, read, nullptr);
        });
    }
    SECTION("of a write") {
        check_later(tagcache_write_options TAGCACHE_WRITE_OPTIONS_INIT, [&](const auto* write) {
            return tagcache_pipeline_put(pipeline, name, name, write, nullptr);
        });
    }
    SECTION("of an item of a batch") {
        check_later(tagcache_write_options TAGCACHE_WRITE_OPTIONS_INIT, [&](const auto* write) {
            return tagcache_pipeline_mput(pipeline, &name, &name, 1, &write, nullptr);
        });
    }
    SECTION("of an invalidation") {
        check_later(tagcache_invalidate_options TAGCACHE_INVALIDATE_OPTIONS_INIT,
                    [&](const auto* invalidate) {
                        return tagcache_pipeline_invalidate(pipeline, &name, 1, invalidate,
                                                            nullptr);
                    });
    }
    SECTION("of a page") {
        check_later(tagcache_page_options TAGCACHE_PAGE_OPTIONS_INIT, [&](const auto* page) {
            return tagcache_pipeline_scan(pipeline, name, page, nullptr);
        });
    }
    SECTION("of a list of hot names") {
        check_later(tagcache_hotkeys_options TAGCACHE_HOTKEYS_OPTIONS_INIT,
                    [&](const auto* options) {
                        return tagcache_pipeline_hotkeys(pipeline, options, nullptr);
                    });
    }
    SECTION("of a session") {
        check_later(tagcache_session_options TAGCACHE_SESSION_OPTIONS_INIT,
                    [](const auto* options) {
                        tagcache_session* made = nullptr;
                        const tagcache_status status = tagcache_session_new(options, &made);
                        const SessionHandle owned(made);
                        return status;
                    });
    }
    SECTION("of a client") {
        check_later(tagcache_client_options TAGCACHE_CLIENT_OPTIONS_INIT, [](const auto* options) {
            tagcache_client* made = nullptr;
            const tagcache_status status = tagcache_client_new(options, &made);
            const ClientHandle owned(made);
            return status;
        });
    }
}

TEST_CASE("an option of a later version about users is refused when it is set",
          "[client][options]") {
    const SessionHandle session = new_session();
    tagcache_pipeline* pipeline = tagcache_session_pipeline(session.get());
    const tagcache_bytes name = bytes_of("n");
    SECTION("of credentials") {
        tagcache_credentials credentials = TAGCACHE_CREDENTIALS_INIT;
        credentials.token = name;
        check_later(credentials, [&](const auto* later) {
            return tagcache_pipeline_auth(pipeline, later, nullptr);
        });
    }
    SECTION("of a user") {
        check_later(tagcache_user_options TAGCACHE_USER_OPTIONS_INIT, [&](const auto* options) {
            return tagcache_pipeline_user_add(pipeline, name, options, nullptr);
        });
    }
}
