// SPDX-License-Identifier: MIT
#include "cli/line_editor.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <system_error>
#include <utility>

#include "cli/descriptor.hpp"
#include "cli/environment.hpp"

namespace tc {
namespace {

constexpr int history_lines_max = 1000;
constexpr mode_t owner_only = S_IRUSR | S_IWUSR;

// libedit reads characters of the locale; in the plain C locale it would take ASCII alone.
void choose_character_set() {
    // NOLINTBEGIN(concurrency-mt-unsafe): this program has one thread.
    if (std::setlocale(LC_CTYPE, "") == nullptr || MB_CUR_MAX == 1) {
        std::setlocale(LC_CTYPE, "C.UTF-8");
    }
    // NOLINTEND(concurrency-mt-unsafe)
}

// --password and --token are refused because of who can read them; a history keeps no such line.
// The options that name a file go on with a dash.
bool may_have_secret(std::string_view line) {
    for (const std::string_view option : {"--password", "--token"}) {
        for (auto at = line.find(option); at != line.npos; at = line.find(option, at + 1)) {
            if (!line.substr(at + option.size()).starts_with('-')) {
                return true;
            }
        }
    }
    return false;
}

std::size_t common_size(const std::vector<std::string>& words) {
    std::size_t size = words.front().size();
    for (const std::string& word : words) {
        const auto end = std::ranges::mismatch(words.front(), word).in1;
        size = std::min(size, static_cast<std::size_t>(end - words.front().begin()));
    }
    return size;
}

}  // namespace

LineEditor::LineEditor(std::string prompt, std::string history_file, Completions completions)
    : prompt_(std::move(prompt)),
      history_file_(std::move(history_file)),
      completions_(std::move(completions)),
      history_(history_init()) {
    choose_character_set();
    editor_.reset(el_init("tagcache", stdin, stdout, stderr));
    if (history_ == nullptr || editor_ == nullptr) {
        throw std::bad_alloc();
    }
    el_set(editor_.get(), EL_CLIENTDATA, this);
    el_set(editor_.get(), EL_PROMPT, on_prompt);
    el_set(editor_.get(), EL_EDITOR, "emacs");
    el_set(editor_.get(), EL_HIST, history, history_.get());
    prepare_history();
    bind_keys();
}

void LineEditor::prepare_history() {
    HistEvent event;
    history(history_.get(), &event, H_SETSIZE, history_lines_max);
    history(history_.get(), &event, H_SETUNIQUE, 1);
    if (history_file_.empty()) {
        return;
    }
    // Made here, so that nobody else can read it at any time; libedit writes over it.
    const int fd =
        open(history_file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, owner_only);
    if (fd < 0 || fchmod(fd, owner_only) != 0) {
        history_file_.clear();
    }
    if (fd >= 0) {
        close(fd);
    }
    if (!history_file_.empty()) {
        history(history_.get(), &event, H_LOAD, history_file_.c_str());
    }
}

void LineEditor::bind_keys() {
    EditLine* editor = editor_.get();
    // Wide, for libedit keeps such names as they are; of narrow ones it leaks a copy.
    el_wset(editor, EL_ADDFN, L"tagcache-complete", L"Complete a command or an option", on_tab);
    el_wset(editor, EL_ADDFN, L"tagcache-interrupt", L"Drop the line", on_interrupt);
    el_source(editor, nullptr);
    el_set(editor, EL_BIND, "^I", "tagcache-complete", nullptr);
    // While a line is edited Ctrl-C is a key, and no signal that would come at any time.
    el_set(editor, EL_SETTY, "-d", "-isig", nullptr);
    el_set(editor, EL_BIND, "^C", "tagcache-interrupt", nullptr);
}

std::optional<std::string> LineEditor::read() {
    is_dropped_ = false;
    int size = 0;
    const char* text = el_gets(editor_.get(), &size);
    if (is_dropped_) {
        write_all(STDOUT_FILENO, "^C\n", "standard output");
        return "";
    }
    if (text == nullptr || size <= 0) {
        write_all(STDOUT_FILENO, "\n", "standard output");
        return std::nullopt;
    }
    std::string line(text, static_cast<std::size_t>(size));
    if (line.ends_with('\n')) {
        line.pop_back();
    }
    remember(line);
    return line;
}

// A blank in front keeps a line out of it, as in other shells.
void LineEditor::remember(const std::string& line) {
    if (line.empty() || line[0] == ' ' || may_have_secret(line)) {
        return;
    }
    HistEvent event;
    history(history_.get(), &event, H_ENTER, line.c_str());
    if (!history_file_.empty()) {
        // After each line: a terminal that is closed asks nobody.
        history(history_.get(), &event, H_SAVE, history_file_.c_str());
    }
}

unsigned char LineEditor::complete() {
    const LineInfo* info = el_line(editor_.get());
    const std::string text(info->buffer, info->cursor);
    std::vector<std::string> before;
    std::string begun;
    for (const char c : text) {
        if (c != ' ') {
            begun += c;
        } else if (!begun.empty()) {
            before.push_back(std::exchange(begun, ""));
        }
    }
    const std::vector<std::string> words = completions_(before, begun);
    if (words.empty()) {
        return CC_ERROR;
    }
    std::string rest = words.front().substr(begun.size(), common_size(words) - begun.size());
    rest += words.size() == 1 ? " " : "";
    if (!rest.empty()) {
        return el_insertstr(editor_.get(), rest.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
    }
    std::string list = "\r\n";
    for (const std::string& word : words) {
        list += word + "  ";
    }
    write_all(STDOUT_FILENO, list + "\r\n", "standard output");
    return CC_REDISPLAY;
}

LineEditor& LineEditor::self(EditLine* editor) {
    void* data = nullptr;
    el_get(editor, EL_CLIENTDATA, &data);
    return *static_cast<LineEditor*>(data);
}

char* LineEditor::on_prompt(EditLine* editor) {
    return self(editor).prompt_.data();
}

unsigned char LineEditor::on_tab(EditLine* editor, wint_t /*key*/) {
    return self(editor).complete();
}

unsigned char LineEditor::on_interrupt(EditLine* editor, wint_t /*key*/) {
    self(editor).is_dropped_ = true;
    return CC_NEWLINE;
}

std::string shell_history_file() {
    const char* state = environment_text("XDG_STATE_HOME");
    const char* home = environment_text("HOME");
    std::filesystem::path folder;
    // A relative one is to be ignored, says the XDG base directory specification.
    if (state != nullptr && *state == '/') {
        folder = state;
    } else if (home != nullptr && *home == '/') {
        folder = std::filesystem::path(home) / ".local" / "state";
    } else {
        return "";
    }
    folder /= "tagcache";
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    return error ? "" : folder / "history";
}

}  // namespace tc
