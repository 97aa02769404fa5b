// SPDX-License-Identifier: MIT
//
// dump: the entries of a listing, a JSON line each, in the format that load reads. Keys come in
// pages, and their entries with a request for each page; an entry that goes in between is left out.
#include <algorithm>

#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/escape.hpp"
#include "cli/output_file.hpp"
#include "cli/pages.hpp"
#include "cli/progress.hpp"
#include "cli/quantity.hpp"

namespace tc {
namespace {

class Dumper {
 public:
    Dumper(const Arguments& arguments, Output& output);

    void run();

 private:
    void dump_page(const Result& page);
    void fetch(const tagcache_bytes* keys, std::size_t count);
    void write_entry(std::string_view key, const Result& entry);

    const Arguments& arguments_;
    Output& output_;
    Client client_;
    OutputFile file_;
    Progress progress_;
    std::size_t batch_max_;
    tagcache_read_options options_ = TAGCACHE_READ_OPTIONS_INIT;
    Result entries_;
    Result single_;
    std::string line_;
    std::uint64_t entry_count_ = 0;
    std::uint64_t size_bytes_ = 0;
};

Dumper::Dumper(const Arguments& arguments, Output& output)
    : arguments_(arguments),
      output_(output),
      client_(arguments),
      file_(arguments.file),
      progress_(arguments, 0),
      batch_max_(client_.batch_keys_max()) {
    options_.fields = TAGCACHE_READ_TTL | TAGCACHE_READ_TAGS | TAGCACHE_READ_FLAGS;
}

void Dumper::run() {
    const bool is_by_tag = !arguments_.tags.empty();
    const auto show = [this](const Result& page) {
        dump_page(page);
        return true;
    };
    for_each_page(client_, is_by_tag ? keys_by_tag_request(arguments_) : scan_request(arguments_),
                  "dump", show);
    file_.commit();
    progress_.clear();
    output_.note("dumped " + count_text(entry_count_, "entry", "entries") + ", " +
                 size_text(size_bytes_) + " in " +
                 duration_text(static_cast<std::uint64_t>(progress_.elapsed_s() * 1000)));
}

void Dumper::dump_page(const Result& page) {
    std::vector<tagcache_bytes> keys;
    while (tagcache_result_next(page)) {
        // SCAN has applied the prefix already; KEYS_BY_TAG knows none.
        if (page.name().starts_with(arguments_.pattern)) {
            keys.push_back(as_bytes(page.name()));
        }
    }
    for (std::size_t begin = 0; begin < keys.size(); begin += batch_max_) {
        fetch(&keys[begin], std::min(batch_max_, keys.size() - begin));
    }
    progress_.update(entry_count_, size_bytes_);
}

void Dumper::fetch(const tagcache_bytes* keys, std::size_t count) {
    client_.check(tagcache_mget(client_, keys, count, entries_, &options_, nullptr), "dump");
    for (std::size_t i = 0; tagcache_result_next(entries_); ++i) {
        const std::string_view key = as_view(keys[i]);
        const std::string what = "dump " + in_quotes(key);
        const tagcache_status status = client_.check(tagcache_result_item_status(entries_), what);
        if (status == TAGCACHE_OK) {
            write_entry(key, entries_);
        } else if (status == TAGCACHE_TRUNCATED &&
                   client_.check(tagcache_get(client_, keys[i], single_, &options_, nullptr),
                                 what) == TAGCACHE_OK) {
            write_entry(key, single_);
        }
    }
}

void Dumper::write_entry(std::string_view key, const Result& entry) {
    line_.clear();
    {
        JsonObject object(line_);
        object.bytes("key", key).bytes("value", entry.value());
        if (tagcache_result_tag_count(entry) != 0) {
            object.begin_list("tags");
            tagcache_bytes tag{};
            while (tagcache_result_next_tag(entry, &tag)) {
                object.list_item(as_view(tag));
            }
            object.end_list();
        }
        // Also when it is 0: without it, load would give the entry the server's default.
        object.number("ttl_ms", tagcache_result_ttl_ms(entry));
        if (tagcache_result_flags(entry) != 0) {
            object.number("flags", tagcache_result_flags(entry));
        }
    }
    line_ += '\n';
    file_.write(line_);
    ++entry_count_;
    size_bytes_ += line_.size();
}

}  // namespace

ExitCode dump(const Arguments& arguments, Output& output) {
    Dumper(arguments, output).run();
    return ExitCode::ok;
}

}  // namespace tc
