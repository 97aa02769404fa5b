// SPDX-License-Identifier: MIT
//
// The completions for bash and zsh, asked as the shells ask them, against --help.
#include <map>
#include <set>
#include <sstream>

#include "support/cli_run.hpp"
#include "support/places.hpp"

using namespace tc::test;

namespace {

using Names = std::set<std::string>;

const std::string completions = source_path("cli/completions");

// For each line of a command, what may stand behind it.
using Offers = std::map<std::string, Names>;
using Lines = std::vector<std::string>;

// Runs a shell that prints "= " and a line, then the words it offers for it, a word a line.
Offers ask(std::vector<std::string> command, const Lines& lines) {
    command.insert(command.end(), lines.begin(), lines.end());
    const Ended shell = run_program(std::move(command), {STDOUT_FILENO});
    CHECK(shell.exit_code == 0);
    Offers offers;
    Names* names = nullptr;
    std::istringstream stream(shell.output);
    for (std::string line; std::getline(stream, line);) {
        if (line.rfind("= ", 0) == 0) {
            names = &offers[line.substr(2)];
        } else {
            REQUIRE(names != nullptr);
            names->insert(line);
        }
    }
    CHECK(offers.size() == std::set<std::string>(lines.begin(), lines.end()).size());
    return offers;
}

Offers ask_bash(const Lines& lines) {
    const std::string script = ". " + completions + "/tagcache.bash\n" + R"(
for line in "$@"; do
    read -ra COMP_WORDS <<<"$line"
    [[ $line == *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _tagcache
    printf '= %s\n' "$line"
    ((${#COMPREPLY[@]})) && printf '%s\n' "${COMPREPLY[@]}"
done
true)";
    return ask({TC_BASH_PROGRAM, "-c", script, "bash"}, lines);
}

Offers ask_zsh(const Lines& lines) {
    return ask({TC_ZSH_PROGRAM, "-f", source_path("tests/cli/complete.zsh"), completions}, lines);
}

// The names that stand in front of the lines below a heading of a help text.
Names names_below(const std::string& help, const std::string& heading) {
    Names names;
    std::istringstream stream(help);
    bool is_below = false;
    for (std::string line; std::getline(stream, line);) {
        if (line.rfind("  ", 0) != 0) {
            is_below = line == heading;
        } else if (is_below) {
            std::string name = line.substr(2, line.find(' ', 2) - 2);
            // "-t,--tag": the long one.
            names.insert(name.substr(name[0] == '-' ? name.find("--") : 0));
        }
    }
    return names;
}

struct Command {
    Cli::Words words;
    Names options;
    Names commands;
};

void add_commands(const Cli& cli, const Cli::Words& words, std::vector<Command>& all) {
    Cli::Words with_help = words;
    with_help.emplace_back("--help");
    const std::string help = cli(with_help).out;
    all.push_back({words, names_below(help, "Options:"), names_below(help, "Commands:")});
    const Names commands = all.back().commands;
    for (const std::string& name : commands) {
        Cli::Words deeper = words;
        deeper.push_back(name);
        add_commands(cli, deeper, all);
    }
}

// All of them, from their help.
std::vector<Command> all_commands() {
    std::vector<Command> all;
    add_commands(Cli(), {}, all);
    return all;
}

std::string line_of(const Command& command) {
    std::string line = "tagcache ";
    for (const std::string& word : command.words) {
        line += word + " ";
    }
    return line;
}

void check_offers(Offers (*ask_shell)(const Lines&)) {
    const std::vector<Command> all = all_commands();
    CHECK(all.size() > 35);
    Lines lines;
    for (const Command& command : all) {
        lines.push_back(line_of(command));
        lines.push_back(line_of(command) + "--");
    }
    Offers offers = ask_shell(lines);
    const Names& global_options = all[0].options;
    for (const Command& command : all) {
        const std::string line = line_of(command);
        INFO(line);
        Names options = command.options;
        options.insert(global_options.begin(), global_options.end());
        CHECK(offers[line + "--"] == options);
        if (!command.commands.empty()) {
            CHECK(offers[line] == command.commands);
        }
    }
}

}  // namespace

TEST_CASE("bash offers the commands and options that help names", "[cli][completion]") {
    check_offers(ask_bash);
}

TEST_CASE("zsh offers the commands and options that help names", "[cli][completion]") {
    check_offers(ask_zsh);
}

TEST_CASE("both shells complete commands behind global options, values and files",
          "[cli][completion]") {
    const std::vector<std::pair<std::string, Names>> expected = {
        {"tagcache --host x --json inv", {"invalidate"}},
        {"tagcache fl", {"flush"}},
        {"tagcache flush a", {"all"}},
        {"tagcache get tag t --match ", {"any", "all"}},
        {"tagcache put k v --tt", {"--ttl", "--ttl-ms"}},
        {"tagcache put get ", {}},
    };
    Lines lines;
    for (const auto& [line, names] : expected) {
        lines.push_back(line);
    }
    const std::string file = "tagcache load " + source_path("LICE");
    lines.push_back(file);
    for (const auto ask_shell : {ask_bash, ask_zsh}) {
        Offers offers = ask_shell(lines);
        for (const auto& [line, names] : expected) {
            INFO(line);
            CHECK(offers[line] == names);
        }
        CHECK(offers[file].size() == 1);
    }
}

TEST_CASE("both shells accept the files of their completions", "[cli][completion]") {
    CHECK(ask({TC_BASH_PROGRAM, "-n", completions + "/tagcache.bash"}, {}).empty());
    CHECK(ask({TC_ZSH_PROGRAM, "-n", completions + "/_tagcache"}, {}).empty());
}
