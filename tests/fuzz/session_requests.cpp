// SPDX-License-Identifier: MIT
#include "session_requests.hpp"

#include <array>

namespace tc::fuzz {
namespace {

constexpr std::array<tagcache_bytes, 3> names{{{"a", 1}, {"b:2", 3}, {"", 0}}};
constexpr std::array<std::uint64_t, 3> versions{1, 2, 3};

// What one request is made of. Not every verb takes all of it.
struct Arguments {
    explicit Arguments(Input& input) noexcept
        : count(input.below(names.size() + 1)),
          read{sizeof read, input.byte(), 0, input.byte()},
          write{sizeof write, input.byte(), 7, input.byte(), 3, names.data(), count},
          page{sizeof page, input.below(8), input.below(20), {"", 0}} {}

    std::size_t count;
    tagcache_read_options read;
    tagcache_write_options write;
    tagcache_page_options page;
    tagcache_bytes key = names[0];
    tagcache_bytes value = names[1];
};

using Call = const tagcache_call_options*;
using Append = tagcache_status (*)(tagcache_pipeline* pipeline, const Arguments& with, Call call);

constexpr Append reads[] = {
    [](auto* p, auto& a, Call c) { return tagcache_pipeline_get(p, a.key, &a.read, c); },
    [](auto* p, auto& a, Call c) {
        return tagcache_pipeline_mget(p, names.data(), a.count, &a.read, c);
    },
    [](auto* p, auto& a, Call c) { return tagcache_pipeline_getdel(p, a.key, &a.read, c); },
    [](auto* p, auto& a, Call c) { return tagcache_pipeline_exists(p, a.key, &a.read, c); },
    [](auto* p, auto& a, Call c) {
        return tagcache_pipeline_exists_keys(p, names.data(), a.count, &a.read, c);
    },
    [](auto* p, auto& a, Call c) { return tagcache_pipeline_tags(p, a.key, c); },
    [](auto* p, auto& a, Call c) { return tagcache_pipeline_tag_count(p, a.key, c); },
    [](auto* p, auto& a, Call c) {
        return tagcache_pipeline_keys_by_tag(p, names.data(), a.count, &a.page, c);
    },
    [](auto* p, auto& a, Call c) { return tagcache_pipeline_tag_list(p, a.key, &a.page, c); },
    [](auto* p, auto& a, Call c) { return tagcache_pipeline_scan(p, a.key, &a.page, c); },
    [](auto* p, auto& /*a*/, Call c) { return tagcache_pipeline_stats(p, c); },
    [](auto* p, auto& /*a*/, Call c) { return tagcache_pipeline_info(p, c); },
    [](auto* p, auto& a, Call c) { return tagcache_pipeline_clients(p, &a.page, c); },
    [](auto* p, auto& /*a*/, Call c) { return tagcache_pipeline_hotkeys(p, nullptr, c); },
    [](auto* p, auto& /*a*/, Call c) { return tagcache_pipeline_ping(p, c); },
};

constexpr Append changes[] = {
    [](auto* p, auto& a, Call c) { return tagcache_pipeline_put(p, a.key, a.value, &a.write, c); },
    [](auto* p, auto& a, Call c) { return tagcache_pipeline_add(p, a.key, a.value, &a.write, c); },
    [](auto* p, auto& a, Call c) {
        return tagcache_pipeline_replace(p, a.key, a.value, &a.write, c);
    },
    [](auto* p, auto& a, Call c) {
        const std::array<const tagcache_write_options*, names.size()> each{&a.write, nullptr,
                                                                           &a.write};
        return tagcache_pipeline_mput(p, names.data(), names.data(), a.count, each.data(), c);
    },
    [](auto* p, auto& a, Call c) {
        return tagcache_pipeline_append(p, a.key, a.value, &a.write, c);
    },
    [](auto* p, auto& a, Call c) {
        return tagcache_pipeline_prepend(p, a.key, a.value, &a.write, c);
    },
    [](auto* p, auto& a, Call c) { return tagcache_pipeline_incr(p, a.key, 5, &a.write, c); },
    [](auto* p, auto& a, Call c) { return tagcache_pipeline_decr(p, a.key, 5, &a.write, c); },
    [](auto* p, auto& a, Call c) { return tagcache_pipeline_touch(p, a.key, 9, &a.write, c); },
    [](auto* p, auto& a, Call c) {
        return tagcache_pipeline_touch_keys(p, names.data(), versions.data(), a.count, 9, c);
    },
    [](auto* p, auto& a, Call c) { return tagcache_pipeline_delete(p, a.key, &a.write, c); },
    [](auto* p, auto& a, Call c) {
        return tagcache_pipeline_delete_keys(p, names.data(), nullptr, a.count, c);
    },
    [](auto* p, auto& a, Call c) {
        return tagcache_pipeline_tag_add(p, a.key, names.data(), a.count, &a.write, c);
    },
    [](auto* p, auto& a, Call c) {
        return tagcache_pipeline_tag_remove(p, a.key, names.data(), a.count, &a.write, c);
    },
    [](auto* p, auto& a, Call c) {
        return tagcache_pipeline_invalidate(p, names.data(), a.count, nullptr, c);
    },
    [](auto* p, auto& a, Call c) { return tagcache_pipeline_delete_prefix(p, a.key, &a.page, c); },
    [](auto* p, auto& /*a*/, Call c) { return tagcache_pipeline_flush(p, c); },
};

}  // namespace

tagcache_status append_request(tagcache_pipeline* pipeline, Input& input,
                               const tagcache_call_options* call) noexcept {
    const bool is_change = input.coin();
    const std::uint8_t verb = input.byte();
    const Arguments arguments(input);
    return is_change ? changes[verb % std::size(changes)](pipeline, arguments, call)
                     : reads[verb % std::size(reads)](pipeline, arguments, call);
}

}  // namespace tc::fuzz
