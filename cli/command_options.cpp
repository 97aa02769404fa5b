// SPDX-License-Identifier: MIT
#include "cli/command_options.hpp"

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/option_kinds.hpp"
#include "cli/server_options.hpp"
#include "cli/user_options.hpp"

namespace tc {
namespace {

// An option, what it takes and what it does on one line: whoever reads the help with a program can
// rely on that. CLI11 would add which options exclude each other.
class HelpFormat : public CLI::Formatter {
 public:
    HelpFormat() {
        column_width(28);
        label("Positionals", "Arguments");
        label("SUBCOMMAND", "COMMAND");
        label("OPTIONS", "OPTION...");
    }
    std::string make_option_opts(const CLI::Option* option) const override {
        const std::string& text = option->get_option_text();
        return text.empty() ? "" : " " + text;
    }
};

// ---- Groups of options that several commands share. ----

class Commands {
 public:
    Commands(CLI::App& app, Arguments& arguments, CommandTable& table)
        : app_(app), arguments_(arguments), table_(table) {}

    void add_all() {
        add_global_options();
        add_tls_options();
        add_credential_options(app_, arguments_.credentials);
        add_write_commands();
        add_change_commands();
        add_read_commands();
        add_key_commands();
        add_tag_commands();
        add_flush_commands();
        add_page_commands();
        add_server_commands();
        add_user_commands(app_, arguments_, adder());
        add_file_commands();
        add_bench_options(add("bench", bench, "Measure the server under load",
                              "tagcache bench --preload --pipeline 16 --ratio 90:9:1 --tags 3"),
                          arguments_.bench);
    }

 private:
    void add_global_options();
    void add_tls_options();
    void add_write_commands();
    void add_change_commands();
    void add_read_commands();
    void add_key_commands();
    void add_tag_commands();
    void add_page_commands();
    void add_flush_commands();
    void add_server_commands();
    void add_top();
    void add_file_commands();

    CLI::App& add(CLI::App& parent, const char* name, Command command, const char* description,
                  const std::string& example);
    CLI::App& add(const char* name, Command command, const char* description,
                  const std::string& example) {
        return add(app_, name, command, description, example);
    }
    // The same for files of their own.
    [[nodiscard]] AddCommand adder() {
        return [this](CLI::App& parent, const char* name, Command command, const char* description,
                      const std::string& example) -> CLI::App& {
            return add(parent, name, command, description, example);
        };
    }
    void add_key(CLI::App& command) {
        add_one_text(command, "KEY", arguments_.keys, "The key")->required();
    }
    void add_keys(CLI::App& command) {
        add_texts(command, "KEY", arguments_.keys, "The keys")->required();
    }
    void add_tags(CLI::App& command) {
        add_texts(command, "TAG", arguments_.tags, "The tags")->required();
    }
    void add_value(CLI::App& command);
    void add_entry_options(CLI::App& command);
    void add_replacement_options(CLI::App& command);
    void add_ttl(CLI::App& command);
    void add_new_tags(CLI::App& command);
    void add_if_version(CLI::App& command);
    void add_match(CLI::App& command);
    void add_null(CLI::App& command);
    void add_details(CLI::App& command);

