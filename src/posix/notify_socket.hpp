#pragma once

#include "base/error.hpp"
#include "posix/descriptor.hpp"

#include <sys/un.h>

#include <string>
#include <string_view>

namespace mpbridge::posix {

// Where a service manager hears from its services, see sd_notify(3).
class NotifySocket {
  public:
    // `address`: an absolute path, or @ and the rest of an abstract name. Nobody need be there yet.
    static base::Result<NotifySocket> open(const std::string& address);

    // One message, lines of NAME=VALUE. Never waits. 0, or the errno value: EAGAIN when the manager
    // has not read what it was sent before.
    int send(std::string_view lines) const;

  private:
    NotifySocket() = default;

    Descriptor socket_;
    sockaddr_un address_{};
    socklen_t address_size_ = 0;
};

} // namespace mpbridge::posix
