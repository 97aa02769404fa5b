// SPDX-License-Identifier: MIT
//
// The table of opcodes and the names of statuses, against the numbers of wire.h.
#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "document.hpp"
#include "protocol/opcodes.h"

TEST_CASE("the opcodes are sorted, and their numbers and names are unique", "[protocol][opcodes]") {
    std::size_t count = 0;
    const wire_opcode_info* opcodes = wire_opcodes(&count);
    REQUIRE(count > 0);
    std::set<std::string> names;
    for (std::size_t i = 0; i < count; ++i) {
        CAPTURE(opcodes[i].name);
        CHECK((i == 0 || opcodes[i - 1].opcode < opcodes[i].opcode));
        CHECK(opcodes[i].opcode != WIRE_OP_NONE);
        CHECK(names.insert(opcodes[i].name).second);
        CHECK(wire_opcode_find(opcodes[i].opcode) == &opcodes[i]);
    }
}

TEST_CASE("the table of opcodes has exactly the opcodes of wire.h", "[protocol][opcodes]") {
    std::size_t count = 0;
    (void)wire_opcodes(&count);
    const auto enumerators = enumerators_beside("OP_GET");
    CHECK(count == enumerators.size() - 1);  // but for OP_NONE
    for (const Enumerator& enumerator : enumerators) {
        CAPTURE(enumerator.name);
        const auto opcode = static_cast<std::uint8_t>(std::stoul(enumerator.value, nullptr, 0));
        const wire_opcode_info* info = wire_opcode_find(opcode);
        if (opcode == WIRE_OP_NONE) {
            CHECK(info == nullptr);
            continue;
        }
        REQUIRE(info != nullptr);
        CHECK("OP_" + std::string(info->name) == enumerator.name);
    }
}

TEST_CASE("what QUIET suppresses is an outcome, and for a change it is the success",
          "[protocol][opcodes]") {
    std::size_t count = 0;
    const wire_opcode_info* opcodes = wire_opcodes(&count);
    for (std::size_t i = 0; i < count; ++i) {
        const wire_opcode_info& info = opcodes[i];
        CAPTURE(info.name);
        if (info.quiet_status != WIRE_QUIET_NOTHING) {
            CHECK(info.is_working);
            CHECK(info.quiet_status < WIRE_STATUS_REFUSED_FIRST);
            CHECK((info.quiet_status == WIRE_OK) ==
                  (info.is_change && info.opcode != WIRE_OP_GETDEL));
        }
    }
}

TEST_CASE("every status of wire.h has its name", "[protocol][opcodes]") {
    for (const Enumerator& enumerator : enumerators_beside("NOT_FOUND")) {
        if (enumerator.name.rfind("STATUS_", 0) == 0) {
            continue;  // where a class begins
        }
        const auto status = static_cast<std::uint8_t>(std::stoul(enumerator.value, nullptr, 0));
        CHECK(wire_status_name(status) == enumerator.name);
    }
}

TEST_CASE("F9: a status that is not known has the name of its class", "[protocol][opcodes]") {
    CHECK(wire_status_name(0x3F) == std::string("OUTCOME"));
    CHECK(wire_status_name(0x7F) == std::string("REFUSED"));
    CHECK(wire_status_name(0xBF) == std::string("RETRY"));
    CHECK(wire_status_name(0xFF) == std::string("CLOSING"));
}
