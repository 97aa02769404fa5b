// SPDX-License-Identifier: MIT
//
// Each bad input of the catalogue that concerns the binary port is the beginning of a test's name.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include "support/places.hpp"

namespace {

// Those without a test, and why.
const std::set<std::string> not_of_this_port = {
    "D13",  // the grammar of another protocol, which comes with its port
    "A9",   // likewise: replies are length-prefixed here, and nothing in them is a separator
    "A10",  // likewise: one parser, and no proxies between
    "A12",  // metrics come with HTTP
};

std::string text_of(const std::filesystem::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

// The ids in front of the colon of each test's name: "C3 C5: a slow but steady reader".
std::set<std::string> ids_in_test_names() {
    const std::regex name_pattern(R"rx(TEST_CASE\(\s*"((?:[A-Z][0-9]+ )*[A-Z][0-9]+):)rx");
    const std::regex id_pattern("[A-Z][0-9]+");
    std::set<std::string> ids;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(tc::test::source_path("tests"))) {
        if (entry.path().extension() != ".cpp") {
            continue;
        }
        const std::string text = text_of(entry.path());
        for (std::sregex_iterator name(text.begin(), text.end(), name_pattern), end; name != end;
             ++name) {
            const std::string before_colon = (*name)[1];
            for (std::sregex_iterator id(before_colon.begin(), before_colon.end(), id_pattern);
                 id != end; ++id) {
                ids.insert(id->str());
            }
        }
    }
    return ids;
}

}  // namespace

TEST_CASE("each bad input of the catalogue has a test of its name") {
    const std::set<std::string> tested = ids_in_test_names();
    const auto expect_up_to = [&](const std::string& letter, int last) {
        for (int number = 1; number <= last; ++number) {
            const std::string id = letter + std::to_string(number);
            INFO(id);
            CHECK(tested.contains(id) != not_of_this_port.contains(id));
        }
    };
    expect_up_to("F", 15);
    expect_up_to("D", 14);
    expect_up_to("C", 14);
    expect_up_to("A", 12);
}
