// SPDX-License-Identifier: MIT
//
// Traces short enough to be worked by hand. An access is a get(), and a put() if it misses.
#include "bench/reference_caches.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

namespace tc::bench::test {
namespace {

// Which accesses hit: 'H' or '-' for each letter, each an item of so many bytes.
template <typename Cache>
std::string run(Cache& cache, std::string_view keys, std::uint64_t bytes = 10) {
    std::string result;
    for (const char key : keys) {
        const bool is_hit = cache.get(static_cast<std::uint64_t>(key));
        result += is_hit ? 'H' : '-';
        if (!is_hit) {
            cache.put(static_cast<std::uint64_t>(key), bytes);
        }
    }
    return result;
}

}  // namespace

TEST_CASE("fifo evicts what came first", "[bench]") {
    FifoCache cache(30);
    // d evicts a, although a was read; a evicts b; b evicts c.
    CHECK(run(cache, "abcadabd") == "---H---H");
}

TEST_CASE("lru evicts what was not used for longest", "[bench]") {
    LruCache cache(30);
    // d evicts b; b evicts c; a and d stay.
    CHECK(run(cache, "abcadabd") == "---H-H-H");
    CHECK(run(cache, "c") == "-");
}

TEST_CASE("a cache makes room for an item of any size but one beyond its own", "[bench]") {
    FifoCache fifo(30);
    CHECK(run(fifo, "abc") == "---");
    fifo.put('x', 31);
    CHECK(run(fifo, "abc") == "HHH");
    fifo.put('x', 15);
    CHECK(fifo.get('x'));
    CHECK_FALSE(fifo.get('a'));
    CHECK_FALSE(fifo.get('b'));
    CHECK(fifo.get('c'));
    S3FifoCache s3(30);
    s3.put('x', 31);
    CHECK_FALSE(s3.get('x'));
    s3.put('x', 30);
    CHECK(s3.get('x'));
}

TEST_CASE("s3-fifo evicts from the small queue what was read less than twice", "[bench]") {
    S3FifoCache cache(100);
    CHECK(run(cache, "abcdefghij") == "----------");
    // a twice, b once. k: a moves to the main queue, b leaves.
    CHECK(run(cache, "aab") == "HHH");
    CHECK(run(cache, "kacdefghij") == "-HHHHHHHHH");
    // All have been read once more, which is not enough for c to j: l to s evict them.
    CHECK(run(cache, "lmnopqrs") == "--------");
    CHECK(run(cache, "a") == "H");
    CHECK(run(cache, "klmnopqrs") == "HHHHHHHHH");
}

TEST_CASE("s3-fifo brings into the main queue what comes back", "[bench]") {
    S3FifoCache cache(100);
    // k evicts a, which is remembered: when it comes back it evicts b and is in the main queue.
    CHECK(run(cache, "abcdefghijka") == "------------");
    // A scan goes through the small queue alone: c to k, then its own items.
    CHECK(run(cache, "0123456789ABCDEFGHIJ") == "--------------------");
    CHECK(run(cache, "a") == "H");
    // Of what the scan left, the nine latest are there.
    CHECK(run(cache, "BCDEFGHIJ") == "HHHHHHHHH");
    // The ghost remembers nine items: 2 to 9 and A. So 1 enters the small queue, A the main one.
    CHECK(run(cache, "1A") == "--");
    CHECK(run(cache, "klmnopqrs") == "---------");
    CHECK(run(cache, "A") == "H");
    CHECK(run(cache, "1") == "-");
}

TEST_CASE("s3-fifo goes round the main queue before it evicts there", "[bench]") {
    S3FifoCache cache(40);
    // All four move to the main queue and fill more than its 36 bytes. The first is evicted when
    // none was read since: a; and e enters the small queue.
    CHECK(run(cache, "abcdaabbccdd") == "----HHHHHHHH");
    CHECK(run(cache, "e") == "-");
    CHECK(run(cache, "bcd") == "HHH");
    // The small queue holds its share (e), so that it is evicted first, and remembered. It comes
    // back into the main queue: f leaves the small one for it.
    CHECK(run(cache, "f") == "-");
    CHECK(run(cache, "e") == "-");
    // g finds nothing in the small queue. b, c and d were read once, so they go round once more,
    // and e leaves, which came last.
    CHECK(run(cache, "g") == "-");
    CHECK(run(cache, "bcdg") == "HHHH");
    // Nothing remembers e, so that it waits in the small queue, from which g leaves for it.
    CHECK(run(cache, "e") == "-");
    CHECK(run(cache, "bcde") == "HHHH");
    CHECK(run(cache, "f") == "-");
    CHECK(run(cache, "bcdg") == "HHH-");
}

}  // namespace tc::bench::test
