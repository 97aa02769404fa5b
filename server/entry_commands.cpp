// SPDX-License-Identifier: MIT
//
// GET MGET GETDEL EXISTS PUT ADD REPLACE MPUT APPEND PREPEND INCR DECR TOUCH DELETE.
#include "protocol/entry_messages.h"
#include "server/arguments.hpp"
#include "server/commands.hpp"
#include "server/limits.hpp"
#include "server/reactor.hpp"

namespace tc::command {

namespace {

// present, ttl_ms, version, flags, value_bytes, the tags' count, the value's length
constexpr std::size_t hit_fixed_bytes = 2 + 8 + 8 + 4 + 4 + 2 + 4;
constexpr std::size_t results_fixed_bytes = 4 + 2;
constexpr std::size_t result_bytes_max = 1 + 8;
constexpr std::size_t version_bytes = 8;

// What the reply to a read is made of. The value is looked up once, because that takes several
// looks at the entry; it is copied, or sent from where it lies.
class Hit {
 public:
    Hit(Command& command, const EntryView& found, std::uint16_t options) noexcept
        : entry_(found),
          value_(found.value()),
          options_(options),
          is_referred_(has_value() && value_.size() >= limits::referred_value_bytes_min &&
                       command.can_refer()) {}

    // What it takes of the reply's buffer.
    [[nodiscard]] std::size_t written_bytes_max() const noexcept {
        std::size_t size = hit_fixed_bytes + (has_value() && !is_referred_ ? value_.size() : 0);
        if ((options_ & WIRE_FIELD_TAGS) != 0) {
            for (std::size_t i = 0; i < entry_.tag_count(); ++i) {
                size += 1 + entry_.tag(i).size();
            }
        }
        return size;
    }
    [[nodiscard]] std::size_t referred_bytes() const noexcept {
        return is_referred_ ? value_.size() : 0;
    }

    void write(Command& command, wire_writer* out) const noexcept {
        write_head(command, out);
        if (is_referred_) {
            command.refer(value_, entry_.pin());
        } else if (has_value()) {
            wire_write_raw(out, bytes_of(value_));
        }
    }

 private:
    [[nodiscard]] bool has_value() const noexcept { return (options_ & WIRE_GET_NO_VALUE) == 0; }

    void write_head(Command& command, wire_writer* out) const noexcept {
        if (options_ == 0) {
            return wire_write_value_head(out, static_cast<std::uint32_t>(value_.size()));
        }
        wire_hit hit{};
        hit.present = options_ & static_cast<std::uint16_t>(~WIRE_GET_TOUCH);
        hit.ttl_ms = entry_.ttl_ms();
        hit.version = entry_.version();
        hit.flags = entry_.client_flags();
        hit.value_bytes = static_cast<std::uint32_t>(value_.size());
        if ((options_ & WIRE_FIELD_TAGS) != 0) {
            hit.tags.count = static_cast<std::uint32_t>(entry_.tag_count());
            for (std::size_t i = 0; i < entry_.tag_count(); ++i) {
                command.scratch.tag_bytes[i] = bytes_of(entry_.tag(i));
            }
            hit.tags.array = command.scratch.tag_bytes.data();
        }
        if (has_value()) {
            hit.value = bytes_of(value_);
        }
        wire_write_hit_head(out, &hit);
    }

