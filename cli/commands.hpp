// SPDX-License-Identifier: MIT
//
// The commands, a function each (see Command in arguments.hpp), in the order of `tagcache --help`.
#pragma once

#include "cli/arguments.hpp"
#include "cli/output.hpp"

namespace tc {

// write_commands.cpp
ExitCode put(const Arguments& arguments, Output& output);
ExitCode add(const Arguments& arguments, Output& output);
ExitCode replace(const Arguments& arguments, Output& output);
ExitCode append(const Arguments& arguments, Output& output);
ExitCode prepend(const Arguments& arguments, Output& output);
ExitCode increment(const Arguments& arguments, Output& output);
ExitCode decrement(const Arguments& arguments, Output& output);

// read_commands.cpp
ExitCode get_key(const Arguments& arguments, Output& output);
ExitCode getdel(const Arguments& arguments, Output& output);

// key_commands.cpp
ExitCode exists(const Arguments& arguments, Output& output);
ExitCode delete_keys(const Arguments& arguments, Output& output);
ExitCode touch(const Arguments& arguments, Output& output);

// tag_commands.cpp
ExitCode tags(const Arguments& arguments, Output& output);
ExitCode tag_add(const Arguments& arguments, Output& output);
ExitCode tag_remove(const Arguments& arguments, Output& output);
ExitCode tag_count(const Arguments& arguments, Output& output);
ExitCode invalidate(const Arguments& arguments, Output& output);

// page_commands.cpp
ExitCode get_tag(const Arguments& arguments, Output& output);
ExitCode tag_list(const Arguments& arguments, Output& output);
ExitCode scan(const Arguments& arguments, Output& output);
ExitCode delete_prefix(const Arguments& arguments, Output& output);
ExitCode flush_all(const Arguments& arguments, Output& output);

// server_commands.cpp
ExitCode ping(const Arguments& arguments, Output& output);
ExitCode stats(const Arguments& arguments, Output& output);
ExitCode info(const Arguments& arguments, Output& output);
ExitCode status(const Arguments& arguments, Output& output);
ExitCode health(const Arguments& arguments, Output& output);
ExitCode clients(const Arguments& arguments, Output& output);
ExitCode clients_kill(const Arguments& arguments, Output& output);
ExitCode hotkeys(const Arguments& arguments, Output& output);
ExitCode slowlog(const Arguments& arguments, Output& output);
ExitCode slowlog_len(const Arguments& arguments, Output& output);
ExitCode slowlog_reset(const Arguments& arguments, Output& output);
ExitCode version(const Arguments& arguments, Output& output);

// config_commands.cpp
ExitCode config_show(const Arguments& arguments, Output& output);
ExitCode config_get(const Arguments& arguments, Output& output);
ExitCode config_set(const Arguments& arguments, Output& output);
ExitCode config_reset(const Arguments& arguments, Output& output);
ExitCode config_reload(const Arguments& arguments, Output& output);
ExitCode config_path(const Arguments& arguments, Output& output);

// user_commands.cpp
ExitCode user_add(const Arguments& arguments, Output& output);
ExitCode user_set(const Arguments& arguments, Output& output);
ExitCode user_passwd(const Arguments& arguments, Output& output);
ExitCode user_remove(const Arguments& arguments, Output& output);
ExitCode user_list(const Arguments& arguments, Output& output);
ExitCode change_password(const Arguments& arguments, Output& output);
ExitCode reset_credentials(const Arguments& arguments, Output& output);

// token_commands.cpp
ExitCode token_new(const Arguments& arguments, Output& output);
ExitCode token_list(const Arguments& arguments, Output& output);
ExitCode token_revoke(const Arguments& arguments, Output& output);

// control_commands.cpp
ExitCode shutdown(const Arguments& arguments, Output& output);
ExitCode restart(const Arguments& arguments, Output& output);

// top.cpp, shell.cpp, load.cpp, dump.cpp, bench.cpp, server.cpp
ExitCode top(const Arguments& arguments, Output& output);
ExitCode shell(const Arguments& arguments, Output& output);
ExitCode load(const Arguments& arguments, Output& output);
ExitCode dump(const Arguments& arguments, Output& output);
ExitCode bench(const Arguments& arguments, Output& output);
ExitCode server(const Arguments& arguments, Output& output);

}  // namespace tc
