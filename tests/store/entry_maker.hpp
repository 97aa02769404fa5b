// SPDX-License-Identifier: MIT
//
// Entries for tests of what names them: each is made once and stays.
#pragma once

#include <cstddef>
#include <string_view>

#include "store/entry.hpp"
#include "store/reservation.hpp"

namespace tc::test {

class EntryMaker {
 public:
    explicit EntryMaker(std::size_t bytes) : memory_(bytes) {
        if (!memory_.commit(bytes)) {
            throw std::bad_alloc();
        }
    }

    [[nodiscard]] char* heap_begin() const { return memory_.begin(); }
    [[nodiscard]] Entry& at(EntryRef ref) const { return *entry_at(heap_begin(), ref); }

    [[nodiscard]] EntryRef make(std::string_view key, std::string_view value = {}) {
        const Entry::Content content{.key = key, .value = value};
        const EntryRef ref = next_ref_;
        next_ref_ += static_cast<EntryRef>(Entry::block_bytes(content) / ref_step_bytes);
        if (std::size_t{next_ref_} * ref_step_bytes > memory_.size()) {
            throw std::bad_alloc();
        }
        Entry::make(&at(ref), content);
        return ref;
    }

 private:
    Reservation memory_;
    EntryRef next_ref_ = no_entry + 1;
};

}  // namespace tc::test
