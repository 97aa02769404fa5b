// SPDX-License-Identifier: MIT
//
// Lines that people type on a terminal, with libedit: its keys (those of ~/.editrc included), a
// history that a file keeps, Tab.
#pragma once

#include <histedit.h>
#include <wchar.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tc {

class LineEditor {
 public:
    // What may stand in the place of the begun word, behind the words before it.
    using Completions = std::function<std::vector<std::string>(
        const std::vector<std::string>& before, std::string_view begun)>;

    // Standard input and output are a terminal. history_file "" = the history is not kept.
    LineEditor(std::string prompt, std::string history_file, Completions completions);
    LineEditor(const LineEditor&) = delete;
    LineEditor& operator=(const LineEditor&) = delete;

    // Nothing at the end of the input. A line that Ctrl-C dropped is "".
    [[nodiscard]] std::optional<std::string> read();

 private:
    struct EndEditor {
        void operator()(EditLine* editor) const { el_end(editor); }
    };
    struct EndHistory {
        void operator()(History* history) const { history_end(history); }
    };

    void prepare_history();
    void bind_keys();
    void remember(const std::string& line);
    [[nodiscard]] unsigned char complete();

    // What libedit calls, with its own idea of who we are.
    static LineEditor& self(EditLine* editor);
    static char* on_prompt(EditLine* editor);
    static unsigned char on_tab(EditLine* editor, wint_t key);
    static unsigned char on_interrupt(EditLine* editor, wint_t key);

    std::string prompt_;
    std::string history_file_;
    Completions completions_;
    std::unique_ptr<History, EndHistory> history_;
    std::unique_ptr<EditLine, EndEditor> editor_;
    bool is_dropped_ = false;
};

// Where the history of the shell is kept: $XDG_STATE_HOME/tagcache/history, or the same below
// ~/.local/state. Makes the folders. "" when there is no such place.
[[nodiscard]] std::string shell_history_file();

}  // namespace tc
