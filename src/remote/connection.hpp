#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "board/event.hpp"
#include "ports/delivery_watch.hpp"
#include "ports/writer.hpp"
#include "posix/line_state.hpp"
#include "remote/target.hpp"
#include "rfc2217/client.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <optional>
#include <string>

namespace mpbridge::remote {

// One connection to a target, from the look-up of its name until it is closed. Lives by itself from
// start() on.
class Connection : public std::enable_shared_from_this<Connection> {
  public:
    class Owner {
      public:
        Owner() = default;
        Owner(const Owner&) = delete;
        Owner& operator=(const Owner&) = delete;
        virtual ~Owner() = default;

        // Data may go now.
        virtual void connected() = 0;

        // Data that came. False: no more until resume().
        virtual bool received(base::ByteView data) = 0;

        // There is room for data again.
        virtual void has_room() = 0;

        // It ended, or did not come about; said at most once, and nothing after it.
        virtual void lost(const std::string& why) = 0;
    };

    // The owner outlives the connection, or has called finish().
    Connection(const boost::asio::any_io_executor& executor, Target target,
               const rfc2217::LineSettings& settings, base::Log& log, Owner& owner);

    // Waits first until `former`, if there is one, is closed, or has sent all and had some time to
    // be closed by the peer, which may serve one client only.
    void start(std::shared_ptr<Connection> former);

    bool has_room() const { return writer_ && writer_->idle() && !finishing_; }

    // Also without room, for what is left when a client goes; beyond 1 MiB it is dropped with a
    // warning.
    void write(base::ByteView data);

    void resume();
    void set_line_state(posix::LineState state);

    // Sends what waits and closes, within a few seconds. The owner hears no more of it; what could
    // not be sent is told to the log.
    void finish();

    // Closes at once. The owner hears no more of it.
    void abandon();

    // In place of start(), when too many others are to be waited for.
    void give_up() { cut(does_not_take()); }

    // Returns when it is closed.
    boost::asio::awaitable<void> wait_until_closed();

    // How many others it waits for, one behind the other.
    int waits_for() const { return former_ ? 1 + former_->waits_for() : 0; }

  private:
    boost::asio::awaitable<void> run();
    boost::asio::awaitable<base::Result<void>> connect();
    std::string cannot_connect(const std::string& why) const;
    std::string does_not_take() const;
    boost::asio::awaitable<void> read_until_closed();
    boost::asio::awaitable<void> write_when_possible();
    boost::asio::awaitable<void> let_former_go();
    void begin();
    void become_ready();
    void take(base::ByteView wire);
    void deliver(base::ByteView data);
    void send_replies();
    void written();
    void shut_down_when_sent();
    void cut_in(std::chrono::milliseconds time, std::string why);
    void cut(std::string why);
    std::size_t unsent() const;
    void warn_of_unsent(const std::string& why);

    void act(const rfc2217::Data& data) { deliver(data.bytes); }
    void act(const rfc2217::Ready& ready);
    void act(const rfc2217::Suspended& suspended);
    void act(const rfc2217::ModemState& state);
    void act(const rfc2217::Note& note);

    Target target_;
    base::Log& log_;
    Owner* owner_;
    boost::asio::ip::tcp::resolver resolver_;
    boost::asio::ip::tcp::socket socket_;
    boost::asio::steady_timer deadline_;
    std::optional<rfc2217::Client> protocol_; // none: a raw socket
    std::optional<ports::Writer> writer_;     // once connected
    std::optional<ports::DeliveryWatch> delivery_watch_;
    base::Bytes early_; // written before there was a writer
    base::Bytes replies_;
    base::Bytes read_buffer_;
    board::Event resume_event_;
    board::Event write_event_;
    bool owner_has_room_ = true;
    bool ready_ = false; // data may go
    bool finishing_ = false;
    bool sent_all_ = false; // and said so to the peer
    bool closed_ = false;
    std::shared_ptr<Connection> former_;
    board::Event changed_event_; // it has sent all, or is closed, or the former one is
    board::Sleep farewell_;      // until the former one is closed by its peer
};

} // namespace mpbridge::remote
