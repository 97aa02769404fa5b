// SPDX-License-Identifier: MIT
//
// Usage: fuzz_inputs CORPUS_FOLDER FOLDER
// Writes what fuzzing begins with as files, in a folder for each target: the inputs of its corpus,
// and for some the worked examples of docs/protocol.md in the form of its inputs. A corpus is a
// text, CORPUS_FOLDER/<target>.hex: an input a line, in hexadecimal digits; # begins a remark.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "hex_examples.hpp"

namespace {

namespace fs = std::filesystem;

class InputFolder {
 public:
    explicit InputFolder(fs::path path) : path_(std::move(path)) {
        fs::remove_all(path_);
        fs::create_directories(path_);
    }
    void add(const std::string& input) {
        std::ofstream out(path_ / std::to_string(++count_), std::ios::binary);
        out << input;
        if (!out.flush()) {
            throw std::runtime_error("cannot write to " + path_.string());
        }
    }

 private:
    fs::path path_;
    int count_ = 0;
};

bool is_preface(const HexExample& example) {
    return example.name == "PREFACE";
}

// The first preface of the page for each direction, which is accepted.
std::string preface_of(Direction direction) {
    for (const HexExample& example : hex_examples()) {
        if (is_preface(example) && example.direction == direction) {
            return example.bytes;
        }
    }
    throw std::runtime_error("docs/protocol.md has no preface");
}

char direction_byte(Direction direction) {
    return direction == Direction::request ? '\1' : '\0';
}

std::string bytes_of_line(const std::string& line, const fs::path& corpus) {
    std::string bytes;
    for (std::size_t i = 0; i < line.size(); i += 2) {
        std::size_t read_count = 0;
        bytes += static_cast<char>(std::stoul(line.substr(i, 2), &read_count, 16));
        if (read_count != 2) {
            throw std::runtime_error(corpus.string() + ": not hexadecimal: " + line);
        }
    }
    return bytes;
}

void write_corpus(InputFolder& folder, const fs::path& corpus) {
    std::ifstream in(corpus);
    if (!in) {
        throw std::runtime_error("cannot read " + corpus.string());
    }
    for (std::string line; std::getline(in, line);) {
        if (!line.empty() && line[0] != '#') {
            folder.add(bytes_of_line(line, corpus));
        }
    }
}

// A direction, a place to cut, a stream.
void write_frame_examples(InputFolder& folder) {
    for (const HexExample& example : hex_examples()) {
        std::string input{direction_byte(example.direction), '\7'};
        input += is_preface(example) ? "" : preface_of(example.direction);
        folder.add(input + example.bytes);
    }
}

// A direction, an opcode, a status, a body.
void write_message_examples(InputFolder& folder) {
    for (const Direction direction : {Direction::request, Direction::reply}) {
        for (const HexExample& example : frame_examples(direction)) {
            const bool is_reply = direction == Direction::reply;
            const std::uint8_t status = is_reply ? status_of(example) : std::uint8_t{0};
            folder.add(std::string{direction_byte(direction), static_cast<char>(opcode_of(example)),
                                   static_cast<char>(status)} +
                       std::string(body_of(example)));
        }
    }
}

// By a worker's thread, for which no target waits.
bool is_answered_later(const HexExample& example) {
    return example.name == "AUTH" || example.name == "USER" || example.name == "TOKEN";
}

// The size of a piece, a stream: each request alone, and all of them one after the other.
void write_connection_examples(InputFolder& folder) {
    std::string all;
    for (const HexExample& example : frame_examples(Direction::request)) {
        if (is_answered_later(example)) {
            continue;
        }
        folder.add('\7' + preface_of(Direction::request) + example.bytes);
        all += example.bytes;
    }
    folder.add('\xFF' + preface_of(Direction::request) + all);
}

void write_inputs(const fs::path& corpora, const fs::path& root) {
    for (const auto& entry : fs::directory_iterator(corpora)) {
        const std::string target = entry.path().stem();
        InputFolder folder(root / target);
        write_corpus(folder, entry.path());
        if (target == "frame") {
            write_frame_examples(folder);
        } else if (target == "message") {
            write_message_examples(folder);
        } else if (target == "connection") {
            write_connection_examples(folder);
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "Usage: fuzz_inputs CORPUS_FOLDER FOLDER\n");
        return 2;
    }
    try {
        write_inputs(argv[1], argv[2]);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "fuzz_inputs: %s\n", error.what());
        return 1;
    }
}
