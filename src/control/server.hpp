#pragma once

#include "base/error.hpp"
#include "base/log.hpp"
#include "control/socket_file.hpp"
#include "ports/accept_failures.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mpbridge::control {

// Listens on the control socket: takes one line from each connection, gives one answer, closes.
// Root and the own user get one, others are closed unheard. A connection has 5 s, and there are 16
// at most; those beyond are told and closed.
class Server {
  public:
    // Never gets more than a line of the longest_request.
    using Answer = std::function<std::string(std::string_view line)>;

    static base::Result<std::unique_ptr<Server>> open(const boost::asio::any_io_executor& executor,
                                                      const std::string& path, base::Log& log);

    // Answers from now on, until close(), which removes the socket. This object has to stay until
    // the executor is done.
    void start(Answer answer);
    void close();

    const std::string& path() const { return file_->path(); } // absolute

  private:
    using Socket = boost::asio::local::stream_protocol::socket;

    Server(const boost::asio::any_io_executor& executor, base::Log& log)
        : acceptor_(executor), failures_(log) {}

    boost::asio::awaitable<void> accept_all();
    std::string try_to_welcome(Socket socket);
    void welcome(Socket socket);
    boost::asio::awaitable<void> serve(Socket socket, std::shared_ptr<const void> ticket);
    std::string answer_to(std::string_view received, bool complete) const;

    SocketFile::Acceptor acceptor_;
    ports::AcceptFailures failures_;
    std::optional<SocketFile> file_;
    Answer answer_;
    bool closed_ = false;
    std::shared_ptr<const int> visits_ = std::make_shared<const int>(0); // counted by its owners
};

} // namespace mpbridge::control
