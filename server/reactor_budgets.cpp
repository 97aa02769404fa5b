// SPDX-License-Identifier: MIT
//
// The part of a reactor that bounds what connections hold all together: replies that wait for their
// readers, and requests that have not arrived whole. Each reactor looks at the end of its turns,
// when it has any itself. A little more goes than has to, so that not every turn looks at them all.
#include <algorithm>

#include "server/connection.hpp"
#include "server/reactor.hpp"
#include "server/server.hpp"

namespace tc {

void Reactor::keep_output_budget() noexcept {
    const std::uint64_t excess_bytes = excess_of(&ReactorCounters::output_bytes_held,
                                                 server_.connection_limits().output_bytes_max());
    if (excess_bytes == 0) {
        return;
    }
    // The largest first: whoever reads what it asks for is the last to go.
    list_holders(&Connection::output_bytes_held);
    std::ranges::sort(holders_, std::ranges::greater(), &Connection::output_bytes_held);
    end_holders(excess_bytes, &Connection::output_bytes_held, &Connection::close_over_budget);
}

void Reactor::keep_input_budget() noexcept {
    const std::uint64_t bytes_max = server_.connection_limits().input_bytes_max();
    if (excess_of(&ReactorCounters::input_bytes_held, bytes_max) == 0) {
        return;
    }
    // A buffer that is empty, and kept for the next request, is nobody's fault, and may be enough.
    for (const auto& connection : connections_) {
        connection->release_idle_input();
    }
    const std::uint64_t excess_bytes = excess_of(&ReactorCounters::input_bytes_held, bytes_max);
    if (excess_bytes == 0) {
        return;
    }
    // The oldest first: a large request of somebody who sends it is soon whole.
    list_holders(&Connection::awaited_input_bytes);
    std::ranges::sort(holders_, std::ranges::less(), &Connection::frame_began_at_ms);
    end_holders(excess_bytes, &Connection::awaited_input_bytes, &Connection::refuse_over_budget);
}

// What has to go: a little more than what is too much. 0 as well when others have to let it go.
std::uint64_t Reactor::excess_of(Counter ReactorCounters::*held,
                                 std::uint64_t bytes_max) const noexcept {
    if ((counters_.*held).value() == 0) {
        return 0;
    }
    const std::uint64_t held_bytes = server_.held_bytes(held);
    return held_bytes > bytes_max ? held_bytes - bytes_max + bytes_max / 8 : 0;
}

void Reactor::list_holders(HeldBytes held) noexcept {
    holders_.clear();
    for (const auto& connection : connections_) {
        if ((connection.get()->*held)() != 0 && !connection->is_closing()) {
            holders_.push_back(connection.get());  // within its reserve
        }
    }
}

// In their order, until so much has gone.
void Reactor::end_holders(std::uint64_t excess_bytes, HeldBytes held,
                          void (Connection::*end)() noexcept) noexcept {
    std::uint64_t ended_bytes = 0;
    for (std::size_t i = 0; i < holders_.size() && ended_bytes < excess_bytes; ++i) {
        ended_bytes += (holders_[i]->*held)();
        (holders_[i]->*end)();
    }
}

}  // namespace tc
