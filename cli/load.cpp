// SPDX-License-Identifier: MIT
//
// load: JSON lines become entries through quiet pipelined PUTs. Memory is bounded by the longest
// line and by what the pipeline holds; nothing grows with the file.
#include <algorithm>
#include <memory>

#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/descriptor.hpp"
#include "cli/entry_line.hpp"
#include "cli/escape.hpp"
#include "cli/line_reader.hpp"
#include "cli/progress.hpp"
#include "cli/quantity.hpp"

namespace tc {
namespace {

struct FreePipeline {
    void operator()(tagcache_pipeline* pipeline) const { tagcache_pipeline_free(pipeline); }
};

class Loader {
 public:
    Loader(const Arguments& arguments, Output& output);

    void run();
    [[nodiscard]] ExitCode report();

 private:
    void load_line(const LineReader::Line& line);
    void append(const LineReader::Line& line);
    void take_reply();
    void take_ready_replies();
    void count_bad(std::uint64_t line_number, std::string_view reason);
    void count_failure(std::uint64_t line_number, tagcache_status status, std::string_view reason);
    void complain(std::uint64_t line_number, std::string_view reason);

    const Arguments& arguments_;
    Output& output_;
    Client client_;
    std::unique_ptr<tagcache_pipeline, FreePipeline> pipeline_;
    Result reply_;
    LineReader reader_;
    EntryLineParser parser_;
    Progress progress_;

