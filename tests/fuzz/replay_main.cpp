// SPDX-License-Identifier: MIT
//
// Usage: fuzz_<target> PATH...
// The main of a fuzz target where there is no libFuzzer: runs the target once for each file that is
// named, or lies in a folder that is named. Fails when there was none.
#include <cstdio>

#include "input_files.hpp"
#include "target.hpp"

int main(int argc, char** argv) {
    std::size_t count = 0;
    try {
        for (int i = 1; i < argc; ++i) {
            for (const auto& file : tc::fuzz::files_of(argv[i])) {
                const auto bytes = tc::fuzz::bytes_of_file(file);
                // Told first, because a finding ends the process here.
                std::printf("%s\n", file.c_str());
                std::fflush(stdout);
                LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
                ++count;
            }
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    std::printf("%zu inputs replayed\n", count);
    return count != 0 ? 0 : 1;
}
