#pragma once

#include "base/text.hpp"
#include "rfc2217/events.hpp"
#include "support/random_bytes.hpp"
#include "support/splitting.hpp"
#include "support/wire.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

// What the tests of both sides of COM-PORT-OPTION share.
namespace mpbridge::rfc2217 {

using test::wire;
using test::operator+;

// One side of a connection and all that came out of it. Events are one line each, as "data: abc"
// or "ready"; data that comes in several pieces is one line.
//
// A Side has an Endpoint, which is a Server or a Client, a line_of() for each of its events other
// than Data and Note, and in `more` and more_lines() a command and data that may stand behind any
// input, and the lines these make.
template <typename Side>
class Session : public Side {
  public:
    using Side::Side;

    void start() { this->endpoint().start(sent); }

    void feed(base::ByteView input) {
        while (const auto event = this->endpoint().next(input, sent)) {
            std::visit([this](const auto& one) { this->add(one); }, *event);
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

    // Program data as it goes over the wire.
    base::Bytes encoded(base::ByteView data) {
        base::Bytes out;
        this->endpoint().encode(data, out);
        return out;
    }
    base::Bytes encoded(std::string_view script) { return encoded(wire(script)); }

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

    base::Bytes sent;

  private:
    void add(const Data& data) {
        EXPECT_FALSE(data.bytes.empty());
        base::append(data_, data.bytes);
    }
    void add(const Note& note) { add_line("note: " + note.text); }
    void add(const auto& event) { add_line(this->line_of(event)); }
    void add_line(std::string text) {
        lines_ = lines();
        data_.clear();
        lines_.push_back(std::move(text));
    }

    std::vector<std::string> lines_;
    base::Bytes data_;
};

// A message of COM-PORT-OPTION.
inline std::string sb(std::string_view content) {
    return "IAC SB COM-PORT " + std::string(content) + " IAC SE ";
}

// A value of one octet in a message.
inline std::string octet(int value) { return value == 255 ? "IAC IAC" : std::to_string(value); }

inline base::Bytes all_bytes() {
    base::Bytes all;
    for (int byte = 0; byte < 256; ++byte) {
        all.push_back(static_cast<std::uint8_t>(byte));
    }
    return all;
}

// After `before`, the input is answered with `reply` and makes these lines (notes left out), in
// every splitting, and with a command and data behind it.
template <typename Side>
void expect_session(const Session<Side>& before, std::string_view input, std::string_view reply,
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
    session.feed(wire(input) + wire(Side::more));
    EXPECT_EQ(session.taken(), wire(reply));
    const auto more_lines = Side::more_lines();
    lines.insert(lines.end(), more_lines.begin(), more_lines.end());
    EXPECT_EQ(session.lines_without_notes(), lines);
}

// The option is off, and stays so whatever the peer says about it.
template <typename Side>
void expect_refused(const Session<Side>& before, int option) {
    const auto number = std::to_string(option);
    expect_session(before, "IAC WILL " + number, "IAC DONT " + number);
    expect_session(before, "IAC DO " + number, "IAC WONT " + number);
    expect_session(before, "IAC WONT " + number, "");
    expect_session(before, "IAC DONT " + number, "");
}

// Program data is NVT text until the peer agrees to BINARY, and when it no longer does.
template <typename Side>
void expect_line_ends_by_binary(Session<Side> session) {
    EXPECT_EQ(session.encoded("'a' CR 'b' IAC CR LF"), wire("'a' CR NUL 'b' IAC IAC CR LF"));
    session.feed("IAC DO BINARY");
    EXPECT_EQ(session.encoded("'a' CR 'b' IAC CR LF"), wire("'a' CR 'b' IAC IAC CR LF"));
    session.feed("IAC DONT BINARY");
    EXPECT_EQ(session.encoded("CR"), wire("CR"));
    EXPECT_EQ(session.encoded("'b'"), wire("NUL 'b'"));
}

// The same comes out however the input is split, and the answers to it are in proportion.
template <typename Side>
void expect_alike_and_in_proportion(const Session<Side>& before, base::ByteView input) {
    auto at_once = before;
    at_once.feed(input);
    auto bytewise = before;
    for (const auto byte : input) {
        bytewise.feed(base::ByteView(&byte, 1));
    }
    ASSERT_EQ(at_once.lines(), bytewise.lines()) << base::visible(input);
    const auto reply = at_once.taken();
    ASSERT_EQ(reply, bytewise.taken()) << base::visible(input);
    ASSERT_LE(reply.size(), input.size() * Side::Endpoint::max_reply_factor)
        << base::visible(input);
}

// That for random input out of the bytes given.
template <typename Side>
void expect_alike_and_in_proportion(const Session<Side>& before, std::uint32_t seed,
                                    base::ByteView alphabet) {
    test::Random random(seed);
    for (int round = 0; round < 20'000 && !::testing::Test::HasFailure(); ++round) {
        expect_alike_and_in_proportion(before, test::random_bytes(random, alphabet, 40));
    }
}

} // namespace mpbridge::rfc2217