    std::uint64_t appended_count_ = 0;
    std::uint64_t bad_count_ = 0;      // lines that are no entries
    std::uint64_t refused_count_ = 0;  // lines that the server would not take
    std::uint64_t lost_count_ = 0;     // lines of which nobody knows, the connection being lost
    tagcache_status lost_status_ = TAGCACHE_OK;
    std::string lost_reason_;
};

Loader::Loader(const Arguments& arguments, Output& output)
    : arguments_(arguments),
      output_(output),
      client_(arguments),
      reader_(arguments.file, EntryLineParser::padding_bytes),
      progress_(arguments, reader_.size_bytes()) {
    client_.check(tagcache_client_connect(client_, nullptr), "connect");
    tagcache_pipeline* pipeline = nullptr;
    client_.check(tagcache_pipeline_new(client_, &pipeline), "load");
    pipeline_.reset(pipeline);
}

void Loader::run() {
    constexpr std::uint64_t lines_between_looks = 256;
    LineReader::Line line{};
    while (lost_count_ == 0 && reader_.next(line)) {
        load_line(line);
        if (line.number % lines_between_looks == 0) {
            take_ready_replies();
            progress_.update(appended_count_, reader_.bytes_read());
        }
    }
    while (tagcache_pipeline_pending(pipeline_.get()) != 0) {
        take_reply();
    }
    progress_.clear();
}

void Loader::load_line(const LineReader::Line& line) {
    if (line.is_too_long) {
        count_bad(line.number, "longer than " + size_text(LineReader::line_bytes_max));
        return;
    }
    if (line.text.find_first_not_of(" \t\r") == std::string_view::npos) {
        return;
    }
    const std::string reason = parser_.parse(line.text);
    if (!reason.empty()) {
        count_bad(line.number, reason);
        return;
    }
    append(line);
}

void Loader::append(const LineReader::Line& line) {
    const EntryLine& entry = parser_.entry();
    tagcache_write_options options = TAGCACHE_WRITE_OPTIONS_INIT;
    options.fields = TAGCACHE_WRITE_TAGS;
    options.tags = entry.tags.data();
    options.tag_count = entry.tags.size();
    if (entry.ttl_ms.has_value()) {
        options.fields |= TAGCACHE_WRITE_TTL;
        options.ttl_ms = *entry.ttl_ms;
    }
    if (entry.flags.has_value()) {
        options.fields |= TAGCACHE_WRITE_FLAGS;
        options.flags = *entry.flags;
    }
    tagcache_call_options call = TAGCACHE_CALL_OPTIONS_INIT;
    call.flags = TAGCACHE_CALL_QUIET;
    call.user_data = line.number;
    tagcache_status status = TAGCACHE_PIPELINE_FULL;
    while (status == TAGCACHE_PIPELINE_FULL) {
        status = tagcache_pipeline_put(pipeline_.get(), as_bytes(entry.key), as_bytes(entry.value),
                                       &options, &call);
        if (status == TAGCACHE_PIPELINE_FULL) {
            take_reply();
        }
    }
    if (status == TAGCACHE_OK) {
        ++appended_count_;
        return;
    }
    count_failure(line.number, status, tagcache_client_error(client_));
}

void Loader::take_reply() {
    if (!tagcache_pipeline_next(pipeline_.get(), reply_, nullptr)) {
        return;
    }
    const tagcache_status status = tagcache_result_status(reply_);
    if (status != TAGCACHE_OK) {
        --appended_count_;
        count_failure(tagcache_result_user_data(reply_), status, reply_.message());
    }
}

void Loader::take_ready_replies() {
    while (tagcache_pipeline_has_reply(pipeline_.get())) {
        take_reply();
    }
}

void Loader::count_bad(std::uint64_t line_number, std::string_view reason) {
    ++bad_count_;
    complain(line_number, reason);
}

void Loader::complain(std::uint64_t line_number, std::string_view reason) {
    progress_.clear();
    std::string text;
    if (arguments_.is_json) {
        JsonObject(text).number("line", line_number).text("error", reason);
    } else {
        text = "tagcache: load: line " + std::to_string(line_number) + ": " + std::string(reason);
    }
    output_.flush();
    write_all(STDERR_FILENO, text + '\n', "standard error");
}

// What the server, or the library in its name, does not take; or a connection that is gone.
void Loader::count_failure(std::uint64_t line_number, tagcache_status status,
                           std::string_view reason) {
    if (tagcache_status_closes(status)) {
        // One line in doubt puts the whole load in doubt, whatever became of those before it.
        if (lost_count_ == 0 || (status == TAGCACHE_IN_DOUBT && lost_status_ != status)) {
            lost_status_ = status;
            lost_reason_ = reason;
        }
        ++lost_count_;
        return;
    }
    ++refused_count_;
    const std::string_view text = reason.empty() ? tagcache_status_name(status) : reason;
    complain(line_number, arguments_.is_json ? std::string(text) : escaped(text));
}

ExitCode Loader::report() {
    const double elapsed_s = progress_.elapsed_s();
    const auto rate = static_cast<std::uint64_t>(static_cast<double>(appended_count_) /
                                                 std::max(elapsed_s, 1e-6));
    if (arguments_.is_json) {
        output_.json([&](JsonObject& object) {
            object.number("entries", appended_count_).number("bad_lines", bad_count_);
            object.number("refused_lines", refused_count_).number("lost_lines", lost_count_);
            object.number("file_bytes", reader_.bytes_read()).real("seconds", elapsed_s);
            object.number("entries_per_second", rate);
        });
    } else if (!arguments_.is_quiet) {
        output_.write("loaded " + count_text(appended_count_, "entry", "entries") + ", " +
                      size_text(reader_.bytes_read()) + " in " +
                      duration_text(static_cast<std::uint64_t>(elapsed_s * 1000)) + " (" +
                      std::to_string(rate) + "/s)\n");
    }
    if (lost_count_ != 0) {
        const std::string reason = lost_reason_ + " (" +
                                   count_text(lost_count_, "line is", "lines are") +
                                   " without an answer)";
        const std::string next_step =
            count_text(appended_count_, "line was", "lines were") + " stored: load the file again";
        throw Failure(exit_code_of(lost_status_),
                      failure_message(lost_status_, "load", reason, next_step), lost_status_);
    }
    if (bad_count_ + refused_count_ != 0) {
        output_.negative(
            "tagcache: load: " + count_text(bad_count_ + refused_count_, "line was", "lines were") +
            " not stored");
        return ExitCode::negative;
    }
    return ExitCode::ok;
}

}  // namespace

ExitCode load(const Arguments& arguments, Output& output) {
    Loader loader(arguments, output);
    loader.run();
    return loader.report();
}

}  // namespace tc
