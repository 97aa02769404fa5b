// SPDX-License-Identifier: MIT
//
// Writes tagcached.toml(5) while the project is built: settings_manual DATE FILE.
#include <cstdio>
#include <fstream>

#include "server/settings/settings_manual.hpp"

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("usage: settings_manual DATE FILE\n", stderr);
        return 2;
    }
    std::ofstream page(argv[2]);
    page << tc::config_manual(argv[1]);
    page.close();
    return page ? 0 : 1;
}
