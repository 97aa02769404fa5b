// SPDX-License-Identifier: MIT
#include "store/blob_memory.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "failing.hpp"
#include "support/process_memory.hpp"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace tc::test {
namespace {

constexpr std::size_t page = Reservation::page_bytes;
constexpr std::size_t kibibyte = 1024;
constexpr std::size_t mebibyte = 1024 * kibibyte;
constexpr std::uint64_t memory_bytes = std::uint64_t{256} * mebibyte;
// What a resident set is off by, and what a sanitizer adds to it. That of threads keeps several
// bytes for each that was ever written.
#if defined(__SANITIZE_THREAD__)
constexpr std::uint64_t resident_error = 2048 * mebibyte;
#else
constexpr std::uint64_t resident_error = 12 * mebibyte;
#endif

std::uint64_t resident() {
    return process_bytes(getpid(), "VmRSS:");
}

// A block full of its own number, which finds out when somebody else wrote there.
class Block {
 public:
    Block(BlobMemory& memory, std::size_t bytes, std::uint64_t number)
        : begin_(static_cast<char*>(memory.allocate(bytes))), bytes_(bytes), number_(number) {
        if (begin_ != nullptr) {
            for (std::size_t at = 0; at < words(); ++at) {
                std::memcpy(begin_ + at * sizeof number_, &number_, sizeof number_);
            }
        }
    }

    [[nodiscard]] char* begin() const { return begin_; }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    [[nodiscard]] bool is_intact() const {
        std::size_t at = 0;
        while (at < words() &&
               std::memcmp(begin_ + at * sizeof number_, &number_, sizeof number_) == 0) {
            ++at;
        }
        return at == words();
    }
    void free(BlobMemory& memory) const { memory.free(begin_, bytes_); }

 private:
    [[nodiscard]] std::size_t words() const { return bytes_ / sizeof number_; }

