// SPDX-License-Identifier: MIT
#include "server/slow_log.hpp"

#include <algorithm>

#include "access/access_rules.hpp"
#include "protocol/entry_messages.h"
#include "protocol/request_names.h"
#include "protocol/tag_messages.h"
#include "server/clock.hpp"
#include "server/command.hpp"

namespace tc {

namespace {

wire_bytes first_of(const wire_list& tags) noexcept {
    wire_reader in = wire_reader_over(tags.raw);
    return tags.count == 0 ? wire_bytes{} : wire_read_bytes8(&in);
}

wire_bytes first_key_of_batch(const wire_request& request) noexcept {
    std::uint64_t version = 0;
    wire_put item{};
    wire_mget mget{};
    wire_keys keys{};
    wire_mput mput{};
    if (request.opcode == WIRE_OP_MGET && wire_decode_mget(request.body, &mget)) {
        wire_reader in = wire_reader_over(mget.keys.raw);
        return wire_next_key(&in);
    }
    if (request.opcode == WIRE_OP_MPUT && wire_decode_mput(request.body, &mput)) {
        wire_reader in = wire_reader_over(mput.items);
        wire_next_put(&in, &item);
        return item.key;
    }
    if (wire_decode_keys(request.body, request.opcode, &keys)) {
        wire_reader in = wire_reader_over(keys.keys.raw);
        return wire_next_versioned_key(&in, 0, &version);
    }
    return {};
}

// The key, tag or prefix that a request names first; empty when there is none.
wire_bytes first_name(const wire_request& request) noexcept {
    wire_keys_by_tag page{};
    wire_bytes tag{};
    wire_invalidate invalidate{};
    wire_scan scan{};
    const auto rule = access_rule_of(request.opcode);
    switch (rule.has_value() ? rule->names : NamedIn::nothing) {
        case NamedIn::nothing:
        case NamedIn::draft: return {};
        case NamedIn::get:
        case NamedIn::item:
        case NamedIn::append:
        case NamedIn::number:
        case NamedIn::key:
        case NamedIn::tag_change: return wire_peek_key(&request).key;
        case NamedIn::mget:
        case NamedIn::keys:
        case NamedIn::items: return first_key_of_batch(request);
        case NamedIn::tag_page:
            return wire_decode_keys_by_tag(request.body, &page) ? first_of(page.tags) : tag;
        case NamedIn::tag: return wire_decode_tag_count(request.body, &tag) ? tag : wire_bytes{};
        case NamedIn::tags:
            return wire_decode_invalidate(request.body, &invalidate) ? first_of(invalidate.tags)
                                                                     : tag;
        case NamedIn::key_prefix:
        case NamedIn::tag_prefix:
            return wire_decode_scan(request.body, request.opcode, &scan) ? scan.pattern : tag;
    }
    return {};
}

}  // namespace

void SlowLog::note(const HeaviestRequest& heaviest, std::uint32_t request_count,
                   std::uint64_t duration_us, const ClientRecord& client) noexcept {
    SlowRequest slow;
    slow.time_ms = nanoseconds_of(CLOCK_REALTIME) / 1'000'000;
    slow.duration_us = duration_us;
    slow.client_id = client.id;
    slow.request_count = request_count;
    slow.opcode = heaviest.frame.opcode;
    const std::string_view name = text_of(first_name(heaviest.frame));
    slow.name_size = name.copy(slow.name_bytes.data(), slow.name_bytes.size());
    slow.address = client.address;
    slow.client_name = client.name;
    slow.user.assign(client.user != nullptr ? std::string_view(client.user->name) : "");
    const std::lock_guard lock(mutex_);
    slow.id = ++noted_count_;
    ring_[noted_count_ % ring_.size()] = slow;
    kept_count_ = std::min(kept_count_ + 1, ring_.size());
}

std::vector<SlowRequest> SlowLog::list(std::size_t count_max) const {
    std::vector<SlowRequest> latest;
    latest.reserve(std::min<std::size_t>(count_max, WIRE_SLOWLOG_LIMIT_MAX));
    const std::lock_guard lock(mutex_);
    const std::size_t count = std::min(kept_count_, latest.capacity());
    for (std::size_t i = 0; i < count; ++i) {
        latest.push_back(ring_[(noted_count_ - i) % ring_.size()]);
    }
    return latest;
}

void SlowLog::reset() noexcept {
    const std::lock_guard lock(mutex_);
    kept_count_ = 0;
}

}  // namespace tc
