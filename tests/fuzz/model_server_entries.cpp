// SPDX-License-Identifier: MIT
//
// GET MGET GETDEL EXISTS PUT ADD REPLACE MPUT APPEND PREPEND INCR DECR TOUCH DELETE.
#include <algorithm>

#include "fields.hpp"
#include "model_server.hpp"
#include "read_back.hpp"
#include "require.hpp"

namespace tc::fuzz {
namespace {

constexpr std::uint16_t hit_fields =
    WIRE_FIELD_TTL | WIRE_FIELD_TAGS | WIRE_FIELD_VERSION | WIRE_FIELD_FLAGS | WIRE_GET_NO_VALUE;

std::optional<std::uint64_t> given(std::uint16_t options, unsigned bit, std::uint64_t value) {
    return (options & bit) != 0 ? std::optional(value) : std::nullopt;
}

bool is_same_set(std::vector<std::string> a, std::vector<std::string> b) {
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    return a == b;
}

}  // namespace

void ModelServer::require_hit(const std::string& key, const wire_hit& hit, std::uint16_t options) {
    Entry* const entry = model_.live(key);
    require(entry != nullptr, "what is read was stored, and is neither removed nor expired");
    require(hit.present == (options & hit_fields), "a hit has what was asked for");
    const bool has_value = (options & WIRE_GET_NO_VALUE) == 0;
    require(!has_value || text_of(hit.value) == entry->value, "a value is read as it was stored");
    require(hit.value_bytes == entry->value.size() || has_value, "a value's size is told");
    if ((options & WIRE_FIELD_VERSION) != 0) {
        require_version(key, *entry, hit.version);
    }
    const bool is_lasting = entry->deadline_ms == Entry::never_expires;
    const std::uint64_t left_ms = is_lasting ? 0 : entry->deadline_ms - model_.now_ms;
    require((options & WIRE_FIELD_TTL) == 0 || hit.ttl_ms == left_ms, "a TTL is what is left");
    require((options & WIRE_FIELD_FLAGS) == 0 || hit.flags == entry->client_flags,
            "flags are read as they were stored");
    require((options & WIRE_FIELD_TAGS) == 0 || is_same_set(tags_of(hit.tags), entry->tags),
            "tags are read as they were stored, each once");
}

void ModelServer::get(bool removes) {
    wire_get get;
    const auto decode = removes ? wire_decode_getdel : wire_decode_get;
    if (!decode(request_->body, &get)) {
        return expect_malformed();
    }
    const bool touches = (get.options & WIRE_GET_TOUCH) != 0;
    Statuses refusals;
    add_key_refusals(refusals, get.key);
    add_ttl_refusals(refusals, touches, get.ttl_ms);
    if (is_refused(refusals)) {
        return;
    }
    const std::string key = text_of(get.key);
    Entry* const entry = model_.live(key);
    expect(entry != nullptr ? WIRE_OK : WIRE_NOT_FOUND);
    if (entry == nullptr) {
        return;
    }
    if (touches) {
        entry->deadline_ms = model_.deadline_after(get.ttl_ms);
    }
    wire_hit hit;
    require(wire_decode_hit(body(), &hit), "a hit is wellformed");
    require_hit(key, hit, get.options);
    if (removes) {
        model_.entries.erase(key);
    }
}

void ModelServer::get_many() {
    wire_mget mget;
    if (!wire_decode_mget(request_->body, &mget)) {
        return expect_malformed();
    }
    const bool touches = (mget.options & WIRE_GET_TOUCH) != 0;
    Statuses refusals;
    if (mget.keys.count > WIRE_KEYS_MAX) {
        refusals.push_back(WIRE_TOO_MANY_KEYS);
    }
    add_ttl_refusals(refusals, touches, mget.ttl_ms);
    if (is_refused(refusals)) {
        return;
    }
    expect(WIRE_OK);
    wire_reader keys = wire_reader_over(mget.keys.raw);
    std::uint32_t count = 0;
    wire_reader items;
    require(wire_decode_mget_reply(body(), &count, &items), "an MGET reply is wellformed");
    require(count == mget.keys.count, "each key is answered");
    for (std::uint32_t i = 0; i < count; ++i) {
        const wire_bytes name = wire_next_key(&keys);
        const std::string key = text_of(name);
        wire_hit hit;
        const std::uint8_t status = wire_next_mget_item(&items, &hit);
        Statuses item_refusals;
        add_key_refusals(item_refusals, name);
        if (!item_refusals.empty()) {
            require(status == item_refusals.front(), "an item is refused for its key");
            continue;
        }
        Entry* const entry = model_.live(key);
        require((entry == nullptr) == (status == WIRE_NOT_FOUND), "an item is there or not");
        if (entry != nullptr && touches) {
            entry->deadline_ms = model_.deadline_after(mget.ttl_ms);
        }
        if (status == WIRE_OK) {
            require_hit(key, hit, mget.options);
        } else if (status == WIRE_TRUNCATED) {
            require(body().size + entry->value.size() > WIRE_REPLY_BYTES_MAX / 2,
                    "an item is left out only when the reply is long");
        }
    }
}

ModelServer::Statuses ModelServer::refusals_of_item(const wire_put& item,
                                                    std::uint8_t opcode) const {
    const unsigned ttl_options = WIRE_FIELD_TTL | WIRE_PUT_KEEP_TTL;
    const unsigned tag_options = WIRE_FIELD_TAGS | WIRE_PUT_KEEP_TAGS;
    Statuses refusals;
    if ((item.options & ttl_options) == ttl_options ||
        (item.options & tag_options) == tag_options ||
        (opcode == WIRE_OP_ADD && (item.options & WIRE_FIELD_VERSION) != 0)) {
        refusals.push_back(WIRE_INVALID_ARGUMENT);
    }
    add_key_refusals(refusals, item.key);
    add_tag_refusals(refusals, item.tags);
    add_ttl_refusals(refusals, (item.options & WIRE_FIELD_TTL) != 0, item.ttl_ms);
    if (item.value.size > WIRE_VALUE_BYTES_MAX) {
        refusals.push_back(WIRE_VALUE_TOO_LARGE);
    }
    return refusals;
}

// A version that is not known yet is a new one, and no request can have named it.
std::uint8_t ModelServer::outcome_of_change(const std::string& key,
                                            std::optional<std::uint64_t> if_version) {
    const Entry* const entry = model_.live(key);
    if (entry == nullptr) {
        return WIRE_NOT_FOUND;
    }
    const bool is_it = !if_version || (entry->version != 0 && *if_version == entry->version);
    return is_it ? WIRE_OK : WIRE_VERSION_MISMATCH;
}

std::uint8_t ModelServer::outcome_of_write(const wire_put& item, std::uint8_t opcode) {
    const std::string key = text_of(item.key);
    const auto if_version = given(item.options, WIRE_FIELD_VERSION, item.if_version);
    if (opcode == WIRE_OP_ADD) {
        return model_.live(key) != nullptr ? WIRE_EXISTS : WIRE_OK;
    }
    if (opcode == WIRE_OP_REPLACE || if_version) {
        return outcome_of_change(key, if_version);
    }
    return WIRE_OK;
}

void ModelServer::do_write(const wire_put& item, std::uint64_t version) {
    const std::string key = text_of(item.key);
    const Entry* const old = model_.live(key);
    const bool keeps_ttl = (item.options & WIRE_PUT_KEEP_TTL) != 0 && old != nullptr;
    const bool keeps_tags = (item.options & WIRE_PUT_KEEP_TAGS) != 0 && old != nullptr;
    Entry entry;
    entry.value = text_of(item.value);
    entry.tags = keeps_tags ? old->tags : test::distinct(tags_of(item.tags));
    entry.client_flags = (item.options & WIRE_FIELD_FLAGS) != 0 ? item.flags : 0;
    entry.deadline_ms = keeps_ttl ? old->deadline_ms
                                  : deadline_of(given(item.options, WIRE_FIELD_TTL, item.ttl_ms));
    store(key, std::move(entry), version);
}

void ModelServer::put(std::uint8_t opcode) {
    wire_put item;
    if (!wire_decode_put(request_->body, &item)) {
        return expect_malformed();
    }
    if (is_refused(refusals_of_item(item, opcode))) {
        return;
    }
    expect(outcome_of_write(item, opcode));
    if (status_ != WIRE_OK) {
        return;
    }
    std::uint64_t version = 0;
    if (reply_ != nullptr) {
        require(wire_decode_stored(body(), &version), "a write's reply is wellformed");
        require((version != 0) == ((item.options & WIRE_PUT_RETURN_VERSION) != 0),
                "a version is told when it is asked for");
    }
    do_write(item, version);
}

void ModelServer::put_many() {
    wire_mput mput;
    if (!wire_decode_mput(request_->body, &mput)) {
        return expect_malformed();
    }
    if (mput.count > WIRE_KEYS_MAX) {
        require(is_refused({WIRE_TOO_MANY_KEYS}), "too many items are refused");
        return;
    }
    const bool is_told = reply_ != nullptr;
    wire_results results{};
    require(!is_told || wire_decode_results(body(), &results), "results are wellformed");
    require(!is_told || results.count == mput.count, "each item is answered");
    wire_reader told = wire_reader_over(results.items);
    wire_reader items = wire_reader_over(mput.items);
    for (std::uint32_t i = 0; i < mput.count; ++i) {
        wire_put item;
        wire_next_put(&items, &item);
        std::uint64_t version = 0;
        const std::uint8_t status =
            is_told ? wire_next_result(&told, results.present, &version) : std::uint8_t{WIRE_OK};
        is_uneventful_ &= status == WIRE_OK;
        const Statuses refusals = refusals_of_item(item, WIRE_OP_PUT);
        if (!refusals.empty()) {
            require(std::find(refusals.begin(), refusals.end(), status) != refusals.end(),
                    "an item is refused for a reason that it gives");
        } else {
            require(status == outcome_of_write(item, WIRE_OP_PUT), "an item ends as it has to");
            if (status == WIRE_OK) {
                do_write(item, version);
            }
        }
    }
    expect(WIRE_OK);
}

void ModelServer::append(bool is_front) {
    wire_put item;
    if (!wire_decode_append(request_->body, &item)) {
        return expect_malformed();
    }
    Statuses refusals;
    add_key_refusals(refusals, item.key);
    add_ttl_refusals(refusals, (item.options & WIRE_FIELD_TTL) != 0, item.ttl_ms);
    if (item.value.size > WIRE_VALUE_BYTES_MAX) {
        refusals.push_back(WIRE_VALUE_TOO_LARGE);
    }
    if (is_refused(refusals)) {
        return;
    }
    const std::string key = text_of(item.key);
    const std::string value = text_of(item.value);
    std::uint8_t expected =
        outcome_of_change(key, given(item.options, WIRE_FIELD_VERSION, item.if_version));
    Entry* const old = model_.live(key);
    if (expected == WIRE_OK && old->value.size() + value.size() > WIRE_VALUE_BYTES_MAX) {
        expected = WIRE_VALUE_TOO_LARGE;
    }
    expect(expected);
    if (expected != WIRE_OK) {
        return;
    }
    Entry changed = *old;
    changed.value = is_front ? value + old->value : old->value + value;
    if ((item.options & WIRE_FIELD_TTL) != 0) {
        changed.deadline_ms = model_.deadline_after(item.ttl_ms);
    }
    std::uint32_t value_bytes = 0;
    std::uint64_t version = 0;
    if (reply_ != nullptr) {
        require(wire_decode_length(body(), &value_bytes, &version), "a length is wellformed");
        require(value_bytes == changed.value.size(), "the new size is told");
    }
    store(key, std::move(changed), version);
}

void ModelServer::increment(bool subtracts) {
    wire_incr incr;
    if (!wire_decode_incr(request_->body, &incr)) {
        return expect_malformed();
    }
    Statuses refusals;
    add_key_refusals(refusals, incr.key);
    add_tag_refusals(refusals, incr.tags);
    add_ttl_refusals(refusals, (incr.options & WIRE_FIELD_TTL) != 0, incr.ttl_ms);
    if (is_refused(refusals)) {
        return;
    }
    const std::string key = text_of(incr.key);
    const Entry* const old = model_.live(key);
    const std::optional<std::int64_t> number = old == nullptr ? 0 : test::number_in(old->value);
    std::int64_t sum = 0;
    std::uint8_t expected = WIRE_OK;
    if (!number) {
        expected = WIRE_NOT_A_NUMBER;
    } else if (subtracts ? __builtin_sub_overflow(*number, incr.amount, &sum)
                         : __builtin_add_overflow(*number, incr.amount, &sum)) {
        expected = WIRE_NUMBER_OVERFLOW;
    }
    expect(expected);
    if (expected != WIRE_OK) {
        return;
    }
    std::int64_t told = 0;
    std::uint64_t version = 0;
    if (reply_ != nullptr) {
        require(wire_decode_number(body(), &told, &version), "a number is wellformed");
        require(told == sum, "the sum is told");
    }
    const auto ttl_ms = given(incr.options, WIRE_FIELD_TTL, incr.ttl_ms);
    Entry changed = old == nullptr ? Entry{} : *old;
    changed.value = std::to_string(sum);
    if ((incr.options & WIRE_FIELD_TAGS) != 0) {
        changed.tags = test::distinct(tags_of(incr.tags));
    }
    if (old == nullptr || ttl_ms) {
        changed.deadline_ms = deadline_of(ttl_ms);
    }
    store(key, std::move(changed), version);
}

// What becomes of one key.
std::uint8_t ModelServer::change_key(std::uint8_t opcode, const wire_keys& keys, wire_bytes name,
                                     std::uint64_t if_version) {
    Statuses refusals;
    add_key_refusals(refusals, name);
    if (!refusals.empty()) {
        return refusals.front();
    }
    const std::string key = text_of(name);
    const bool is_conditional = opcode != WIRE_OP_EXISTS;
    const std::uint8_t outcome = outcome_of_change(
        key, is_conditional ? given(keys.options, WIRE_FIELD_VERSION, if_version) : std::nullopt);
    if (outcome == WIRE_OK && opcode == WIRE_OP_TOUCH) {
        model_.live(key)->deadline_ms = model_.deadline_after(keys.ttl_ms);
    } else if (outcome == WIRE_OK && opcode == WIRE_OP_DELETE) {
        model_.entries.erase(key);
    }
    return outcome;
}

void ModelServer::change_keys(std::uint8_t opcode) {
    wire_keys keys;
    if (!wire_decode_keys(request_->body, opcode, &keys)) {
        return expect_malformed();
    }
    Statuses refusals;
    if (keys.keys.count > WIRE_KEYS_MAX) {
        refusals.push_back(WIRE_TOO_MANY_KEYS);
    }
    add_ttl_refusals(refusals, opcode == WIRE_OP_TOUCH, keys.ttl_ms);
    if (is_refused(refusals)) {
        return;
    }
    wire_results results{};
    const bool is_told = reply_ != nullptr;
    require(!is_told || wire_decode_results(body(), &results), "results are wellformed");
    require(!is_told || results.count == keys.keys.count, "each key is answered");
    wire_reader told = wire_reader_over(results.items);
    wire_reader items = wire_reader_over(keys.keys.raw);
    const std::uint16_t item_options = opcode == WIRE_OP_EXISTS ? std::uint16_t{0} : keys.options;
    for (std::uint32_t i = 0; i < keys.keys.count; ++i) {
        std::uint64_t if_version = 0;
        const wire_bytes name = wire_next_versioned_key(&items, item_options, &if_version);
        const std::uint8_t expected = change_key(opcode, keys, name, if_version);
        is_uneventful_ &=
            expected == WIRE_OK || (opcode == WIRE_OP_DELETE && expected == WIRE_NOT_FOUND);
        std::uint64_t version = 0;
        require(!is_told || wire_next_result(&told, results.present, &version) == expected,
                "an item ends as it has to");
        if (version != 0) {
            require_version(text_of(name), *model_.live(text_of(name)), version);
        }
    }
    expect(WIRE_OK);
}

}  // namespace tc::fuzz
