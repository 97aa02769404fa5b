// SPDX-License-Identifier: MIT
//
// What all requests have in common: how a reply is judged, and what is known of an entry.
#include "model_server.hpp"

#include <algorithm>

#include "protocol/opcodes.h"
#include "read_back.hpp"
#include "require.hpp"

namespace tc::fuzz {

void ModelServer::check(const wire_request& request, const wire_reply* reply, bool& is_greeted) {
    request_ = &request;
    reply_ = reply;
    is_uneventful_ = true;
    page_ = {};
    if (reply != nullptr) {
        require(reply->opcode == request.opcode, "a reply names its request's opcode");
        // Longer ones do not fit into the room for what is written again.
        constexpr std::size_t read_back_bytes_max = 128 * 1024;
        require(
            reply->body.size > read_back_bytes_max ||
                read_reply_body(reply->opcode, reply->status, text_of(reply->body)).is_wellformed,
            "a reply's body has the grammar of its status and opcode");
    }
    if (request.has_unknown_critical_extension) {
        require(is_refused({WIRE_UNSUPPORTED}), "an extension that must be known is unsupported");
    } else if (request.namespace_id != 0) {
        require(is_refused({WIRE_NO_SUCH_NAMESPACE}), "there is one namespace");
    } else if (rules_.has_memory_limit) {
        status_ = reply != nullptr ? reply->status : std::uint8_t{WIRE_OK};
    } else {
        dispatch(is_greeted);
    }
}

void ModelServer::dispatch(bool& is_greeted) {
    const std::uint8_t opcode = request_->opcode;
    switch (opcode) {
        case WIRE_OP_HELLO: return hello(is_greeted);
        case WIRE_OP_PING: return request_->body.size == 0 ? expect(WIRE_OK) : expect_malformed();
        case WIRE_OP_GET: return get(false);
        case WIRE_OP_GETDEL: return get(true);
        case WIRE_OP_MGET: return get_many();
        case WIRE_OP_PUT:
        case WIRE_OP_ADD:
        case WIRE_OP_REPLACE: return put(opcode);
        case WIRE_OP_MPUT: return put_many();
        case WIRE_OP_APPEND: return append(false);
        case WIRE_OP_PREPEND: return append(true);
        case WIRE_OP_INCR: return increment(false);
        case WIRE_OP_DECR: return increment(true);
        case WIRE_OP_EXISTS:
        case WIRE_OP_TOUCH:
        case WIRE_OP_DELETE: return change_keys(opcode);
        case WIRE_OP_TAGS: return tags();
        case WIRE_OP_TAG_ADD: return change_tags(true);
        case WIRE_OP_TAG_REMOVE: return change_tags(false);
        case WIRE_OP_TAG_COUNT: return count_tag();
        case WIRE_OP_INVALIDATE: return invalidate();
        case WIRE_OP_FLUSH: return flush();
        case WIRE_OP_KEYS_BY_TAG: return keys_by_tag();
        case WIRE_OP_TAG_LIST:
        case WIRE_OP_SCAN:
        case WIRE_OP_DELETE_PREFIX: return scan(opcode);
        case WIRE_OP_STATS: return fields(true);
        case WIRE_OP_INFO: return fields(false);
        case WIRE_OP_CLIENT: return clients();
        case WIRE_OP_HOTKEYS: return hotkeys();
        default: break;
    }
    const wire_opcode_info* const info = wire_opcode_find(opcode);
    if (info == nullptr || !info->is_working) {
        require(is_refused({WIRE_UNSUPPORTED}), "an unknown opcode is unsupported");
    } else {
        // One that has nothing to do with entries: whatever it says, it is answered.
        require(reply_ != nullptr, "a request is answered");
        status_ = reply_->status;
    }
}

bool ModelServer::is_one_of(const Statuses& statuses) const {
    return std::find(statuses.begin(), statuses.end(), reply_->status) != statuses.end();
}

bool ModelServer::is_refused(const Statuses& refusals) {
    if (refusals.empty()) {
        return false;
    }
    require(reply_ != nullptr, "a refusal is told, with QUIET too");
    require(is_one_of(refusals), "a request is refused for a reason that it gives");
    status_ = reply_->status;
    return true;
}

void ModelServer::expect(std::uint8_t status) {
    status_ = status;
    const wire_opcode_info* const info = wire_opcode_find(request_->opcode);
    const bool is_quiet = (request_->flags & WIRE_REQUEST_QUIET) != 0 &&
                          info->quiet_status == status && (!info->is_batch || is_uneventful_);
    require((reply_ == nullptr) == is_quiet, "QUIET leaves out what it says, and nothing else");
    require(is_quiet || reply_->status == status, "the reply has the status of the outcome");
}

void ModelServer::expect_malformed() {
    require(is_refused({WIRE_MALFORMED}), "a malformed body is refused");
}

void ModelServer::require_version(const std::string& key, Entry& entry, std::uint64_t version) {
    require(version != 0, "no entry has the version 0");
    if (entry.version == 0) {
        require(versions_[key].insert(version).second, "a key has a version once");
        entry.version = version;
    }
    require(entry.version == version, "an entry has the version that it had");
}

void ModelServer::store(const std::string& key, Entry entry, std::uint64_t version) {
    entry.version = 0;
    if (version != 0) {
        require_version(key, entry, version);
    }
    model_.entries[key] = std::move(entry);
}

std::uint64_t ModelServer::version_of(const std::string& key) const {
    const auto at = model_.entries.find(key);
    return at == model_.entries.end() ? 0 : at->second.version;
}

std::uint64_t ModelServer::old_version_of(const std::string& key) const {
    const auto at = versions_.find(key);
    return at == versions_.end() || at->second.empty() ? 0 : *at->second.begin();
}

std::uint64_t ModelServer::deadline_of(std::optional<std::uint64_t> ttl_ms) const {
    const std::uint64_t ttl_default_ms =
        rules_.ttl_default_ms != 0 ? rules_.ttl_default_ms : rules_.ttl_max_ms;
    return model_.deadline_after(ttl_ms.value_or(ttl_default_ms));
}

bool ModelServer::allows_ttl(std::uint64_t ttl_ms) const {
    return rules_.ttl_max_ms == 0 || (ttl_ms != 0 && ttl_ms <= rules_.ttl_max_ms);
}

void ModelServer::add_key_refusals(Statuses& refusals, wire_bytes key) const {
    if (key.size == 0) {
        refusals.push_back(WIRE_KEY_EMPTY);
    } else if (key.size > WIRE_KEY_BYTES_MAX) {
        refusals.push_back(WIRE_KEY_TOO_LONG);
    }
}

void ModelServer::add_tag_refusals(Statuses& refusals, const wire_list& tags) const {
    if (tags.count > WIRE_TAGS_MAX) {
        refusals.push_back(WIRE_TOO_MANY_TAGS);
    }
    for (const std::string& tag : tags_of(tags)) {
        if (tag.empty()) {
            refusals.push_back(WIRE_TAG_EMPTY);
            return;
        }
    }
}

void ModelServer::add_ttl_refusals(Statuses& refusals, bool is_given, std::uint64_t ttl_ms) const {
    if (is_given && !allows_ttl(ttl_ms)) {
        refusals.push_back(WIRE_TTL_TOO_LONG);
    }
}

}  // namespace tc::fuzz
