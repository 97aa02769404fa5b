// SPDX-License-Identifier: MIT
//
// Limits of control groups, read from a folder that is laid out as /proc and /sys are.
#include "server/machine.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

namespace {

constexpr std::uint64_t mib = 1024 * 1024;

class FakeMachine {
 public:
    FakeMachine() {
        char path[] = "/tmp/tagcached-machine-XXXXXX";
        root_ = mkdtemp(path);
    }
    FakeMachine(const FakeMachine&) = delete;
    FakeMachine& operator=(const FakeMachine&) = delete;
    ~FakeMachine() { std::filesystem::remove_all(root_); }

    void write(const std::string& path, const std::string& text) const {
        const std::filesystem::path file = root_ + path;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << text;
    }
    [[nodiscard]] std::uint64_t memory_bytes() const { return tc::usable_memory_bytes(root_); }
    [[nodiscard]] std::uint32_t core_count() const { return tc::usable_core_count(root_); }

 private:
    std::string root_;
};

}  // namespace

TEST_CASE("without a control group all memory and all cores of the mask are usable") {
    const FakeMachine machine;
    CHECK(machine.memory_bytes() > 64 * mib);
    CHECK(machine.memory_bytes() % 4096 == 0);
    CHECK(machine.core_count() >= 1);
}

TEST_CASE("the limit of a version 2 group counts, and that of each group above it") {
    const FakeMachine machine;
    const std::uint64_t all = machine.memory_bytes();
    const std::string top = "/sys/fs/cgroup";
    machine.write("/proc/self/cgroup", "0::/system.slice/tagcached.service\n");
    machine.write(top + "/system.slice/tagcached.service/memory.max", "max\n");
    CHECK(machine.memory_bytes() == all);
    machine.write(top + "/system.slice/tagcached.service/memory.max", "50331648\n");
    CHECK(machine.memory_bytes() == 48 * mib);
    machine.write(top + "/system.slice/memory.max", "33554432\n");
    CHECK(machine.memory_bytes() == 32 * mib);
    machine.write(top + "/memory.max", "16777216\n");
    CHECK(machine.memory_bytes() == 16 * mib);
}

TEST_CASE("the limit of a version 1 group counts, in the hierarchy of its controller") {
    const FakeMachine machine;
    const std::uint64_t all = machine.memory_bytes();
    const std::string top = "/sys/fs/cgroup/memory";
    machine.write("/proc/self/cgroup",
                  "5:cpu,cpuacct:/docker/f00\n4:hugetlb,memory:/docker/f00\n1:name=systemd:/x\n");
    machine.write("/sys/fs/cgroup/memory/x/memory.limit_in_bytes", "1\n");
    machine.write("/sys/fs/cgroup/cpu/docker/f00/memory.limit_in_bytes", "1\n");
    machine.write(top + "/docker/f00/memory.limit_in_bytes", "9223372036854771712\n");  // none
    CHECK(machine.memory_bytes() == all);
    machine.write(top + "/docker/f00/memory.limit_in_bytes", "50331648\n");
    CHECK(machine.memory_bytes() == 48 * mib);
    machine.write(top + "/memory.limit_in_bytes", "33554432\n");
    CHECK(machine.memory_bytes() == 32 * mib);
}

TEST_CASE("in a container that sees only its own group as the top, that one counts") {
    const FakeMachine machine;
    machine.write("/proc/self/cgroup", "4:memory:/docker/f00\n0::/docker/f00\n");
    machine.write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "50331648\n");
    CHECK(machine.memory_bytes() == 48 * mib);
    machine.write("/sys/fs/cgroup/memory.max", "33554432\n");
    CHECK(machine.memory_bytes() == 32 * mib);
}

TEST_CASE("lines that are none of the kernel's are passed over") {
    const FakeMachine machine;
    const std::uint64_t all = machine.memory_bytes();
    machine.write("/proc/self/cgroup", "\nmemory\n4:memory\n:::\n4:xmemory:/\n");
    machine.write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "1\n");
    CHECK(machine.memory_bytes() == all);
}

TEST_CASE("a CPU quota is rounded up to whole cores, in both versions") {
    const FakeMachine second;
    second.write("/proc/self/cgroup", "0::/\n");
    second.write("/sys/fs/cgroup/cpu.max", "max 100000\n");
    CHECK(second.core_count() == tc::usable_core_count("/nowhere"));
    second.write("/sys/fs/cgroup/cpu.max", "50000 100000\n");
    CHECK(second.core_count() == 1);

    const FakeMachine first;
    first.write("/proc/self/cgroup", "2:cpu,cpuacct:/a\n");
    first.write("/sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n");
    first.write("/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "-1\n");
    CHECK(first.core_count() == tc::usable_core_count("/nowhere"));
    first.write("/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "1000\n");
    CHECK(first.core_count() == 1);
}
