#include "posix/unix_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>

namespace mpbridge::posix {

const std::size_t longest_socket_path = sizeof(sockaddr_un::sun_path) - 1;

uid_t own_user() { return ::geteuid(); }

pid_t own_process() { return ::getpid(); }

std::optional<PeerProcess> peer_process(int fd) {
    ucred found{};
    socklen_t size = sizeof found;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &found, &size) != 0) {
        return std::nullopt;
    }
    return PeerProcess{.pid = found.pid, .user = found.uid};
}

void restrict_to_owner(int fd) { ::fchmod(fd, S_IRUSR | S_IWUSR); }

base::Result<void> make_private_directory(const std::string& path) {
    if (::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
        return base::system_error(path, errno);
    }
    return {};
}

} // namespace mpbridge::posix
