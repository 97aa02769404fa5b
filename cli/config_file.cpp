// SPDX-License-Identifier: MIT
#include "cli/config_file.hpp"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "cli/descriptor.hpp"
#include "cli/escape.hpp"
#include "cli/failure.hpp"
#include "cli/input.hpp"
#include "cli/output_file.hpp"
#include "cli/subprocess.hpp"

namespace tc {
namespace {

// What ends the program waits for as long as this lives, so that no temporary file is left.
class HeldSignals {
 public:
    HeldSignals() {
        sigemptyset(&held_);
        for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
            sigaddset(&held_, signal);
        }
        pthread_sigmask(SIG_BLOCK, &held_, &old_);
    }
    HeldSignals(const HeldSignals&) = delete;
    HeldSignals& operator=(const HeldSignals&) = delete;
    ~HeldSignals() { pthread_sigmask(SIG_SETMASK, &old_, nullptr); }

    [[nodiscard]] bool has_one() const {
        sigset_t pending;
        sigpending(&pending);
        sigset_t both;
        sigandset(&both, &pending, &held_);
        return sigisemptyset(&both) == 0;
    }

 private:
    sigset_t held_{};
    sigset_t old_{};
};

// Beside the file whose place it takes, and gone unless it has.
class NewFile {
 public:
    explicit NewFile(const std::string& target)
        : target_(target), path_(target + ".XXXXXX"), fd_(mkostemp(path_.data(), O_CLOEXEC)) {
        if (fd_ < 0) {
            throw usage_failure("cannot write beside " + target + ": " + errno_text());
        }
    }
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;
    ~NewFile() {
        close(fd_);
        if (!path_.empty()) {
            unlink(path_.c_str());
        }
    }

    [[nodiscard]] const std::string& path() const { return path_; }
    void write(const std::string& contents) const { write_all(fd_, contents, path_); }
    void take_place(const struct stat& old) {
        if (fchown(fd_, old.st_uid, old.st_gid) != 0 || fchmod(fd_, old.st_mode & 07777) != 0 ||
            fsync(fd_) != 0 || rename(path_.c_str(), target_.c_str()) != 0) {
            throw usage_failure("cannot write " + target_ + ": " + errno_text());
        }
        path_.clear();
    }

 private:
    const std::string& target_;
    std::string path_;  // "" once it has
    int fd_;
};

// The name of a file is kept by its folder. Where that cannot be synced, it is later.
void sync_folder_of(const std::string& path) {
    const std::string folder = path.substr(0, path.rfind('/') + 1);
    const int fd = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        static_cast<void>(fsync(fd));
        close(fd);
    }
}

bool is_unchanged(const struct stat& before, const struct stat& now) {
    return before.st_dev == now.st_dev && before.st_ino == now.st_ino &&
           before.st_size == now.st_size && before.st_mtim.tv_sec == now.st_mtim.tv_sec &&
           before.st_mtim.tv_nsec == now.st_mtim.tv_nsec;
}

// What tagcached finds wrong with a file, a line each, as if it were at `path`.
Words problems_of(const std::string& file, const std::string& path) {
    const Ran checked = run_program({server_program(), "--check-config", "--config", file});
    if (checked.exit_code == 127) {
        throw usage_failure("cannot run tagcached to check the new file; nothing was changed");
    }
    if (checked.exit_code == 0) {
        return {};
    }
    Words problems;
    std::istringstream lines(checked.output);
    for (std::string line; std::getline(lines, line);) {
        for (auto at = line.find(file); at != line.npos; at = line.find(file, at + path.size())) {
            line.replace(at, file.size(), path);
        }
        problems.push_back(line);
    }
    return problems.empty() ? Words{"exit code " + std::to_string(checked.exit_code)} : problems;
}

// Without the numbers of lines, which a change moves.
std::string without_numbers(std::string problem, const std::string& path) {
    const std::string place = path + ':';
    for (auto at = problem.find(place); at != problem.npos; at = problem.find(place, at + 1)) {
        const std::size_t begin = at + place.size();
        problem.erase(begin, problem.find_first_not_of("0123456789", begin) - begin);
    }
    return problem;
}

// A server may have options that make up for what is wrong with its file alone. So only a problem
// that the change brings is refused, and the first of the others is told. "" = none.
std::string check_change(const std::string& path, const std::string& temporary) {
    const Words problems = problems_of(temporary, path);
    if (problems.empty()) {
        return "";
    }
    const Words old_problems = problems_of(path, path);
    for (const std::string& problem : problems) {
        const bool is_old = std::ranges::any_of(old_problems, [&](const std::string& old) {
            return without_numbers(old, path) == without_numbers(problem, path);
        });
        if (!is_old) {
            throw usage_failure("tagcached would not start so, and the file stays as it was: " +
                                escaped(problem));
        }
    }
    return problems[0];
}

}  // namespace

ConfigFile::ConfigFile(const std::string& path) : path_(behind_links(path)) {
    if (stat(path_.c_str(), &status_) != 0) {
        throw usage_failure("cannot read " + path + ": " + errno_text());
    }
    // A device would lose its place to a file, and a pipe would keep us waiting.
    if (!S_ISREG(status_.st_mode)) {
        throw usage_failure(path + " is no regular file; a configuration file has to be one");
    }
    contents_ = read_input(path_);
}

std::string ConfigFile::replace(const std::string& contents) const {
    const HeldSignals held;
    NewFile file(path_);
    file.write(contents);
    std::string problem = check_change(path_, file.path());
    if (held.has_one()) {
        throw usage_failure("interrupted; " + path_ + " stays as it was");
    }
    struct stat now {};
    if (stat(path_.c_str(), &now) != 0 || !is_unchanged(status_, now)) {
        throw usage_failure("somebody else has changed " + path_ +
                            " meanwhile, and it stays so; try again");
    }
    file.take_place(status_);
    sync_folder_of(path_);
    return problem;
}

bool may_be_setting(const std::string& key) {
    const Ran listed = run_program({server_program(), "--print-config", "--config", ""});
    return listed.exit_code != 0 ||
           ('\n' + listed.output).find('\n' + key + " = ") != std::string::npos;
}

}  // namespace tc
