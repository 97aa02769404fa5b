// SPDX-License-Identifier: MIT
//
// Lists of commands through the whole server, against the model: command_run.hpp.
#include "command_run.hpp"
#include "target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    tc::fuzz::Input input(data, size);
    tc::fuzz::CommandRun(input).run();
    return 0;
}
