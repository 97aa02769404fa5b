// SPDX-License-Identifier: MIT
//
// A list of commands, as the input chooses them, against a whole server and the model of one:
// requests of two connections, pipelined, cut into pieces anywhere, while the clock moves and
// memory is reclaimed. Every reply has to be the model's. A mismatch ends the process, and prints
// the list.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <string>

#include "input.hpp"
#include "loop_server.hpp"
#include "model_server.hpp"
#include "request_maker.hpp"

namespace tc::fuzz {

class CommandRun {
 public:
    explicit CommandRun(Input& input);
    CommandRun(const CommandRun&) = delete;
    CommandRun& operator=(const CommandRun&) = delete;
    ~CommandRun();

    void run();

 private:
    struct Asked {
        std::string frame;
        std::size_t ends_at = 0;  // in all that its connection has sent and will send
    };
    struct Connection {
        std::unique_ptr<LoopClient> client;
        std::string unsent;
        std::size_t sent_bytes = 0;
        std::deque<Asked> asked;
        bool is_greeted = false;
    };

    static void print_list();

    void step();
    void step_rarely();
    void open(Connection& connection);
    void ask(std::string frame);
    void send(std::size_t size_max);
    void send_all();
    void check_replies();
    void require_ended();

    void walk_pages();
    void send_malformed();
    void let_frame_time_out();
    void tick_for_all();
    void move_clock(std::uint64_t ms);

    [[nodiscard]] Connection& current() { return connections_.at(current_index_); }
    void note(std::string event) { list_.push_back(std::move(event)); }

    Input& input_;
    std::uint8_t choice_;
    ModelRules rules_;
    LoopServer& server_;
    ModelServer model_;
    RequestMaker maker_;
    std::array<Connection, 2> connections_;
    std::size_t current_index_ = 0;
    std::uint32_t last_id_ = 0;
    std::vector<std::string> list_;  // frames, and remarks that begin with #
};

}  // namespace tc::fuzz
