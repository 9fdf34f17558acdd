#pragma once

#include "base/byte_queue.hpp"
#include "base/bytes.hpp"
#include "posix/descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>

namespace mpbridge::ports {

// What goes out to one client: protocol replies as they come, and program data, which is encoded
// only when it is about to be sent, so that until then it can be held back or dropped. Writes at
// once what can be sent without waiting. The bound is the caller's: to write no more until it is
// idle again.
class Writer {
  public:
    // Appends the data in its form on the wire. Empty: the data as it is.
    using Encoder = std::function<void(base::ByteView data, base::Bytes& wire)>;

    // Writes what can be written without waiting.
    using Send = std::function<posix::Transfer(base::ByteView bytes)>;

    Writer(Send send_once, Encoder encode)
        : send_once_(std::move(send_once)), encode_(std::move(encode)) {}

    void data(base::ByteView data);
    void reply(base::ByteView bytes);

    // Sends as much as possible of what waits.
    void flush();

    void drop_data() { pending_.clear(); }
    void suspend(bool suspended);

    // Sends nothing any more.
    void abandon();

    // Something waits until more can be sent.
    bool blocked() const { return sent_ < wire_.size() || (!pending_.empty() && !suspended_); }
    // Nothing waits, not even held back.
    bool empty() const { return sent_ == wire_.size() && pending_.empty(); }
    // Nothing waits, so there is room for more.
    bool idle() const { return failed_ || (empty() && !suspended_); }

    // How many bytes wait, those held back included.
    std::size_t waiting() const { return wire_.size() - sent_ + pending_.size(); }

    // How many bytes have been sent so far.
    std::uint64_t sent() const { return total_sent_; }

    // So much waits that the client has to read before it is listened to again.
    bool overdue() const { return wire_.size() - sent_ > most_waiting; }

    // The connection takes no more; all that waited is dropped, and all that comes.
    bool failed() const { return failed_; }
    // Because there is no room for what is to wait.
    bool lacks_memory() const { return lacks_memory_; }

  private:
    template <class Step>
    void attempt(Step step);
    void send_more();
    std::size_t pass(base::ByteView data);
    std::size_t send(base::ByteView bytes);
    void send_wire();
    void drop_all_if_failed();

    // Well above what encoded data can amount to: only replies reach it.
    static constexpr std::size_t most_waiting = 256 * 1024;

    Send send_once_;
    Encoder encode_;
    bool suspended_ = false;
    bool failed_ = false;
    bool lacks_memory_ = false;
    base::Bytes wire_;
    std::size_t sent_ = 0; // of wire_
    std::uint64_t total_sent_ = 0;
    base::ByteQueue pending_{static_cast<std::size_t>(-1)};
};

} // namespace mpbridge::ports
