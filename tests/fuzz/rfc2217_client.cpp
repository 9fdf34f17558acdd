#include "fuzz/fuzz.hpp"
#include "rfc2217/client.hpp"

// The client's side of RFC 2217: whatever a server sends, the answers are in proportion, and
// however it is cut, they and what the owner is told are the same.
namespace mpbridge::fuzz {
namespace {

// Of a note: a text of the server's, each byte of it as \xNN, and some words.
constexpr std::size_t longest_note = 4 * telnet::max_subnegotiation + 100;

class Session {
  public:
    explicit Session(const rfc2217::LineSettings& line)
        : client(rfc2217::ClientOptions{"attach 1.2", line}) {}

    void feed(const base::Bytes& piece) {
        base::ByteView input = piece;
        while (const auto event = client.next(input, reply)) {
            std::visit([this](const auto& one) { add(one); }, *event);
        }
        require(input.empty(), "all input is used up");
        require(client.ready() == told_ready_, "ready, and told so");
        fed_ += piece.size();
        require(transcript.data_size() <= fed_, "no more data than input");
        require(reply.size() <= fed_ * rfc2217::Client::max_reply_factor,
                "answers in proportion to the input");
    }

    rfc2217::Client client;
    base::Bytes reply;
    Transcript transcript;

  private:
    void add(const rfc2217::Data& data) {
        require(!data.bytes.empty(), "data is not empty");
        transcript.data(data.bytes);
    }
    void add(const rfc2217::Ready&) {
        require(!std::exchange(told_ready_, true), "ready is told once");
        transcript.event("ready");
    }
    void add(const rfc2217::Suspended& suspended) {
        require(std::exchange(suspended_, suspended.on) != suspended.on, "told when it changes");
        transcript.event(suspended.on ? "suspended" : "resumed");
    }
    void add(const rfc2217::ModemState& state) {
        transcript.event(std::string("modem") + (state.cts ? " CTS" : "") +
                         (state.dsr ? " DSR" : "") + (state.ri ? " RI" : "") +
                         (state.cd ? " CD" : ""));
    }
    void add(const rfc2217::Note& note) {
        require(note.text.size() <= longest_note, "a note of bounded size");
        transcript.event("note: " + note.text);
    }

    bool told_ready_ = false;
    bool suspended_ = false;
    std::size_t fed_ = 0;
};

// Its state at the end shows in what it says then.
void speak(Session& session) {
    const auto before = session.reply.size();
    constexpr std::string_view data = "\r\n\xFF\r";
    session.client.encode(base::bytes_of(data), session.reply);
    require(session.reply.size() - before <= 2 * data.size() + 1, "at most twice and a byte");
    session.client.set_baud_rate(9600, session.reply);
    session.client.set_data_size(7, session.reply);
    session.client.set_parity(rfc2217::Parity::even, session.reply);
    session.client.set_stop_size(rfc2217::StopSize::two, session.reply);
    session.client.purge({.output = true, .input = true}, session.reply);
}

rfc2217::LineSettings line_from(Input& input) {
    rfc2217::LineSettings line;
    line.baud_rate = rfc2217::number_of(input.bytes(4));
    line.data_size = input.byte();
    line.parity = static_cast<rfc2217::Parity>(1 + input.byte() % 5U);
    line.stop_size = static_cast<rfc2217::StopSize>(1 + input.byte() % 3U);
    return line;
}

} // namespace

// A byte of flags, the line's settings if they say so, the cuts, and the stream.
void run(base::ByteView made_up) {
    Input input(made_up);
    const auto flags = input.byte();
    const auto line = (flags & 2U) != 0 ? line_from(input) : rfc2217::LineSettings();
    const auto cuts = Cuts::from(input);
    const auto stream = stretched(input);
    const auto session = [&](const Cuts& where) {
        Session fed(line);
        if ((flags & 1U) != 0) {
            fed.client.start(fed.reply);
        }
        fed.reply.clear();
        for (const auto& piece : where.of(stream)) {
            fed.feed(piece);
        }
        speak(fed);
        return fed;
    };
    require_same_however_cut(cuts, session);
}

} // namespace mpbridge::fuzz
