// SPDX-License-Identifier: MIT
#include "faults/modelled_client.hpp"

#include <stdexcept>

#include "support/eventually.hpp"

namespace tc::test {
namespace {

constexpr std::size_t key_count = 32;
constexpr std::size_t tag_count = 4;
constexpr std::size_t batch_max = 64;
constexpr std::uint64_t batches_per_connection = 100;
constexpr std::uint64_t large_value_interval = 200;
constexpr std::size_t small_value_bytes_max = 600;
constexpr std::size_t large_value_bytes_max = 100'000;

}  // namespace

ModelledClient::ModelledClient(int port, std::uint32_t number, std::uint64_t seed)
    : port_(port),
      prefix_("c" + std::to_string(number) + ":"),
      random_(seed + number),
      keys_(key_count, Candidates{""}) {}

void ModelledClient::run(std::uint64_t answers) {
    for (std::uint64_t batch = 1; answers_ < answers; ++batch) {
        // Connects often enough for the faults of that to happen, whatever breaks by itself.
        if (batch % batches_per_connection == 0) {
            connection_.reset();
        }
        if (!connection_) {
            connect();
        }
        exchange_batch();
    }
}

// The server may break a connection before it has greeted.
void ModelledClient::connect() {
    const bool is_connected = eventually([&] {
        try {
            connection_.emplace(WireClient::greeted(port_));
            return true;
        } catch (const ConnectionBroken&) {
            return false;
        }
    });
    if (!is_connected) {
        throw std::runtime_error("the server is not to be reached");
    }
}

ModelledClient::Request ModelledClient::next_request() {
    Request request;
    request.key = random_() % key_count;
    request.id = next_id_++;
    const std::uint64_t percent = random_() % 100;
    request.opcode = percent < 55   ? WIRE_OP_GET
                     : percent < 90 ? WIRE_OP_PUT
                     : percent < 95 ? WIRE_OP_GETDEL
                                    : WIRE_OP_INVALIDATE;
    if (request.opcode == WIRE_OP_PUT) {
        const bool is_large = random_() % large_value_interval == 0;
        request.value = std::to_string(request.id) + ":";
        request.value.resize(request.value.size() + random_() % (is_large ? large_value_bytes_max
                                                                          : small_value_bytes_max),
                             static_cast<char>('a' + request.id % 26));
    }
    return request;
}

std::string ModelledClient::tag_of(std::size_t key) const {
    return prefix_ + "t" + std::to_string(key % tag_count);
}

std::string ModelledClient::frame_of(const Request& request) const {
    const std::string key = prefix_ + std::to_string(request.key);
    switch (request.opcode) {
        case WIRE_OP_PUT: return put_frame(key, request.value, {tag_of(request.key)}, request.id);
        case WIRE_OP_INVALIDATE: return invalidate_frame(tag_of(request.key), request.id);
        default: {
            const wire_get get{0, 0, bytes(key)};
            return frame(request.opcode, request.id,
                         [&](wire_writer* out) { wire_encode_get(out, &get); });
        }
    }
}

void ModelledClient::exchange_batch() {
    std::vector<Request> batch(1 + random_() % batch_max);
    std::string frames;
    for (Request& request : batch) {
        request = next_request();
        frames += frame_of(request);
    }
    std::size_t answered = 0;
    std::optional<Reply> reply;
    try {
        connection_->send(frames);
        while (answered < batch.size() && (reply = connection_->receive())) {
            take(batch[answered++], *reply);
        }
    } catch (const ConnectionBroken&) {
        // Broken within a reply, or while the batch was sent.
    }
    if (answered < batch.size()) {
        ++lost_connections_;
        connection_.reset();
        for (; answered < batch.size(); ++answered) {
            lose(batch[answered]);
        }
    }
}

void ModelledClient::take(const Request& request, const Reply& reply) {
    if (reply.request_id != request.id || reply.opcode != request.opcode) {
        fail(request, "the reply to another one");
    }
    ++answers_;
    Candidates& candidates = keys_[request.key];
    if (request.opcode == WIRE_OP_PUT && reply.status == WIRE_OUT_OF_MEMORY) {
        ++refusals_;
        candidates = {""};  // it unlinks the old value
    } else if (request.opcode == WIRE_OP_PUT) {
        if (reply.status != WIRE_OK) {
            fail(request, "status " + std::to_string(reply.status));
        }
        candidates = {request.value};
    } else if (request.opcode == WIRE_OP_INVALIDATE) {
        if (reply.status != WIRE_OK || reply.count() > key_count / tag_count) {
            fail(request, "status " + std::to_string(reply.status));
        }
        for (std::size_t key = request.key % tag_count; key < key_count; key += tag_count) {
            keys_[key] = {""};
        }
    } else {
        take_get(request, reply);
    }
}

void ModelledClient::take_get(const Request& request, const Reply& reply) {
    if (reply.status != WIRE_OK && reply.status != WIRE_NOT_FOUND) {
        fail(request, "status " + std::to_string(reply.status));
    }
    const std::string value = reply.status == WIRE_OK ? reply.value() : "";
    hits_ += value.empty() ? 0 : 1;
    Candidates& candidates = keys_[request.key];
    if (!candidates.contains(value)) {
        fail(request, "'" + value.substr(0, 20) + "' instead of '" +
                          candidates.begin()->substr(0, 20) + "' or " +
                          std::to_string(candidates.size() - 1) + " others");
    }
    candidates = {request.opcode == WIRE_OP_GET ? value : ""};
}

// It may have been executed, or not.
void ModelledClient::lose(const Request& request) {
    if (request.opcode == WIRE_OP_PUT) {
        keys_[request.key].insert({request.value, ""});
    } else if (request.opcode == WIRE_OP_GETDEL) {
        keys_[request.key].insert("");
    } else if (request.opcode == WIRE_OP_INVALIDATE) {
        for (std::size_t key = request.key % tag_count; key < key_count; key += tag_count) {
            keys_[key].insert("");
        }
    }
}

void ModelledClient::fail(const Request& request, const std::string& what) const {
    throw std::logic_error(prefix_ + " request " + std::to_string(request.id) + ", opcode " +
                           std::to_string(request.opcode) + ", key " + std::to_string(request.key) +
                           ": " + what);
}

}  // namespace tc::test
