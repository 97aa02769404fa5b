// SPDX-License-Identifier: MIT
#include "server/options.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <string>

#include "server/configuration.hpp"
#include "server/settings/config_file.hpp"
#include "server/settings/settings_manual.hpp"
#include "server/tls_context.hpp"
#include "server/version.hpp"

namespace tc {

namespace {

constexpr int usage_exit_code = 2;
constexpr int config_exit_code = 78;  // EX_CONFIG of sysexits.h

// What the command line says beside settings.
struct Requests {
    bool has_config_path = false;
    std::string config_path;
    bool checks_config = false;
    bool prints_config = false;
    bool prints_default_config = false;
    bool resets_credentials = false;
};

void add_requests(CLI::App& app, Requests& requests) {
    app.add_option("--config", requests.config_path,
                   "Read this configuration file, and no other; empty: none")
        ->type_name("FILE");
    app.add_flag("--check-config", requests.checks_config,
                 "Say whether file, environment and options are fine, and exit");
    app.add_flag("--print-config", requests.prints_config,
                 "Print what they amount to, and where each value comes from, and exit");
    app.add_flag("--reset-credentials", requests.resets_credentials,
                 "Give the user admin all rights and one new token, print that, and exit");
    app.add_flag("--print-default-config", requests.prints_default_config,
                 "Print a configuration file with all defaults, and exit");
}

// The texts of the command line, by setting; checked once all of it has been read.
using Texts = std::vector<std::vector<std::string>>;

void add_settings(CLI::App& app, Texts& texts) {
    texts.resize(all_settings().size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const Setting& setting = all_settings()[i];
        std::string documentation(setting.documentation);
        if (!setting.default_text.empty()) {
            documentation += "; default: " + std::string(setting.default_text);
        }
        if (setting.kind == SettingKind::boolean) {
            app.add_flag_function(
                option_of(setting),
                [&given = texts[i]](std::int64_t count) {
                    given.emplace_back(count > 0 ? "true" : "false");
                },
                documentation);
            continue;
        }
        CLI::Option* const option = app.add_option(option_of(setting), texts[i], documentation);
        option->type_name(std::string(setting.value_name));
        if (setting.default_text.empty()) {
            option->default_str(default_text_of(setting));
        }
        option->allow_extra_args(false);
        if (setting.kind != SettingKind::list) {
            option->expected(1);
        }
    }
}

// Of a list each time that the option was given; the others can be given once.
std::string joined(const Setting& setting, const std::vector<std::string>& texts) {
    if (setting.kind != SettingKind::list) {
        return texts.back();
    }
    std::string all;
    for (const std::string& text : texts) {
        all += (all.empty() ? "" : ",") + text;
    }
    return all;
}

std::vector<std::string> give_options(const Texts& texts, SettingLayers& layers) {
    std::vector<std::string> problems;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const Setting& setting = all_settings()[i];
        if (texts[i].empty()) {
            continue;
        }
        auto problem = layers.give(setting, SettingSource::command_line,
                                   {joined(setting, texts[i]), option_of(setting)});
        if (problem.has_value()) {
            problems.push_back(std::move(*problem));
        }
    }
    return problems;
}

// Clients are told the path, and have working directories of their own.
std::string absolute_path(const std::string& path) {
    return path.empty() ? path : std::filesystem::absolute(path).string();
}

void end(StartOptions& options, int exit_code) {
    options.exits = true;
    options.exit_code = exit_code;
}

void refuse(StartOptions& options, const std::vector<std::string>& problems, int exit_code) {
    for (const std::string& problem : problems) {
        std::fprintf(stderr, "tagcached: %s.\n", problem.c_str());
    }
    if (!problems.empty()) {
        end(options, exit_code);
    }
}

void append(std::vector<std::string>& all, std::vector<std::string> more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
}

// The files are read already, so that --check-config speaks of them too.
std::vector<std::string> tls_problems_of(const Settings& settings) {
    try {
        (void)make_tls_context(tls_options_of(settings));
        return {};
    } catch (const std::runtime_error& error) {
        return {error.what()};
    }
}

// False when there is nothing left to do.
bool parse(CLI::App& app, int argc, char** argv, StartOptions& options) {
    try {
        app.parse(argc, argv);
        return true;
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() != 0) {
            std::fprintf(stderr, "tagcached: %s\nTry 'tagcached --help'.\n", error.what());
            end(options, usage_exit_code);
        } else {
            end(options, app.exit(error));
        }
        return false;
    }
}

void fulfil(const Requests& requests, StartOptions& options) {
    if (requests.prints_config) {
        std::fputs(listing_text(options.layers, options.settings).c_str(), stdout);
    } else if (requests.checks_config) {
        std::printf("%s: the configuration is fine\n",
                    options.config_path.empty() ? "tagcached" : options.config_path.c_str());
    }
    if (requests.prints_config || requests.checks_config) {
        for (const std::string& warning : options.warnings) {
            std::fprintf(stderr, "tagcached: %s.\n", warning.c_str());
        }
        end(options, 0);
    }
}

}  // namespace

StartOptions read_start_options(int argc, char** argv) {
    StartOptions options;
    Requests requests;
    Texts texts;
    CLI::App app("TagCache server: an in-memory cache with tags", "tagcached");
    app.set_help_flag("-h,--help", "Print this and exit");
    app.set_version_flag("--version", std::string("tagcached ") + version_text);
    app.footer(
        "Without options it listens on 127.0.0.1:1984. Each setting can also stand in the\n"
        "configuration file and in the environment: see tagcached(8) and tagcached.toml(5).");
    add_requests(app, requests);
    add_settings(app, texts);
    if (!parse(app, argc, argv, options)) {
        return options;
    }
    if (requests.prints_default_config) {
        std::fputs(default_config().c_str(), stdout);
        end(options, 0);
        return options;
    }
    options.config_path =
        absolute_path(app.count("--config") != 0 ? requests.config_path : find_config_file());
    std::vector<std::string> problems = read_config_file(options.config_path, options.layers);
    append(problems, read_environment(environ, options.layers));
    const bool is_alone =
        options.config_path.empty() && !options.layers.has(SettingSource::environment);
    refuse(options, problems, config_exit_code);
    const std::vector<std::string> misused = give_options(texts, options.layers);
    refuse(options, misused, usage_exit_code);
    if (!misused.empty()) {
        std::fputs("Try 'tagcached --help'.\n", stderr);
    }
    if (options.exits) {
        return options;
    }
    options.resets_credentials = requests.resets_credentials;
    options.settings = completed(options.layers.settings());
    options.warnings = warnings_about(options.layers, options.settings);
    std::vector<std::string> unfit = problems_of(options.layers, options.settings);
    append(unfit, tls_problems_of(options.settings));
    refuse(options, unfit, is_alone ? usage_exit_code : config_exit_code);
    if (!options.exits) {
        fulfil(requests, options);
    }
    return options;
}

}  // namespace tc
