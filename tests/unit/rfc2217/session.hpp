#pragma once

#include "base/text.hpp"
#include "rfc2217/server.hpp"
#include "support/splitting.hpp"
#include "support/wire.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mpbridge::rfc2217 {

using test::wire;
using test::operator+;

inline const std::string test_signature = "mpremote-bridge 1.2.3";

// A server and all that came out of it. Events are one line each, as "data: abc" or "interrupt";
// data that comes in several pieces is one line.
class Session {
  public:
    void start() { server.start(reply); }

    void feed(base::ByteView input) {
        while (const auto event = server.next(input, reply)) {
            std::visit([this](const auto& one) { add(one); }, *event);
        }
        EXPECT_TRUE(input.empty());
    }
    void feed(std::string_view script) { feed(wire(script)); }

    // What was answered since it was last asked for.
    base::Bytes taken() { return std::exchange(reply, {}); }

    // What this input alone is answered with.
    base::Bytes answer(std::string_view script) {
        taken();
        feed(script);
        return taken();
    }

    std::vector<std::string> lines() const {
        auto lines = lines_;
        if (!data_.empty()) {
            lines.push_back("data: " + base::visible(data_));
        }
        return lines;
    }
    std::vector<std::string> lines_without_notes() const {
        auto all = lines();
        std::erase_if(all, [](const auto& text) { return text.starts_with("note: "); });
        return all;
    }

    Server server{ServerOptions{test_signature}};
    base::Bytes reply;

  private:
    void add(const Data& data) { base::append(data_, data.bytes); }
    void add(const Interrupt&) { line("interrupt"); }
    void add(const EndOfFile&) { line("end of file"); }
    void add(const Break& b) {
        line(std::string("break ") + (b.on ? "on" : "off") + (b.momentary ? ", momentary" : ""));
    }
    void add(const Purge& purge) {
        line(std::string("purge") + (purge.output ? " output" : "") +
             (purge.input ? " input" : ""));
    }
    void add(const FlowControl& flow) { line(flow.suspended ? "suspend" : "resume"); }
    void add(const Note& note) { line("note: " + note.text); }
    void line(std::string text) {
        lines_ = lines();
        data_.clear();
        lines_.push_back(std::move(text));
    }

    std::vector<std::string> lines_;
    base::Bytes data_;
};

// A session with a client that has agreed to everything.
inline Session agreed_session() {
    Session session;
    session.start();
    session.feed("IAC DO ECHO IAC DO SGA IAC WILL SGA IAC DO BINARY IAC WILL BINARY");
    session.feed("IAC DO COM-PORT IAC WILL COM-PORT");
    session.taken();
    return session;
}

// After `before`, the input is answered with `reply` and makes these lines (notes left out), in
// every splitting, and with data and a command behind it.
inline void expect_session(const Session& before, std::string_view input, std::string_view reply,
                           std::vector<std::string> lines = {}) {
    SCOPED_TRACE(input);
    for (const auto& pieces : test::splittings(wire(input))) {
        auto session = before;
        for (const auto& piece : pieces) {
            session.feed(piece);
        }
        EXPECT_EQ(session.taken(), wire(reply));
        EXPECT_EQ(session.lines_without_notes(), lines);
    }
    auto session = before;
    session.feed(wire(input) + wire("IAC BRK 'more'"));
    EXPECT_EQ(session.taken(), wire(reply));
    lines.insert(lines.end(), {"break on, momentary", "data: more"});
    EXPECT_EQ(session.lines_without_notes(), lines);
}

} // namespace mpbridge::rfc2217
