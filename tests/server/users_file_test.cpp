// SPDX-License-Identifier: MIT
//
// The file that keeps users over restarts.
#include <fstream>

#include "access/users_file.hpp"
#include "support/places.hpp"
#include "support/users.hpp"

using namespace tc::test;

namespace {

constexpr std::uint8_t read_write = WIRE_RIGHT_READ | WIRE_RIGHT_WRITE;

int status(const Reply& reply) {
    return reply.status;
}

void write_file(const std::string& path, const std::string& text, mode_t mode = 0600) {
    std::ofstream(path) << text;
    REQUIRE(chmod(path.c_str(), mode) == 0);
}

std::string contents_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("users and tokens outlive the server, in a file that only its owner reads", "[access]") {
    GuardedServer guarded;
    guarded.add({"web", read_write, {"in:"}, {""}});
    const auto token = guarded.token_of("web");
    struct stat file {};
    REQUIRE(stat(guarded.folder().file().c_str(), &file) == 0);
    CHECK((file.st_mode & 0777) == 0600);
    const std::string kept = contents_of(guarded.folder().file());
    CHECK(kept.find(token.text) == std::string::npos);
    CHECK(kept.find("a good password") == std::string::npos);
    guarded.restart();
    auto client = client_with_token(guarded.server(), token.text);
    CHECK(status(client.call(put_frame("in:k", "v"))) == WIRE_OK);
    CHECK(status(client.call(put_frame("out:k", "v"))) == WIRE_FORBIDDEN);
    auto root = client_of(guarded.server(), "root");
    CHECK(status(root.call(put_frame("out:k", "v"))) == WIRE_OK);
}

TEST_CASE("a users file that is wrong is refused with its line, and so is one that others read",
          "[access]") {
    const UsersFolder folder;
    const auto complaint_about = [&](const std::string& text) {
        write_file(folder.file(), text);
        try {
            (void)tc::load_users(folder.file());
        } catch (const std::exception& error) {
            std::string complaint = error.what();
            CHECK(complaint.starts_with(folder.file()));
            return complaint.substr(folder.file().size());
        }
        return std::string("accepted");
    };
    CHECK(complaint_about("") == "accepted");
    CHECK(complaint_about("[users.root]\nrihgts = []\n").starts_with(":2: 'rihgts'"));
    CHECK(complaint_about("x = 1\n").starts_with(":1: 'x'"));
    CHECK(complaint_about("\n\n[users.root\n").starts_with(":3: "));
    CHECK(complaint_about("[users.root]\nrights = [\"fly\"]\n").starts_with(":2: 'fly'"));
    CHECK(complaint_about("[users.root]\nrights = \"admin\"\n").starts_with(":2: "));
    CHECK(complaint_about("[users.root]\n[users.root]\n").starts_with(":2: "));
    CHECK(complaint_about("[users.root]\npassword = \"plain\"\n").starts_with(":2: "));
    CHECK(complaint_about("[users.\"a b\"]\n").starts_with(":1: "));
    CHECK(complaint_about("[users.web]\nrights = [\"read\"]\n").find("nobody would be left") !=
          std::string::npos);
    CHECK(complaint_about("[[users.web.tokens]]\nid = \"1\"\n").starts_with(":2: "));
    write_file(folder.file(), "", 0640);
    CHECK_THROWS(tc::load_users(folder.file()));
    const std::string program = server_program;
    write_file(folder.file(), "[users.root]\nrihgts = []\n");
    CHECK_THROWS_WITH(RunningServer(folder.arguments()),
                      Catch::Contains(folder.file() + ":2: 'rihgts'"));
}

TEST_CASE(
    "a users file that root rewrites stays its owner's, and a new one is the folder's owner's",
    "[access]") {
    // Whoever is not root can only see that it stays a file of his own.
    const bool is_root = geteuid() == 0;
    const uid_t folder_owner = is_root ? 54321 : geteuid();
    const uid_t file_owner = is_root ? 54322 : geteuid();
    const gid_t group = is_root ? 54323 : getegid();
    const UsersFolder folder;
    const std::string parent = std::filesystem::path(folder.file()).parent_path();
    const auto reset_and_stat = [&] {
        const Ended ended =
            run_program({server_program, "--reset-credentials", "--auth-users-file", folder.file()},
                        {STDOUT_FILENO, STDERR_FILENO});
        CHECK(ended.exit_code == 0);
        struct stat file {};
        REQUIRE(stat(folder.file().c_str(), &file) == 0);
        CHECK((file.st_mode & 0777) == 0600);
        return file;
    };
    REQUIRE(chown(parent.c_str(), folder_owner, group) == 0);
    CHECK(reset_and_stat().st_uid == folder_owner);
    REQUIRE(chown(folder.file().c_str(), file_owner, group) == 0);
    const struct stat file = reset_and_stat();
    CHECK(file.st_uid == file_owner);
    CHECK(file.st_gid == group);
    // Nothing is left beside it.
    CHECK(std::distance(std::filesystem::directory_iterator(parent), {}) == 1);
}

TEST_CASE("a users file is written although somebody else's unfinished one is in the way",
          "[access]") {
    const UsersFolder folder;
    write_file(folder.file() + ".new", "of another who is writing");
    tc::AccessTable table;
    tc::User& root = table.add("root");
    root.rights = WIRE_RIGHTS_KNOWN;
    root.tls_names = {"root"};
    tc::save_users(folder.file(), table);
    CHECK(contents_of(folder.file() + ".new") == "of another who is writing");
    CHECK(tc::load_users(folder.file()).find("root") != nullptr);
}
