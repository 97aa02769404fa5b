// SPDX-License-Identifier: MIT
//
// TAGS TAG_ADD TAG_REMOVE KEYS_BY_TAG TAG_COUNT TAG_LIST INVALIDATE SCAN DELETE_PREFIX FLUSH.
#include <algorithm>

#include "fields.hpp"
#include "model_server.hpp"
#include "read_back.hpp"
#include "require.hpp"
#include "store/glob.hpp"

namespace tc::fuzz {
namespace {

test::Strings names_in(const wire_page& page, std::vector<std::uint64_t>& entry_counts) {
    test::Strings names;
    wire_reader items = wire_reader_over(page.items);
    for (std::uint32_t i = 0; i < page.count; ++i) {
        std::uint64_t entries = 0;
        names.push_back(text_of(wire_next_name(&items, page.present, &entries)));
        entry_counts.push_back(entries);
    }
    return names;
}

bool is_among(const test::Strings& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

void add_page_refusals(std::vector<std::uint8_t>& refusals, std::uint32_t limit) {
    if (limit == 0 || limit > WIRE_PAGE_LIMIT_MAX) {
        refusals.push_back(WIRE_INVALID_ARGUMENT);
    }
}

// Whether a cursor that was given, of whatever page, was not taken for one.
bool is_cursor_refused(wire_bytes cursor, const wire_reply* reply) {
    return cursor.size != 0 && reply != nullptr && reply->status == WIRE_INVALID_ARGUMENT;
}

}  // namespace

void ModelServer::expect_count(const test::ModelCache::Range& range) {
    expect(WIRE_OK);
    std::uint64_t count = 0;
    if (reply_ != nullptr) {
        require(wire_decode_count(body(), &count), "a count is wellformed");
        require(range.contains(count), "as many are counted as there are");
    }
}

void ModelServer::tags() {
    wire_bytes name;
    if (!wire_decode_tags(request_->body, &name)) {
        return expect_malformed();
    }
    Statuses refusals;
    add_key_refusals(refusals, name);
    if (is_refused(refusals)) {
        return;
    }
    const Entry* const entry = model_.live(text_of(name));
    expect(entry != nullptr ? WIRE_OK : WIRE_NOT_FOUND);
    if (entry == nullptr) {
        return;
    }
    wire_list list;
    require(wire_decode_tags_reply(body(), &list), "tags are wellformed");
    require(list.count == entry->tags.size(), "an entry has as many tags as it was given");
    for (const std::string& tag : tags_of(list)) {
        require(entry->has(tag), "an entry has the tags that it was given");
    }
}

void ModelServer::change_tags(bool adds) {
    wire_tag_change change;
    if (!wire_decode_tag_change(request_->body, &change)) {
        return expect_malformed();
    }
    Statuses refusals;
    add_key_refusals(refusals, change.key);
    add_tag_refusals(refusals, change.tags);
    if (is_refused(refusals)) {
        return;
    }
    const std::string key = text_of(change.key);
    Entry* const entry = model_.live(key);
    expect(entry != nullptr ? WIRE_OK : WIRE_NOT_FOUND);
    if (entry == nullptr) {
        return;
    }
    std::uint32_t changed_count = 0;
    for (const std::string& tag : test::distinct(tags_of(change.tags))) {
        if (entry->has(tag) != adds) {
            changed_count += 1;
            if (adds) {
                entry->tags.push_back(tag);
            } else {
                std::erase(entry->tags, tag);
            }
        }
    }
    if (changed_count != 0) {
        entry->version = 0;
    }
    if (reply_ == nullptr) {
        return;
    }
    std::uint16_t told_count = 0;
    std::uint64_t version = 0;
    require(wire_decode_tag_change_reply(body(), &told_count, &version), "a reply is wellformed");
    require(told_count == changed_count, "as many tags are changed as it says");
    require((version != 0) == ((change.options & WIRE_PUT_RETURN_VERSION) != 0),
            "a version is told when it is asked for");
    if (version != 0) {
        require_version(key, *entry, version);
    }
}

void ModelServer::count_tag() {
    wire_bytes name;
    if (!wire_decode_tag_count(request_->body, &name)) {
        return expect_malformed();
    }
    if (is_refused(name.size == 0 ? Statuses{WIRE_TAG_EMPTY} : Statuses{})) {
        return;
    }
    const std::string tag = text_of(name);
    expect_count(model_.count([&](auto&, const Entry& entry) { return entry.has(tag); }));
}

void ModelServer::invalidate() {
    wire_invalidate request;
    if (!wire_decode_invalidate(request_->body, &request)) {
        return expect_malformed();
    }
    Statuses refusals;
    if (request.tags.count == 0) {
        refusals.push_back(WIRE_INVALID_ARGUMENT);
    }
    add_tag_refusals(refusals, request.tags);
    if (is_refused(refusals)) {
        return;
    }
    const test::Strings tags = tags_of(request.tags);
    const bool needs_all = (request.options & WIRE_TAGS_ALL) != 0;
    const auto matches = [&](auto&, const Entry& entry) {
        return needs_all ? entry.has_all(tags) : entry.has_any(tags);
    };
    expect_count(model_.count(matches));
    if ((request.options & WIRE_INVALIDATE_DRY_RUN) == 0) {
        model_.remove(matches);
    }
}

void ModelServer::flush() {
    if (request_->body.size != 0) {
        return expect_malformed();
    }
    expect_count(model_.count([](auto&, auto&) { return true; }));
    model_.entries.clear();
}

// A page lists what there is, each once; the first, if it is the last too, lists all of it.
void ModelServer::list_keys(wire_bytes cursor, std::uint32_t limit, const test::Strings& wanted) {
    if (is_cursor_refused(cursor, reply_)) {
        status_ = WIRE_INVALID_ARGUMENT;
        return;
    }
    expect(WIRE_OK);
    wire_page page;
    require(wire_decode_page(body(), &page), "a page is wellformed");
    require(page.count <= limit, "a page has no more names than its limit");
    std::vector<std::uint64_t> unused;
    page_ = {text_of(page.cursor), names_in(page, unused), wanted};
    require(test::distinct(page_.names).size() == page_.names.size(), "a page lists a name once");
    for (const std::string& name : page_.names) {
        require(is_among(wanted, name), "a page lists what is there and matches");
    }
    require(cursor.size != 0 || page.cursor.size != 0 || page.count == wanted.size(),
            "a page that is all there is lists everything");
}

void ModelServer::keys_by_tag() {
    wire_keys_by_tag request;
    if (!wire_decode_keys_by_tag(request_->body, &request)) {
        return expect_malformed();
    }
    Statuses refusals;
    add_page_refusals(refusals, request.limit);
    if (request.tags.count == 0) {
        refusals.push_back(WIRE_INVALID_ARGUMENT);
    }
    add_tag_refusals(refusals, request.tags);
    if (is_refused(refusals)) {
        return;
    }
    const test::Strings tags = tags_of(request.tags);
    const bool needs_all = (request.options & WIRE_TAGS_ALL) != 0;
    list_keys(request.cursor, request.limit, model_.live_keys([&](auto&, const Entry& entry) {
        return needs_all ? entry.has_all(tags) : entry.has_any(tags);
    }));
}

void ModelServer::scan(std::uint8_t opcode) {
    wire_scan scan;
    if (!wire_decode_scan(request_->body, opcode, &scan)) {
        return expect_malformed();
    }
    const bool is_glob = opcode == WIRE_OP_SCAN && (scan.options & WIRE_SCAN_GLOB) != 0;
    Statuses refusals;
    add_page_refusals(refusals, scan.limit);
    if ((is_glob && scan.pattern.size > WIRE_GLOB_BYTES_MAX) ||
        (opcode == WIRE_OP_SCAN && scan.pattern.size > WIRE_KEY_BYTES_MAX) ||
        (opcode == WIRE_OP_DELETE_PREFIX && scan.pattern.size == 0)) {
        refusals.push_back(WIRE_INVALID_ARGUMENT);
    }
    if (is_refused(refusals)) {
        return;
    }
    if (opcode == WIRE_OP_TAG_LIST) {
        return list_tags(scan);
    }
    if (opcode == WIRE_OP_DELETE_PREFIX) {
        return delete_prefix(scan);
    }
    const std::string pattern = text_of(scan.pattern);
    list_keys(scan.cursor, scan.limit, model_.live_keys([&](const std::string& key, auto&) {
        return is_glob ? match_glob(pattern, key).is_match : key.starts_with(pattern);
    }));
}

// An entry that has expired keeps its tags in use until it is swept.
void ModelServer::list_tags(const wire_scan& scan) {
    if (is_cursor_refused(scan.cursor, reply_)) {
        status_ = WIRE_INVALID_ARGUMENT;
        return;
    }
    expect(WIRE_OK);
    wire_page page;
    require(wire_decode_page(body(), &page), "a page is wellformed");
    require(page.count <= scan.limit, "a page has no more names than its limit");
    std::vector<std::uint64_t> entry_counts;
    page_ = {text_of(page.cursor), names_in(page, entry_counts), {}};
    const std::string prefix = text_of(scan.pattern);
    for (std::size_t i = 0; i < page_.names.size(); ++i) {
        const std::string& tag = page_.names[i];
        require(tag.starts_with(prefix), "a page lists what matches");
        const auto range = model_.count([&](auto&, const Entry& entry) { return entry.has(tag); });
        require(range.max != 0, "a tag that is listed is in use");
        require(page.present == 0 || range.contains(entry_counts[i]), "a tag's count is right");
    }
    for (const auto& [key, entry] : model_.entries) {
        for (const std::string& tag : model_.is_expired(entry) ? test::Strings{} : entry.tags) {
            if (tag.starts_with(prefix)) {
                page_.wanted.push_back(tag);
            }
        }
    }
    page_.wanted = test::distinct(page_.wanted);
}

// Which entries a page has removed is known once the last page has come: all of them. Those that
// have expired count until they are swept.
void ModelServer::delete_prefix(const wire_scan& scan) {
    if (is_cursor_refused(scan.cursor, reply_)) {
        status_ = WIRE_INVALID_ARGUMENT;
        return;
    }
    expect(WIRE_OK);
    std::uint64_t removed_count = 0;
    wire_bytes cursor;
    require(wire_decode_removed(body(), &removed_count, &cursor), "a page is wellformed");
    removed_count_ = removed_count + (scan.cursor.size == 0 ? 0 : removed_count_);
    page_.cursor = text_of(cursor);
    if (cursor.size == 0) {
        const std::string prefix = text_of(scan.pattern);
        const auto matches = [&](const std::string& key, auto&) { return key.starts_with(prefix); };
        require(model_.count(matches).min == removed_count_, "all that match are removed");
        model_.remove([&](const std::string& key, const Entry& entry) {
            return key.starts_with(prefix) && !model_.is_expired(entry);
        });
    }
}

}  // namespace tc::fuzz
