#pragma once

#include "base/error.hpp"
#include "ports/name_claim.hpp"
#include "posix/file_identity.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <string>

namespace mpbridge::control {

// The name of a listening UNIX socket in the file system: mode 0600, removed with this object if it
// is still its own.
class SocketFile {
  public:
    using Acceptor = boost::asio::local::stream_protocol::acceptor;

    // Has `acceptor` listen there. The folder is made (0700) if it is missing, and what a process
    // that is no more has left behind is replaced. An error: a living one has it, or there is
    // something else than a socket.
    static base::Result<SocketFile> listen(Acceptor& acceptor, const std::string& path);

    SocketFile(SocketFile&& other) noexcept;
    SocketFile& operator=(SocketFile&&) = delete;
    SocketFile(const SocketFile&) = delete;
    SocketFile& operator=(const SocketFile&) = delete;
    ~SocketFile();

    const std::string& path() const { return path_; } // absolute

  private:
    SocketFile(std::string path, ports::NameClaim claim, posix::FileIdentity identity)
        : path_(std::move(path)), claim_(std::move(claim)), identity_(identity) {}

    std::string path_; // empty: moved from
    ports::NameClaim claim_;
    posix::FileIdentity identity_;
};

} // namespace mpbridge::control
