#pragma once

#include "base/log.hpp"
#include "board/board.hpp"
#include "board/client.hpp"
#include "board/event.hpp"
#include "ports/writer.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string>

namespace mpbridge::ports {

class Gate;

// What every connection needs to know.
struct Surroundings {
    board::Board& board;
    Gate& gate;
    base::Log& log;
};

// One client's TCP connection to the board. Lives as long as its serve() runs.
class Connection : public board::Client, public std::enable_shared_from_this<Connection> {
  public:
    ~Connection() override = default;

    // Carries bytes both ways until the client is gone. Keeps the connection alive by itself.
    boost::asio::awaitable<void> serve();

    // Whether the client has closed at least its writing side. Reads on first, as what it sent
    // before may stand in the way of the news.
    bool has_closed();

    // Takes what a client that has_closed() had still sent, and ends the connection.
    void depart();

    // serve() has failed.
    void abort();

    // Ends the connection. Nothing is read or written any more.
    void close();

    // For a connection that is not to be served.
    boost::asio::ip::tcp::socket give_up_socket() { return std::move(socket_); }

    bool output(base::ByteView bytes) override;
    void carrier(bool) override {}

    virtual std::string_view protocol() const = 0;
    const std::string& peer() const { return peer_; }

  protected:
    Connection(boost::asio::ip::tcp::socket socket, const Surroundings& surroundings,
               Writer::Encoder encode);

    // The client is there; the first bytes may be sent.
    virtual void begin() {}
    virtual void received(base::ByteView bytes) = 0;

    board::Board& board() { return surroundings_.board; }
    base::Log& log() { return surroundings_.log; }
    auto executor() { return socket_.get_executor(); }
    Writer& writer() { return writer_; }

    // After anything was given to the writer.
    void written();

  private:
    boost::asio::awaitable<void> read_until_closed();
    boost::asio::awaitable<void> linger();
    boost::asio::awaitable<void> write_when_possible();
    void read_on(std::size_t room);
    std::size_t read_once(std::size_t at_most);
    void give_up_writing();
    void watch_for_stall();
    void leave();
    int fd() { return socket_.native_handle(); }

    boost::asio::ip::tcp::socket socket_;
    Surroundings surroundings_;
    std::string peer_;
    Writer writer_;
    base::Bytes read_buffer_;
    bool closed_ = false;      // by this side; nothing is to be done any more
    bool half_closed_ = false; // the client has sent its last byte
    bool attached_ = false;    // the client's input may be read
    bool departs_ = false;     // depart() is to be called
    bool output_was_lost_ = false;
    board::Event write_event_;
    board::Event progress_event_; // something was sent
    board::Sleep linger_;
    boost::asio::steady_timer stall_timer_;
    bool stall_watched_ = false;
};

// "ADDRESS:PORT", IPv6 in brackets, IPv4 clients of IPv6 listeners as IPv4.
std::string endpoint_name(const boost::asio::ip::tcp::endpoint& endpoint);

} // namespace mpbridge::ports
