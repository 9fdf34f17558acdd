#include "fuzz/fuzz.hpp"
#include "telnet/decoder.hpp"

#include <type_traits>

// The decoder: however a stream is cut, it yields the same data and events, within constant memory.
namespace mpbridge::fuzz {
namespace {

using telnet::Decoder;

// It owns nothing but itself, so its memory cannot grow.
static_assert(std::is_trivially_copyable_v<Decoder> && sizeof(Decoder) <= 8192);

class Session {
  public:
    Session(Decoder::Newline newline, bool binary) : decoder_(newline) {
        decoder_.set_binary(binary);
    }

    void feed(const base::Bytes& piece) {
        base::ByteView input = piece;
        while (const auto event = decoder_.next(input)) {
            std::visit([this](const auto& one) { add(one); }, *event);
        }
        require(input.empty(), "all input is used up");
        fed_ += piece.size();
        require(transcript.data_size() <= fed_, "no more data than input");
    }

    Transcript transcript;

  private:
    void add(const telnet::Data& data) {
        require(!data.bytes.empty(), "data is not empty");
        transcript.data(data.bytes);
    }
    void add(const telnet::CommandReceived& received) {
        const auto number = static_cast<std::uint8_t>(received.command);
        const bool alone = number >= 236 && number <= 249 && number != 240;
        require(alone, "a command that stands alone");
        transcript.event(telnet::name_of(received.command));
    }
    // Follows the negotiation at once, as the owners of a decoder do.
    void add(const telnet::Negotiation& negotiation) {
        if (negotiation.option == telnet::option::binary) {
            decoder_.set_binary(negotiation.verb == telnet::Verb::will);
        }
        transcript.event(std::string(name_of(negotiation.verb)) + " " +
                         std::to_string(negotiation.option));
    }
    void add(const telnet::Subnegotiation& received) {
        require(received.payload.size() <= telnet::max_subnegotiation, "a payload of bounded size");
        transcript.event("SB " + std::to_string(received.option) + " " +
                         std::string(base::text_of(received.payload)));
    }
    void add(const telnet::Malformed& malformed) {
        transcript.event("! " + std::string(malformed.what));
    }

    Decoder decoder_;
    std::size_t fed_ = 0;
};

} // namespace

// A byte of flags, the cuts, and the stream.
void run(base::ByteView made_up) {
    Input input(made_up);
    const auto flags = input.byte();
    const auto cuts = Cuts::from(input);
    const auto stream = stretched(input);
    const auto decoded = [&](const Cuts& where) {
        Session session((flags & 2U) != 0 ? Decoder::Newline::cr_lf : Decoder::Newline::one_cr,
                        (flags & 1U) != 0);
        for (const auto& piece : where.of(stream)) {
            session.feed(piece);
        }
        return session.transcript;
    };
    const auto whole = decoded(Cuts::nowhere());
    require(whole == decoded(Cuts::everywhere()), "the same byte by byte");
    require(whole == decoded(cuts), "the same in any pieces");
}

} // namespace mpbridge::fuzz
