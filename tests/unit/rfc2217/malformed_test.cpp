#include "rfc2217/server_session.hpp"

namespace mpbridge::rfc2217 {
namespace {

void expect_dropped(std::string_view input, const std::string& note) {
    expect_session(agreed_session(), input, "");
    auto session = agreed_session();
    session.feed(input);
    EXPECT_EQ(session.lines().back(), "note: " + note) << input;
}

TEST(Malformed, CommandsAreDroppedAndNoted) {
    expect_dropped("IAC 5", "malformed input: unknown command");
    expect_dropped("IAC SE", "malformed input: SE without SB");
    expect_dropped("IAC SB COM-PORT IAC SE", "COM-PORT-OPTION: unknown command (none)");
    expect_dropped("IAC SB COM-PORT 13 IAC SE", "COM-PORT-OPTION: unknown command 13");
    expect_dropped("IAC SB 99 1 IAC SE", "subnegotiation of 99: ignored");
}

// Answering what only a server says could go on for ever between two servers.
TEST(Malformed, CommandsOfAServerAreNotAnswered) {
    for (int command = 100; command <= 112; ++command) {
        const auto number = std::to_string(command);
        expect_dropped("IAC SB COM-PORT " + number + " 0 IAC SE",
                       "COM-PORT-OPTION: unknown command " + number);
    }
}

TEST(Malformed, ValuesOfAWrongLengthAreDroppedAndNoted) {
    const auto dropped = [](std::string_view value, const std::string& name, int octets) {
        expect_dropped("IAC SB COM-PORT " + std::string(value) + " IAC SE",
                       name + ": a value of " + std::to_string(octets) + " octets is dropped");
    };
    dropped("1", "SET-BAUDRATE", 0);
    dropped("1 1 2 3", "SET-BAUDRATE", 3);
    dropped("1 1 2 3 4 5", "SET-BAUDRATE", 5);
    dropped("2", "SET-DATASIZE", 0);
    dropped("3 1 1", "SET-PARITY", 2);
    dropped("4", "SET-STOPSIZE", 0);
    dropped("5", "SET-CONTROL", 0);
    dropped("5 1 1", "SET-CONTROL", 2);
    dropped("6 1 1", "NOTIFY-LINESTATE", 2);
    dropped("7 1 1", "NOTIFY-MODEMSTATE", 2);
    dropped("8 1", "FLOWCONTROL-SUSPEND", 1);
    dropped("9 1", "FLOWCONTROL-RESUME", 1);
    dropped("10", "SET-LINESTATE-MASK", 0);
    dropped("11 1 1", "SET-MODEMSTATE-MASK", 2);
    dropped("12", "PURGE-DATA", 0);
}

TEST(Malformed, SubnegotiationsDoNotHarmWhatFollows) {
    expect_session(agreed_session(), "IAC SB COM-PORT 2 IAC SB COM-PORT 2 7 IAC SE 'a'",
                   "IAC SB COM-PORT 102 7 IAC SE", {"data: a"});
    auto session = agreed_session();
    session.feed(wire("IAC SB COM-PORT 0") + base::Bytes(5000, 'x') + wire("IAC SE 'a'"));
    EXPECT_EQ(session.lines().back(), "data: a");
    EXPECT_EQ(session.taken(), wire(""));
}

TEST(Malformed, InputOfAnyKindIsAnsweredAlikeHoweverSplitAndInProportion) {
    const auto alphabet = wire("IAC IAC IAC IAC SB SB SE SE SE WILL WONT DO DONT COM-PORT COM-PORT"
                               " BINARY ECHO 2 5 6 7 8 11 12 AYT BRK CR LF 'a'");
    expect_alike_and_in_proportion(ServerSession(), 4, alphabet);
}

} // namespace
} // namespace mpbridge::rfc2217
