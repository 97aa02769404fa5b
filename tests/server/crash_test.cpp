// SPDX-License-Identifier: MIT
//
// What a server leaves behind that crashes: where it was, and its true end.
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>
#include <utility>

#include "support/eventually.hpp"
#include "support/named_thread.hpp"
#include "support/running_server.hpp"

using namespace tc::test;

#if !defined(TC_SANITIZED)

TEST_CASE("a server that crashes says by what and where, and ends by that signal", "[crash]") {
    rlimit cores{};
    getrlimit(RLIMIT_CORE, &cores);
    cores.rlim_cur = 0;
    setrlimit(RLIMIT_CORE, &cores);
    const auto [number, name] = GENERATE(table<int, std::string>({{SIGSEGV, "SIGSEGV"},
                                                                  {SIGBUS, "SIGBUS"},
                                                                  {SIGABRT, "SIGABRT"},
                                                                  {SIGFPE, "SIGFPE"},
                                                                  {SIGILL, "SIGILL"}}));
    RunningServer server;
    CHECK(server.stop(number) == 128 + number);
    CHECK_THAT(server.later_lines(),
               Catch::Contains("tagcached 0.1.0: ended by " + name + ", called from:\n") &&
                   Catch::Contains("/tagcached("));
}

TEST_CASE("a thread of a server that crashes has a stack to say so", "[crash]") {
    RunningServer server({"--reactors", "1"});
    pid_t reactor = -1;
    REQUIRE(eventually([&] { return (reactor = thread_named(server.pid(), "reactor-0")) > 0; }));
    REQUIRE(syscall(SYS_tgkill, server.pid(), reactor, SIGSEGV) == 0);
    CHECK(server.wait() == 128 + SIGSEGV);
    CHECK_THAT(server.later_lines(), Catch::Contains("ended by SIGSEGV, called from:\n") &&
                                         Catch::Contains("/tagcached("));
}

#endif
