#include "ports/writer.hpp"

#include <algorithm>
#include <new>

namespace mpbridge::ports {
namespace {

// Data beyond this is encoded only when the former piece is sent.
constexpr std::size_t encoded_at_once = 64 * 1024;

} // namespace

// What cannot be kept is lost, and with it the client, as when the connection breaks.
template <class Step>
void Writer::attempt(Step step) {
    try {
        step();
    } catch (const std::bad_alloc&) {
        failed_ = lacks_memory_ = true;
    }
    drop_all_if_failed();
}

void Writer::data(base::ByteView data) {
    attempt([&] {
        const bool nothing_waits = idle();
        const auto passed = nothing_waits ? pass(data) : 0;
        pending_.push(data.subspan(passed));
        if (!nothing_waits) {
            send_more();
        }
    });
}

void Writer::reply(base::ByteView bytes) {
    attempt([&] {
        base::append(wire_, bytes);
        send_wire();
    });
}

void Writer::flush() {
    attempt([this] { send_more(); });
}

void Writer::send_more() {
    send_wire();
    if (!suspended_ && !pending_.empty()) {
        pending_.pop(pass(pending_.front()));
    }
}

void Writer::suspend(bool suspended) {
    suspended_ = suspended;
    flush();
}

void Writer::abandon() {
    failed_ = true;
    drop_all_if_failed();
}

void Writer::drop_all_if_failed() {
    if (failed_) {
        wire_.clear();
        sent_ = 0;
        pending_.clear();
    }
}

// Sends data, with nothing before it waiting, and returns how much of it is dealt with.
std::size_t Writer::pass(base::ByteView data) {
    if (!encode_) {
        return wire_.empty() ? send(data) : 0;
    }
    std::size_t passed = 0;
    while (passed < data.size() && wire_.empty() && !failed_) {
        const auto piece = data.subspan(passed, std::min(encoded_at_once, data.size() - passed));
        encode_(piece, wire_);
        passed += piece.size();
        send_wire();
    }
    return passed;
}

std::size_t Writer::send(base::ByteView bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size() && !failed_) {
        const auto done = send_once_(bytes.subspan(sent));
        sent += done.count;
        total_sent_ += done.count;
        failed_ = done.ended;
        if (done.count == 0) {
            break;
        }
    }
    return sent;
}

void Writer::send_wire() {
    sent_ += send(base::ByteView(wire_).subspan(sent_));
    if (2 * sent_ >= wire_.size()) {
        wire_.erase(wire_.begin(), wire_.begin() + static_cast<std::ptrdiff_t>(sent_));
        sent_ = 0;
    }
}

} // namespace mpbridge::ports
