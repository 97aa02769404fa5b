// SPDX-License-Identifier: MIT
//
// The whole of TagCache in one page of C++17: store a page with tags, read it, change one of the
// things it was made of, and see it gone. Start a server (scripts/run), then:
//
//     c++ -std=c++17 quickstart.cpp $(pkg-config --cflags --libs tagcache) -o quickstart
//
// The one argument is a server's URI, tagcache://127.0.0.1:1984 by default.
#include <exception>
#include <iostream>
#include <tagcache/tagcache.hpp>

namespace {

void show(tagcache::Client& cache) {
    const auto page = cache.get("page:/products/7");
    std::cout << (page ? "cached: " + *page : "not cached") << '\n';
}

// A thousand reads with one wait: replies come back in the order of the requests.
void read_many(tagcache::Client& cache) {
    tagcache::Pipeline pipeline(cache);
    tagcache::Result result;
    int misses = 0;
    for (int i = 0; i < 1000; ++i) {
        if (!pipeline.get("page:/products/7")) {
            break;  // full: replies would have to be taken first
        }
    }
    while (pipeline.next(result)) {
        misses += result.status() == TAGCACHE_NOT_FOUND ? 1 : 0;
    }
    std::cout << "misses: " << misses << '\n';
}

void run(const std::string& uri) {
    tagcache::Client cache(uri);

    tagcache::WriteOptions options;
    options.tags = {"product:7", "category:3"};
    options.ttl = std::chrono::minutes(1);
    cache.put("page:/products/7", "<h1>Teapot</h1>", options);
    show(cache);

    // The product has changed: every page, fragment and list that was made with it goes, at once.
    std::cout << "invalidated: " << cache.invalidate("product:7") << '\n';
    show(cache);
    read_many(cache);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        run(argc > 1 ? argv[1] : "tagcache://127.0.0.1:1984");
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "quickstart: " << error.what() << '\n';
        return 1;
    }
}
