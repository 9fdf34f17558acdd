#pragma once

#include "base/text.hpp"
#include "support/splitting.hpp"
#include "support/wire.hpp"
#include "telnet/decoder.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mpbridge::telnet {

using test::operator+;

// What a decoder says, one line an event: "data: abc", "NOP", "WILL 3", "SB 44: \x00", "! what".
// Data that comes in several pieces is one line.
class Transcript {
  public:
    explicit Transcript(bool binary) { decoder_.set_binary(binary); }

    void feed(base::ByteView input) {
        while (const auto event = decoder_.next(input)) {
            std::visit([this](const auto& one) { add(one); }, *event);
        }
        EXPECT_TRUE(input.empty());
    }

    std::vector<std::string> lines() const {
        auto lines = lines_;
        if (!data_.empty()) {
            lines.push_back("data: " + base::visible(data_));
        }
        return lines;
    }

  private:
    void add(const Data& data) {
        EXPECT_FALSE(data.bytes.empty());
        base::append(data_, data.bytes);
    }
    void add(const CommandReceived& received) { line(name_of(received.command)); }
    void add(const Negotiation& negotiation) {
        line(std::string(name_of(negotiation.verb)) + " " + std::to_string(negotiation.option));
    }
    void add(const Subnegotiation& sub) {
        line("SB " + std::to_string(sub.option) + ": " + base::visible(sub.payload));
    }
    void add(const Malformed& malformed) { line("! " + std::string(malformed.what)); }

    void line(std::string text) {
        lines_ = lines();
        data_.clear();
        lines_.push_back(std::move(text));
    }

    Decoder decoder_;
    std::vector<std::string> lines_;
    base::Bytes data_;
};

inline std::vector<std::string> decode(const test::Pieces& pieces, bool binary) {
    Transcript transcript(binary);
    for (const auto& piece : pieces) {
        transcript.feed(piece);
    }
    return transcript.lines();
}

// The wire gives these lines in every splitting, and a command that follows is seen as such.
inline void expect_lines(base::ByteView wire, std::vector<std::string> lines, bool binary = false) {
    for (const auto& pieces : test::splittings(wire)) {
        EXPECT_EQ(decode(pieces, binary), lines) << "first piece: " << pieces.front().size();
    }
    const auto trailing = test::wire("IAC NOP 'more'");
    lines.insert(lines.end(), {"NOP", "data: more"});
    for (const auto& pieces : test::splittings(base::Bytes(wire.begin(), wire.end()) + trailing)) {
        EXPECT_EQ(decode(pieces, binary), lines) << "first piece: " << pieces.front().size();
    }
}

inline void expect_lines(std::string_view script, std::vector<std::string> lines,
                         bool binary = false) {
    SCOPED_TRACE(script);
    expect_lines(test::wire(script), std::move(lines), binary);
}

} // namespace mpbridge::telnet