    char* begin_;
    std::size_t bytes_;
    std::uint64_t number_;
};

std::vector<Block> blocks_of(BlobMemory& memory, std::size_t count, std::size_t bytes) {
    std::vector<Block> blocks;
    for (std::size_t number = 0; number < count; ++number) {
        blocks.emplace_back(memory, bytes, number);
        REQUIRE(blocks.back().begin() != nullptr);
    }
    return blocks;
}

void free_all(BlobMemory& memory, std::vector<Block>& blocks) {
    for (const Block& block : blocks) {
        block.free(memory);
    }
    blocks.clear();
}

std::size_t draw_bytes(std::mt19937_64& random) {
    const std::size_t most = std::size_t{20} * kibibyte << random() % 7;
    return 16 * kibibyte + random() % (most - 16 * kibibyte);
}

template <typename Work>
void run_threads(const Work& work) {
    std::vector<std::thread> threads;
    for (std::uint64_t number = 1; number <= 4; ++number) {
        threads.emplace_back(work, number);
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}

}  // namespace

TEST_CASE("a block takes the pages that it needs, whatever its slot", "[store][blobs]") {
    CHECK(BlobMemory::block_bytes(1) == page);
    CHECK(BlobMemory::block_bytes(5 * page) == 5 * page);
    CHECK(BlobMemory::block_bytes(5 * page + 1) == 6 * page);
    BlobMemory memory(memory_bytes);
    const std::uint64_t before = resident();
    std::vector<Block> blocks = blocks_of(memory, 2000, 17 * page);
    const std::uint64_t grown = resident() - before;
    CHECK(grown < 2000 * 17 * page * 5 / 4 + resident_error);
    CHECK(std::all_of(blocks.begin(), blocks.end(), [](const Block& block) {
        return reinterpret_cast<std::uintptr_t>(block.begin()) % page == 0;
    }));
    free_all(memory, blocks);
}

TEST_CASE("blocks do not overlap", "[store][blobs]") {
    const std::uint64_t seed = 20'260'731;
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    BlobMemory memory(memory_bytes);
    std::vector<Block> blocks;
    for (std::uint64_t number = 0; number < 4000; ++number) {
        if (blocks.size() == 100) {
            std::swap(blocks.at(random() % blocks.size()), blocks.back());
            REQUIRE(blocks.back().is_intact());
            blocks.back().free(memory);
            blocks.pop_back();
        }
        blocks.emplace_back(memory, draw_bytes(random), number);
        REQUIRE(blocks.back().begin() != nullptr);
        if (number % 8 == 0) {
            static_cast<void>(memory.give_back_surplus(random() % mebibyte));
        }
    }
    CHECK(std::all_of(blocks.begin(), blocks.end(),
                      [](const Block& block) { return block.is_intact(); }));
    std::uint64_t freed_bytes = memory.warm_bytes();
    for (const Block& block : blocks) {
        freed_bytes += BlobMemory::block_bytes(block.bytes());
    }
    free_all(memory, blocks);
    CHECK(memory.warm_bytes() == freed_bytes);
}

TEST_CASE("what was freed last is taken first, with its memory", "[store][blobs]") {
    BlobMemory memory(memory_bytes);
    std::vector<Block> blocks = blocks_of(memory, 3, 100 * kibibyte);
    const char* const second = blocks.at(1).begin();
    blocks.at(0).free(memory);
    blocks.at(1).free(memory);
    CHECK(memory.warm_bytes() == 200 * kibibyte);
    const Block again(memory, 100 * kibibyte, 9);
    CHECK(again.begin() == second);
    CHECK(memory.warm_bytes() == 100 * kibibyte);
    CHECK(blocks.at(2).is_intact());
}

TEST_CASE("a smaller block keeps nothing of a larger one", "[store][blobs]") {
    BlobMemory memory(memory_bytes);
    std::vector<Block> large = blocks_of(memory, 60, mebibyte);
    free_all(memory, large);
    const std::uint64_t before = resident();
    std::vector<Block> small = blocks_of(memory, 60, mebibyte / 2 + 1);
    CHECK(memory.warm_bytes() == 0);
    CHECK(resident() + 25 * mebibyte < before + resident_error);
    free_all(memory, small);
    CHECK(memory.warm_bytes() == 60 * (mebibyte / 2 + page));
}

TEST_CASE("what is free goes back in slices, but for what is kept warm", "[store][blobs]") {
    constexpr std::size_t slice = 300 * kibibyte;
    BlobMemory memory(memory_bytes);
    CHECK(memory.warm_bytes_max() == 4 * mebibyte);
    const std::uint64_t before = resident();
    std::vector<Block> blocks = blocks_of(memory, 40, mebibyte);
    std::vector<Block> small = blocks_of(memory, 500, 20 * kibibyte);
    CHECK(resident() > before + 40 * mebibyte);
    CHECK_FALSE(memory.give_back_surplus(slice));
    free_all(memory, blocks);
    free_all(memory, small);
    std::uint64_t left = memory.warm_bytes();
    CHECK(left == 40 * mebibyte + 500 * 20 * kibibyte);
    while (memory.give_back_surplus(slice)) {
        REQUIRE(memory.warm_bytes() == left - slice);
        left = memory.warm_bytes();
    }
    CHECK(memory.warm_bytes() == memory.warm_bytes_max());
    CHECK(resident() < before + memory.warm_bytes_max() + resident_error);
    CHECK_FALSE(memory.give_back_surplus(slice));
    CHECK(memory.warm_bytes() == memory.warm_bytes_max());
}

TEST_CASE("who needs fresh pages gives back as many of the surplus", "[store][blobs]") {
    BlobMemory memory(memory_bytes);
    std::vector<Block> large = blocks_of(memory, 20, mebibyte);
    free_all(memory, large);
    CHECK(memory.warm_bytes() == 20 * mebibyte);
    const Block other(memory, 40 * kibibyte, 1);
    CHECK(memory.warm_bytes() == 20 * mebibyte - 40 * kibibyte);
    // The same for a block that finds half of its pages. It is the one that the last left so.
    const Block grown(memory, mebibyte, 2);
    CHECK(grown.is_intact());
    CHECK(other.is_intact());
    CHECK(memory.warm_bytes() == 19 * mebibyte - 40 * kibibyte);
}

TEST_CASE("addresses come to an end, and are free again", "[store][blobs]") {
    BlobMemory memory(mebibyte);
    std::vector<Block> blocks;
    for (Block block(memory, 20 * kibibyte, 0); block.begin() != nullptr;
         block = Block(memory, 20 * kibibyte, blocks.size())) {
        blocks.push_back(block);
    }
    CHECK(blocks.size() * 20 * kibibyte > mebibyte);
    blocks.back().free(memory);
    const Block again(memory, 20 * kibibyte, 5);
    CHECK(again.begin() == blocks.back().begin());
    CHECK(memory.allocate(BlobMemory::block_bytes_max + 1) == nullptr);
    const Block largest(memory, BlobMemory::block_bytes_max, 6);
    CHECK(largest.is_intact());
}

TEST_CASE("without memory there is no block, and nothing is lost", "[store][blobs][faults]") {
    BlobMemory memory(memory_bytes);
    std::uint64_t nth = 1;
    for (bool is_refused = true; is_refused; ++nth) {
        const Failing failing(nth);
        void* const block = memory.allocate(100 * kibibyte);
        is_refused = block == nullptr;
        if (!is_refused) {
            memory.free(block, 100 * kibibyte);
        }
    }
    // The block itself, the records of its slots, and the slots.
    CHECK(nth - 1 == 4);
    CHECK(memory.warm_bytes() == 100 * kibibyte);
    {
        const Failing failing(1);
        CHECK(memory.allocate(100 * kibibyte) == nullptr);
    }
    CHECK(memory.warm_bytes() == 100 * kibibyte);
}

TEST_CASE("locked memory of a free block does no harm", "[store][blobs]") {
    BlobMemory memory(mebibyte);
    const Block block(memory, mebibyte, 1);
    // Where locking is not allowed, this is an ordinary block.
    static_cast<void>(mlock(block.begin(), page));
    block.free(memory);
    while (memory.give_back_surplus(mebibyte)) {
    }
    CHECK(memory.warm_bytes() == memory.warm_bytes_max());
    const Block again(memory, mebibyte, 2);
    CHECK(again.begin() == block.begin());
    CHECK(again.is_intact());
    static_cast<void>(munlock(block.begin(), page));
}

TEST_CASE("threads take, hand over and free blocks together", "[store][blobs]") {
    BlobMemory memory(memory_bytes);
    std::mutex mutex;
    std::vector<Block> handed_over;
    std::atomic<std::uint64_t> damaged_count{0};
    const auto finish = [&](const Block& block) {
        damaged_count += block.is_intact() ? 0 : 1;
        block.free(memory);
    };
    const auto work = [&](std::uint64_t own_number) {
        std::mt19937_64 random(own_number);
        for (std::uint64_t round = 0; round < 1000; ++round) {
            const Block block(memory, draw_bytes(random), own_number << 32 | round);
            if (block.begin() == nullptr) {
                ++damaged_count;
                continue;
            }
            const std::lock_guard lock(mutex);
            handed_over.push_back(block);
            if (handed_over.size() > 16) {
                std::swap(handed_over.at(random() % handed_over.size()), handed_over.back());
                finish(handed_over.back());
                handed_over.pop_back();
            }
            if (round % 16 == 0) {
                static_cast<void>(memory.give_back_surplus(256 * kibibyte));
            }
        }
    };
    run_threads(work);
    std::for_each(handed_over.begin(), handed_over.end(), finish);
    CHECK(damaged_count == 0);
    while (memory.give_back_surplus(mebibyte)) {
    }
    CHECK(memory.warm_bytes() <= memory.warm_bytes_max());
}

TEST_CASE("threads take and free blocks of their own together", "[store][blobs]") {
    BlobMemory memory(memory_bytes);
    std::atomic<std::uint64_t> damaged_count{0};
    const auto work = [&](std::uint64_t own_number) {
        std::mt19937_64 random(own_number);
        for (std::uint64_t round = 0; round < 1000; ++round) {
            const Block block(memory, draw_bytes(random), own_number << 32 | round);
            damaged_count += block.begin() != nullptr && block.is_intact() ? 0 : 1;
            block.free(memory);
            static_cast<void>(memory.give_back_surplus(64 * kibibyte));
        }
    };
    run_threads(work);
    CHECK(damaged_count == 0);
}

#if defined(__SANITIZE_ADDRESS__)
TEST_CASE("a sanitizer finds who uses a free block", "[store][blobs]") {
    BlobMemory memory(memory_bytes);
    const Block block(memory, 20 * kibibyte + 8, 1);
    const auto is_poisoned = [&](std::size_t offset) {
        return __asan_address_is_poisoned(block.begin() + offset) != 0;
    };
    CHECK_FALSE(is_poisoned(0));
    CHECK_FALSE(is_poisoned(20 * kibibyte + 7));
    CHECK(is_poisoned(20 * kibibyte + 8));
    block.free(memory);
    CHECK(is_poisoned(0));
    CHECK(is_poisoned(20 * kibibyte + 7));
    const Block again(memory, 17 * kibibyte, 2);
    CHECK_FALSE(is_poisoned(17 * kibibyte - 1));
    CHECK(is_poisoned(17 * kibibyte));
}
#endif

}  // namespace tc::test
