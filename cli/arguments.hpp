// SPDX-License-Identifier: MIT
//
// The command line as a plain struct. One struct serves all commands; each looks at the members
// that its options set.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/bench_options.hpp"
#include "cli/credentials.hpp"
#include "cli/failure.hpp"
#include "cli/tls.hpp"

namespace tc {

struct Arguments;
class KeptConnection;
class Output;
using Words = std::vector<std::string>;

// What a command is: it talks to the server, prints, and ends with an exit code or a Failure.
using Command = ExitCode (*)(const Arguments&, Output&);

// Of commands about users and tokens. What is absent is not changed.
struct UserArguments {
    std::string name;
    std::string token_id;
    std::optional<std::uint32_t> rights;
    std::optional<Words> key_prefixes;
    std::optional<Words> tag_prefixes;
    std::optional<Words> tls_names;
    std::optional<std::string> new_password_file;
    std::optional<std::string> users_file;
    bool has_no_password = false;
};

struct Arguments {
    Command command = nullptr;

    // Where the server is.
    std::optional<std::string> uri;
    std::optional<std::string> host;
    std::optional<std::string> unix_path;
    std::optional<std::uint32_t> port;
    std::optional<std::uint32_t> timeout_ms;
    [[nodiscard]] bool names_server() const {
        return uri.has_value() || host.has_value() || unix_path.has_value() || port.has_value();
    }
    TlsArguments tls;
    CredentialArguments credentials;
    // In place of one of the command's own: the shell's. NULL = none.
    KeptConnection* connection = nullptr;

    // How answers are shown.
    bool is_json = false;
    bool is_raw = false;         // as into a pipe, also on a terminal
    bool is_plain = false;       // no colour
    bool is_quiet = false;       // only data and failures
    bool ends_with_nul = false;  // keys and values in lists end with NUL, not with a line feed

    // What the command is about.
    bool is_base64 = false;  // names were written so; they are decoded here already
    Words keys;
    Words values;  // of an entry: one, or with --pairs more words
    Words tags;
    std::string pattern;  // a prefix, or with is_glob a glob
    std::string file;
    std::string setting;  // a key of the server's configuration, or a table of it
    std::string setting_value;
    Words server_arguments;
    bool has_pairs = false;

    // How it goes about it.
    std::optional<std::uint64_t> ttl_ms;
    std::optional<std::uint64_t> if_version;
    std::optional<std::uint32_t> flags;
    std::int64_t amount = 1;
    std::optional<std::uint64_t> limit;  // of a listing
    std::optional<std::uint64_t> client_id;
    std::optional<std::uint64_t> interval_ms;
    std::optional<std::uint64_t> interval_count;
    bool keeps_ttl = false;
    bool keeps_tags = false;
    bool has_details = false;
    bool has_no_value = false;
    bool matches_all_tags = false;
    bool is_dry_run = false;
    bool is_glob = false;
    bool is_about_tags = false;
    bool is_confirmed = false;
    bool is_live_only = false;

    UserArguments user;
    BenchOptions bench;
};

// Throws a Failure for a command line that makes no sense. Nothing when it was answered already:
// --help and --version. What the words do not say is as in `defaults`.
[[nodiscard]] std::optional<Arguments> parse_arguments(const Words& words,
                                                       const Arguments& defaults);

}  // namespace tc
