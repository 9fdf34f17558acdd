#pragma once

#include "base/error.hpp"

namespace mpbridge::posix {

// No delay, urgent data in line (telnet's Synch), keep-alive such that a peer that vanished is
// noticed within 30 s. Those of a listening socket become those of all that connect to it later.
void set_client_options(int fd);

void close_on_exec(int fd);

enum class IpVersion { v4, v6 };

// That of a TCP socket which listens. An error: why it is none.
base::Result<IpVersion> listening_ip_version(int fd);

// Whether the peer has closed its writing side, or the whole connection is gone.
bool peer_has_closed(int fd);

// Whether the peer has refused what was sent to it, as one that closed its whole connection does.
bool connection_was_reset(int fd);

enum class Delivery { done, under_way, peer_gone };

// Whether all that was sent has arrived, and if not, whether the peer still answers: one that only
// does not read does. To be asked every few seconds until all has arrived: keep-alive is silent
// meanwhile. (TCP_USER_TIMEOUT would end also a connection whose peer is alive: Linux counts it
// from the first probe of a closed window until the window opens for a whole buffer.)
Delivery delivery(int fd);

} // namespace mpbridge::posix
