// SPDX-License-Identifier: MIT
#include "server/replies.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "store/store.hpp"

using namespace tc;

namespace {

std::span<const std::uint8_t> bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string contents(Replies& replies) {
    std::array<uv_buf_t, Replies::pieces_max> pieces;
    const std::size_t count = replies.pieces(pieces);
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        CHECK(pieces[i].len != 0);
        text.append(pieces[i].base, pieces[i].len);
    }
    return text;
}

// A store with one value that can be pinned and one that cannot.
struct Values {
    Values() : store(StoreOptions{}), session(store) {
        session.enter(1);
        REQUIRE(store.write(session, {.key = "large", .value = large}).outcome == Outcome::ok);
    }
    ~Values() { session.leave(); }

    [[nodiscard]] EntryView view() { return store.get(session, "large"); }

    const std::string large = std::string(40'000, 'L') + "end";
    const std::string small = std::string(9'000, 's') + "end";
    Store store;
    Session session;
};

}  // namespace

TEST_CASE("values referred to leave between the bytes around them") {
    Values values;
    Replies replies;
    REQUIRE(replies.append(bytes("one ")));
    REQUIRE(replies.can_refer());
    replies.refer(0, values.small, {});
    REQUIRE(replies.append(bytes(" two")));
    replies.refer(0, values.view().value(), values.view().pin());
    CHECK(replies.has_unpinned());
    CHECK(replies.size() == 8 + values.small.size() + values.large.size());
    CHECK(contents(replies) == "one " + values.small + " two" + values.large);
    replies.consume(4 + values.small.size());
    CHECK_FALSE(replies.has_unpinned());
    CHECK(contents(replies) == " two" + values.large);
}

TEST_CASE("what a connection takes over outlives the entry when it is pinned") {
    Values values;
    Replies kept;
    {
        Replies batch;
        REQUIRE(batch.append(bytes("head")));
        REQUIRE(batch.can_refer());
        batch.refer(0, values.view().value(), values.view().pin());
        batch.refer(0, values.small, {});
        batch.consume(5);
        REQUIRE(kept.append(bytes("before ")));
        REQUIRE(kept.take(batch));
        CHECK(batch.empty());
    }
    CHECK_FALSE(kept.has_unpinned());
    CHECK(values.store.remove(values.session, "large", {}) == Outcome::ok);
    values.session.leave();
    values.session.enter(2);
    CHECK(values.store.stats().pinned_bytes > values.large.size());
    CHECK(contents(kept) == "before " + values.large.substr(1) + values.small);
    kept.consume(kept.size());
    CHECK(values.store.stats().pinned_bytes == 0);
}

TEST_CASE("random appends, values, moves and partial writes keep every byte in order") {
#if defined(TC_SANITIZED)
    const auto seed = GENERATE(range(0U, 40U));
#else
    const auto seed = GENERATE(range(0U, 200U));
#endif
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    Values values;
    Replies kept;
    Replies batch;
    std::string expected;
    std::string left;
    for (int step = 0; step < 300; ++step) {
        const std::string text(random() % 50, static_cast<char>('a' + step % 26));
        const std::string expected_before = expected;
        switch (random() % 5) {
            case 0:
            case 1:
                REQUIRE(batch.append(bytes(text)));
                expected += text;
                break;
            case 2: {
                const bool is_pinned = random() % 2 == 0;
                const std::string_view value =
                    is_pinned ? values.view().value() : std::string_view(values.small);
                // As a command does it: the value's place is behind bytes not committed yet.
                REQUIRE(batch.reserve(text.size() + value.size()));
                std::copy(text.begin(), text.end(), batch.tail().begin());
                const bool is_referred = batch.can_refer();
                if (is_referred) {
                    batch.refer(text.size(), value, is_pinned ? values.view().pin() : Pin());
                }
                batch.commit(text.size());
                if (!is_referred) {
                    REQUIRE(batch.append(bytes(value)));
                }
                expected += text;
                expected += value;
                break;
            }
            case 3: REQUIRE(kept.take(batch)); break;
            default: {
                const std::size_t size = kept.empty() ? 0 : random() % (kept.size() + 1);
                left += contents(kept).substr(0, size);
                kept.consume(size);
            }
        }
    }
    REQUIRE(kept.take(batch));
    CHECK(left + contents(kept) == expected);
    CHECK(kept.size() == expected.size() - left.size());
}
