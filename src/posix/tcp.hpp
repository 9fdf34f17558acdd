#pragma once

namespace mpbridge::posix {

// No delay, urgent data in line (telnet's Synch), keep-alive and user timeout such that a peer that
// vanished is noticed within 30 s. Those of a listening socket become those of all it accepts.
void set_client_options(int fd);

void close_on_exec(int fd);

// Whether the peer has closed its writing side, or the whole connection is gone.
bool peer_has_closed(int fd);

// Whether the peer has refused what was sent to it, as one that closed its whole connection does.
bool connection_was_reset(int fd);

enum class Stall { none, peer_not_reading, peer_gone };

// Why data waits that cannot be sent. TCP_USER_TIMEOUT would end also a connection whose peer is
// alive and only does not read, so this turns it off in that case and on again otherwise. To be
// asked every few seconds while sending is blocked.
Stall check_stall(int fd);

} // namespace mpbridge::posix
