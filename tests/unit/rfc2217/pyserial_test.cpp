#include "rfc2217/server_session.hpp"

namespace mpbridge::rfc2217 {
namespace {

// What pyserial 3.5 sends on open() with 115200 baud, 8N1, and the answers it waits for.

const std::string offers = "IAC DO ECHO IAC WILL SGA IAC DO SGA IAC DO COM-PORT IAC WILL COM-PORT ";

constexpr std::string_view modem_state = "IAC SB COM-PORT 107 176 IAC SE";

void expect_settings_accepted(ServerSession& session) {
    EXPECT_EQ(session.answer("IAC SB COM-PORT 1 0 1 194 0 IAC SE IAC SB COM-PORT 2 8 IAC SE"
                             " IAC SB COM-PORT 3 1 IAC SE IAC SB COM-PORT 4 1 IAC SE"),
              wire("IAC SB COM-PORT 101 0 1 194 0 IAC SE IAC SB COM-PORT 102 8 IAC SE"
                   " IAC SB COM-PORT 103 1 IAC SE IAC SB COM-PORT 104 1 IAC SE"));
    // No flow control, DTR on, RTS on: each one is waited for, and must come back as it was sent.
    for (const std::string control : {"1", "8", "11"}) {
        EXPECT_EQ(session.answer("IAC SB COM-PORT 5 " + control + " IAC SE"),
                  wire("IAC SB COM-PORT 105 " + control + " IAC SE"));
    }
    EXPECT_EQ(session.answer("IAC SB COM-PORT 12 1 IAC SE"), wire("IAC SB COM-PORT 112 1 IAC SE"));
    EXPECT_EQ(session.answer("IAC SB COM-PORT 12 2 IAC SE"), wire("IAC SB COM-PORT 112 2 IAC SE"));
    EXPECT_EQ(session.lines_without_notes(),
              (std::vector<std::string>{"purge output", "purge input"}));
}

TEST(Pyserial, OpensWhenItsOffersCrossOurs) {
    ServerSession session;
    session.start();
    // Its own offers, in its order; then its answers to what it had not asked for.
    EXPECT_EQ(session.answer(offers + "IAC DO BINARY IAC WILL BINARY"), wire(modem_state));
    expect_settings_accepted(session);
}

TEST(Pyserial, OpensWhenOurOffersComeFirst) {
    ServerSession session;
    session.start();
    // It takes our offers for answers to what it was about to send, and then does not send it.
    EXPECT_EQ(session.answer("IAC DO BINARY IAC WILL BINARY"), wire(""));
    EXPECT_EQ(session.answer("IAC SB COM-PORT 2 8 IAC SE"),
              wire(std::string(modem_state) + " IAC SB COM-PORT 102 8 IAC SE"));
    expect_settings_accepted(session);
}

TEST(Pyserial, OpensWhenSomeOfOurOffersComeFirst) {
    ServerSession session;
    session.start();
    EXPECT_EQ(session.answer("IAC DO BINARY IAC WILL BINARY IAC DO COM-PORT"), wire(modem_state));
    expect_settings_accepted(session);
}

TEST(Pyserial, OpensWithoutOurOffers) {
    ServerSession session;
    EXPECT_EQ(session.answer(offers),
              wire("IAC WILL ECHO IAC DO SGA IAC WILL SGA IAC WILL COM-PORT " +
                   std::string(modem_state) + " IAC DO COM-PORT"));
    expect_settings_accepted(session);
}

TEST(Pyserial, SendsAndReceivesAllBytes) {
    auto session = agreed_session();
    const auto all = all_bytes();
    const auto doubled = all + wire("IAC");
    EXPECT_EQ(session.encoded(all), doubled);
    session.feed(doubled);
    EXPECT_EQ(session.lines().back(), "data: " + base::visible(all));
}

TEST(Pyserial, ChangesSettingsOfAnOpenPort) {
    auto session = agreed_session();
    // 9600 baud, 7 bits, even parity, two stop bits.
    EXPECT_EQ(session.answer("IAC SB COM-PORT 1 0 0 37 128 IAC SE IAC SB COM-PORT 2 7 IAC SE"
                             " IAC SB COM-PORT 3 3 IAC SE IAC SB COM-PORT 4 2 IAC SE"),
              wire("IAC SB COM-PORT 101 0 0 37 128 IAC SE IAC SB COM-PORT 102 7 IAC SE"
                   " IAC SB COM-PORT 103 3 IAC SE IAC SB COM-PORT 104 2 IAC SE"));
    // rtscts, then xonxoff.
    EXPECT_EQ(session.answer("IAC SB COM-PORT 5 3 IAC SE"), wire("IAC SB COM-PORT 105 3 IAC SE"));
    EXPECT_EQ(session.answer("IAC SB COM-PORT 5 2 IAC SE"), wire("IAC SB COM-PORT 105 2 IAC SE"));
}

} // namespace
} // namespace mpbridge::rfc2217
