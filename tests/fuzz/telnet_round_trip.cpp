#include "fuzz/fuzz.hpp"
#include "telnet/decoder.hpp"
#include "telnet/encoder.hpp"

#include <variant>

// What an encoder makes of data and messages, a decoder makes data and messages of again.
namespace mpbridge::fuzz {
namespace {

using telnet::Decoder;

std::string line(telnet::Verb verb, telnet::Option option) {
    return std::string(name_of(verb)) + " " + std::to_string(option);
}

std::string line(telnet::Option option, base::ByteView payload) {
    return "SB " + std::to_string(option) + " " + std::string(base::text_of(payload));
}

class Pair {
  public:
    Pair(Decoder::Newline newline, Cuts cuts)
        : newline_(newline), cuts_(std::move(cuts)), decoder_(newline) {}

    void send_data(base::ByteView data) {
        const auto before = wire_.size();
        encoder_.encode(data, wire_);
        require(wire_.size() - before <= 2 * data.size() + 1, "at most twice the size and a byte");
        expect(data);
    }
    void send_negotiation(telnet::Verb verb, telnet::Option option) {
        append_negotiation(wire_, verb, option);
        sent_.event(line(verb, option));
    }
    void send_subnegotiation(telnet::Option option, base::ByteView payload) {
        telnet::append_subnegotiation(wire_, option, payload);
        sent_.event(line(option, payload));
    }

    // Both change at the same place of the stream.
    void toggle_binary() {
        deliver();
        binary_ = !binary_;
        after_cr_ = false;
        encoder_.set_binary(binary_);
        decoder_.set_binary(binary_);
    }

    void deliver() {
        for (const auto& piece : cuts_.of(std::exchange(wire_, {}))) {
            base::ByteView input = piece;
            while (const auto event = decoder_.next(input)) {
                std::visit([this](const auto& one) { add(one); }, *event);
            }
        }
        require(sent_ == received_, "all arrives as it was sent");
    }

  private:
    // All of it, but CR LF is one CR in an NVT with Newline::one_cr.
    void expect(base::ByteView data) {
        const bool one_cr = !binary_ && newline_ == Decoder::Newline::one_cr;
        for (const auto& byte : data) {
            const bool after_cr = std::exchange(after_cr_, byte == '\r');
            if (!(one_cr && after_cr && byte == '\n')) {
                sent_.data({&byte, 1});
            }
        }
    }

    void add(const telnet::Data& data) { received_.data(data.bytes); }
    void add(const telnet::Negotiation& negotiation) {
        received_.event(line(negotiation.verb, negotiation.option));
    }
    void add(const telnet::Subnegotiation& received) {
        received_.event(line(received.option, received.payload));
    }
    void add(const telnet::CommandReceived&) { require(false, "no command was sent"); }
    void add(const telnet::Malformed&) { require(false, "what was sent is well-formed"); }

    Decoder::Newline newline_;
    Cuts cuts_;
    bool binary_ = false;
    bool after_cr_ = false;
    telnet::DataEncoder encoder_;
    Decoder decoder_;
    base::Bytes wire_;
    Transcript sent_;
    Transcript received_;
};

void step(Pair& pair, Input& input) {
    const auto kind = input.byte();
    const std::size_t size = kind >> 2U;
    switch (kind % 4U) {
    case 0: {
        const auto data = input.bytes(size);
        return pair.send_data(base::Bytes(data.begin(), data.end()));
    }
    case 1: {
        const auto option = input.byte();
        return pair.send_subnegotiation(option, input.bytes(size));
    }
    case 2:
        return pair.send_negotiation(static_cast<telnet::Verb>(251 + size % 4), input.byte());
    default:
        return pair.toggle_binary();
    }
}

} // namespace

// A byte of flags, the cuts, and steps; then what is left as data, a part of it repeated.
void run(base::ByteView made_up) {
    Input input(made_up);
    const auto flags = input.byte();
    Pair pair((flags & 2U) != 0 ? Decoder::Newline::cr_lf : Decoder::Newline::one_cr,
              Cuts::from(input));
    for (std::size_t steps = flags >> 2U; steps > 0 && !input.empty(); --steps) {
        step(pair, input);
    }
    pair.send_data(stretched(input));
    pair.deliver();
}

} // namespace mpbridge::fuzz
