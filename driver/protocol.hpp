// SPDX-License-Identifier: MIT
//
// The seam between the load driver and what a server speaks: operations become bytes to send, bytes
// received become completions. A Protocol has no socket, no clock and no thread: the driver moves
// the bytes, and measures.
//
// One object serves one connection, from its first byte to its last, on one thread. For each batch
// the driver does:
//
//     readable: n = read(fd, protocol.room()); protocol.received(n, completions);
//     refill:   protocol.append(number, operation, completions), once for each free place;
//     writable: n = write(fd, protocol.output()); protocol.sent(n);
//
// Nothing here may throw, and nothing should allocate once buffers have grown to what a batch
// needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tc::driver {

enum class Verb : std::uint8_t { get, put, invalidate };
inline constexpr std::size_t verb_count = 3;

// What is to be done. All views end with the call that they are passed to.
struct Operation {
    Verb verb = Verb::get;
    std::string_view key;                    // get, put
    std::string_view value;                  // put
    std::span<const std::string_view> tags;  // put: the entry's, often none; invalidate: those
                                             // whose entries go, at least one
    std::uint64_t ttl_ms = 0;                // put; 0 = none is given
};

// What became of it. hit, miss: a get. done: a put that was stored, an invalidation that was made.
// refused: the server (or the protocol, in its name) said no, and the connection goes on. error: an
// answer that is none of these, or that does not belong here.
enum class Outcome : std::uint8_t { hit, miss, done, refused, error };

struct Completion {
    std::uint32_t number = 0;  // as append() was given it
    Outcome outcome = Outcome::error;
    std::int32_t reason = 0;        // refused, error: the protocol's own code, for reason_name()
    std::uint64_t value_bytes = 0;  // hit: the size of the value that came
};
using Completions = std::vector<Completion>;

class Protocol {
 public:
    Protocol() = default;
    Protocol(const Protocol&) = delete;
    Protocol& operator=(const Protocol&) = delete;
    virtual ~Protocol() = default;

    // False while a handshake is under way. Its bytes are in output() from the start; the driver
    // exchanges bytes until this is true, appends nothing before, and measures nothing of it.
    [[nodiscard]] virtual bool is_ready() const noexcept { return true; }

    // Appends one operation to the output. `number` is below the connection's window (the pipeline
    // depth) and belongs to one operation at a time: it is given again once its completion has been
    // delivered, so it can index a table. False = there is no room for it now; the driver offers an
    // operation again when bytes have moved, and a protocol without output has to take it. An
    // operation that the protocol cannot carry is completed here at once, as refused; true then.
    [[nodiscard]] virtual bool append(std::uint32_t number, const Operation& operation,
                                      Completions& completions) noexcept = 0;

    // What to send next; valid until the next call on this object. Empty = nothing.
    [[nodiscard]] virtual std::span<const std::uint8_t> output() noexcept = 0;
    // So many bytes of it have left.
    virtual void sent(std::size_t size) noexcept = 0;

    // Where the driver may put bytes that arrive, behind those that received() has not used up yet:
    // not empty, 16 to 64 KiB are good. Valid until the next call on this object.
    [[nodiscard]] virtual std::span<std::uint8_t> room() noexcept = 0;
    // So many bytes were put there. Appends what they complete to `completions`, in any order: each
    // operation that was appended is completed exactly once. False = what arrived makes no sense,
    // or the server ends the connection: failure() says why, and the driver closes.
    [[nodiscard]] virtual bool received(std::size_t size, Completions& completions) noexcept = 0;

    // One line about why received() was false. The driver asks also when the peer closed without
    // it;
    // "" = nothing to add.
    [[nodiscard]] virtual std::string failure() const { return {}; }
    // A completion's reason, in a word or two: "OUT_OF_MEMORY".
    [[nodiscard]] virtual std::string reason_name(std::int32_t reason) const = 0;
};

// Makes the protocol of a new connection. Called before the driver's threads start.
using ProtocolFactory = std::function<std::unique_ptr<Protocol>()>;

}  // namespace tc::driver
