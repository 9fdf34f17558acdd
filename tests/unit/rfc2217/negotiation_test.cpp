#include "rfc2217/server_session.hpp"

namespace mpbridge::rfc2217 {
namespace {

// NOTIFY-MODEMSTATE with CTS, DSR and CD on.
constexpr std::string_view modem_state = " IAC SB COM-PORT 107 176 IAC SE ";

ServerSession started() {
    ServerSession session;
    session.start();
    session.taken();
    return session;
}

TEST(Negotiation, OpensWithItsOffers) {
    ServerSession session;
    session.start();
    EXPECT_EQ(session.taken(), wire("IAC WILL ECHO IAC WILL SGA IAC DO SGA IAC WILL BINARY"
                                    " IAC DO BINARY IAC WILL COM-PORT IAC DO COM-PORT"));
}

TEST(Negotiation, SaysNothingMoreToAClientThatAgrees) {
    expect_session(started(), "IAC DO ECHO IAC DO SGA IAC WILL SGA IAC DO BINARY IAC WILL BINARY",
                   "");
    expect_session(started(), "IAC DO COM-PORT IAC WILL COM-PORT", modem_state);
}

TEST(Negotiation, AcceptsWhatAClientOffersFirst) {
    const ServerSession silent; // as if its own offers had never been made
    expect_session(silent, "IAC WILL SGA IAC DO SGA", "IAC DO SGA IAC WILL SGA");
    expect_session(silent, "IAC WILL BINARY IAC DO BINARY", "IAC DO BINARY IAC WILL BINARY");
    expect_session(silent, "IAC DO ECHO", "IAC WILL ECHO");
    expect_session(silent, "IAC WILL COM-PORT", "IAC DO COM-PORT" + std::string(modem_state));
    expect_session(silent, "IAC DO COM-PORT", "IAC WILL COM-PORT" + std::string(modem_state));
}

TEST(Negotiation, NotifiesTheModemStateOnceWhicheverSideAgrees) {
    expect_session(started(), "IAC WILL COM-PORT", modem_state);
    expect_session(started(), "IAC DO COM-PORT", modem_state);
    expect_session(started(), "IAC DONT COM-PORT IAC WILL COM-PORT", modem_state);
    expect_session(started(), "IAC DO COM-PORT IAC WONT COM-PORT", modem_state);
    expect_session(started(), "IAC DONT COM-PORT IAC WONT COM-PORT", "");
}

TEST(Negotiation, NotifiesAgainAfterAnEndOfTheOption) {
    expect_session(started(), "IAC WILL COM-PORT IAC WONT COM-PORT IAC WILL COM-PORT",
                   std::string(modem_state) + "IAC DONT COM-PORT IAC DO COM-PORT" +
                       std::string(modem_state));
}

TEST(Negotiation, ServesAClientThatUsesTheOptionUnasked) {
    const std::string answer = "IAC SB COM-PORT 102 7 IAC SE";
    expect_session(started(), "IAC SB COM-PORT 2 7 IAC SE", std::string(modem_state) + answer);
    expect_session(started(), "IAC SB COM-PORT 2 7 IAC SE IAC DO ECHO IAC SB COM-PORT 2 0 IAC SE",
                   std::string(modem_state) + answer + " " + answer);
    expect_session(started(), "IAC DONT COM-PORT IAC WONT COM-PORT IAC SB COM-PORT 2 7 IAC SE",
                   std::string(modem_state) + answer);
}

TEST(Negotiation, RefusesEveryOtherOption) {
    for (int option = 0; option < 256; ++option) {
        if (option == 0 || option == 1 || option == 3 || option == 44) {
            continue;
        }
        expect_refused(started(), option);
    }
}

TEST(Negotiation, RefusesTheClientsEcho) {
    expect_session(started(), "IAC WILL ECHO", "IAC DONT ECHO");
    expect_session(started(), "IAC DO ECHO", "");
    expect_session(started(), "IAC WONT ECHO", "");
    expect_session(started(), "IAC DONT ECHO", "");
}

// `telnet` asks for TIMING-MARK after each interrupt, and waits for the answer to every one.
TEST(Negotiation, AnswersEachTimingMark) {
    expect_session(started(), "IAC DO TM IAC DO TM", "IAC WONT TM IAC WONT TM");
}

TEST(Negotiation, SwitchesOffWhatAClientNoLongerWants) {
    auto session = agreed_session();
    EXPECT_EQ(session.answer("IAC DONT ECHO IAC WONT SGA IAC DONT SGA"),
              wire("IAC WONT ECHO IAC DONT SGA IAC WONT SGA"));
    EXPECT_EQ(session.answer("IAC DONT ECHO IAC WONT SGA IAC DONT SGA"), wire(""));
}

TEST(Negotiation, DoesNotLoop) {
    auto session = agreed_session();
    EXPECT_EQ(session.answer("IAC DO BINARY IAC WILL BINARY IAC DO ECHO IAC WILL COM-PORT"),
              wire(""));
}

TEST(Negotiation, IgnoresSubnegotiationsOfRefusedOptions) {
    expect_session(started(), "IAC SB NAWS 0 80 0 24 IAC SE 'a'", "", {"data: a"});
    expect_session(started(), "IAC SB TTYPE 0 'xterm' IAC SE", "");
}

TEST(Binary, DecidesAboutTheClientsLineEnds) {
    expect_session(started(), "'a' CR LF 'b' CR NUL", "", {"data: a\\rb\\r"});
    expect_session(started(), "IAC WONT BINARY 'a' CR LF", "", {"data: a\\r"});
    expect_session(started(), "CR LF IAC WILL BINARY CR LF NUL", "",
                   {"data: \\r", "data: \\r\\n\\x00"});
    expect_session(agreed_session(), "CR LF IAC WONT BINARY CR LF", "IAC DONT BINARY",
                   {"data: \\r\\n", "data: \\r"});
}

TEST(Binary, DecidesAboutTheServersLineEnds) { expect_line_ends_by_binary(started()); }

} // namespace
} // namespace mpbridge::rfc2217
