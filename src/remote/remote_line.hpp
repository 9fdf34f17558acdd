#pragma once

#include "base/error.hpp"
#include "base/log.hpp"
#include "board/event.hpp"
#include "board/serial_line.hpp"
#include "remote/connection.hpp"
#include "remote/target.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace mpbridge::remote {

enum class Lifetime {
    while_used, // connected while there is a client
    kept,       // connected all the time, again and again if need be
    once        // connected at once, and no more after that
};

struct RemoteOptions {
    Target target;
    rfc2217::LineSettings settings;
    Lifetime lifetime = Lifetime::while_used;
};

// The serial line behind another program's network port. When the connection fails or is lost, the
// client is told so and dismissed.
class RemoteLine : public board::SerialLine, private Connection::Owner {
  public:
    RemoteLine(const boost::asio::any_io_executor& executor, RemoteOptions options, base::Log& log);

    // Until stop(); with Lifetime::once, until the connection is over, and then an error if it
    // was not the client who ended it.
    boost::asio::awaitable<base::Result<void>> run();
    void stop();

    // There will be no connection any more.
    bool is_over() const {
        return stopping_ || (options_.lifetime == Lifetime::once && !connection_);
    }

    boost::asio::awaitable<void> attach(board::Client& client, const bool& given_up) override;
    void detach(board::Client& client) override;
    std::size_t input_room() const override;
    std::size_t total_input_room() const override;
    boost::asio::awaitable<void> wait_for_input_room(const bool& given_up) override;
    void wake_waiting_clients() override { changed_.notify(); }
    void write(base::ByteView data) override;
    void resume_output() override;
    void set_line_state(posix::LineState state) override;

  private:
    void connected() override;
    bool received(base::ByteView data) override;
    void has_room() override { changed_.notify(); }
    void lost(const std::string& why) override;
    void open();

    boost::asio::any_io_executor executor_;
    RemoteOptions options_;
    base::Log& log_;
    std::shared_ptr<Connection> connection_;
    std::shared_ptr<Connection> finishing_; // the last one before
    posix::LineState line_state_;
    board::Client* client_ = nullptr;
    board::Event changed_;
    board::Sleep retry_pause_;
    std::string failure_; // of the last connection; empty: none
    bool connected_ = false;
    std::chrono::steady_clock::time_point connected_since_;
    bool worked_for_some_time_ = false; // the last connection
    bool stopping_ = false;
};

} // namespace mpbridge::remote
