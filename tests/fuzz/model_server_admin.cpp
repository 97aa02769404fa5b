// SPDX-License-Identifier: MIT
//
// HELLO STATS INFO CLIENT HOTKEYS.
#include "fields.hpp"
#include "model_server.hpp"
#include "require.hpp"

namespace tc::fuzz {

void ModelServer::hello(bool& is_greeted) {
    wire_hello hello;
    if (!wire_decode_hello(request_->body, &hello)) {
        return expect_malformed();
    }
    const bool is_long = hello.client_name.size > WIRE_CLIENT_NAME_BYTES_MAX ||
                         hello.library.size > WIRE_CLIENT_NAME_BYTES_MAX;
    if (is_refused(is_greeted || is_long ? Statuses{WIRE_INVALID_ARGUMENT} : Statuses{})) {
        return;
    }
    expect(WIRE_OK);
    wire_hello_reply reply;
    require(wire_decode_hello_reply(body(), &reply), "a greeting is wellformed");
    require((reply.features & ~hello.features) == 0, "no feature is on that was not asked for");
    is_greeted = true;
}

void ModelServer::fields(bool has_entries) {
    if (request_->body.size != 0) {
        return expect_malformed();
    }
    expect(WIRE_OK);
    std::uint16_t count = 0;
    wire_reader in;
    require(wire_decode_fields(body(), &count, &in), "fields are wellformed");
    const auto range = model_.count([](auto&, auto&) { return true; });
    for (std::uint16_t i = 0; i < count; ++i) {
        wire_field field;
        wire_read_field(&in, &field);
        require(!has_entries || text_of(field.name) != "entries" || range.contains(field.u64),
                "STATS tells how many entries there are");
    }
}

void ModelServer::clients() {
    wire_client client;
    if (!wire_decode_client(request_->body, &client)) {
        return expect_malformed();
    }
    if (client.action != WIRE_CLIENT_LIST) {
        // Others may work or not; they have nothing to do with entries.
        require(reply_ != nullptr, "a request is answered");
        status_ = reply_->status;
        return;
    }
    if (client.limit == 0 || client.limit > WIRE_PAGE_LIMIT_MAX) {
        require(is_refused({WIRE_INVALID_ARGUMENT}), "a page's limit is in its range");
        return;
    }
    require(reply_ != nullptr, "CLIENT is answered");
    if (client.cursor.size != 0 && reply_->status == WIRE_INVALID_ARGUMENT) {
        status_ = WIRE_INVALID_ARGUMENT;
        return;
    }
    expect(WIRE_OK);
    std::uint32_t count = 0;
    wire_bytes cursor;
    wire_reader items;
    require(wire_decode_client_reply(body(), &count, &cursor, &items), "clients are wellformed");
    require(count <= client.limit, "a page has no more clients than its limit");
    require(count != 0 || client.cursor.size != 0, "who asks is a client");
}

void ModelServer::hotkeys() {
    wire_hotkeys request;
    if (!wire_decode_hotkeys(request_->body, &request)) {
        return expect_malformed();
    }
    Statuses refusals;
    if (request.kind > WIRE_HOTKEYS_TAGS) {
        refusals.push_back(WIRE_UNSUPPORTED);
    }
    if (request.limit == 0 || request.limit > WIRE_HOTKEYS_LIMIT_MAX) {
        refusals.push_back(WIRE_INVALID_ARGUMENT);
    }
    if (is_refused(refusals)) {
        return;
    }
    expect(WIRE_OK);
    std::uint32_t count = 0;
    wire_reader names;
    require(wire_decode_hotkeys_reply(body(), &count, &names), "hot names are wellformed");
    require(count <= request.limit, "there are no more hot names than asked for");
}

}  // namespace tc::fuzz
