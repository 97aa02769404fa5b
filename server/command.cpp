// SPDX-License-Identifier: MIT
#include "server/command.hpp"

#include <cstdlib>
#include <utility>

#include "protocol/admin_messages.h"
#include "protocol/opcodes.h"
#include "server/errand.hpp"
#include "server/reactor.hpp"
#include "server/server.hpp"

namespace tc {

namespace {

constexpr std::size_t error_fixed_bytes = 10;  // retry_after_ms, detail, the message's length

}  // namespace

wire_writer* Command::begin(std::size_t body_bytes_max) noexcept {
    if (!replies_.reserve(WIRE_HEADER_BYTES + body_bytes_max)) {
        // The command may have changed the store already, so no refusal would be true.
        is_lost_ = true;
        return nullptr;
    }
    const auto tail = replies_.tail();
    writer_ = wire_writer_over(tail.data(), tail.size());
    (void)wire_begin_reply(&writer_, request.opcode, request.request_id);
    return &writer_;
}

bool Command::extend(std::size_t more_bytes, std::size_t referred_bytes,
                     std::size_t body_bytes_max) noexcept {
    const std::size_t written_bytes = wire_writer_size(&writer_);
    const std::size_t body_bytes = written_bytes - WIRE_HEADER_BYTES + referred_bytes_;
    if (body_bytes + more_bytes + referred_bytes > body_bytes_max) {
        return false;
    }
    // What was written counts as contents while the buffer may move, and as tail again afterwards.
    replies_.commit(written_bytes);
    const bool has_room = replies_.reserve(more_bytes);
    replies_.truncate(replies_.byte_count() - written_bytes);
    writer_ = wire_writer_over(replies_.tail().data(), replies_.tail().size());
    writer_.next += written_bytes;
    return has_room;
}

void Command::refer(std::string_view value, Pin pin) noexcept {
    replies_.refer(wire_writer_size(&writer_), value, std::move(pin));
    referred_bytes_ += value.size();
}

void Command::finish(wire_status status) noexcept {
    wire_finish_reply(&writer_, 0, static_cast<std::uint8_t>(status), 0);
    if (referred_bytes_ != 0) {
        wire_add_body_bytes(&writer_, 0, referred_bytes_);
    }
    if (writer_.failed) {
        std::abort();  // the command computed its body's size wrongly: our bug, not the client's
    }
    replies_.commit(wire_writer_size(&writer_));
    status_ = status;
}

void Command::answer(wire_status status) noexcept {
    if (begin(0) != nullptr) {
        finish(status);
    }
}

void Command::refuse(wire_status status, std::string_view message, std::uint32_t detail,
                     std::uint32_t retry_after_ms) noexcept {
    const std::size_t size_bytes = WIRE_HEADER_BYTES + error_fixed_bytes + message.size();
    status_ = status;
    if (!replies_.reserve(size_bytes)) {
        is_lost_ = true;
        return;
    }
    writer_ = wire_writer_over(replies_.tail().data(), size_bytes);
    (void)wire_begin_reply(&writer_, request.opcode, request.request_id);
    const wire_error error{retry_after_ms, detail, bytes_of(message)};
    wire_encode_error(&writer_, &error);
    finish(status);
}

void Command::malformed() noexcept {
    refuse(WIRE_MALFORMED, "the body does not match the grammar of its opcode");
}

void Command::defer(std::unique_ptr<Errand> errand) noexcept {
    address(*errand);
    if (reactor.server().access().worker().submit(errand)) {
        is_deferred_ = true;
    } else {
        refuse(WIRE_BUSY, "too many passwords and changes of users wait", 0,
               limits::errands_retry_ms);
    }
}

void Command::hold(std::unique_ptr<Errand> errand) noexcept {
    address(*errand);
    reactor.hold(std::move(errand));
    is_deferred_ = true;
}

// Whom it will answer.
void Command::address(Errand& errand) const noexcept {
    errand.reactor_ = &reactor;
    errand.connection_id_ = client.id;
    errand.request_ = request;
    errand.request_.body = {};
}

void Command::suppress_if_quiet() noexcept {
    if ((request.flags & WIRE_REQUEST_QUIET) == 0) {
        return;
    }
    const wire_opcode_info* info = wire_opcode_find(request.opcode);
    const bool is_expected = info != nullptr && info->quiet_status == status_;
    if (is_expected && (!info->is_batch || is_batch_uneventful_)) {
        replies_.truncate(reply_begin_);
    }
}

}  // namespace tc
