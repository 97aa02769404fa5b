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
    std::uint64_t closed_bytes = 0;
    for (std::size_t i = 0; i < holders_.size() && closed_bytes < excess_bytes; ++i) {
        closed_bytes += holders_[i]->output_bytes_held();
        holders_[i]->close_over_budget();
    }
}

void Reactor::keep_input_budget() noexcept {
    const std::uint64_t excess_bytes = excess_of(&ReactorCounters::input_bytes_held,
                                                 server_.connection_limits().input_bytes_max());
    if (excess_bytes == 0) {
        return;
    }
    // A buffer that is empty, and kept for the next request, is nobody's fault.
    for (const auto& connection : connections_) {
        connection->release_idle_input();
    }
    // The oldest first: a large request of somebody who sends it is soon whole.
    list_holders(&Connection::input_bytes_held);
    std::ranges::sort(holders_, std::ranges::less(), &Connection::frame_began_at_ms);
    std::uint64_t refused_bytes = 0;
    for (std::size_t i = 0; i < holders_.size() && refused_bytes < excess_bytes; ++i) {
        refused_bytes += holders_[i]->input_bytes_held();
        holders_[i]->refuse_over_budget();
    }
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

void Reactor::list_holders(std::size_t (Connection::*held)() const noexcept) noexcept {
    holders_.clear();
    for (const auto& connection : connections_) {
        if ((connection.get()->*held)() != 0 && !connection->is_closing()) {
            holders_.push_back(connection.get());  // within its reserve
        }
    }
}

}  // namespace tc
