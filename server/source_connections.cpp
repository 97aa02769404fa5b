// SPDX-License-Identifier: MIT
#include "server/source_connections.hpp"

#include <new>

namespace tc {

namespace {

constexpr std::uint64_t this_machine = 0;

}  // namespace

bool SourceConnections::add(std::uint64_t source, std::uint64_t count_max) noexcept {
    if (source == this_machine) {
        return true;
    }
    const std::lock_guard lock(mutex_);
    try {
        std::uint64_t& count = counts_[source];
        if (count_max != 0 && count >= count_max) {
            return false;
        }
        ++count;
        return true;
    } catch (const std::bad_alloc&) {
        return false;
    }
}

void SourceConnections::remove(std::uint64_t source) noexcept {
    if (source == this_machine) {
        return;
    }
    const std::lock_guard lock(mutex_);
    const auto found = counts_.find(source);
    if (found != counts_.end() && --found->second == 0) {
        counts_.erase(found);
    }
}

}  // namespace tc
