// SPDX-License-Identifier: MIT
#include "cli/client.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <new>
#include <system_error>

#include "cli/arguments.hpp"
#include "cli/environment.hpp"
#include "cli/escape.hpp"
#include "cli/failure.hpp"
#include "cli/interrupt.hpp"
#include "cli/kept_connection.hpp"

namespace tc {
namespace {

// A server may be configured for values of up to 512 MiB; a key and tags come with them.
constexpr std::uint32_t reply_bytes_max = 640U * 1024 * 1024;

std::uint32_t port_from_environment() {
    const char* text = environment_text("TAGCACHE_PORT");
    if (text == nullptr) {
        return 0;
    }
    std::uint32_t port = 0;
    const char* end = text + std::strlen(text);
    const auto [rest, error] = std::from_chars(text, end, port);
    if (error != std::errc{} || rest != end || port == 0 || port > UINT16_MAX) {
        throw usage_failure("TAGCACHE_PORT is not a port number from 1 to 65535");
    }
    return port;
}

// The command line wins; --uri and --unix leave nothing for the environment to say.
tagcache_client_options client_options(const Arguments& arguments) {
    tagcache_client_options options = TAGCACHE_CLIENT_OPTIONS_INIT;
    if (arguments.uri.has_value()) {
        options.uri = arguments.uri->c_str();
    } else if (arguments.unix_path.has_value()) {
        options.unix_path = arguments.unix_path->c_str();
    } else {
        options.host = arguments.host.has_value() ? arguments.host->c_str()
                                                  : environment_text("TAGCACHE_HOST");
        options.port = arguments.port.has_value() ? *arguments.port : port_from_environment();
    }
    options.client_name = "tagcache";
    options.connect_timeout_ms = arguments.timeout_ms.value_or(0);
    options.timeout_ms = arguments.timeout_ms.value_or(0);
    options.reply_bytes_max = reply_bytes_max;
    options.flags = arguments.credentials.allows_plaintext ? TAGCACHE_CLIENT_PLAINTEXT_SECRETS : 0;
    return options;
}

// Nobody listens there, which is not the only way to fail.
bool is_nobody(std::string_view reason) {
    const std::error_category& category = std::generic_category();
    return reason.ends_with(category.message(ECONNREFUSED)) ||
           reason.ends_with(category.message(ENOENT));
}

std::string connect_advice(std::string_view address, std::string_view reason) {
    if (!is_nobody(reason)) {
        return "";
    }
    return is_address_here(address) ? "start a server with: tagcache server"
                                    : "check --host and --port";
}

}  // namespace

bool is_this_machine(std::string_view host) {
    constexpr unsigned char loopback_net = 127;
    std::array<unsigned char, sizeof(in_addr)> bytes{};
    const bool is_ipv4 = inet_pton(AF_INET, std::string(host).c_str(), bytes.data()) == 1;
    return host == "localhost" || host == "::1" || (is_ipv4 && bytes[0] == loopback_net);
}

bool is_address_here(std::string_view address) {
    if (address.starts_with("unix://")) {
        return true;
    }
    constexpr std::string_view mark = "://";
    std::string_view host = address.substr(std::min(address.find(mark), address.size()));
    host.remove_prefix(std::min(mark.size(), host.size()));
    host = host.substr(0, host.rfind(':'));
    const bool has_brackets = host.starts_with('[') && host.ends_with(']');
    return is_this_machine(has_brackets ? host.substr(1, host.size() - 2) : host);
}

std::vector<tagcache_bytes> as_bytes(const std::vector<std::string>& texts) {
    std::vector<tagcache_bytes> views;
    views.reserve(texts.size());
    for (const std::string& text : texts) {
        views.push_back(as_bytes(text));
    }
    return views;
}

void require_no_other_server(const Arguments& arguments) {
    if (arguments.names_server()) {
        throw usage_failure(
            "this command acts on this machine, and goes to no server: leave --uri, --host, "
            "--port and --unix out, or run it there");
    }
    const char* const host = environment_text("TAGCACHE_HOST");
    if (host != nullptr && !is_this_machine(host)) {
        throw usage_failure(
            "this command acts on this machine, and TAGCACHE_HOST names another one: unset it, "
            "or run the command there");
    }
}

Result::Result() : result_(tagcache_result_new()) {
    if (result_ == nullptr) {
        throw std::bad_alloc();
    }
}

std::vector<std::string_view> Result::tags() const {
    std::vector<std::string_view> tags;
    tagcache_bytes tag{};
    tagcache_result_rewind(get());
    while (tagcache_result_next_tag(get(), &tag)) {
        tags.push_back(as_view(tag));
    }
    return tags;
}

Client::Client(const Arguments& arguments) {
    if (arguments.connection != nullptr) {
        client_ = {arguments.connection->ready(), Free{.is_borrowed = true}};
        credentials_ = arguments.connection->credentials();
        return;
    }
    tls_ = new_tls(arguments);
    own_credentials_ = Credentials::of(arguments);
    tagcache_client_options options = client_options(arguments);
    tagcache_credentials native = TAGCACHE_CREDENTIALS_INIT;
    if (own_credentials_.has_value()) {
        credentials_ = &*own_credentials_;
        native = credentials_->native();
        options.credentials = &native;
    }
    if (tls_ != nullptr) {
        options.transport = tagcache_tls_transport();
        options.transport_context = tls_.get();
    }
    tagcache_client* client = nullptr;
    const tagcache_status status = tagcache_client_new(&options, &client);
    client_.reset(client);
    if (client == nullptr) {
        throw std::bad_alloc();
    }
    if (status != TAGCACHE_OK) {
        throw Failure(exit_code_of(status), escaped(tagcache_client_error(client)), status);
    }
}

tagcache_status Client::check(tagcache_status status, std::string_view what) const {
    throw_if_interrupted();
    if (status >= 0) {
        return status;
    }
    const std::string_view reason = tagcache_client_error(client_.get());
    throw Failure(exit_code_of(status),
                  failure_message(status, what, reason, next_step(status, reason)), status);
}

bool Client::finds_server() const {
    const tagcache_status status = tagcache_client_connect(client_.get(), nullptr);
    if (status == TAGCACHE_CONNECT && is_nobody(tagcache_client_error(client_.get()))) {
        return false;
    }
    check(status, "connect");
    return true;
}

std::string Client::next_step(tagcache_status status, std::string_view reason) const {
    if (status == TAGCACHE_CONNECT) {
        return connect_advice(address(), reason);
    }
    if (status == TAGCACHE_AUTH_REQUIRED && credentials_ == nullptr) {
        return "say who you are by --user or --token-file";
    }
    if (status == TAGCACHE_LOCAL_INVALID_ARGUMENT && reason.ends_with("use TLS, or allow it")) {
        return "that is --tls, or --auth-allow-plaintext";
    }
    return advice(status);
}

std::size_t Client::limit(tagcache_limit limit) const {
    check(tagcache_client_connect(client_.get(), nullptr), "connect");
    return tagcache_client_limit(client_.get(), limit);
}

}  // namespace tc
