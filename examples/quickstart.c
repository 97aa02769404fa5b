/* SPDX-License-Identifier: MIT
 *
 * The whole of TagCache in one page of C: store a page with tags, read it, change one of the things
 * it was made of, and see it gone. Start a server (scripts/run), then:
 *
 *     cc quickstart.c $(pkg-config --cflags --libs tagcache) -o quickstart && ./quickstart
 *
 * The one argument is a server's URI, tagcache://127.0.0.1:1984 by default. */
#include <stdio.h>
#include <tagcache/tagcache.h>

/* What cannot be had from the cache is made anew; so a failure costs time and nothing else. */
static int report(const tagcache_client *cache, const char *what) {
    fprintf(stderr, "quickstart: %s: %s\n", what, tagcache_client_error(cache));
    return 1;
}

static int store(tagcache_client *cache) {
    const tagcache_bytes tags[] = {tagcache_text("product:7"), tagcache_text("category:3")};
    tagcache_write_options options = TAGCACHE_WRITE_OPTIONS_INIT;
    options.fields = TAGCACHE_WRITE_TAGS | TAGCACHE_WRITE_TTL;
    options.tags = tags;
    options.tag_count = 2;
    options.ttl_ms = 60 * 1000;
    if (tagcache_put(cache, tagcache_text("page:/products/7"), tagcache_text("<h1>Teapot</h1>"),
                     NULL, &options, NULL) != TAGCACHE_OK) {
        return report(cache, "put");
    }
    return 0;
}

static int show(tagcache_client *cache, tagcache_result *result) {
    switch (tagcache_get(cache, tagcache_text("page:/products/7"), result, NULL, NULL)) {
        case TAGCACHE_OK: {
            const tagcache_bytes page = tagcache_result_value(result);
            printf("cached: %.*s\n", (int)page.size, (const char *)page.data);
            return 0;
        }
        case TAGCACHE_NOT_FOUND: printf("not cached\n"); return 0;
        default: return report(cache, "get");
    }
}

/* The product has changed: every page, fragment and list that was made with it goes, at once. */
static int invalidate(tagcache_client *cache, tagcache_result *result) {
    const tagcache_bytes changed = tagcache_text("product:7");
    if (tagcache_invalidate(cache, &changed, 1, result, NULL, NULL) != TAGCACHE_OK) {
        return report(cache, "invalidate");
    }
    printf("invalidated: %lu\n", (unsigned long)tagcache_result_count(result));
    return 0;
}

/* A thousand reads with one wait: replies come back in the order of the requests. */
static int read_many(tagcache_client *cache, tagcache_result *result) {
    tagcache_pipeline *pipeline = NULL;
    unsigned misses = 0;
    int i;
    if (tagcache_pipeline_new(cache, &pipeline) != TAGCACHE_OK) {
        return report(cache, "pipeline");
    }
    for (i = 0; i < 1000; ++i) {
        (void)tagcache_pipeline_get(pipeline, tagcache_text("page:/products/7"), NULL, NULL);
    }
    while (tagcache_pipeline_next(pipeline, result, NULL)) {
        misses += tagcache_result_status(result) == TAGCACHE_NOT_FOUND;
    }
    printf("misses: %u\n", misses);
    tagcache_pipeline_free(pipeline);
    return 0;
}

int main(int argc, char **argv) {
    tagcache_client *cache = NULL;
    tagcache_result *result = tagcache_result_new();
    tagcache_client_options options = TAGCACHE_CLIENT_OPTIONS_INIT;
    int failed = 1;
    options.uri = argc > 1 ? argv[1] : "tagcache://127.0.0.1:1984";
    if (result == NULL) {
        fprintf(stderr, "quickstart: no memory\n");
    } else if (tagcache_client_new(&options, &cache) == TAGCACHE_OK) {
        failed = store(cache) || show(cache, result) || invalidate(cache, result) ||
                 show(cache, result) || read_many(cache, result);
    } else if (cache != NULL) {
        failed = report(cache, "options");
    }
    tagcache_result_free(result);
    tagcache_client_free(cache);
    return failed;
}
