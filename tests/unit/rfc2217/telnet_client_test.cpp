#include "rfc2217/server_session.hpp"

namespace mpbridge::rfc2217 {
namespace {

// What inetutils telnet answers to the opening offers: it knows nothing of COM-PORT-OPTION.
ServerSession plain_session() {
    ServerSession session;
    session.start();
    session.feed("IAC DO ECHO IAC DO SGA IAC WILL SGA IAC DO BINARY IAC WILL BINARY");
    session.feed("IAC DONT COM-PORT IAC WONT COM-PORT");
    session.taken();
    return session;
}

TEST(TelnetClient, GetsItsKeysThrough) {
    expect_session(plain_session(), "'print(1)' CR", "", {"data: print(1)\\r"});
    expect_session(plain_session(), "3 4 1 2 5", "", {"data: \\x03\\x04\\x01\\x02\\x05"});
}

TEST(TelnetClient, InterruptsAndEndsByCommand) {
    expect_session(plain_session(), "IAC IP", "", {"interrupt"});
    expect_session(plain_session(), "IAC EOF", "", {"end of file"});
    expect_session(plain_session(), "'a' IAC IP 'b'", "", {"data: a", "interrupt", "data: b"});
}

// What `telnet` sends for its interrupt character: the command, a TIMING-MARK, and a synch.
TEST(TelnetClient, InterruptsWithASynch) {
    expect_session(plain_session(), "IAC IP IAC DO TM IAC DM", "IAC WONT TM", {"interrupt"});
}

TEST(TelnetClient, SendsAWholeBreakByCommand) {
    expect_session(plain_session(), "IAC BRK", "", {"break on, momentary"});
}

TEST(TelnetClient, IsAnsweredWhenItAsksAreYouThere) {
    expect_session(plain_session(), "IAC AYT", "CR LF '[mpremote-bridge:' 32 'yes]' CR LF");
}

TEST(TelnetClient, HasOutputDroppedByAbortOutput) {
    expect_session(plain_session(), "IAC AO", "", {"purge output"});
}

TEST(TelnetClient, MayKeepTheConnectionAlive) {
    auto session = plain_session();
    const auto before = session.lines();
    session.feed("IAC NOP IAC GA IAC DM");
    EXPECT_EQ(session.taken(), wire(""));
    EXPECT_EQ(session.lines(), before);
}

TEST(TelnetClient, HasOtherCommandsNoted) {
    for (const std::string command : {"SUSP", "ABORT", "EOR", "EC", "EL"}) {
        auto session = plain_session();
        session.feed("IAC " + command);
        EXPECT_EQ(session.lines().back(), "note: client sent " + command + ": ignored");
        EXPECT_EQ(session.taken(), wire(""));
    }
}

TEST(TelnetClient, SeesAnAnswerBehindABareCr) {
    ServerSession session;
    base::Bytes out;
    session.server.encode(wire("'a' CR"), out);
    base::Bytes reply;
    const auto input = wire("IAC AYT");
    base::ByteView rest = input;
    session.server.next(rest, reply);
    EXPECT_EQ(base::ByteView(reply).front(), 0);
    EXPECT_LE(reply.size(), input.size() * Server::max_reply_factor);
}

} // namespace
} // namespace mpbridge::rfc2217
