// SPDX-License-Identifier: MIT
//
// A client's session in the hands of a hostile server and an odd event loop: an input is a list of
// steps, which append requests, hand over output, feed bytes in pieces, and take replies. Whatever
// comes, every request that is not quiet gets one reply, in order.
#include <array>
#include <cstring>
#include <deque>
#include <memory>

#include "input.hpp"
#include "protocol/admin_messages.h"
#include "protocol/frame.h"
#include "require.hpp"
#include "session_requests.hpp"
#include "target.hpp"

namespace tc::fuzz {
namespace {

constexpr std::size_t body_bytes_max = 200;
constexpr std::uint32_t reply_bytes_max = 4096;

struct FreeSession {
    void operator()(tagcache_session* session) const { tagcache_session_free(session); }
};
struct FreeResult {
    void operator()(tagcache_result* result) const { tagcache_result_free(result); }
};

// Looks at every byte, so that a sanitizer sees a view that is wrong.
void look_at(tagcache_bytes bytes) noexcept {
    static std::uint64_t sum = 0;
    for (std::size_t i = 0; i < bytes.size; ++i) {
        sum += static_cast<const std::uint8_t*>(bytes.data)[i];
    }
    asm volatile("" : : "r"(&sum) : "memory");  // or all of it would be left out
}

void look_at_tags(tagcache_result* result) noexcept {
    std::size_t count = 0;
    for (tagcache_bytes tag{}; tagcache_result_next_tag(result, &tag); ++count) {
        look_at(tag);
    }
    require(count == tagcache_result_tag_count(result), "there are as many tags as it says");
}

void look_at_fields(tagcache_result* result) noexcept {
    while (tagcache_result_next_field(result)) {
        look_at(tagcache_result_field_name(result));
        look_at(tagcache_result_field_text(result));
        const tagcache_field_type type = tagcache_result_field_type(result);
        require(type >= TAGCACHE_FIELD_U64 && type <= TAGCACHE_FIELD_TEXT, "a field has a type");
    }
}

void look_at_result(tagcache_result* result) noexcept {
    look_at(tagcache_result_message(result));
    look_at(tagcache_result_cursor(result));
    look_at(tagcache_result_value(result));
    look_at_tags(result);
    look_at_fields(result);
    std::size_t count = 0;
    for (; tagcache_result_next(result); ++count) {
        look_at(tagcache_result_name(result));
        look_at(tagcache_result_value(result));
        look_at_tags(result);
        look_at_fields(result);
    }
    // A request on one key travels as a batch of one, whose item has been taken already.
    const std::size_t item_count = tagcache_result_item_count(result);
    require(count == item_count || (count == 0 && item_count == 1),
            "there are as many items as it says");
    tagcache_result_rewind(result);
    look_at_tags(result);
}

class SessionRun {
 public:
    explicit SessionRun(Input& input) : input_(input) {
        tagcache_session_options options = TAGCACHE_SESSION_OPTIONS_INIT;
        options.reply_bytes_max = reply_bytes_max;
        tagcache_session* made = nullptr;
        require(tagcache_session_new(&options, &made) == TAGCACHE_OK, "a session is made");
        session_.reset(made);
        result_.reset(tagcache_result_new());
        pipeline_ = tagcache_session_pipeline(made);
    }

    void run() {
        if (input_.coin()) {
            greet();
        }
        while (!input_.empty()) {
            step();
        }
        // The end of every connection: nothing may be left without an answer.
        tagcache_session_close(session(), TAGCACHE_CONNECTION_LOST);
        take_all();
        require(tagcache_pipeline_pending(pipeline_) == 0, "nothing is pending at the end");
        require(unanswered_.empty() || unanswered_.back().is_quiet,
                "every request that is not quiet was answered");
    }

 private:
    struct Asked {
        std::uint64_t number;
        bool is_quiet;
    };
    struct Sent {
        std::uint32_t id;
        std::uint8_t opcode;
    };

    [[nodiscard]] tagcache_session* session() const { return session_.get(); }

    void step() {
        switch (input_.below(8)) {
            case 0:
            case 1: return append();
            case 2: return send(input_.byte());
            case 3: return feed(input_.text(input_.byte()));
            case 4:
            case 5: return feed_reply();
            case 6: (void)take(); return;
            default: return look_around();
        }
    }

    // Preface and HELLO as a server answers them; id 1 is the HELLO's.
    void greet() {
        send(SIZE_MAX);
        std::array<std::uint8_t, 128> bytes{};
        wire_writer out = wire_writer_over(bytes.data(), bytes.size());
        const wire_server_preface preface{WIRE_VERSION, WIRE_VERSION, WIRE_VERSION, 0};
        wire_encode_server_preface(&out, &preface);
        const std::size_t begin = wire_begin_reply(&out, WIRE_OP_HELLO, 1);
        wire_hello_reply hello{};
        hello.key_bytes_max = hello.value_bytes_max = hello.tag_bytes_max = 100;
        hello.tags_max = hello.keys_max = 3;
        hello.frame_body_bytes_max = WIRE_FRAME_FLOOR_BYTES;
        hello.reply_bytes_max = reply_bytes_max;
        wire_encode_hello_reply(&out, &hello);
        wire_finish_reply(&out, begin, WIRE_OK, 0);
        sent_.clear();
        feed({reinterpret_cast<const char*>(bytes.data()), wire_writer_size(&out)});
        require(tagcache_session_is_ready(session()), "a session that was greeted is ready");
    }

