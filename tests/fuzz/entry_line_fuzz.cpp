// SPDX-License-Identifier: MIT
//
// A line of a load file: an input is the line. One that is read is written as dump writes it, and
// read again to the same.
#include <string>

#include "cli/entry_line.hpp"
#include "cli/json_object.hpp"
#include "input.hpp"
#include "require.hpp"
#include "target.hpp"

namespace tc::fuzz {
namespace {

// A parser with the line that it reads, in a block that ends where the parser may look no further.
class ReadLine {
 public:
    // False when it is no entry.
    bool read(std::string_view line) {
        padded_.assign(line);
        padded_.append(EntryLineParser::padding_bytes, '\0');
        padded_.shrink_to_fit();
        return parser_.parse(std::string_view(padded_).substr(0, line.size())).empty();
    }
    [[nodiscard]] const EntryLine& entry() const { return parser_.entry(); }

 private:
    EntryLineParser parser_;
    std::string padded_;
};

// The object ends where its scope does.
void write(std::string& line, const EntryLine& entry) {
    JsonObject object(line);
    object.bytes("key", entry.key).bytes("value", entry.value).begin_list("tags");
    for (const tagcache_bytes tag : entry.tags) {
        object.list_item(as_view(tag));
    }
    object.end_list();
    if (entry.ttl_ms) {
        object.number("ttl_ms", *entry.ttl_ms);
    }
    if (entry.flags) {
        object.number("flags", *entry.flags);
    }
}

bool is_same(const EntryLine& a, const EntryLine& b) {
    bool is_same = a.key == b.key && a.value == b.value && a.ttl_ms == b.ttl_ms &&
                   a.flags == b.flags && a.tags.size() == b.tags.size();
    for (std::size_t i = 0; is_same && i < a.tags.size(); ++i) {
        is_same = as_view(a.tags[i]) == as_view(b.tags[i]);
    }
    return is_same;
}

}  // namespace
}  // namespace tc::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tc::fuzz;
    static ReadLine first;
    static ReadLine second;
    Input input(data, size);
    if (first.read(input.text(size))) {
        std::string line;
        write(line, first.entry());
        require(second.read(line), "an entry that was read can be written");
        require(is_same(first.entry(), second.entry()), "an entry is written as it was read");
    }
    return 0;
}