    const EntryView& entry_;
    const std::string_view value_;
    const std::uint16_t options_;
    const bool is_referred_;
};

void answer_hit(Command& command, const EntryView& entry, std::uint16_t options) noexcept {
    if (!entry) {
        return command.answer(WIRE_NOT_FOUND);
    }
    const Hit hit(command, entry, options);
    wire_writer* out = command.begin(hit.written_bytes_max());
    if (out != nullptr) {
        hit.write(command, out);
        command.finish(WIRE_OK);
    }
}

// A read of the key may be counted among its uses, whether there is an entry or not.
void note_key(Command& command, std::string_view key) noexcept {
    command.reactor.hot().keys.note(key, command.reactor.now_ms());
}

template <typename T>
std::optional<T> given(std::uint16_t options, unsigned bit, T value) noexcept {
    return (options & bit) != 0 ? std::optional<T>(value) : std::nullopt;
}

// A hit gets the TTL, if there is one.
EntryView read_entry(Command& command, std::string_view key,
                     std::optional<std::uint64_t> ttl_ms) noexcept {
    return ttl_ms.has_value() ? command.store.get_and_touch(command.session, key, *ttl_ms)
                              : command.store.get(command.session, command.hashed(key));
}

// WIRE_OK and a request for the store, or why this item is refused.
wire_status read_item(Command& command, const wire_put& item, WriteMode mode,
                      WriteRequest& write) noexcept {
    const unsigned ttl_options = WIRE_FIELD_TTL | WIRE_PUT_KEEP_TTL;
    const unsigned tag_options = WIRE_FIELD_TAGS | WIRE_PUT_KEEP_TAGS;
    const bool is_contradictory =
        (item.options & ttl_options) == ttl_options ||
        (item.options & tag_options) == tag_options ||
        (mode == WriteMode::add && (item.options & WIRE_FIELD_VERSION) != 0);
    if (is_contradictory) {
        return WIRE_INVALID_ARGUMENT;
    }
    const TagArguments tags = read_tags(command, item.tags);
    write.mode = mode;
    write.key = text_of(item.key);
    write.value = text_of(item.value);
    write.tags = tags.tags;
    write.ttl_ms = given(item.options, WIRE_FIELD_TTL, item.ttl_ms);
    write.if_version = given(item.options, WIRE_FIELD_VERSION, item.if_version);
    write.client_flags = item.flags;
    write.keeps_ttl = (item.options & WIRE_PUT_KEEP_TTL) != 0;
    write.keeps_tags = (item.options & WIRE_PUT_KEEP_TAGS) != 0;
    wire_status status = check_key(command, write.key);
    if (status == WIRE_OK) {
        status = check_value(command, write.value);
    }
    if (status == WIRE_OK) {
        status = tags.status;
    }
    return status == WIRE_OK ? check_ttl(command.store, write.ttl_ms) : status;
}

void refuse_item(Command& command, wire_status status) noexcept {
    if (status == WIRE_INVALID_ARGUMENT) {
        command.refuse(status,
                       "options that contradict each other: a TTL or tags both given and kept, "
                       "or ADD with if_version");
    } else {
        refuse_argument(command, status);
    }
}

// Answers with the version when it was asked for.
void answer_version(Command& command, std::uint16_t options, std::uint64_t version) noexcept {
    wire_writer* out = command.begin(version_bytes);
    if (out != nullptr) {
        wire_write_version(out, (options & WIRE_PUT_RETURN_VERSION) != 0 ? version : 0);
        command.finish(WIRE_OK);
    }
}

// Asks for the memory of the next keys of a batch, each time that those it asked for are done.
// `items` begins with the next one.
template <typename NextKey>
void prefetch_ahead(const Command& command, std::uint32_t left_count, wire_reader items,
                    bool is_write, NextKey next_key) noexcept {
    std::array<KeyUse, Store::prefetch_max> uses;
    std::size_t use_count = 0;
    for (std::uint32_t i = 0; i < left_count && i < Store::prefetch_max; ++i) {
        const std::string_view key = text_of(next_key(&items));
        if (!key.empty()) {
            uses[use_count++] = {command.store.hash(key), is_write};
        }
    }
    if (use_count > 1) {
        command.store.prefetch(std::span{uses}.first(use_count));
    }
}

bool is_window_begin(std::uint32_t index) noexcept {
    return index % Store::prefetch_max == 0;
}

// Opens the reply of a batch of keys, with room for a result each.
wire_writer* begin_results(Command& command, std::uint32_t count, std::uint16_t present) noexcept {
    wire_writer* out = command.begin(results_fixed_bytes + count * result_bytes_max);
    if (out != nullptr) {
        wire_write_results_head(out, count, present);
    }
    return out;
}

// Runs `act(key, if_version) -> Outcome` on each key of a batch and answers with the results.
template <typename Act>
void answer_each_key(Command& command, bool is_not_found_expected, const wire_keys& keys,
                     Act act) noexcept {
    wire_writer* out = begin_results(command, keys.keys.count, 0);
    if (out == nullptr) {
        return;
    }
    wire_reader items = wire_reader_over(keys.keys.raw);
    bool is_uneventful = true;
    for (std::uint32_t i = 0; i < keys.keys.count; ++i) {
        std::uint64_t version = 0;
        if (is_window_begin(i)) {
            prefetch_ahead(command, keys.keys.count - i, items, true, [&](wire_reader* in) {
                return wire_next_versioned_key(in, keys.options, &version);
            });
        }
        const auto key = text_of(wire_next_versioned_key(&items, keys.options, &version));
        wire_status status = check_key(command, key);
        if (status == WIRE_OK) {
            status = status_of(act(key, given(keys.options, WIRE_FIELD_VERSION, version)));
        }
        is_uneventful &= status == WIRE_OK || (is_not_found_expected && status == WIRE_NOT_FOUND);
        wire_write_result(out, 0, static_cast<std::uint8_t>(status), 0);
    }
    command.set_batch_uneventful(is_uneventful);
    command.finish(WIRE_OK);
}

}  // namespace

void get(Command& command) noexcept {
    wire_get get;
    if (!wire_decode_get(command.request.body, &get)) {
        return command.malformed();
    }
    const std::string_view key = text_of(get.key);
    const auto ttl_ms = given(get.options, WIRE_GET_TOUCH, get.ttl_ms);
    if (accept_key(command, key) && accept_ttl(command, ttl_ms)) {
        note_key(command, key);
        answer_hit(command, read_entry(command, key, ttl_ms), get.options);
    }
}

void get_and_delete(Command& command) noexcept {
    wire_get get;
    if (!wire_decode_getdel(command.request.body, &get)) {
        return command.malformed();
    }
    const std::string_view key = text_of(get.key);
    if (!accept_key(command, key)) {
        return;
    }
    note_key(command, key);
    answer_hit(command, command.store.get_and_remove(command.session, key), get.options);
}

// The reply grows item by item; one that does not fit any more is TRUNCATED, to be asked for again.
void get_many(Command& command) noexcept {
    wire_mget mget;
    if (!wire_decode_mget(command.request.body, &mget)) {
        return command.malformed();
    }
    const std::uint32_t count = mget.keys.count;
    const auto ttl_ms = given(mget.options, WIRE_GET_TOUCH, mget.ttl_ms);
    if (!accept_key_count(command, count) || !accept_ttl(command, ttl_ms)) {
        return;
    }
    wire_writer* out = command.begin(sizeof count + count);
    if (out == nullptr) {
        return;
    }
    wire_write_u32(out, count);
    wire_reader keys = wire_reader_over(mget.keys.raw);
    for (std::uint32_t i = 0; i < count; ++i) {
        if (is_window_begin(i)) {
            prefetch_ahead(command, count - i, keys, false, wire_next_key);
        }
        const std::string_view key = text_of(wire_next_key(&keys));
        const std::size_t statuses_left_bytes = count - i;
        wire_status status = check_key(command, key);
        EntryView entry;
        if (status == WIRE_OK) {
            note_key(command, key);
            entry = read_entry(command, key, ttl_ms);
            status = entry ? WIRE_OK : WIRE_NOT_FOUND;
        }
        if (!entry) {
            wire_write_u8(out, static_cast<std::uint8_t>(status));
            continue;
        }
        const Hit hit(command, entry, mget.options);
        if (command.extend(hit.written_bytes_max() + statuses_left_bytes, hit.referred_bytes(),
                           command.request_limits.reply_bytes_max)) {
            wire_write_u8(out, WIRE_OK);
            hit.write(command, out);
        } else {
            wire_write_u8(out, WIRE_TRUNCATED);
        }
    }
    command.finish(WIRE_OK);
}

void exists(Command& command) noexcept {
    wire_keys keys;
    if (!wire_decode_keys(command.request.body, WIRE_OP_EXISTS, &keys)) {
        return command.malformed();
    }
    if (!accept_key_count(command, keys.keys.count)) {
        return;
    }
    wire_writer* out = begin_results(command, keys.keys.count, keys.options);
    if (out == nullptr) {
        return;
    }
    wire_reader items = wire_reader_over(keys.keys.raw);
    for (std::uint32_t i = 0; i < keys.keys.count; ++i) {
        if (is_window_begin(i)) {
            prefetch_ahead(command, keys.keys.count - i, items, false, wire_next_key);
        }
        const std::string_view key = text_of(wire_next_key(&items));
        wire_status status = check_key(command, key);
        std::uint64_t version = 0;
        if (status == WIRE_OK) {
            const EntryView entry = command.store.peek(command.session, key);
            status = entry ? WIRE_OK : WIRE_NOT_FOUND;
            version = entry ? entry.version() : 0;
        }
        wire_write_result(out, keys.options, static_cast<std::uint8_t>(status), version);
    }
    command.finish(WIRE_OK);
}

void put(Command& command, WriteMode mode) noexcept {
    wire_put item;
    if (!wire_decode_put(command.request.body, &item)) {
        return command.malformed();
    }
    WriteRequest write;
    const wire_status status = read_item(command, item, mode, write);
    if (status != WIRE_OK) {
        return refuse_item(command, status);
    }
    write.key_hash = command.hashed(write.key).hash;
    const WriteResult result = command.store.write(command.session, write);
    if (result.outcome != Outcome::ok) {
        return answer_outcome(command, result.outcome);
    }
    answer_version(command, item.options, result.version);
}

void put_many(Command& command) noexcept {
    wire_mput mput;
    if (!wire_decode_mput(command.request.body, &mput)) {
        return command.malformed();
    }
    if (!accept_key_count(command, mput.count)) {
        return;
    }
    const bool is_version_wanted = (mput.options & WIRE_PUT_RETURN_VERSION) != 0;
    const std::uint16_t present = is_version_wanted ? WIRE_FIELD_VERSION : 0;
    wire_writer* out = begin_results(command, mput.count, present);
    if (out == nullptr) {
        return;
    }
    wire_reader items = wire_reader_over(mput.items);
    bool is_uneventful = true;
    for (std::uint32_t i = 0; i < mput.count; ++i) {
        wire_put item;
        if (is_window_begin(i)) {
            prefetch_ahead(command, mput.count - i, items, true, [&](wire_reader* in) {
                wire_next_put(in, &item);
                return item.key;
            });
        }
        wire_next_put(&items, &item);
        WriteRequest write;
        WriteResult result;
        wire_status status = read_item(command, item, WriteMode::put, write);
        if (status == WIRE_OK) {
            result = command.store.write(command.session, write);
            status = status_of(result.outcome);
        }
        is_uneventful &= status == WIRE_OK;
        wire_write_result(out, present, static_cast<std::uint8_t>(status), result.version);
    }
    command.set_batch_uneventful(is_uneventful);
    command.finish(WIRE_OK);
}

void append(Command& command, AppendSide side) noexcept {
    wire_put item;
    if (!wire_decode_append(command.request.body, &item)) {
        return command.malformed();
    }
    AppendRequest append;
    append.key = text_of(item.key);
    append.value = text_of(item.value);
    append.side = side;
    append.ttl_ms = given(item.options, WIRE_FIELD_TTL, item.ttl_ms);
    append.if_version = given(item.options, WIRE_FIELD_VERSION, item.if_version);
    if (!accept_key(command, append.key) || !accept_value(command, append.value) ||
        !accept_ttl(command, append.ttl_ms)) {
        return;
    }
    const AppendResult result = command.store.append(command.session, append);
    command.charge(result.value_bytes / limits::copied_bytes_per_work);
    if (result.outcome != Outcome::ok) {
        return answer_outcome(command, result.outcome);
    }
    wire_writer* out = command.begin(sizeof result.value_bytes + version_bytes);
    if (out != nullptr) {
        wire_write_u32(out, result.value_bytes);
        wire_write_version(out, (item.options & WIRE_PUT_RETURN_VERSION) != 0 ? result.version : 0);
        command.finish(WIRE_OK);
    }
}

void increment(Command& command, bool subtracts) noexcept {
    wire_incr incr;
    if (!wire_decode_incr(command.request.body, &incr)) {
        return command.malformed();
    }
    IncrementRequest increment;
    increment.key = text_of(incr.key);
    increment.amount = incr.amount;
    increment.subtracts = subtracts;
    increment.ttl_ms = given(incr.options, WIRE_FIELD_TTL, incr.ttl_ms);
    if (!accept_key(command, increment.key) || !accept_ttl(command, increment.ttl_ms)) {
        return;
    }
    if ((incr.options & WIRE_FIELD_TAGS) != 0) {
        increment.tags = accept_tags(command, incr.tags);
        if (!increment.tags) {
            return;
        }
    }
    const IncrementResult result = command.store.increment(command.session, increment);
    if (result.outcome != Outcome::ok) {
        return answer_outcome(command, result.outcome);
    }
    wire_writer* out = command.begin(sizeof result.value + version_bytes);
    if (out != nullptr) {
        wire_write_i64(out, result.value);
        wire_write_version(out, (incr.options & WIRE_PUT_RETURN_VERSION) != 0 ? result.version : 0);
        command.finish(WIRE_OK);
    }
}

void touch(Command& command) noexcept {
    wire_keys keys;
    if (!wire_decode_keys(command.request.body, WIRE_OP_TOUCH, &keys)) {
        return command.malformed();
    }
    if (accept_key_count(command, keys.keys.count) && accept_ttl(command, keys.ttl_ms)) {
        answer_each_key(command, false, keys, [&](std::string_view key, auto if_version) {
            return command.store.touch(command.session, key, keys.ttl_ms, if_version);
        });
    }
}

void remove(Command& command) noexcept {
    wire_keys keys;
    if (!wire_decode_keys(command.request.body, WIRE_OP_DELETE, &keys)) {
        return command.malformed();
    }
    if (accept_key_count(command, keys.keys.count)) {
        answer_each_key(command, true, keys, [&](std::string_view key, auto if_version) {
            return command.store.remove(command.session, key, if_version);
        });
    }
}

}  // namespace tc::command
