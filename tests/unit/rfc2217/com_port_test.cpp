#include "rfc2217/server_session.hpp"

namespace mpbridge::rfc2217 {
namespace {

void expect_answers(std::string_view command, std::string_view answer,
                    std::vector<std::string> lines = {}) {
    expect_session(agreed_session(), sb(command), answer.empty() ? "" : sb(answer),
                   std::move(lines));
}

TEST(ComPort, SetsAndTellsTheBaudRate) {
    expect_answers("1 0 0 0 0", "101 0 1 194 0");
    expect_answers("1 0 0 37 128", "101 0 0 37 128");
    expect_answers("1 0 0 0 1", "101 0 0 0 1");
    expect_answers("1 IAC IAC IAC IAC IAC IAC IAC IAC", "101 IAC IAC IAC IAC IAC IAC IAC IAC");
    expect_session(agreed_session(), sb("1 0 0 37 128") + sb("1 0 0 0 0"),
                   sb("101 0 0 37 128") + sb("101 0 0 37 128"));
}

// Every value, after each of the valid ones: a valid one is kept, any other leaves it in force.
void expect_range(int command, int first, int last, int initial) {
    const auto answer = [&](ServerSession& session, int value) {
        return session.answer(sb(std::to_string(command) + " " + octet(value)));
    };
    const auto told = [&](int value) {
        return wire(sb(std::to_string(command + 100) + " " + std::to_string(value)));
    };
    for (int before = first; before <= last; ++before) {
        for (int value = 0; value < 256; ++value) {
            auto session = agreed_session();
            EXPECT_EQ(answer(session, 0), told(initial));
            EXPECT_EQ(answer(session, before), told(before));
            const bool valid = value >= first && value <= last;
            EXPECT_EQ(answer(session, value), told(valid ? value : before)) << value;
            EXPECT_EQ(answer(session, 0), told(valid ? value : before)) << value;
        }
    }
}

TEST(ComPort, SetsAndTellsTheDataSize) { expect_range(2, 5, 8, 8); }
TEST(ComPort, SetsAndTellsTheParity) { expect_range(3, 1, 5, 1); }
TEST(ComPort, SetsAndTellsTheStopSize) { expect_range(4, 1, 3, 1); }

TEST(ComPort, TellsItsSignature) { expect_answers("0", "100 'mpremote-bridge' 32 '1.2.3'"); }

TEST(ComPort, NotesTheClientsSignature) {
    auto session = agreed_session();
    EXPECT_EQ(session.answer("IAC SB COM-PORT 0 'kermit' 27 IAC SE"), wire(""));
    EXPECT_EQ(session.lines().back(), "note: client signature: kermit\\x1b");
}

TEST(ComPort, TellsNoMoreOfASignatureThanIsInProportion) {
    for (const char filler : {'x', '\xFF'}) {
        Server server(ServerOptions{std::string(1000, filler)});
        base::Bytes reply;
        const auto input = wire("IAC SB COM-PORT 0 IAC SE");
        base::ByteView rest = input;
        while (server.next(rest, reply)) {
        }
        EXPECT_LE(reply.size(), input.size() * Server::max_reply_factor);
    }
}

TEST(ComPort, AcknowledgesItsMasks) {
    for (const std::string mask : {"0", "1", "176", "IAC IAC"}) {
        expect_answers("10 " + mask, "110 " + mask);
        expect_answers("11 " + mask, "111 " + mask);
    }
}

TEST(ComPort, TellsTheLineStateUnderItsMask) {
    expect_answers("6", "106 0");
    expect_session(agreed_session(), sb("10 IAC IAC") + sb("6") + sb("6 0"),
                   sb("110 IAC IAC") + sb("106 96") + sb("106 96"));
    expect_session(agreed_session(), sb("10 32") + sb("6"), sb("110 32") + sb("106 32"));
}

TEST(ComPort, AnswersAPurgeAndTellsWhatToDrop) {
    expect_answers("12 1", "112 1", {"purge output"});
    expect_answers("12 2", "112 2", {"purge input"});
    expect_answers("12 3", "112 3", {"purge output input"});
    expect_answers("12 0", "");
    expect_answers("12 4", "");
}

TEST(ComPort, PurgesWhereTheCommandStands) {
    expect_session(agreed_session(), "'a' " + sb("12 2") + "'b'", sb("112 2"),
                   {"data: a", "purge input", "data: b"});
}

TEST(ComPort, TellsOfFlowControl) {
    expect_answers("8", "", {"suspend"});
    expect_answers("9", "", {"resume"});
}

TEST(ComPort, NotesWhatIsSet) {
    auto session = agreed_session();
    session.feed(sb("1 0 0 37 128"));
    EXPECT_EQ(session.lines().back(), "note: SET-BAUDRATE 9600");
    session.feed(sb("2 9"));
    EXPECT_EQ(session.lines().back(), "note: SET-DATASIZE 9: answered 8");
}

} // namespace
} // namespace mpbridge::rfc2217
