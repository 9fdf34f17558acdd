#include "control/client.hpp"

#include "board/event.hpp"
#include "posix/unix_socket.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <chrono>

namespace mpbridge::control {

using boost::asio::awaitable;
using boost::asio::local::stream_protocol;
using boost::system::error_code;

namespace {

constexpr auto patience = std::chrono::seconds(5);
constexpr std::size_t longest_answer = 1024 * 1024;

struct Conversation {
    stream_protocol::socket socket;
    std::string request;
    error_code not_connected = {};
    std::string answer = {};
};

awaitable<void> converse(Conversation& with, const std::string& path) {
    auto& socket = with.socket;
    const auto [failure] =
        co_await socket.async_connect(stream_protocol::endpoint(path), board::as_result);
    with.not_connected = failure;
    if (failure) {
        co_return;
    }
    co_await boost::asio::async_write(socket, boost::asio::buffer(with.request), board::as_result);
    const auto buffer = boost::asio::dynamic_buffer(with.answer, longest_answer);
    co_await boost::asio::async_read(socket, buffer, board::as_result);
}

base::Error no_bridge(const std::string& path, const error_code& failure) {
    const bool nobody = failure == boost::system::errc::no_such_file_or_directory ||
                        failure == boost::asio::error::connection_refused;
    return {(nobody ? "No bridge is running at " : "Cannot ask the bridge at ") + path + ": " +
            failure.message()};
}

} // namespace

base::Result<std::string> ask(const std::string& path, Request request) {
    if (path.size() > posix::longest_socket_path) {
        return no_bridge(path, make_error_code(boost::asio::error::name_too_long));
    }
    boost::asio::io_context io;
    Conversation with{.socket = stream_protocol::socket(io), .request = request_line(request)};
    boost::asio::co_spawn(io, converse(with, path), boost::asio::detached);
    io.run_for(patience);
    if (with.not_connected) {
        return no_bridge(path, with.not_connected);
    }
    const auto& answer = with.answer;
    if (!answer.ends_with('\n')) {
        return base::Error{"The bridge at " + path + " does not answer"};
    }
    if (answer.starts_with(error_mark)) {
        const auto reason = answer.substr(error_mark.size());
        return base::Error{"The bridge at " + path +
                           " says: " + reason.substr(0, reason.size() - 1)};
    }
    return {boost::system::in_place_value, answer};
}

} // namespace mpbridge::control
