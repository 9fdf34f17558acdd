#pragma once

#include "base/bytes.hpp"
#include "board/client.hpp"
#include "posix/line_state.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>

namespace mpbridge::board {

// What the ports give their client: a board, here or behind another machine's port. One client at a
// time. All calls from the one thread that runs the executor.
class SerialLine {
  public:
    SerialLine() = default;
    SerialLine(const SerialLine&) = delete;
    SerialLine& operator=(const SerialLine&) = delete;
    virtual ~SerialLine() = default;

    // Waits until what a former client caused is over, then makes `client` the one to see the
    // output. Not attached when `given_up` became true meanwhile.
    virtual boost::asio::awaitable<void> attach(Client& client, const bool& given_up) = 0;
    virtual void detach(Client& client) = 0;

    // The client has closed its writing side, perhaps all of its connection.
    virtual void client_half_closed() {}

    // Before detach(): what was printed since client_half_closed() never reached the client.
    virtual void output_was_lost() {}

    // Whether it is of no use to wait for more output in answer to the client's input.
    virtual bool has_answered() const { return true; }

    // How many bytes the client may write now. What former clients left behind does not count.
    virtual std::size_t input_room() const = 0;

    // How many bytes fit at the very most, for a client that is about to leave.
    virtual std::size_t total_input_room() const = 0;

    // Returns when there is room, or `given_up` became true and wake_waiting_clients() was called.
    virtual boost::asio::awaitable<void> wait_for_input_room(const bool& given_up) = 0;
    virtual void wake_waiting_clients() = 0;

    // Client data. Up to input_room() bytes are never refused; what exceeds the total bound is
    // dropped with a warning.
    virtual void write(base::ByteView data) = 0;

    // The client has room again after Client::output() returned false.
    virtual void resume_output() = 0;

    // How the client has set its own end.
    virtual void set_line_state(posix::LineState) {}
};

} // namespace mpbridge::board
