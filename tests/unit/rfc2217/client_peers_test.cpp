#include "rfc2217/client_session.hpp"

namespace mpbridge::rfc2217 {
namespace {

// What servers in use say to this client, as captured from them.

// The program data that is exchanged when the client is ready goes through unchanged.
void expect_binary(ClientSession& session) {
    EXPECT_EQ(session.encoded("CR LF CR NUL IAC"), wire("CR LF CR NUL IAC IAC"));
    session.forget_lines();
    session.feed("CR LF CR NUL IAC IAC");
    EXPECT_EQ(session.lines(), (std::vector<std::string>{"data: \\r\\n\\r\\x00\\xff"}));
}

ClientSession after(std::string_view input) {
    auto session = started_client();
    session.feed(input);
    return session;
}

// pyserial 3.5, serial.rfc2217.PortManager, as esp_rfc2217_server uses it. It notifies the modem
// state for each direction of the option.
const std::string pyserial_offers = "IAC WILL ECHO IAC WILL SGA IAC DO BINARY IAC WILL COM-PORT ";
const std::string pyserial_answers =
    "IAC DO SGA IAC WILL BINARY IAC DO COM-PORT " + sb("107 187") + sb("107 176");

TEST(PyserialServer, AgreesToAll) {
    const auto input = pyserial_offers + pyserial_answers + default_answers;
    // Its own WILL is enough for the settings to go.
    expect_session(started_client(), pyserial_offers,
                   "IAC DO ECHO IAC DO COM-PORT " + default_settings);
    expect_session(started_client(), input, "IAC DO ECHO IAC DO COM-PORT " + default_settings,
                   {"modem: CTS DSR CD", "modem: CTS DSR CD", "ready"});
    auto session = after(input);
    expect_binary(session);
}

// ser2net 4.3.11 with telnet(rfc2217): its own offers and its answers in one.
const std::string ser2net_offers =
    "IAC WILL SGA IAC DO SGA IAC WILL ECHO IAC DONT ECHO IAC DO BINARY IAC WILL BINARY ";

TEST(Ser2net, AgreesToComPort) {
    const auto input = ser2net_offers + "IAC DO COM-PORT IAC DO SGA " + sb("107 0");
    expect_session(started_client(), input + default_answers, "IAC DO ECHO " + default_settings,
                   {"modem:", "ready"});
    auto session = after(input + default_answers);
    expect_binary(session);
}

TEST(Ser2net, ChangesSettings) {
    auto session = after(ser2net_offers + "IAC DO COM-PORT " + default_answers);
    session.taken();
    session.forget_lines();
    session.client.set_baud_rate(9600, session.sent);
    session.client.set_data_size(7, session.sent);
    session.client.set_baud_rate(19200, session.sent);
    session.client.purge({.output = true, .input = true}, session.sent);
    EXPECT_EQ(session.taken(), wire(sb("1 0 0 37 128") + sb("2 7") + sb("12 3")));
    expect_session(session, sb("112 3") + sb("101 0 0 37 128") + sb("102 7") + sb("101 0 0 75 0"),
                   sb("1 0 0 75 0"));
}

// ser2net without rfc2217, and telnetd and its like.
TEST(Ser2net, RefusesComPort) {
    const auto input = ser2net_offers + "IAC DONT COM-PORT";
    expect_session(started_client(), input, "IAC DO ECHO", {"ready"});
    auto session = after(input);
    expect_binary(session);
}

TEST(PlainServer, SendsNoTelnetAtAll) {
    expect_session(started_client(), "'MicroPython' CR LF '>>>' 32", "",
                   {"data: MicroPython\\r\\n>>> "});
    EXPECT_FALSE(after("'>>>' 32").client.ready());
}

TEST(PlainServer, RefusesEverything) {
    const std::string_view input =
        "IAC DONT SGA IAC WONT SGA IAC DONT BINARY IAC WONT BINARY IAC DONT"
        " COM-PORT 'a' CR NUL 'b'";
    expect_session(started_client(), input, "", {"ready", "data: a\\rb"});
}

} // namespace
} // namespace mpbridge::rfc2217
