// SPDX-License-Identifier: MIT
//
// docs/protocol.md and protocol/wire.h as text, for the tests that compare the two.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

const std::string& protocol_page();

// Rows of the page's first table that has this header, as trimmed cells without backquotes. Throws
// std::runtime_error when there is none.
using Table = std::vector<std::vector<std::string>>;
Table page_table(const std::vector<std::string>& header);

struct Enumerator {
    std::string name;   // without WIRE_
    std::string value;  // as written, "0x10" or "64 * 1024"; empty when there is none
};

// The enumerators of wire.h's enum in which `name` (without WIRE_) stands.
std::vector<Enumerator> enumerators_beside(const std::string& name);