    CLI::App& app_;
    Arguments& arguments_;
    CommandTable& table_;
};

CLI::App& Commands::add(CLI::App& parent, const char* name, Command command,
                        const char* description, const std::string& example) {
    CLI::App* sub = parent.add_subcommand(name, description);
    sub->group("Commands");
    sub->footer("Example: " + example + "\nOptions of all commands: tagcache --help");
    table_[sub] = command;
    return *sub;
}

void Commands::add_value(CLI::App& command) {
    add_texts(command, "VALUE", arguments_.values, "The value; - reads it from standard input")
        ->required(false);
    add_text(command, "--file", arguments_.file, "Read the value from FILE")->option_text("FILE");
}

void Commands::add_ttl(CLI::App& command) {
    CLI::Option* ttl = add_duration(command, "--ttl", arguments_.ttl_ms,
                                    "Expire after 500ms, 30s, 5m, 2h, 1d; 0 = never");
    add_number(command, "--ttl-ms", arguments_.ttl_ms, "The same in milliseconds")->excludes(ttl);
}

void Commands::add_new_tags(CLI::App& command) {
    add_texts(command, "-t,--tag", arguments_.tags, "Give the entry TAG; repeat for more tags")
        ->allow_extra_args(false)
        ->option_text("TAG");
}

void Commands::add_if_version(CLI::App& command) {
    add_number(command, "--if-version", arguments_.if_version,
               "Only when the entry has this version");
}

// What a new entry is made of.
void Commands::add_entry_options(CLI::App& command) {
    add_key(command);
    add_value(command);
    add_new_tags(command);
    add_ttl(command);
    add_number(command, "--flags", arguments_.flags, "A number of yours to keep with the entry");
}

// How it takes the place of an old one. REQUIRES: add_entry_options() was called.
void Commands::add_replacement_options(CLI::App& command) {
    add_if_version(command);
    command.add_flag("--keep-ttl", arguments_.keeps_ttl, "Leave the TTL of the old entry")
        ->excludes("--ttl")
        ->excludes("--ttl-ms");
    command.add_flag("--keep-tags", arguments_.keeps_tags, "Leave the tags of the old entry")
        ->excludes("--tag");
}

void Commands::add_match(CLI::App& command) {
    command
        .add_option_function<std::string>(
            "--match",
            [&arguments = arguments_](const std::string& text) {
                arguments.matches_all_tags = text == "all";
            },
            "Entries with any of the tags (the default), or with all")
        ->option_text("any|all")
        ->check(CLI::IsMember({"any", "all"}));
    command.add_flag("--all-tags", arguments_.matches_all_tags, "The same as --match all")
        ->excludes("--match");
}

void Commands::add_null(CLI::App& command) {
    command.add_flag("--null", arguments_.ends_with_nul,
                     "In a pipe, end each item with NUL, not with a line feed");
}

void Commands::add_details(CLI::App& command) {
    command.add_flag("--details", arguments_.has_details,
                     "Also TTL, tags, version, flags and size");
    command.add_flag("--no-value", arguments_.has_no_value, "The size of the value, not the value");
}

// ---- The commands. ----

void Commands::add_global_options() {
    CLI::Option* host = add_text(app_, "--host", arguments_.host,
                                 "Server's name or address (TAGCACHE_HOST; 127.0.0.1)");
    host->option_text("HOST");
    CLI::Option* port =
        add_number(app_, "-p,--port", arguments_.port, "Its port (TAGCACHE_PORT; 1984)");
    CLI::Option* unix_path =
        add_text(app_, "--unix", arguments_.unix_path, "Its Unix socket instead");
    unix_path->option_text("PATH")->excludes(host)->excludes(port);
    add_text(app_, "--uri", arguments_.uri,
             "tagcache://[USER@]HOST[:PORT], tagcaches:// or unix:///PATH instead")
        ->option_text("URI")
        ->excludes(host)
        ->excludes(port)
        ->excludes(unix_path);
    add_number(app_, "--timeout-ms", arguments_.timeout_ms,
               "Give up on an answer after N milliseconds (5000)");
    app_.add_flag("--json", arguments_.is_json, "Answer in JSON, one object a line");
    app_.add_flag("--raw", arguments_.is_raw, "Answer on a terminal as into a pipe");
    app_.add_flag("-q,--quiet", arguments_.is_quiet, "Only data and failures");
    app_.add_flag("--no-color", arguments_.is_plain, "No colours (NO_COLOR)");
    app_.add_flag("--base64", arguments_.is_base64,
                  "Keys, tags and prefixes on this command line are base64");
}

void Commands::add_tls_options() {
    TlsArguments& tls = arguments_.tls;
    app_.add_flag("--tls", tls.is_on,
                  "Speak TLS, as tagcaches:// and those below do (TAGCACHE_TLS)");
    add_text(app_, "--tls-ca-file", tls.ca_file,
             "Trust the authorities in FILE, not the system's (TAGCACHE_TLS_CA_FILE)")
        ->option_text("FILE");
    add_text(app_, "--tls-cert-file", tls.cert_file,
             "Show the certificate in FILE (TAGCACHE_TLS_CERT_FILE)")
        ->option_text("FILE");
    add_text(app_, "--tls-key-file", tls.key_file,
             "Its private key, unless it is in there too (TAGCACHE_TLS_KEY_FILE)")
        ->option_text("FILE");
    add_text(app_, "--tls-server-name", tls.server_name,
             "Whom the server's certificate has to name (TAGCACHE_TLS_SERVER_NAME; the host)")
        ->option_text("NAME");
    app_.add_flag("--tls-insecure", tls.is_insecure,
                  "Accept any certificate: anybody in between can read and change everything");
}

void Commands::add_write_commands() {
    CLI::App& put_command =
        add("put", put, "Store an entry", "tagcache put page:/ '<html>' -t product:7 --ttl 5m");
    add_entry_options(put_command);
    add_replacement_options(put_command);
    put_command.add_flag("--pairs", arguments_.has_pairs,
                         "KEY VALUE KEY VALUE ...: several entries at once");

    add_entry_options(add("add", tc::add, "Store an entry whose key is not there yet",
                          "tagcache add lock:report worker-1 --ttl 30s"));

    CLI::App& replace_command = add("replace", replace, "Store an entry whose key is there already",
                                    "tagcache replace page:/ --file index.html --keep-tags");
    add_entry_options(replace_command);
    add_replacement_options(replace_command);
}

void Commands::add_change_commands() {
    for (CLI::App* command :
         {&add("append", append, "Add bytes to the end of a value", "tagcache append log:7 line"),
          &add("prepend", prepend, "Add bytes to the start of a value",
               "tagcache prepend log:7 line")}) {
        add_key(*command);
        add_value(*command);
        add_ttl(*command);
        add_if_version(*command);
    }
    for (CLI::App* command :
         {&add("increment", increment, "Add to a number; an absent key starts at 0",
               "tagcache increment hits:page:/ --by 10"),
          &add("decrement", decrement, "Subtract from a number; an absent key starts at 0",
               "tagcache decrement stock:7")}) {
        add_key(*command);
        add_number(*command, "--by", arguments_.amount, "By N instead of 1");
        add_new_tags(*command);
        add_ttl(*command);
    }
}

void Commands::add_read_commands() {
    const auto add_touch = [this](CLI::App& command) {
        add_duration(command, "--touch", arguments_.ttl_ms, "Give each entry this TTL from now on");
    };
    CLI::App& get = add("get", get_key, "Print a value: get KEY, get key KEY..., get tag TAG...",
                        "tagcache get page:/");
    add_one_text(get, "KEY", arguments_.keys, "One key, unless it is called key or tag");
    add_details(get);
    add_touch(get);
    get.require_subcommand(0, 1);

    CLI::App& key = add(get, "key", get_key, "Print the values of keys",
                        "tagcache get key page:/ page:/about --json");
    add_keys(key);
    add_details(key);
    add_touch(key);
    add_null(key);

    CLI::App& tag = add(get, "tag", get_tag, "Print the keys of entries with these tags",
                        "tagcache get tag product:7 category:3 --match all");
    add_tags(tag);
    add_match(tag);
    add_number(tag, "--limit", arguments_.limit, "At most N keys");
    add_null(tag);

    CLI::App& getdel_command =
        add("getdel", getdel, "Print a value and delete the entry", "tagcache getdel job:7");
    add_key(getdel_command);
    getdel_command.add_flag("--details", arguments_.has_details,
                            "Also TTL, tags, version, flags and size");
}

void Commands::add_key_commands() {
    CLI::App& exists_command = add("exists", exists, "Print those of the keys that are there",
                                   "tagcache exists page:/ && echo cached");
    add_keys(exists_command);
    add_null(exists_command);

    CLI::App& delete_command =
        add("delete", delete_keys, "Delete entries", "tagcache delete page:/ page:/about");
    add_keys(delete_command);
    add_if_version(delete_command);

    CLI::App& prefix_command =
        add("delete-prefix", delete_prefix, "Delete all entries whose keys begin so",
            "tagcache delete-prefix session:42:");
    add_text(prefix_command, "PREFIX", arguments_.pattern, "The prefix")->required();

    CLI::App& touch_command =
        add("touch", touch, "Give entries a new TTL", "tagcache touch page:/ --ttl 1h");
    add_keys(touch_command);
    add_ttl(touch_command);
    add_if_version(touch_command);
}

void Commands::add_tag_commands() {
    add_key(add("tags", tags, "Print the tags of an entry", "tagcache tags page:/"));

    CLI::App& tag =
        add("tag", nullptr, "Change, count and list tags", "tagcache tag add page:/ product:7");
    tag.require_subcommand(0, 1);
    CLI::App& add_command = add(tag, "add", tag_add, "Give an entry more tags",
                                "tagcache tag add page:/ product:7 category:3");
    add_key(add_command);
    add_tags(add_command);
    CLI::App& remove = add(tag, "remove", tag_remove, "Take tags from an entry",
                           "tagcache tag remove page:/ product:7");
    add_key(remove);
    add_tags(remove);
    add_tags(add(tag, "count", tag_count, "Print how many entries have a tag",
                 "tagcache tag count product:7"));
    CLI::App& list =
        add(tag, "list", tag_list, "Print all tags that begin so", "tagcache tag list product:");
    add_text(list, "PREFIX", arguments_.pattern, "The prefix; none = all tags");
    add_null(list);

    CLI::App& invalidate_command =
        add("invalidate", invalidate, "Delete all entries with these tags",
            "tagcache invalidate product:7 --dry-run");
    add_tags(invalidate_command);
    add_match(invalidate_command);
    invalidate_command.add_flag("--dry-run", arguments_.is_dry_run, "Only count them");
}

void Commands::add_flush_commands() {
    CLI::App& flush = add("flush", nullptr, "Delete: flush key KEY..., flush tag TAG..., flush all",
                          "tagcache flush tag product:7");
    flush.require_subcommand(0, 1);
    add_keys(add(flush, "key", delete_keys, "The same as delete", "tagcache flush key page:/"));
    CLI::App& tag = add(flush, "tag", invalidate, "The same as invalidate",
                        "tagcache flush tag product:7 category:3");
    add_tags(tag);
    add_match(tag);
    tag.add_flag("--dry-run", arguments_.is_dry_run, "Only count them");
    add(flush, "all", flush_all, "Delete all entries of the server", "tagcache flush all --yes")
        .add_flag("-y,--yes", arguments_.is_confirmed, "Do not ask on a terminal");
}

void Commands::add_page_commands() {
    CLI::App& command =
        add("scan", scan, "Print all keys that begin so", "tagcache scan page: --limit 20");
    CLI::Option* prefix =
        add_text(command, "PREFIX", arguments_.pattern, "The prefix; none = all keys");
    command
        .add_option_function<std::string>(
            "--glob",
            [&arguments = arguments_](const std::string& text) {
                arguments.pattern = unshielded(text);
                arguments.is_glob = true;
            },
            "Keys that match PATTERN instead: * ? [a-z] \\")
        ->option_text("PATTERN")
        ->excludes(prefix);
    add_number(command, "--limit", arguments_.limit, "At most N keys");
    add_null(command);
}

void Commands::add_server_commands() {
    add("ping", ping, "Ask the server for a sign of life", "tagcache ping --host cache-1");
    add("stats", stats, "Print the server's counters", "tagcache stats --json");
    add("status", status, "Print how the server is doing", "tagcache status");
    add("health", health, "Exit 0 when the server answers",
        "tagcache health || systemctl restart tagcached");
    add("info", info, "Print the server's version, settings and limits", "tagcache info");
    CLI::App& clients_command =
        add("clients", clients, "Print the server's connections", "tagcache clients");
    clients_command.require_subcommand(0, 1);
    CLI::App& kill = add(clients_command, "kill", clients_kill, "Close a connection, by its id",
                         "tagcache clients kill 12");
    add_number(kill, "ID", arguments_.client_id, "The id that clients prints")
        ->option_text("ID")
        ->required();
    CLI::App& hotkeys_command = add("hotkeys", hotkeys, "Print the keys that are read most now",
                                    "tagcache hotkeys --limit 20");
    hotkeys_command.add_flag("--tags", arguments_.is_about_tags,
                             "The tags that are named most instead");
    add_number(hotkeys_command, "--limit", arguments_.limit, "At most N, up to 1000 (10)");
    add_null(hotkeys_command);
    add_slowlog_commands(app_, arguments_, adder());
    add_top();
    add_config_commands(app_, arguments_, adder());
    add("shell", shell, "Run commands line by line over one connection", "tagcache shell");
    add("version", version, "Print the version of this program", "tagcache version");
    CLI::App& command = add("server", server, "Run tagcached with the arguments that follow",
                            "tagcache server --port 1985");
    command.footer("Example: tagcache server --port 1985\nIts options: tagcache server -- --help");
    command.fallthrough(false);
    command.prefix_command();
}

void Commands::add_top() {
    CLI::App& command = add("top", top, "Watch rates, latencies, memory, hot names and clients",
                            "tagcache top --interval 5s");
    add_duration(command, "--interval", arguments_.interval_ms, "Ask the server that often (1s)");
    CLI::Option* count = add_number(command, "--count", arguments_.interval_count,
                                    "Print N intervals as text, and end");
    command
        .add_flag_callback(
            "--once", [&arguments = arguments_] { arguments.interval_count = 1; },
            "The same as --count 1")
        ->excludes(count);
    add_number(command, "--limit", arguments_.limit, "At most N keys, tags and clients each (10)");
}

void Commands::add_file_commands() {
    CLI::App& load_command = add("load", load, "Store the entries of a file of JSON lines",
                                 "tagcache load entries.jsonl");
    add_text(load_command, "FILE", arguments_.file, "The file; - is standard input")->required();
    CLI::App& dump_command = add("dump", dump, "Write entries as JSON lines, for load",
                                 "tagcache dump entries.jsonl --prefix page:");
    add_text(dump_command, "FILE", arguments_.file, "The file; none or - is standard output");
    add_text(dump_command, "--prefix", arguments_.pattern, "Only keys that begin with PREFIX")
        ->option_text("PREFIX");
    add_one_text(dump_command, "--tag", arguments_.tags, "Only entries with TAG")
        ->option_text("TAG");
}

}  // namespace

void add_commands(CLI::App& app, Arguments& arguments, CommandTable& commands) {
    // Before the first command is added: each takes these over.
    app.fallthrough();
    app.formatter(std::make_shared<HelpFormat>());
    app.set_help_flag("-h,--help", "Print this help");
    app.set_version_flag("--version", std::string("tagcache ") + tagcache_library_version(),
                         "Print the version");
    Commands(app, arguments, commands).add_all();
    // Behind them, because these two are not for commands. One command at most, or CLI11 takes any
    // later word for one; and an unknown word takes all that follow it along.
    app.require_subcommand(0, 1);
    app.prefix_command();
}

}  // namespace tc
