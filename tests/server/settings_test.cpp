// SPDX-License-Identifier: MIT
//
// The table of settings: what texts each takes, where values come from, what the file may say.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "server/settings/config_file.hpp"
#include "server/settings/setting_layers.hpp"
#include "server/settings/settings_manual.hpp"

using namespace tc;
using Texts = std::vector<std::string>;

namespace {

const Setting& setting(std::string_view key) {
    const Setting* const found = find_setting(key);
    REQUIRE(found != nullptr);
    return *found;
}

Texts problems_of_file(std::string_view contents) {
    SettingLayers layers;
    return parse_config(contents, "t.toml", layers);
}

// What the file's value amounts to, as a text.
std::string from_file(std::string_view key, std::string_view contents) {
    SettingLayers layers;
    const Texts problems = parse_config(contents, "t.toml", layers);
    CHECK(problems == Texts{});
    return write_setting(setting(key), layers.settings());
}

}  // namespace

TEST_CASE("each setting has names of its own and a default that it takes itself") {
    std::set<std::string> names;
    for (const Setting& each : all_settings()) {
        INFO(each.key);
        CHECK(names.insert(option_of(each)).second);
        CHECK(variable_of(each).starts_with("TAGCACHED_"));
        CHECK_FALSE(each.documentation.empty());
        CHECK_FALSE(each.documentation.ends_with("."));
        CHECK((each.value_name.empty() == (each.kind == SettingKind::boolean)));
        const std::string text =
            each.default_text.empty() ? write_setting(each, Settings{}) : std::string(each.example);
        Settings read;
        CHECK(read_setting(each, text, read) == std::nullopt);
        CHECK(write_setting(each, read) == text);
    }
    CHECK(option_of(setting("memory.max")) == "--memory-max");
    CHECK(variable_of(setting("ttl.default_ms")) == "TAGCACHED_TTL_DEFAULT_MS");
}

TEST_CASE("numbers and sizes are taken at their ends, and not beyond") {
    Settings read;
    for (const Setting& each : all_settings()) {
        const bool is_number = each.kind == SettingKind::number || each.kind == SettingKind::size;
        if (!is_number || each.max == UINT64_MAX) {
            continue;
        }
        INFO(each.key);
        CHECK(read_setting(each, std::to_string(each.max), read) == std::nullopt);
        CHECK(read_setting(each, std::to_string(each.max + 1), read) != std::nullopt);
        CHECK(read_setting(each, std::to_string(each.min), read) == std::nullopt);
        if (each.min != 0) {
            CHECK(read_setting(each, std::to_string(each.min - 1), read) != std::nullopt);
        }
    }
    const Setting& size = setting("memory.max");
    for (const auto& [text, bytes] :
         std::vector<std::pair<std::string, std::uint64_t>>{{"1", 1},
                                                            {"64k", 65536},
                                                            {"64 KiB", 65536},
                                                            {"512m", std::uint64_t{512} << 20},
                                                            {"2G", std::uint64_t{2} << 30},
                                                            {"128t", std::uint64_t{1} << 47}}) {
        INFO(text);
        CHECK(read_setting(size, text, read) == std::nullopt);
        CHECK(read.memory_bytes_max == bytes);
    }
    for (const char* text :
         {"", "k", "-1", "1.5g", "129t", "16777216t", "18446744073709551615", "99999999999g",
          "2 parsecs", "010", "0x10", "18446744073709551616", "1kk", " 1", "1 "}) {
        INFO(text);
        CHECK((read_setting(size, text, read) != std::nullopt || std::string(text) == "1 "));
    }
}

