#pragma once

#include "base/text.hpp"
#include "rfc2217/client.hpp"
#include "support/splitting.hpp"
#include "support/wire.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace mpbridge::rfc2217 {

using test::wire;
using test::operator+;

// A client and all that came out of it. Events are one line each, as "data: abc" or "ready"; data
// that comes in several pieces is one line.
class ClientSession {
  public:
    explicit ClientSession(LineSettings wanted = {})
        : client(ClientOptions{"attach 1.2", wanted}) {}

    void start() { client.start(sent); }

    void feed(base::ByteView input) {
        while (const auto event = client.next(input, sent)) {
            std::visit([this](const auto& one) { add(one); }, *event);
        }
        EXPECT_TRUE(input.empty());
    }
    void feed(std::string_view script) { feed(wire(script)); }

    // What was sent since it was last asked for.
    base::Bytes taken() { return std::exchange(sent, {}); }

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
    void forget_lines() {
        lines_.clear();
        data_.clear();
    }

    Client client;
    base::Bytes sent;

  private:
    void add(const Data& data) {
        EXPECT_FALSE(data.bytes.empty());
        base::append(data_, data.bytes);
    }
    void add(const Ready&) {
        EXPECT_TRUE(client.ready());
        line("ready");
    }
    void add(const Suspended& suspended) { line(suspended.on ? "suspended" : "resumed"); }
    void add(const ModemState& state) {
        line(std::string("modem:") + (state.cts ? " CTS" : "") + (state.dsr ? " DSR" : "") +
             (state.ri ? " RI" : "") + (state.cd ? " CD" : ""));
    }
    void add(const Note& note) { line("note: " + note.text); }
    void line(std::string text) {
        lines_ = lines();
        data_.clear();
        lines_.push_back(std::move(text));
    }

    std::vector<std::string> lines_;
    base::Bytes data_;
};

inline std::string sb(std::string_view content) {
    return "IAC SB COM-PORT " + std::string(content) + " IAC SE ";
}

// The default settings as they are sent, and the answers to them.
inline const std::string default_settings = sb("1 0 1 194 0") + sb("2 8") + sb("3 1") + sb("4 1");
inline const std::string default_answers =
    sb("101 0 1 194 0") + sb("102 8") + sb("103 1") + sb("104 1");

// A client that has made its offers.
inline ClientSession started_client(LineSettings wanted = {}) {
    ClientSession session(wanted);
    session.start();
    session.taken();
    return session;
}

// A client whose offers were agreed to, and whose settings are not yet answered.
inline ClientSession asking_client(LineSettings wanted = {}) {
    auto session = started_client(wanted);
    session.feed("IAC DO SGA IAC WILL SGA IAC DO BINARY IAC WILL BINARY IAC DO COM-PORT");
    session.taken();
    session.forget_lines();
    return session;
}

inline ClientSession ready_client() {
    auto session = asking_client();
    session.feed(default_answers);
    EXPECT_TRUE(session.client.ready());
    session.taken();
    session.forget_lines();
    return session;
}

// After `before`, the input is answered with `reply` and makes these lines (notes left out), in
// every splitting, and with a command and data behind it.
inline void expect_client(const ClientSession& before, std::string_view input,
                          std::string_view reply, std::vector<std::string> lines = {}) {
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
    session.feed(wire(input) + wire("IAC AYT 'more'"));
    EXPECT_EQ(session.taken(), wire(reply));
    lines.emplace_back("data: more");
    EXPECT_EQ(session.lines_without_notes(), lines);
}

} // namespace mpbridge::rfc2217
