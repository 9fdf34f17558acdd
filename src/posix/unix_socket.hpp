#pragma once

#include "base/error.hpp"

#include <sys/types.h>

#include <optional>
#include <string>

namespace mpbridge::posix {

// The longest path that a UNIX socket can have.
extern const std::size_t longest_socket_path;

// Of this process.
uid_t own_user();
pid_t own_process();

// Who has the other end, as far as the kernel knows.
struct PeerProcess {
    pid_t pid = 0;
    uid_t user = 0;

    bool is_root_or_own_user() const { return user == 0 || user == own_user(); }
};

std::optional<PeerProcess> peer_process(int fd);

// For a socket that has no name yet: it gets one with mode 0600.
void restrict_to_owner(int fd);

// With mode 0700, unless there is one already.
base::Result<void> make_private_directory(const std::string& path);

} // namespace mpbridge::posix