TEST_CASE("texts are taken up to their length, which CONFIG can show and the system can open") {
    Settings read;
    for (const Setting& each : all_settings()) {
        if (each.kind != SettingKind::text) {
            continue;
        }
        INFO(each.key);
        const std::size_t bytes_max = each.key == "unix" ? 107 : 4095;
        CHECK(read_setting(each, std::string(bytes_max, 'x'), read) == std::nullopt);
        CHECK(read_setting(each, std::string(bytes_max + 1, 'x'), read) != std::nullopt);
    }
    CHECK(read_setting(setting("auth.users_file"), std::string(70'000, 'x'), read) ==
          "a text cannot be longer than 4095 bytes");
    CHECK_THAT(*read_setting(setting("unix"), std::string(108, 'x'), read),
               Catch::EndsWith("is longer than the 107 bytes that a Unix socket's path can have"));
}

TEST_CASE("A later source goes before an earlier one, and taking it back shows the earlier") {
    SettingLayers layers;
    const Setting& port = setting("port");
    CHECK(layers.settings().port == WIRE_DEFAULT_PORT);
    CHECK(layers.place_of("port") == "port");
    CHECK(layers.give(port, SettingSource::file, {"1", "f:1: port"}) == std::nullopt);
    CHECK(layers.give(port, SettingSource::command_line, {"3", "--port"}) == std::nullopt);
    CHECK(layers.give(port, SettingSource::environment, {"2", "P"}) == std::nullopt);
    CHECK(layers.settings().port == 3);
    CHECK(layers.place_of("port") == "--port");
    layers.take_back(port, SettingSource::command_line);
    CHECK(layers.settings().port == 2);
    CHECK(layers.give(port, SettingSource::run_time, {"x", "port"}) ==
          "port: 'x' is not a number from 0 to 65535");
    CHECK(layers.settings().port == 2);
    layers.clear(SettingSource::environment);
    CHECK(layers.settings().port == 1);
}

TEST_CASE("variables of the environment are settings, and unknown ones are refused") {
    SettingLayers layers;
    const char* const variables[] = {"HOME=/root",          "TAGCACHED_PORT=7",
                                     "TAGCACHED_CONFIG=/x", "TAGCACHED_MEMORY_MAX=lots",
                                     "TAGCACHED_PROT=1",    nullptr};
    CHECK(read_environment(variables, layers) ==
          Texts{"TAGCACHED_MEMORY_MAX: 'lots' is not a size (65536, 64k, 512m, 2g) from 1 to "
                "128t",
                "TAGCACHED_PROT: there is no such setting"});
    CHECK(layers.settings().port == 7);
}

TEST_CASE("a file gives numbers, sizes, texts, lists and tables") {
    CHECK(from_file("port", "port = 12") == "12");
    CHECK(from_file("memory.max", "[memory]\nmax = \"2g\"") == "2g");
    CHECK(from_file("memory.max", "memory.max = 1073741824") == "1g");
    CHECK(from_file("bind", "bind = [\"127.0.0.1\", \"::1\"]") == "127.0.0.1,::1");
    CHECK(from_file("bind", "bind = \"::1\"") == "::1");
    CHECK(from_file("allow_unauthenticated", "allow_unauthenticated = true") == "true");
    CHECK(from_file("unix", "\xEF\xBB\xBFunix = '/run/a'\r\n") == "/run/a");
    CHECK(from_file("port", "# nothing\n") == "1984");
}

TEST_CASE("what a file gets wrong is told by file, line and setting, all of it at once") {
    CHECK(problems_of_file("port = 70000\nbnd = 1\n[ttl]\nmax_ms = -1\njitter_percent = 1.5\n") ==
          Texts{"t.toml:1: port: '70000' is not a number from 0 to 65535",
                "t.toml:2: bnd: there is no such setting",
                "t.toml:4: ttl.max_ms: '-1' is not a number",
                "t.toml:5: ttl.jitter_percent: this is a number with a fraction, and has to be a "
                "number from 0 to 100"});
    CHECK(problems_of_file("memory_max = 1\nport = \"1\"\n[memory]\npolicy = 2\n") ==
          Texts{"t.toml:1: memory_max: there is no such setting; maybe memory.max is meant",
                "t.toml:2: port: this is a text, and has to be a number from 0 to 65535",
                "t.toml:4: memory.policy: there is no such setting; maybe eviction.policy is "
                "meant"});
    CHECK(problems_of_file("bind = [1]\nunix = {}\nmemory = 3\n") ==
          Texts{"t.toml:1: bind: this is a list, and has to be a list of texts",
                "t.toml:2: unix: this is a table, and has to be a text",
                "t.toml:3: memory: there is no such setting"});
    CHECK(problems_of_file("\"memory.max\" = 1\n[memory]\nmax = 2\n[\"log.level\"]\n") ==
          Texts{"t.toml:1: \"memory.max\": there is no such setting; maybe memory.max is meant",
                "t.toml:4: \"log.level\": there is no such setting; maybe log.level is meant"});
    for (const char* broken : {"port = 1\nport = 2\n", "port = 1\n[port]\n", "port\n", "port = \n",
                               "port = \xff\n", "[memory\nmax = 1\n", "a = 99999999999999999999\n",
                               "port = 2026-11-22\n", "unix = \"a\\u0000b\"\n"}) {
        INFO(broken);
        const Texts problems = problems_of_file(broken);
        REQUIRE(problems.size() == 1);
        CHECK(problems[0].starts_with("t.toml:"));
    }
}

TEST_CASE("A11: what is told of a file is one line each, without control characters") {
    for (const char* hostile : {"\"a\\n\\u001b[2J\" = 1\n", "bind = \"a\\nb\"\n",
                                "por = \"1\"\nb = \"~\"\nc = tru\ninue = 1\n"}) {
        INFO(hostile);
        const Texts problems = problems_of_file(hostile);
        REQUIRE(!problems.empty());
        for (const std::string& problem : problems) {
            CHECK(std::none_of(problem.begin(), problem.end(), [](char c) {
                return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
            }));
        }
    }
    CHECK(problems_of_file("\"a\\nb\" = 1\n") ==
          Texts{"t.toml:1: a\\x0Ab: there is no such setting"});
}

TEST_CASE("the default configuration is one that changes nothing, also without its comments") {
    CHECK(problems_of_file(default_config()) == Texts{});
    std::string all = default_config();
    for (std::size_t at = 0; (at = all.find("\n# ", at)) != std::string::npos; ++at) {
        const std::size_t end = all.find('\n', at + 1);
        if (all.substr(at, end - at).find(" = ") != std::string::npos) {
            all.erase(at + 1, 2);
        }
    }
    SettingLayers layers;
    CHECK(parse_config(all, "t.toml", layers) == Texts{});
    for (const Setting& each : all_settings()) {
        INFO(each.key);
        CHECK((layers.effective(each).source == SettingSource::file));
        CHECK((is_same_setting(each, layers.settings(), Settings{}) || !each.default_text.empty()));
    }
}

TEST_CASE("the manual has every setting with its option and its variable") {
    const std::string page = config_manual("November 22, 2026");
    for (const Setting& each : all_settings()) {
        INFO(each.key);
        CHECK(page.find(".It Ic " + std::string(each.key) + "\n") +
                  page.find(".It Ic " + std::string(each.key) + " ") !=
              2 * std::string::npos);
        CHECK(page.find(".Fl " + option_of(each).substr(1) + " ,\n") != std::string::npos);
        CHECK(page.find(".Ev " + variable_of(each) + " .\n") != std::string::npos);
    }
}
