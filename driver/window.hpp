// SPDX-License-Identifier: MIT
//
// The operations of one connection that are on their way, in as many places as the pipeline is
// deep. They may come back in any order.
#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <vector>

#include "driver/protocol.hpp"

namespace tc::driver {

struct Flight {
    std::uint64_t intended_ns = 0;  // when it was to be sent
    Verb verb = Verb::get;
    bool is_measured = false;  // false during the warm-up
};

class Window {
 public:
    explicit Window(std::uint32_t size) : places_(size) {
        free_.reserve(size);
        // The lowest number is taken first, so that a shallow load stays in few cache lines.
        for (std::uint32_t number = size; number != 0; --number) {
            free_.push_back(number - 1);
        }
    }

    [[nodiscard]] bool has_room() const noexcept { return !free_.empty(); }
    [[nodiscard]] std::uint32_t count() const noexcept {
        return static_cast<std::uint32_t>(places_.size() - free_.size());
    }

    // The number that the next take() will give. REQUIRES: has_room().
    [[nodiscard]] std::uint32_t next_number() const noexcept { return free_.back(); }
    // REQUIRES: has_room().
    std::uint32_t take(const Flight& flight) noexcept {
        assert(has_room());
        const std::uint32_t number = free_.back();
        free_.pop_back();
        places_[number] = {flight, true};
        return number;
    }
    // Nothing for a number of which no operation is on its way: such a completion is a lie.
    [[nodiscard]] std::optional<Flight> release(std::uint32_t number) noexcept {
        if (number >= places_.size() || !places_[number].is_taken) {
            return std::nullopt;
        }
        places_[number].is_taken = false;
        free_.push_back(number);
        return places_[number].flight;
    }
    // Calls each(flight) for all that are on their way, and forgets them.
    template <typename Each>
    void release_all(Each each) noexcept {
        for (std::uint32_t number = 0; number < places_.size(); ++number) {
            if (const std::optional<Flight> flight = release(number)) {
                each(*flight);
            }
        }
    }

 private:
    struct Place {
        Flight flight;
        bool is_taken = false;
    };

    std::vector<Place> places_;
    std::vector<std::uint32_t> free_;
};

}  // namespace tc::driver
