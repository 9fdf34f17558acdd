#include "app/run.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>

namespace mpbridge::app {
namespace {

base::Error unexpected(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        return {error.what()};
    }
}

} // namespace

base::Result<void> run_until_over(boost::asio::io_context& io,
                                  boost::asio::awaitable<base::Result<void>> main,
                                  const std::function<void()>& stop) {
    base::Result<void> result;
    boost::asio::co_spawn(io, std::move(main),
                          [&](const std::exception_ptr& failure, base::Result<void> ended) {
                              result = failure ? unexpected(failure) : std::move(ended);
                              stop();
                              io.stop();
                          });
    io.run();
    return result;
}

} // namespace mpbridge::app
