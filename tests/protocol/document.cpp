// SPDX-License-Identifier: MIT
#include "document.hpp"

#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace {

std::string read_file(const char* path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        throw std::runtime_error(std::string("cannot read ") + path);
    }
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

std::string cell_of(std::string text) {
    std::erase(text, '`');
    const std::size_t begin = text.find_first_not_of(' ');
    const std::size_t end = text.find_last_not_of(' ');
    return begin == std::string::npos ? std::string() : text.substr(begin, end - begin + 1);
}

// "| a | b |" as {"a", "b"}; nothing for a line that is no row.
std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    if (line.empty() || line.front() != '|') {
        return cells;
    }
    std::istringstream in(line.substr(1));
    for (std::string cell; std::getline(in, cell, '|');) {
        cells.push_back(cell_of(cell));
    }
    return cells;
}

}  // namespace

const std::string& protocol_page() {
    static const std::string page = read_file(TC_PROTOCOL_PAGE);
    return page;
}

Table page_table(const std::vector<std::string>& header) {
    std::istringstream in(protocol_page());
    std::string line;
    while (std::getline(in, line) && cells_of(line) != header) {
    }
    std::getline(in, line);  // the dashes
    Table rows;
    while (std::getline(in, line) && !cells_of(line).empty()) {
        rows.push_back(cells_of(line));
    }
    if (rows.empty()) {
        throw std::runtime_error("docs/protocol.md has no table with column " + header.front());
    }
    return rows;
}

std::vector<Enumerator> enumerators_beside(const std::string& name) {
    static const std::string header = std::regex_replace(
        read_file(TC_WIRE_HEADER), std::regex(R"(/\*[^*]*\*+(?:[^/*][^*]*\*+)*/)"), "");
    static const std::regex entry(R"(\bWIRE_(\w+)(?: = ([^,}]*[^,}\s]))?)");
    std::size_t at = 0;
    while ((at = header.find("enum", at)) != std::string::npos) {
        const std::size_t open = header.find('{', at);
        const std::size_t close = header.find('}', open);
        const std::string block = header.substr(open, close - open);
        std::vector<Enumerator> found;
        bool is_there = false;
        for (std::sregex_iterator i(block.begin(), block.end(), entry), end; i != end; ++i) {
            found.push_back({(*i)[1], (*i)[2]});
            is_there |= found.back().name == name;
        }
        if (is_there) {
            return found;
        }
        at = close;
    }
    throw std::runtime_error("wire.h has no WIRE_" + name);
}
