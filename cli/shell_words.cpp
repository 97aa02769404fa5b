// SPDX-License-Identifier: MIT
#include "cli/shell_words.hpp"

#include "cli/failure.hpp"

namespace tc {
namespace {

class Splitter {
 public:
    explicit Splitter(std::string_view line) : rest_(line) {}

    std::vector<std::string> split() {
        while (skip_blanks()) {
            words_.push_back(take_word());
        }
        return std::move(words_);
    }

 private:
    static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

    // False at the end.
    bool skip_blanks() {
        while (!rest_.empty() && is_blank(rest_[0])) {
            rest_.remove_prefix(1);
        }
        return !rest_.empty() && rest_[0] != '#';
    }

    char take() {
        const char c = rest_[0];
        rest_.remove_prefix(1);
        return c;
    }

    std::string take_word() {
        std::string word;
        while (!rest_.empty() && !is_blank(rest_[0])) {
            const char c = take();
            switch (c) {
                case '\'': take_single_quoted(word); break;
                case '"': take_double_quoted(word); break;
                case '\\': take_escaped(word); break;
                case '|':
                case '&':
                case ';':
                case '<':
                case '>':
                    throw usage_failure(std::string("a bare ") + c +
                                        " does nothing here; as a part of a word it goes in "
                                        "quotes");
                default: word += c;
            }
        }
        return word;
    }

    void take_single_quoted(std::string& word) {
        const std::size_t end = rest_.find('\'');
        if (end == std::string_view::npos) {
            throw usage_failure("a ' is not closed");
        }
        word += rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
    }

    void take_double_quoted(std::string& word) {
        constexpr std::string_view escapable = "\"\\$`";
        while (!rest_.empty()) {
            const char c = take();
            if (c == '"') {
                return;
            }
            const bool is_escape =
                c == '\\' && !rest_.empty() && escapable.find(rest_[0]) != std::string_view::npos;
            word += is_escape ? take() : c;
        }
        throw usage_failure("a \" is not closed");
    }

    void take_escaped(std::string& word) {
        if (rest_.empty()) {
            throw usage_failure("there is nothing behind the \\ at the end");
        }
        word += take();
    }

    std::string_view rest_;
    std::vector<std::string> words_;
};

}  // namespace

std::vector<std::string> split_shell_words(std::string_view line) {
    return Splitter(line).split();
}

}  // namespace tc