    void append() {
        tagcache_call_options call = TAGCACHE_CALL_OPTIONS_INIT;
        call.flags = input_.coin() ? std::uint32_t{TAGCACHE_CALL_QUIET} : 0;
        call.user_data = ++number_;
        if (append_request(pipeline_, input_, &call) == TAGCACHE_OK) {
            unanswered_.push_back({number_, call.flags != 0});
        }
    }

    // Hands over at most so many bytes, and reads the requests that have been handed over whole.
    void send(std::size_t size_max) {
        const tagcache_bytes output = tagcache_session_output(session());
        const std::size_t size = std::min(size_max, output.size);
        wire_sent_.append(static_cast<const char*>(output.data), size);
        tagcache_session_sent(session(), size);
        if (!has_sent_preface_ && wire_sent_.size() >= WIRE_PREFACE_BYTES) {
            wire_sent_.erase(0, WIRE_PREFACE_BYTES);
            has_sent_preface_ = true;
        }
        wire_request request;
        while (has_sent_preface_ &&
               wire_parse_request({wire_sent_.data(), wire_sent_.size()}, UINT32_MAX, &request) ==
                   WIRE_FRAME_COMPLETE) {
            sent_.push_back({request.request_id, request.opcode});
            wire_sent_.erase(0, request.frame_bytes);
        }
    }

    void feed(std::string_view bytes) {
        while (!bytes.empty()) {
            const std::size_t room = tagcache_session_want_read(session());
            const std::size_t size = std::min(bytes.size(), room);
            if (size == 0) {
                return;  // closed, or replies have to be taken first
            }
            const tagcache_status status = tagcache_session_feed(session(), {bytes.data(), size});
            if (status != TAGCACHE_OK) {
                require(tagcache_session_error(session())[0] != '\0', "a failure says why");
                require(tagcache_session_want_read(session()) == 0, "a closed session reads none");
                return;
            }
            bytes.remove_prefix(size);
        }
    }

    // A frame that answers one of the oldest requests, with whatever body, in two pieces.
    void feed_reply() {
        std::array<char, WIRE_HEADER_BYTES + body_bytes_max> bytes{};
        wire_writer out = wire_writer_over(bytes.data(), bytes.size());
        const std::size_t skipped = std::min<std::size_t>(input_.below(3), sent_.size());
        sent_.erase(sent_.begin(), sent_.begin() + static_cast<std::ptrdiff_t>(skipped));
        const Sent answered = sent_.empty() ? Sent{} : sent_.front();
        const std::size_t begin = wire_begin_reply(&out, answered.opcode, answered.id);
        const std::uint8_t status = input_.coin() ? 0 : input_.byte();
        const std::size_t cut = input_.byte();
        const std::string_view body = input_.text(input_.below(body_bytes_max + 1));
        wire_write_raw(&out, {body.data(), body.size()});
        wire_finish_reply(&out, begin, status, 0);
        if (!sent_.empty()) {
            sent_.pop_front();
        }
        const std::string_view frame(bytes.data(), wire_writer_size(&out));
        feed(frame.substr(0, cut));
        feed(frame.substr(std::min(cut, frame.size())));
    }

    // The reply that comes next is to the oldest request that must have one, or to a quiet one
    // before that.
    bool take() {
        const bool has_reply = tagcache_pipeline_has_reply(pipeline_);
        const bool is_taken = tagcache_pipeline_next(pipeline_, result_.get(), nullptr);
        require(is_taken == has_reply, "a reply that is there can be taken");
        if (!is_taken) {
            return false;
        }
        const std::uint64_t number = tagcache_result_user_data(result_.get());
        while (!unanswered_.empty() && unanswered_.front().number != number) {
            require(unanswered_.front().is_quiet, "no reply is left out");
            unanswered_.pop_front();
        }
        require(!unanswered_.empty(), "a reply answers a request");
        unanswered_.pop_front();
        look_at_result(result_.get());
        return true;
    }

    void take_all() {
        while (take()) {
        }
    }

    void look_around() {
        now_ms_ += input_.byte();
        (void)tagcache_session_timeout_ms(session(), now_ms_);
        (void)tagcache_pipeline_send(pipeline_, nullptr);
        for (int limit = 0; limit < 10; ++limit) {
            (void)tagcache_session_limit(session(), static_cast<tagcache_limit>(limit));
        }
        require(tagcache_pipeline_pending(pipeline_) <= unanswered_.size(),
                "no more is pending than was asked");
        if (input_.below(16) == 1) {
            tagcache_session_close(session(),
                                   input_.coin() ? TAGCACHE_TIMEOUT : TAGCACHE_CONNECTION_LOST);
        }
    }

    Input& input_;
    std::unique_ptr<tagcache_session, FreeSession> session_;
    std::unique_ptr<tagcache_result, FreeResult> result_;
    tagcache_pipeline* pipeline_ = nullptr;
    std::deque<Asked> unanswered_;
    std::deque<Sent> sent_;
    std::string wire_sent_;  // handed over, and no whole request yet
    bool has_sent_preface_ = false;
    std::uint64_t number_ = 0;
    std::uint64_t now_ms_ = 0;
};

}  // namespace
}  // namespace tc::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    tc::fuzz::Input input(data, size);
    tc::fuzz::SessionRun(input).run();
    return 0;
}
