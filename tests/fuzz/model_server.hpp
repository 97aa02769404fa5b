// SPDX-License-Identifier: MIT
//
// A server that is obviously right, over the model of the store: told each request and the reply to
// it, in order, it ends the process when the reply is not what docs/protocol.md says. It decodes
// with the codec of protocol/, which has targets of its own.
//
// With a memory limit entries may be gone that nobody removed. Then a reply is judged by its form
// alone; what may be evicted is judged by tests/store/model_run.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "protocol/admin_messages.h"
#include "protocol/entry_messages.h"
#include "protocol/frame.h"
#include "protocol/tag_messages.h"
#include "support/model_cache.hpp"

namespace tc::fuzz {

struct ModelRules {
    std::uint64_t ttl_default_ms = 0;
    std::uint64_t ttl_max_ms = 0;
    bool has_memory_limit = false;
};

// What a page said, for who walks on; and what all pages together have to list.
struct ModelPage {
    std::string cursor;
    test::Strings names;
    test::Strings wanted;
};

class ModelServer {
 public:
    explicit ModelServer(const ModelRules& rules) : rules_(rules) {}

    void set_now_ms(std::uint64_t now_ms) noexcept { model_.now_ms = now_ms; }
    // `reply` is nullptr for a request that got none. `is_greeted` is the connection's, by HELLO.
    void check(const wire_request& request, const wire_reply* reply, bool& is_greeted);
    // The status that check() has just seen, also of a reply that was left out.
    [[nodiscard]] std::uint8_t status() const noexcept { return status_; }
    [[nodiscard]] const ModelPage& page() const noexcept { return page_; }

    // A version that the entry has, or had once; 0 when none is known.
    [[nodiscard]] std::uint64_t version_of(const std::string& key) const;
    [[nodiscard]] std::uint64_t old_version_of(const std::string& key) const;

 private:
    using Statuses = std::vector<std::uint8_t>;
    using Entry = test::ModelEntry;

    void dispatch(bool& is_greeted);
    [[nodiscard]] bool is_one_of(const Statuses& statuses) const;
    // The reply is one of these refusals. Nothing is refused when there are none.
    [[nodiscard]] bool is_refused(const Statuses& refusals);
    // The request's outcome is this one, told or left out as QUIET says.
    void expect(std::uint8_t status);
    void expect_malformed();
    [[nodiscard]] wire_bytes body() const noexcept { return reply_->body; }

    void require_version(const std::string& key, Entry& entry, std::uint64_t version);
    void store(const std::string& key, Entry entry, std::uint64_t version);
    [[nodiscard]] std::uint64_t deadline_of(std::optional<std::uint64_t> ttl_ms) const;
    [[nodiscard]] bool allows_ttl(std::uint64_t ttl_ms) const;

    void add_key_refusals(Statuses& refusals, wire_bytes key) const;
    void add_tag_refusals(Statuses& refusals, const wire_list& tags) const;
    void add_ttl_refusals(Statuses& refusals, bool is_given, std::uint64_t ttl_ms) const;

    // model_server_entries.cpp
    void get(bool removes);
    void get_many();
    void require_hit(const std::string& key, const wire_hit& hit, std::uint16_t options);
    void put(std::uint8_t opcode);
    void put_many();
    [[nodiscard]] Statuses refusals_of_item(const wire_put& item, std::uint8_t opcode) const;
    [[nodiscard]] std::uint8_t outcome_of_write(const wire_put& item, std::uint8_t opcode);
    // It was done, and gave the entry this version, or 0 when that was not told.
    void do_write(const wire_put& item, std::uint64_t version);
    void append(bool is_front);
    void increment(bool subtracts);
    void change_keys(std::uint8_t opcode);
    // A conditional change of an entry: NOT_FOUND, VERSION_MISMATCH or OK.
    [[nodiscard]] std::uint8_t outcome_of_change(const std::string& key,
                                                 std::optional<std::uint64_t> if_version);
    // One item of EXISTS, TOUCH, DELETE.
    [[nodiscard]] std::uint8_t change_key(std::uint8_t opcode, const wire_keys& keys,
                                          wire_bytes name, std::uint64_t if_version);

    // model_server_tags.cpp
    void tags();
    void change_tags(bool adds);
    void count_tag();
    void invalidate();
    void flush();
    void keys_by_tag();
    void scan(std::uint8_t opcode);
    void list_keys(wire_bytes cursor, std::uint32_t limit, const test::Strings& wanted);
    void list_tags(const wire_scan& scan);
    void delete_prefix(const wire_scan& scan);
    // The reply is a count in this range.
    void expect_count(const test::ModelCache::Range& range);

    // model_server_admin.cpp
    void hello(bool& is_greeted);
    void fields(bool has_entries);
    void clients();
    void hotkeys();

    const ModelRules rules_;
    test::ModelCache model_;
    std::uint64_t removed_count_ = 0;  // by the pages of DELETE_PREFIX so far
    std::map<std::string, std::set<std::uint64_t>> versions_;  // that keys ever had
    ModelPage page_;
    const wire_request* request_ = nullptr;
    const wire_reply* reply_ = nullptr;
    std::uint8_t status_ = 0;
    bool is_uneventful_ = true;  // of a batch: what QUIET leaves out
};

}  // namespace tc::fuzz
