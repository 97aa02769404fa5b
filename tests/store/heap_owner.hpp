// SPDX-License-Identifier: MIT
//
// Owns the entries of an EntryHeap as a stripe does, and knows what every byte of them has to be.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "store/entry_heap.hpp"

namespace tc::test {

class HeapOwner {
 public:
    // What is retired is freed when as many more have been retired.
    HeapOwner(std::size_t bytes_max, std::size_t limbo_count_max)
        : heap_(bytes_max), limbo_count_max_(limbo_count_max) {}
    ~HeapOwner() {
        for (std::uint32_t slot = 0; slot < refs_.size(); ++slot) {
            static_cast<void>(remove(slot));
        }
        empty_limbo(0);
    }
    HeapOwner(const HeapOwner&) = delete;
    HeapOwner& operator=(const HeapOwner&) = delete;

    static constexpr std::size_t block_bytes_min = 32;

    // An entry whose block has so many bytes, in place of the one that the slot had.
    [[nodiscard]] bool put(std::uint32_t slot, std::size_t block_bytes) {
        const std::string content = content_of(slot, ++version_, block_bytes - sizeof(Entry));
        const std::size_t key_bytes = std::min<std::size_t>(content.size(), 65'535);
        const Entry::Content entry{.key = std::string_view(content).substr(0, key_bytes),
                                   .value = std::string_view(content).substr(key_bytes)};
        const EntryRef ref = heap_.allocate(Entry::block_bytes(entry));
        if (ref == no_entry) {
            return false;
        }
        Entry* const made = Entry::make(entry_at(heap_.begin(), ref), entry);
        made->set_version(version_);
        made->set_slot(slot);
        used_bytes_ += block_bytes;
        refs_.resize(std::max<std::size_t>(refs_.size(), slot + 1));
        if (refs_[slot] != no_entry) {
            retire(refs_[slot]);
        }
        refs_[slot] = ref;
        return true;
    }

    // False when the slot has no entry.
    bool remove(std::uint32_t slot) {
        if (!has(slot)) {
            return false;
        }
        retire(refs_[slot]);
        refs_[slot] = no_entry;
        return true;
    }

    std::uint32_t evacuate(std::uint32_t budget) {
        return heap_.evacuate(budget, EntryHeap::idle_percent_max,
                              [this](EntryRef ref) { return move(ref); });
    }

    void empty_limbo(std::size_t left) {
        for (; limbo_.size() > left; limbo_.pop_front()) {
            const std::size_t bytes = at(limbo_.front()).block_bytes();
            heap_.free(limbo_.front(), bytes);
            used_bytes_ -= bytes;
        }
    }

    // What upkeep does in two ticks when nobody writes.
    void settle() {
        for (int tick = 0; tick < 2; ++tick) {
            std::uint32_t budget = UINT32_MAX;
            static_cast<void>(heap_.settle(budget));
        }
    }
    [[nodiscard]] std::uint64_t settled_idle_bytes() {
        settle();
        return heap_.idle_bytes();
    }

    [[nodiscard]] bool has(std::uint32_t slot) const {
        return slot < refs_.size() && refs_[slot] != no_entry;
    }
    [[nodiscard]] EntryRef ref(std::uint32_t slot) const { return refs_[slot]; }
    [[nodiscard]] std::uint32_t slot_end() const {
        return static_cast<std::uint32_t>(refs_.size());
    }
    // Whether every byte of every entry, also of those in limbo, is what was put.
    [[nodiscard]] bool is_intact() const {
        return std::all_of(refs_.begin(), refs_.end(),
                           [this](EntryRef ref) { return ref == no_entry || is_intact(ref); }) &&
               std::all_of(limbo_.begin(), limbo_.end(),
                           [this](EntryRef ref) { return is_intact(ref); });
    }
    [[nodiscard]] std::uint64_t used_bytes() const { return used_bytes_; }
    [[nodiscard]] std::uint64_t moved_count() const { return moved_count_; }
    [[nodiscard]] EntryHeap& heap() { return heap_; }

 private:
    [[nodiscard]] Entry& at(EntryRef ref) const { return *entry_at(heap_.begin(), ref); }

    static std::string content_of(std::uint32_t slot, std::uint64_t version, std::size_t bytes) {
        std::string content(bytes, static_cast<char>(slot * 31 + version));
        const std::uint64_t mark = version << 32 | slot;
        std::memcpy(content.data(), &mark, sizeof mark);
        return content;
    }

    [[nodiscard]] bool is_intact(EntryRef ref) const {
        const Entry& entry = at(ref);
        const std::string_view key = entry.key();
        const std::string_view value = entry.value();
        const std::string content =
            content_of(entry.slot(), entry.version(), key.size() + value.size());
        return content.compare(0, key.size(), key) == 0 &&
               content.compare(key.size(), value.size(), value) == 0;
    }

    void retire(EntryRef ref) {
        at(ref).retire(no_entry);
        limbo_.push_back(ref);
        empty_limbo(limbo_count_max_);
    }

    bool move(EntryRef ref) {
        const std::size_t bytes = at(ref).block_bytes();
        const EntryRef target = heap_.allocate(bytes);
        if (target == no_entry) {
            return false;
        }
        const Entry* const copy = Entry::make_copy(entry_at(heap_.begin(), target), at(ref));
        used_bytes_ += bytes;
        ++moved_count_;
        refs_[copy->slot()] = target;
        retire(ref);
        return true;
    }

    EntryHeap heap_;
    const std::size_t limbo_count_max_;
    std::vector<EntryRef> refs_;
    std::deque<EntryRef> limbo_;
    std::uint64_t version_ = 0;
    std::uint64_t used_bytes_ = 0;
    std::uint64_t moved_count_ = 0;
};

}  // namespace tc::test
