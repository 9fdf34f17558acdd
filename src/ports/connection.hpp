#pragma once

#include "base/log.hpp"
#include "board/client.hpp"
#include "board/event.hpp"
#include "board/serial_line.hpp"
#include "ports/occupant.hpp"
#include "ports/writer.hpp"
#include "posix/descriptor.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

namespace mpbridge::ports {

class Gate;

// What every connection needs to know.
struct Surroundings {
    board::SerialLine& line;
    Gate& gate;
    base::Log& log;
};

// One client's connection to the line, by whatever carries its bytes. Lives as long as its serve()
// runs.
class Connection : public Occupant,
                   public board::Client,
                   public std::enable_shared_from_this<Connection> {
  public:
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() override = default;

    // Carries bytes both ways until the client is gone. Keeps the connection alive by itself.
    boost::asio::awaitable<void> serve();

    // As serve() by itself, whatever becomes of it.
    void start();

    void depart() override;
    void close() override;

    // Gives the line all that the client has sent so far.
    void take_rest();

    // Ends it without reading on.
    void leave();

    bool output(base::ByteView bytes) override;
    void carrier(bool) override {}

    const std::string& peer() const override { return peer_; }
    Traffic traffic() const override { return {.received = received_, .sent = writer_.sent()}; }

  protected:
    Connection(const boost::asio::any_io_executor& executor, const Surroundings& surroundings,
               std::string peer, Writer writer);

    // The client is there; the first bytes may be sent.
    virtual void begin() {}
    virtual void received(base::ByteView bytes) = 0;

    // What carries the bytes. Both waits return also when cut().
    virtual posix::Transfer receive(std::span<std::uint8_t> into) = 0;
    virtual boost::asio::awaitable<void> readable() = 0;
    virtual boost::asio::awaitable<void> writable() = 0;
    virtual void cut() = 0;

    // Whether what was sent last may not have arrived, as the client has closed all of it.
    virtual bool peer_is_gone() { return false; }

    // A client that sends no more may still read (TCP's half-close).
    virtual bool may_still_read() const { return false; }

    // The client has left, and the board is free.
    virtual void left() {}

    board::SerialLine& line() { return surroundings_.line; }
    base::Log& log() { return surroundings_.log; }
    const boost::asio::any_io_executor& executor() const { return executor_; }
    Writer& writer() { return writer_; }
    bool is_closed() const { return closed_; }           // by this side
    bool is_half_closed() const { return half_closed_; } // by the client
    bool is_attached() const { return attached_; }

    // Reads what is there, as far as the line has room for so much and the client takes its
    // answers.
    void read_on(std::size_t room);

    // After anything was given to the writer.
    void written();

  private:
    boost::asio::awaitable<void> read_until_closed();
    boost::asio::awaitable<void> linger();
    boost::asio::awaitable<void> write_when_possible();
    std::size_t read_once(std::size_t at_most);
    void give_up_writing();
    void abort(const std::exception_ptr& failure);
    void say_it_is_sent_away(std::string_view reason);

    boost::asio::any_io_executor executor_;
    Surroundings surroundings_;
    std::string peer_;
    Writer writer_;
    base::Bytes read_buffer_;
    std::uint64_t received_ = 0; // bytes
    bool closed_ = false;        // by this side; nothing is to be done any more
    bool half_closed_ = false;   // the client has sent its last byte
    bool attached_ = false;      // the client's input may be read
    bool departs_ = false;       // depart() is to be called
    bool output_was_lost_ = false;
    board::Event write_event_;
    board::Event progress_event_; // something was sent
    board::Sleep linger_;
};

} // namespace mpbridge::ports
