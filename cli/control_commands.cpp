// SPDX-License-Identifier: MIT
//
// shutdown restart: the server's life.
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/subprocess.hpp"

namespace tc {
namespace {

constexpr const char* service = "tagcached.service";

}  // namespace

ExitCode shutdown(const Arguments& arguments, Output& output) {
    const Client client(arguments);
    client.check(tagcache_shutdown(client, nullptr), "shutdown");
    output.sentence("the server at " + client.address() + " is stopping");
    return ExitCode::ok;
}

// Only who started a process can start it again with all that it had.
ExitCode restart(const Arguments& arguments, Output& output) {
    require_no_other_server(arguments);
    if (run_program({"systemctl", "is-active", "--quiet", service}).exit_code != 0) {
        throw Failure(ExitCode::negative,
                      "no service manager runs tagcached here. Stop it with 'tagcache shutdown' "
                      "and start it again the way it was started; as a service, 'systemctl "
                      "restart tagcached' does both");
    }
    const Ran restarted = run_program({"systemctl", "restart", service});
    if (restarted.exit_code != 0) {
        throw Failure(ExitCode::refused,
                      "systemctl could not restart tagcached: " +
                          restarted.output.substr(0, restarted.output.find('\n')));
    }
    output.sentence("restarted tagcached");
    return ExitCode::ok;
}

}  // namespace tc
