// SPDX-License-Identifier: MIT
#include "histories/recorder.hpp"

#include <array>
#include <chrono>
#include <exception>
#include <functional>
#include <latch>
#include <random>
#include <stdexcept>
#include <thread>

#include "client-lib/handles.hpp"
#include "support/wire_client.hpp"

namespace tc::test {
namespace {

// A random number of 48 bits is stored once in a million operations, but for odds of one in five
// hundred, and the sums of two thousand of them still have room in 64 bits.
constexpr std::uint64_t value_max = std::uint64_t{1} << 48;

std::uint64_t now_ns() {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                          std::chrono::steady_clock::now().time_since_epoch())
                                          .count());
}

tagcache_bytes view_of(const std::string& text) {
    return {text.data(), text.size()};
}

std::string tag_name(std::size_t client, int tag) {
    return "c" + std::to_string(client) + ":t" + std::to_string(tag);
}

// Calls `body` with 0 to count - 1, each on a thread; throws what one of them threw.
void run_on_threads(std::size_t count, const std::function<void(std::size_t)>& body) {
    std::latch start(static_cast<std::ptrdiff_t>(count));
    std::vector<std::exception_ptr> failures(count);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < count; ++i) {
        threads.emplace_back([&, i] {
            start.arrive_and_wait();
            try {
                body(i);
            } catch (...) {
                failures[i] = std::current_exception();
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (const std::exception_ptr& failure : failures) {
        if (failure) {
            std::rethrow_exception(failure);
        }
    }
}

class Dice {
 public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}

    // 0 to end - 1.
    std::uint64_t below(std::uint64_t end) { return random_() % end; }
    std::uint64_t value() { return 1 + below(value_max - 1); }
    // One tag or two, or none.
    std::uint8_t tags(std::uint8_t tag_count) {
        const std::uint64_t some = (1U << below(tag_count)) | (1U << below(tag_count));
        return static_cast<std::uint8_t>(below(8) == 0 ? 0 : some);
    }

 private:
    std::mt19937_64 random_;
};

// Which verb is next.
Verb verb_of(const Mix& mix, std::uint64_t percent) {
    const std::array<std::pair<Verb, unsigned>, 5> shares = {
        {{Verb::put, mix.puts},
         {Verb::remove, mix.removals},
         {Verb::increment, mix.increments},
         {Verb::touch, mix.touches},
         {Verb::invalidate, mix.invalidations}}};
    for (const auto& [verb, share] : shares) {
        if (percent < share) {
            return verb;
        }
        percent -= share;
    }
    return Verb::get;
}

}  // namespace

class Recorder::Client {
 public:
    Client(int port, std::uint8_t number)
        : number_(number), connections_{new_client(port), new_client(port)} {}

    History record(const HistoryPlan& plan) {
        Dice dice(plan.seed * client_count + number_);
        History history;
        history.reserve(plan.operations_per_client);
        for (std::uint32_t i = 0; i < plan.operations_per_client; ++i) {
            Operation operation;
            operation.client = number_;
            operation.verb = verb_of(plan.mix, dice.below(100));
            operation.key = static_cast<std::uint16_t>(dice.below(plan.keys));
            fill(operation, plan, dice);
            tagcache_client* const connection = connections_[dice.below(2)].get();
            const std::string key = plan.key_prefix + std::to_string(operation.key);
            operation.called_ns = now_ns();
            perform(connection, key, operation);
            operation.returned_ns = now_ns();
            history.push_back(operation);
        }
        return history;
    }

 private:
    static void fill(Operation& operation, const HistoryPlan& plan, Dice& dice) {
        switch (operation.verb) {
            case Verb::put:
                operation.value = dice.value();
                operation.tags = dice.tags(plan.tags);
                break;
            case Verb::increment: operation.amount = dice.value(); break;
            case Verb::invalidate:
                operation.key = 0;
                operation.tags = static_cast<std::uint8_t>(
                    (1U << dice.below(plan.tags)) |
                    (dice.below(4) == 0 ? 1U << dice.below(plan.tags) : 0U));
                break;
            default: break;
        }
        if (plan.ttl_ms_max != 0 && (operation.verb == Verb::touch ||
                                     (operation.verb == Verb::put && dice.below(4) != 0))) {
            operation.ttl_ms = static_cast<std::uint32_t>(1 + dice.below(plan.ttl_ms_max));
        }
    }

    void perform(tagcache_client* connection, const std::string& key_text, Operation& operation) {
        const tagcache_bytes key = view_of(key_text);
        tagcache_result* const result = result_.get();
        switch (operation.verb) {
            case Verb::get:
                operation.is_found =
                    found(connection, tagcache_get(connection, key, result, nullptr, nullptr));
                operation.value = operation.is_found ? value_in_result() : 0;
                break;
            case Verb::put: put(connection, key, operation); break;
            case Verb::remove:
                operation.is_found =
                    found(connection, tagcache_delete(connection, key, nullptr, nullptr, nullptr));
                break;
            case Verb::touch:
                operation.is_found = found(
                    connection,
                    tagcache_touch(connection, key, operation.ttl_ms, nullptr, nullptr, nullptr));
                break;
            case Verb::increment:
                expect_ok(connection, tagcache_incr(connection, key,
                                                    static_cast<std::int64_t>(operation.amount),
                                                    result, nullptr, nullptr));
                operation.value = static_cast<std::uint64_t>(tagcache_result_number(result));
                break;
            case Verb::invalidate: {
                std::array<tagcache_bytes, 8> tags;
                const std::size_t tag_count = list_tags(operation.tags, tags);
                expect_ok(connection, tagcache_invalidate(connection, tags.data(), tag_count,
                                                          result, nullptr, nullptr));
                operation.count = tagcache_result_count(result);
                break;
            }
        }
    }

    void put(tagcache_client* connection, tagcache_bytes key, const Operation& operation) {
        std::array<tagcache_bytes, 8> tags;
        tagcache_write_options options = TAGCACHE_WRITE_OPTIONS_INIT;
        options.fields = TAGCACHE_WRITE_TAGS | TAGCACHE_WRITE_TTL;
        options.tags = tags.data();
        options.tag_count = list_tags(operation.tags, tags);
        options.ttl_ms = operation.ttl_ms;
        const std::string value = std::to_string(operation.value);
        expect_ok(connection,
                  tagcache_put(connection, key, view_of(value), nullptr, &options, nullptr));
    }

    static std::size_t list_tags(std::uint8_t tags, std::array<tagcache_bytes, 8>& names) {
        static const std::array<std::string, 8> known = {"t0", "t1", "t2", "t3",
                                                         "t4", "t5", "t6", "t7"};
        std::size_t count = 0;
        for (std::size_t tag = 0; tag < known.size(); ++tag) {
            if ((tags >> tag & 1) != 0) {
                names[count++] = view_of(known[tag]);
            }
        }
        return count;
    }

    [[nodiscard]] std::uint64_t value_in_result() const {
        const tagcache_bytes value = tagcache_result_value(result_.get());
        return std::stoull(std::string(static_cast<const char*>(value.data), value.size));
    }

    static bool found(tagcache_client* connection, tagcache_status status) {
        if (status != TAGCACHE_NOT_FOUND) {
            expect_ok(connection, status);
        }
        return status == TAGCACHE_OK;
    }

    static void expect_ok(tagcache_client* connection, tagcache_status status) {
        if (status != TAGCACHE_OK) {
            throw std::runtime_error(std::string("a request failed: ") +
                                     tagcache_status_name(status) + ": " +
                                     tagcache_client_error(connection));
        }
    }

    std::uint8_t number_;
    std::array<ClientHandle, 2> connections_;
    ResultHandle result_ = new_result();
};

Recorder::Recorder(int port) {
    for (std::size_t i = 0; i < client_count; ++i) {
        clients_.push_back(std::make_unique<Client>(port, static_cast<std::uint8_t>(i)));
    }
}

Recorder::~Recorder() = default;

History Recorder::record(const HistoryPlan& plan) {
    std::array<History, client_count> parts;
    run_on_threads(client_count, [&](std::size_t i) { parts[i] = clients_[i]->record(plan); });
    History whole;
    for (const History& part : parts) {
        whole.insert(whole.end(), part.begin(), part.end());
    }
    return whole;
}

namespace {

std::string remove_frame(std::string_view key, std::uint32_t request_id) {
    const wire_bytes view = bytes(key);
    wire_keys keys{};
    keys.keys = {1, &view, {}};
    return frame(WIRE_OP_DELETE, request_id,
                 [&](wire_writer* out) { wire_encode_keys(out, WIRE_OP_DELETE, &keys); });
}

std::string frame_of(const Operation& operation, std::size_t client, std::uint32_t request_id) {
    const std::string key = "c" + std::to_string(client) + ":k" + std::to_string(operation.key);
    std::vector<std::string> tags;
    for (int tag = 0; tag < 8; ++tag) {
        if ((operation.tags >> tag & 1) != 0) {
            tags.push_back(tag_name(client, tag));
        }
    }
    switch (operation.verb) {
        case Verb::put: return put_frame(key, std::to_string(operation.value), tags, request_id);
        case Verb::remove: return remove_frame(key, request_id);
        case Verb::invalidate: return invalidate_frame(tags.at(0), request_id);
        default: return get_frame(key, request_id);
    }
}

void read_reply(const Reply& reply, Exchange& exchange) {
    exchange.reply_id = reply.request_id;
    Operation& operation = exchange.operation;
    if (reply.status != WIRE_OK && reply.status != WIRE_NOT_FOUND) {
        throw std::runtime_error("a request failed");
    }
    switch (reply.opcode) {
        case WIRE_OP_GET:
            operation.is_found = reply.status == WIRE_OK;
            operation.value = operation.is_found ? std::stoull(reply.value()) : 0;
            break;
        case WIRE_OP_DELETE: operation.is_found = reply.results().at(0) == WIRE_OK; break;
        case WIRE_OP_INVALIDATE: operation.count = reply.count(); break;
        default: break;
    }
}

std::vector<Exchange> pipeline_client(int port, std::size_t client, std::uint64_t seed,
                                      std::uint32_t batches) {
    Dice dice(seed * Recorder::client_count + client);
    std::array<WireClient, 2> connections = {WireClient::greeted(port), WireClient::greeted(port)};
    const Mix mix{.puts = 25, .increments = 0, .invalidations = 5};
    std::vector<Exchange> exchanges;
    std::uint32_t request_id = 0;
    for (std::uint32_t batch = 0; batch < batches; ++batch) {
        WireClient& connection = connections[dice.below(2)];
        const std::size_t begin = exchanges.size();
        std::string frames;
        for (std::uint64_t left = 1 + dice.below(32); left != 0; --left) {
            Exchange exchange;
            Operation& operation = exchange.operation;
            operation.verb = verb_of(mix, dice.below(100));
            operation.key = static_cast<std::uint16_t>(dice.below(8));
            operation.value = operation.verb == Verb::put ? dice.value() : 0;
            operation.tags = operation.verb == Verb::put ? dice.tags(4) : std::uint8_t{0};
            if (operation.verb == Verb::invalidate) {
                operation.tags = static_cast<std::uint8_t>(1U << dice.below(4));
            }
            exchange.request_id = ++request_id;
            frames += frame_of(operation, client, request_id);
            exchanges.push_back(exchange);
        }
        connection.send(frames);
        for (std::size_t i = begin; i < exchanges.size(); ++i) {
            const std::optional<Reply> reply = connection.receive();
            if (!reply) {
                throw std::runtime_error("the server has closed the connection");
            }
            read_reply(*reply, exchanges[i]);
        }
    }
    return exchanges;
}

}  // namespace

std::vector<std::vector<Exchange>> record_pipelines(int port, std::uint64_t seed,
                                                    std::uint32_t batches_per_client) {
    std::vector<std::vector<Exchange>> exchanges(Recorder::client_count);
    run_on_threads(exchanges.size(), [&](std::size_t i) {
        exchanges[i] = pipeline_client(port, i, seed, batches_per_client);
    });
    return exchanges;
}

}  // namespace tc::test
