// SPDX-License-Identifier: MIT
//
// An address of this machine that is not loopback stands for another machine.
#pragma once

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>

#include <catch2/catch.hpp>
#include <string>

#include "support/running_server.hpp"

namespace tc::test {

// IPv4; "" and a warning when there is none.
inline std::string other_address() {
    std::string address;
    ifaddrs* list = nullptr;
    REQUIRE(getifaddrs(&list) == 0);
    for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
        const bool is_ipv4 = each->ifa_addr != nullptr && each->ifa_addr->sa_family == AF_INET;
        if (is_ipv4 && (each->ifa_flags & IFF_LOOPBACK) == 0 && (each->ifa_flags & IFF_UP) != 0) {
            char name[INET_ADDRSTRLEN];
            inet_ntop(AF_INET, &reinterpret_cast<sockaddr_in*>(each->ifa_addr)->sin_addr, name,
                      sizeof name);
            address = name;
        }
    }
    freeifaddrs(list);
    if (address.empty()) {
        WARN("this test is skipped: no address but loopback");
    }
    return address;
}

// The port of a server that listens there too, which its start line tells.
inline int port_at(const RunningServer& server, const std::string& address) {
    const std::string& line = server.start_line();
    return std::stoi(line.substr(line.find(address + ":") + address.size() + 1));
}

}  // namespace tc::test
