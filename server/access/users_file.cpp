// SPDX-License-Identifier: MIT
#include "access/users_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <system_error>

#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace tc {

namespace {

constexpr std::size_t file_bytes_max = std::size_t{64} * 1024 * 1024;

std::string errno_text() {
    return std::generic_category().message(errno);
}

// ---- Reading. ----

class Reader {
 public:
    explicit Reader(const std::string& path) : path_(path) {}

    AccessTable read(const toml::table& file) {
        check_keys(file, {"users"}, "the file");
        const toml::node* users = file.get("users");
        if (users != nullptr) {
            for (const auto& [name, node] : table_of(*users, "users")) {
                read_user(std::string(name.str()), table_of(node, "a user"));
            }
        }
        const std::string complaint = table_.complaint();
        if (!complaint.empty()) {
            throw std::runtime_error(path_ + ": " + complaint);
        }
        return std::move(table_);
    }

    [[noreturn]] void fail(const toml::source_region& at, const std::string& what) const {
        throw std::runtime_error(path_ + ":" + std::to_string(at.begin.line) + ": " + what);
    }

 private:
    [[noreturn]] void fail(const toml::node& at, const std::string& what) const {
        fail(at.source(), what);
    }

    const toml::table& table_of(const toml::node& node, const std::string& what) const {
        if (!node.is_table()) {
            fail(node, what + " is not a table");
        }
        return *node.as_table();
    }

    std::string text_of(const toml::node& node, const std::string& what) const {
        if (!node.is_string()) {
            fail(node, what + " is not a string");
        }
        return node.as_string()->get();
    }

    void check_keys(const toml::table& table, std::initializer_list<std::string_view> known,
                    const std::string& where) const {
        for (const auto& [key, node] : table) {
            if (std::ranges::find(known, key.str()) == known.end()) {
                fail(node, "'" + std::string(key.str()) + "': " + where + " has no such key");
            }
        }
    }

    std::vector<std::string> texts_of(const toml::table& user, const char* key) const {
        std::vector<std::string> texts;
        const toml::node* node = user.get(key);
        if (node == nullptr) {
            return texts;
        }
        if (!node->is_array()) {
            fail(*node, std::string(key) + " is not a list");
        }
        for (const toml::node& item : *node->as_array()) {
            texts.push_back(text_of(item, std::string("an item of ") + key));
        }
        return texts;
    }

    std::uint8_t rights_of(const toml::table& table) const {
        std::uint8_t rights = 0;
        for (const std::string& text : texts_of(table, "rights")) {
            const auto right = std::ranges::find(right_names, text, &RightName::name);
            if (right == right_names.end()) {
                fail(*table.get("rights"),
                     "'" + text + "' is none of read, write, invalidate, admin");
            }
            rights |= right->right;
        }
        return rights;
    }

    void read_user(const std::string& name, const toml::table& table) {
        const std::string where = "user '" + name + "'";
        check_keys(table,
                   {"rights", "key_prefixes", "tag_prefixes", "tls_names", "password", "tokens"},
                   where);
        if (!is_user_name(name)) {
            fail(table, where + ": a name is 1 to 32 letters, digits, '.', '_', '-' or '@'");
        }
        User& user = table_.add(name);
        user.rights = rights_of(table);
        user.key_prefixes = texts_of(table, "key_prefixes");
        user.tag_prefixes = texts_of(table, "tag_prefixes");
        user.tls_names = texts_of(table, "tls_names");
        if (const toml::node* password = table.get("password"); password != nullptr) {
            user.password_hash = text_of(*password, "password");
            if (!is_password_hash(user.password_hash)) {
                fail(*password, where + ": password is not an argon2id hash");
            }
        }
        if (const toml::node* tokens = table.get("tokens"); tokens != nullptr) {
            if (!tokens->is_array()) {
                fail(*tokens, where + ": tokens is not a list");
            }
            for (const toml::node& token : *tokens->as_array()) {
                user.tokens.push_back(read_token(table_of(token, "a token"), where));
            }
        }
    }

    AccessToken read_token(const toml::table& table, const std::string& where) const {
        check_keys(table, {"id", "sha256", "created", "expires"}, "a token of " + where);
        const auto need = [&](const char* key) -> const toml::node& {
            const toml::node* node = table.get(key);
            if (node == nullptr) {
                fail(table, "a token of " + where + " has no " + key);
            }
            return *node;
        };
        AccessToken token;
        token.id = text_of(need("id"), "id");
        if (!is_token_id(token.id)) {
            fail(need("id"), "id is not 16 hexadecimal digits");
        }
        if (!read_hex(text_of(need("sha256"), "sha256"), token.digest)) {
            fail(need("sha256"), "sha256 is not 64 hexadecimal digits");
        }
        token.created_at_s = seconds_of(need("created"));
        const toml::node* expires = table.get("expires");
        token.expires_at_s = expires == nullptr ? 0 : seconds_of(*expires);
        return token;
    }

    std::int64_t seconds_of(const toml::node& node) const {
        if (!node.is_date_time() || node.as_date_time()->get().offset != toml::time_offset{}) {
            fail(node, "not a date and time in UTC, such as 2026-01-31T12:00:00Z");
        }
        const toml::date_time time = node.as_date_time()->get();
        const std::chrono::year_month_day day{std::chrono::year{time.date.year},
                                              std::chrono::month{time.date.month},
                                              std::chrono::day{time.date.day}};
        return std::chrono::seconds(std::chrono::sys_days(day).time_since_epoch()).count() +
               std::int64_t{time.time.hour} * 3600 + std::int64_t{time.time.minute} * 60 +
               time.time.second;
    }

