#pragma once

#include "board/event.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

namespace mpbridge::board {

// Waits until a descriptor that somebody else owns is ready. Both return also when cancelled, and
// sometimes for nothing: Asio can take an event of a descriptor watched before for one of this.
class Watch {
  public:
    Watch(const boost::asio::any_io_executor& executor, int fd) : descriptor_(executor, fd) {}
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch() { descriptor_.release(); }

    auto readable() { return descriptor_.async_wait(descriptor_.wait_read, as_result); }
    auto writable() { return descriptor_.async_wait(descriptor_.wait_write, as_result); }

    void cancel() {
        boost::system::error_code ignored;
        descriptor_.cancel(ignored);
    }

  private:
    boost::asio::posix::stream_descriptor descriptor_;
};

} // namespace mpbridge::board
