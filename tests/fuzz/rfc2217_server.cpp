#include "fuzz/fuzz.hpp"
#include "rfc2217/server.hpp"

// The server's side of RFC 2217: whatever a client sends, the answers are in proportion, and
// however it is cut, they and what the owner is told are the same.
namespace mpbridge::fuzz {
namespace {

// Of a note: a text of the client's, each byte of it as \xNN, and some words.
constexpr std::size_t longest_note = 4 * telnet::max_subnegotiation + 100;

class Session {
  public:
    void feed(const base::Bytes& piece) {
        base::ByteView input = piece;
        while (const auto event = server.next(input, reply)) {
            std::visit([this](const auto& one) { add(one); }, *event);
        }
        require(input.empty(), "all input is used up");
        fed_ += piece.size();
        require(transcript.data_size() <= fed_, "no more data than input");
        require(reply.size() <= fed_ * rfc2217::Server::max_reply_factor,
                "answers in proportion to the input");
    }

    rfc2217::Server server{rfc2217::ServerOptions{"mpremote-bridge 1.2.3"}};
    base::Bytes reply;
    Transcript transcript;

  private:
    void add(const rfc2217::Data& data) {
        require(!data.bytes.empty(), "data is not empty");
        transcript.data(data.bytes);
    }
    void add(const rfc2217::Interrupt&) { transcript.event("interrupt"); }
    void add(const rfc2217::EndOfFile&) { transcript.event("end of file"); }
    void add(const rfc2217::Break& b) {
        transcript.event(std::string("break ") + (b.on ? "on" : "off") +
                         (b.momentary ? ", momentary" : ""));
    }
    void add(const rfc2217::Purge& purge) {
        require(purge.input || purge.output, "a purge of something");
        transcript.event(std::string("purge ") + (purge.input ? "input" : "") +
                         (purge.output ? "output" : ""));
    }
    void add(const rfc2217::FlowControl& flow) {
        transcript.event(flow.suspended ? "suspend" : "resume");
    }
    void add(const rfc2217::Note& note) {
        require(note.text.size() <= longest_note, "a note of bounded size");
        transcript.event("note: " + note.text);
    }

    std::size_t fed_ = 0;
};

// Its state at the end shows in what it says then.
void speak(Session& session) {
    const auto before = session.reply.size();
    constexpr std::string_view data = "\r\n\xFF\r";
    session.server.encode(base::bytes_of(data), session.reply);
    require(session.reply.size() - before <= 2 * data.size() + 1, "at most twice and a byte");
    session.server.set_modem_state({.cts = true, .dsr = false, .ri = false, .cd = false},
                                   session.reply);
}

} // namespace

// A byte of flags, the cuts, and the stream.
void run(base::ByteView made_up) {
    Input input(made_up);
    const auto flags = input.byte();
    const auto cuts = Cuts::from(input);
    const auto stream = stretched(input);
    const auto session = [&](const Cuts& where) {
        Session fed;
        if ((flags & 1U) != 0) {
            fed.server.start(fed.reply);
        }
        if ((flags & 2U) != 0) {
            fed.server.encode(base::bytes_of("\r"), fed.reply);
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
