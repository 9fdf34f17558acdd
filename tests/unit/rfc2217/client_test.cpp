#include "rfc2217/client_session.hpp"

namespace mpbridge::rfc2217 {
namespace {

void want(ClientSession& session, const LineSettings& settings) {
    session.client.set_baud_rate(settings.baud_rate, session.sent);
    session.client.set_data_size(settings.data_size, session.sent);
    session.client.set_parity(settings.parity, session.sent);
    session.client.set_stop_size(settings.stop_size, session.sent);
}

constexpr LineSettings slow = {
    .baud_rate = 9600, .data_size = 7, .parity = Parity::even, .stop_size = StopSize::two};

TEST(ClientNegotiation, OpensWithItsOffers) {
    ClientSession session;
    session.start();
    EXPECT_EQ(session.taken(), wire("IAC WILL SGA IAC DO SGA IAC WILL BINARY IAC DO BINARY"
                                    " IAC WILL COM-PORT"));
    EXPECT_FALSE(session.client.ready());
    EXPECT_FALSE(session.client.has_com_port());
}

TEST(ClientNegotiation, SaysNothingMoreToAServerThatAgreesUntilComPortIsAgreed) {
    expect_session(started_client(), "IAC DO SGA IAC WILL SGA IAC DO BINARY IAC WILL BINARY", "");
    expect_session(started_client(), "IAC DO COM-PORT", default_settings);
    expect_session(started_client(), "IAC DO COM-PORT IAC WILL COM-PORT",
                   default_settings + "IAC DO COM-PORT");
    expect_session(started_client(), "IAC WILL COM-PORT IAC DO COM-PORT",
                   "IAC DO COM-PORT " + default_settings);
}

TEST(ClientNegotiation, AcceptsWhatAServerOffersFirst) {
    const ClientSession silent; // as if its own offers had never been made
    expect_session(silent, "IAC WILL SGA IAC DO SGA", "IAC DO SGA IAC WILL SGA");
    expect_session(silent, "IAC WILL BINARY IAC DO BINARY", "IAC DO BINARY IAC WILL BINARY");
    expect_session(silent, "IAC WILL COM-PORT", "IAC DO COM-PORT " + default_settings);
    expect_session(silent, "IAC DO COM-PORT", "IAC WILL COM-PORT " + default_settings);
}

TEST(ClientNegotiation, AcceptsTheServersEchoAndDoesNotEcho) {
    expect_session(started_client(), "IAC WILL ECHO", "IAC DO ECHO");
    expect_session(started_client(), "IAC DO ECHO", "IAC WONT ECHO");
}

TEST(ClientNegotiation, RefusesEveryOtherOption) {
    for (int option = 0; option < 256; ++option) {
        if (option == 0 || option == 1 || option == 3 || option == 44) {
            continue;
        }
        expect_refused(started_client(), option);
    }
}

TEST(ClientNegotiation, DoesNotLoop) {
    expect_session(ready_client(), "IAC DO BINARY IAC WILL BINARY IAC DO SGA IAC DO COM-PORT", "");
}

TEST(ClientNegotiation, NotesWhatIsRefused) {
    auto session = started_client();
    session.feed("IAC DONT BINARY IAC DO TTYPE IAC DONT COM-PORT");
    EXPECT_EQ(session.lines(),
              (std::vector<std::string>{"note: server DONT BINARY",
                                        "note: server DO TERMINAL-TYPE: refused",
                                        "note: server DONT COM-PORT-OPTION", "ready"}));
}

TEST(ClientReady, ComesWithTheLastAnswer) {
    expect_session(asking_client(), sb("101 0 1 194 0") + sb("103 1") + sb("104 1"), "");
    expect_session(asking_client(), sb("103 1") + sb("104 1") + sb("102 8") + sb("101 0 1 194 0"),
                   "", {"ready"});
    expect_session(asking_client(), default_answers, "", {"ready"});
    EXPECT_TRUE(ready_client().client.has_com_port());
}

TEST(ClientReady, ComesOnce) {
    expect_session(ready_client(), default_answers + "IAC DONT COM-PORT", "IAC WONT COM-PORT");
    EXPECT_TRUE(ready_client().client.ready());
}

TEST(ClientReady, ComesWithTheRefusalOfComPort) {
    expect_session(started_client(), "'a' IAC DONT COM-PORT 'b'", "",
                   {"data: a", "ready", "data: b"});
    expect_session(started_client(), "IAC WONT COM-PORT", "");
    expect_session(started_client(), "IAC WONT COM-PORT IAC DONT COM-PORT", "", {"ready"});
    expect_session(started_client(), "IAC DONT COM-PORT IAC WONT COM-PORT", "", {"ready"});
    auto session = started_client();
    session.feed("IAC DONT COM-PORT");
    EXPECT_FALSE(session.client.has_com_port());
}

TEST(ClientReady, WaitsForTheSettingsWhenOnlyTheServersOwnOfferIsAgreed) {
    expect_session(started_client(), "IAC WILL COM-PORT IAC DONT COM-PORT " + default_answers,
                   "IAC DO COM-PORT " + default_settings, {"ready"});
}

TEST(ClientReady, DoesNotWaitForMoreWhenTheOptionEndsBeforeTheAnswers) {
    expect_session(asking_client(), sb("101 0 1 194 0") + "IAC DONT COM-PORT", "IAC WONT COM-PORT",
                   {"ready"});
    expect_session(started_client(), "IAC WILL COM-PORT IAC DONT COM-PORT IAC WONT COM-PORT",
                   "IAC DO COM-PORT " + default_settings + "IAC DONT COM-PORT", {"ready"});
    // Our own offer is still to be answered, here.
    expect_session(started_client(), "IAC WILL COM-PORT IAC WONT COM-PORT",
                   "IAC DO COM-PORT " + default_settings + "IAC DONT COM-PORT");
}

TEST(ClientReady, ComesWithoutAnythingToSet) {
    auto session = started_client(
        {.baud_rate = 0, .data_size = 9, .parity = Parity::none, .stop_size = StopSize::one});
    EXPECT_EQ(session.answer("IAC DO COM-PORT"), wire(sb("3 1") + sb("4 1")));
    session.feed(sb("103 1") + sb("104 1"));
    EXPECT_EQ(session.lines_without_notes(), (std::vector<std::string>{"ready"}));
}

TEST(ClientSettings, AreSentAsWanted) {
    const LineSettings wanted = {.baud_rate = 0xFFFF0102,
                                 .data_size = 7,
                                 .parity = Parity::space,
                                 .stop_size = StopSize::one_and_half};
    expect_session(started_client(wanted), "IAC DO COM-PORT",
                   sb("1 IAC IAC IAC IAC 1 2") + sb("2 7") + sb("3 5") + sb("4 3"));
    expect_session(asking_client(wanted),
                   sb("101 IAC IAC IAC IAC 1 2") + sb("102 7") + sb("103 5") + sb("104 3"), "",
                   {"ready"});
}

TEST(ClientSettings, WaitForTheOption) {
    auto session = started_client();
    want(session, slow);
    session.client.set_baud_rate(19200, session.sent);
    EXPECT_EQ(session.taken(), wire(""));
    expect_session(session, "IAC DO COM-PORT",
                   sb("1 0 0 75 0") + sb("2 7") + sb("3 3") + sb("4 2"));
}

TEST(ClientSettings, AreSentAtOnceWhenTheOptionIsInUse) {
    auto session = ready_client();
    want(session, slow);
    EXPECT_EQ(session.taken(), wire(sb("1 0 0 37 128") + sb("2 7") + sb("3 3") + sb("4 2")));
}

TEST(ClientSettings, AreNotSentWithoutAChange) {
    auto session = ready_client();
    want(session, {});
    EXPECT_EQ(session.taken(), wire(""));
}

TEST(ClientSettings, NeverAsk) {
    auto session = ready_client();
    session.client.set_baud_rate(0, session.sent);
    for (const int size : {0, 1, 4, 9, 255}) {
        session.client.set_data_size(static_cast<std::uint8_t>(size), session.sent);
    }
    EXPECT_EQ(session.taken(), wire(""));
}

TEST(ClientSettings, AreSentOneAtATimeAndTheLastWins) {
    auto session = asking_client();
    session.client.set_baud_rate(9600, session.sent);
    session.client.set_baud_rate(19200, session.sent);
    EXPECT_EQ(session.taken(), wire(""));
    expect_session(session, sb("101 0 1 194 0"), sb("1 0 0 75 0"));
    // Another command does not wait.
    session.client.set_parity(Parity::odd, session.sent);
    EXPECT_EQ(session.taken(), wire(""));
    expect_session(session, sb("103 1"), sb("3 2"));
    // Ready only when the last of them is answered.
    expect_session(session, default_answers, sb("1 0 0 75 0") + sb("3 2"));
    expect_session(session, default_answers + sb("101 0 0 75 0") + sb("103 2"),
                   sb("1 0 0 75 0") + sb("3 2"), {"ready"});
}

TEST(ClientSettings, AreNotSentAgainWhenTheChangeWasTakenBack) {
    auto session = asking_client();
    session.client.set_baud_rate(9600, session.sent);
    session.client.set_baud_rate(115200, session.sent);
    expect_session(session, default_answers, "", {"ready"});
}

TEST(ClientSettings, MayBeAnsweredWithOtherValues) {
    auto session = asking_client();
    session.feed(sb("101 0 0 37 128") + sb("102 7") + sb("103 1") + sb("104 1"));
    EXPECT_EQ(session.taken(), wire(""));
    EXPECT_EQ(session.lines(),
              (std::vector<std::string>{"note: SET-BAUDRATE 115200: answered 9600",
                                        "note: SET-DATASIZE 8: answered 7", "ready"}));
    // The last answer may be such a one, too.
    expect_session(asking_client(), sb("101 0 1 194 0") + sb("102 8") + sb("103 1") + sb("104 2"),
                   "", {"ready"});
}

TEST(ClientSettings, ThatTheServerTellsUnaskedAreNoted) {
    auto session = ready_client();
    EXPECT_EQ(session.answer(sb("101 0 0 37 128")), wire(""));
    EXPECT_EQ(session.lines(), (std::vector<std::string>{"note: SET-BAUDRATE 9600: said unasked"}));
}

TEST(ClientSettings, AreSentAnewWhenTheOptionComesBack) {
    auto session = ready_client();
    session.client.set_baud_rate(9600, session.sent);
    session.feed("IAC DONT COM-PORT");
    session.taken();
    session.client.set_stop_size(StopSize::two, session.sent);
    EXPECT_EQ(session.taken(), wire(""));
    expect_session(session, "IAC DO COM-PORT",
                   "IAC WILL COM-PORT " + sb("1 0 0 37 128") + sb("2 8") + sb("3 1") + sb("4 2"));
}

TEST(ClientSettings, AreSentToAServerThatUsesTheOptionUnasked) {
    expect_session(started_client(), sb("107 176"), default_settings, {"modem: CTS DSR CD"});
    // It answers none of ours: they were not sent yet.
    expect_session(started_client(), sb("101 0 1 194 0"), default_settings);
    expect_session(started_client(), sb("107 176") + "IAC DO COM-PORT " + default_answers,
                   default_settings, {"modem: CTS DSR CD", "ready"});
}

TEST(ClientPurge, IsSentAtOnceOrNever) {
    auto session = started_client();
    session.client.purge({.output = true, .input = true}, session.sent);
    EXPECT_EQ(session.taken(), wire(""));
    session = ready_client();
    session.client.purge({.output = true, .input = false}, session.sent);
    EXPECT_EQ(session.taken(), wire(sb("12 1")));
    session.client.purge({.output = false, .input = true}, session.sent);
    EXPECT_EQ(session.taken(), wire(sb("12 2")));
    session.client.purge({.output = true, .input = true}, session.sent);
    EXPECT_EQ(session.taken(), wire(sb("12 3")));
    session.client.purge({}, session.sent);
    EXPECT_EQ(session.taken(), wire(""));
    expect_session(session, sb("112 1") + sb("112 2") + sb("112 3"), "");
}

TEST(ClientEvents, TellTheModemState) {
    expect_session(ready_client(), sb("107 0"), "", {"modem:"});
    expect_session(ready_client(), sb("107 16"), "", {"modem: CTS"});
    expect_session(ready_client(), sb("107 32"), "", {"modem: DSR"});
    expect_session(ready_client(), sb("107 64"), "", {"modem: RI"});
    expect_session(ready_client(), sb("107 128"), "", {"modem: CD"});
    expect_session(ready_client(), sb("107 15"), "", {"modem:"});
    expect_session(ready_client(), sb("107 IAC IAC"), "", {"modem: CTS DSR RI CD"});
}

TEST(ClientEvents, TellOfASuspensionWhereItStands) {
    expect_session(ready_client(), "'a' " + sb("108") + "'b' " + sb("109") + "'c'", "",
                   {"data: a", "suspended", "data: b", "resumed", "data: c"});
    expect_session(ready_client(), sb("108") + sb("108") + sb("109") + sb("109"), "",
                   {"suspended", "resumed"});
    expect_session(ready_client(), sb("109"), "");
}

TEST(ClientEvents, EndASuspensionWithTheOption) {
    expect_session(ready_client(), sb("108") + "IAC DONT COM-PORT", "IAC WONT COM-PORT",
                   {"suspended", "resumed"});
    // Three events at the end of one input.
    expect_session(asking_client(), sb("108") + "IAC DONT COM-PORT", "IAC WONT COM-PORT",
                   {"suspended", "resumed", "ready"});
}

TEST(ClientEvents, AnswerWithTheSignatureWhenAsked) {
    expect_session(ready_client(), sb("100"), sb("0 'attach' 32 '1.2'"));
    auto session = ready_client();
    EXPECT_EQ(session.answer(sb("100 'ser2net' 27")), wire(""));
    EXPECT_EQ(session.lines(), (std::vector<std::string>{"note: server signature: ser2net\\x1b"}));
}

TEST(ClientEvents, NoteWhatIsOfNoUse) {
    const auto noted = [](std::string_view input) {
        auto session = ready_client();
        EXPECT_EQ(session.answer(input), wire(""));
        EXPECT_EQ(session.lines().size(), 1U);
        return session.lines().back();
    };
    EXPECT_EQ(noted(sb("106 16")), "note: NOTIFY-LINESTATE 16");
    EXPECT_EQ(noted(sb("105 8")), "note: SET-CONTROL 8");
    EXPECT_EQ(noted(sb("110 1")), "note: SET-LINESTATE-MASK 1");
    EXPECT_EQ(noted(sb("111 1")), "note: SET-MODEMSTATE-MASK 1");
    for (const std::string command : {"AYT", "AO", "IP", "BRK", "EOF", "SUSP", "EC", "EL"}) {
        EXPECT_EQ(noted("IAC " + command), "note: server sent " + command + ": ignored");
    }
    expect_session(ready_client(), "IAC NOP IAC GA IAC DM 'a'", "", {"data: a"});
}

TEST(ClientBinary, DecidesAboutTheServersLineEnds) {
    expect_session(started_client(), "'a' CR LF 'b' CR NUL", "", {"data: a\\r\\nb\\r"});
    expect_session(started_client(), "CR LF IAC WILL BINARY CR LF NUL", "",
                   {"data: \\r\\n", "data: \\r\\n\\x00"});
    expect_session(started_client(), "IAC WONT BINARY CR LF", "", {"data: \\r\\n"});
}

TEST(ClientBinary, DecidesAboutTheClientsLineEnds) { expect_line_ends_by_binary(started_client()); }

} // namespace
} // namespace mpbridge::rfc2217