    const std::string& path_;
    AccessTable table_;
};

class OpenFile {
 public:
    explicit OpenFile(int fd) noexcept : fd_(fd) {}
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    ~OpenFile() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
    int fd_;
};

// Nothing when there is no such file.
std::optional<std::string> read_file(const std::string& path) {
    const OpenFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.fd() < 0) {
        if (errno == ENOENT) {
            return std::nullopt;
        }
        throw std::runtime_error(path + ": " + errno_text());
    }
    struct stat status {};
    if (fstat(file.fd(), &status) != 0 || !S_ISREG(status.st_mode)) {
        throw std::runtime_error(path + ": not a regular file");
    }
    if ((status.st_mode & 077) != 0) {
        throw std::runtime_error(path +
                                 ": others than its owner may read or change it; chmod 600 it");
    }
    if (static_cast<std::size_t>(status.st_size) > file_bytes_max) {
        throw std::runtime_error(path + ": larger than 64 MiB");
    }
    std::string text(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t count = ::read(file.fd(), text.data() + size, text.size() - size);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            throw std::runtime_error(path + ": cannot be read: " + errno_text());
        }
        size += static_cast<std::size_t>(count);
    }
    return text;
}

// ---- Writing. ----

std::string quoted(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            quoted += '\\';
            quoted += c;
        } else if (byte < 0x20 || byte == 0x7F) {
            std::array<char, 8> escape{};
            std::snprintf(escape.data(), escape.size(), "\\u%04X", byte);
            quoted += escape.data();
        } else {
            quoted += c;
        }
    }
    return quoted + '"';
}

std::string list_of(const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& text : texts) {
        list += (list.empty() ? "" : ", ") + quoted(text);
    }
    return "[" + list + "]";
}

std::string text_of(const User& user) {
    std::vector<std::string> rights;
    for (const RightName& right : right_names) {
        if (user.may(right.right)) {
            rights.emplace_back(right.name);
        }
    }
    std::string text = "\n[users." + quoted(user.name) + "]\nrights = " + list_of(rights) +
                       "\nkey_prefixes = " + list_of(user.key_prefixes) +
                       "\ntag_prefixes = " + list_of(user.tag_prefixes) +
                       "\ntls_names = " + list_of(user.tls_names) + "\n";
    if (!user.password_hash.empty()) {
        text += "password = " + quoted(user.password_hash) + "\n";
    }
    for (const AccessToken& token : user.tokens) {
        text += "\n[[users." + quoted(user.name) + ".tokens]]\nid = " + quoted(token.id) +
                "\nsha256 = " + quoted(hex_of(token.digest)) +
                "\ncreated = " + time_text(token.created_at_s) + "\n";
        if (token.expires_at_s != 0) {
            text += "expires = " + time_text(token.expires_at_s) + "\n";
        }
    }
    return text;
}

void write_and_sync(int fd, std::string_view text, const std::string& path) {
    while (!text.empty()) {
        const ssize_t count = ::write(fd, text.data(), text.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            throw std::runtime_error(path + ": cannot be written: " + errno_text());
        }
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    if (fsync(fd) != 0) {
        throw std::runtime_error(path + ": cannot be synchronized: " + errno_text());
    }
}

// What root writes stays the file of the user who runs the server, who could not open it otherwise.
// Others can only have written a file of their own.
void give_to_owner(int fd, const std::string& path, const std::string& folder) {
    struct stat owned {};
    if (geteuid() != 0 || (stat(path.c_str(), &owned) != 0 && stat(folder.c_str(), &owned) != 0)) {
        return;
    }
    if (fchown(fd, owned.st_uid, owned.st_gid) != 0) {
        throw std::runtime_error(path + ": cannot be given to the user who owned it (" +
                                 std::to_string(owned.st_uid) + "): " + errno_text());
    }
}

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

}  // namespace

std::string time_text(std::int64_t seconds) {
    if (seconds == 0) {
        return "";
    }
    const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return text.data();
}

AccessTable load_users(const std::string& path) {
    const std::optional<std::string> text = read_file(path);
    if (!text.has_value()) {
        return {};
    }
    Reader reader(path);
    try {
        return reader.read(toml::parse(*text, path));
    } catch (const toml::parse_error& error) {
        reader.fail(error.source(), std::string(error.description()));
    }
}

void save_users(const std::string& path, const AccessTable& table) {
    const std::string folder = folder_of(path);
    std::string text =
        "# The users of a TagCache server, written by tagcached: it rewrites this file when they\n"
        "# change, and reads it when it starts and on SIGHUP. A list of prefixes that is empty\n"
        "# covers nothing; the prefix \"\" covers everything.\n";
    for (const User& user : table.users()) {
        text += text_of(user);
    }
    // A name that no other process has: a server and --reset-credentials may write at once.
    const std::string fresh_path = path + "." + std::to_string(getpid()) + ".new";
    (void)unlink(fresh_path.c_str());  // of one that was killed while it wrote
    // Not mkostemp(), which ThreadSanitizer does not know to open a file.
    const OpenFile file(
        ::open(fresh_path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (file.fd() < 0) {
        throw std::runtime_error(path + ": no file can be made beside it: " + errno_text());
    }
    try {
        give_to_owner(file.fd(), path, folder);
        write_and_sync(file.fd(), text, fresh_path);
        if (rename(fresh_path.c_str(), path.c_str()) != 0) {
            throw std::runtime_error(path + ": cannot be replaced: " + errno_text());
        }
    } catch (const std::runtime_error&) {
        (void)unlink(fresh_path.c_str());
        throw;
    }
    // The new file is in place; that its name is on the disk is only a matter of time.
    const OpenFile opened_folder(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    (void)fsync(opened_folder.fd());
}

}  // namespace tc
