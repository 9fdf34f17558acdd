#include "rfc2217/client_session.hpp"
#include "support/random_bytes.hpp"

namespace mpbridge::rfc2217 {
namespace {

void expect_dropped(std::string_view input, const std::string& note) {
    expect_session(ready_client(), input, "");
    auto session = ready_client();
    session.feed(input);
    EXPECT_EQ(session.lines(), (std::vector<std::string>{"note: " + note})) << input;
}

TEST(ClientMalformed, AnswersAreDroppedAndNoted) {
    expect_dropped("IAC 5", "malformed input: unknown command");
    expect_dropped("IAC SE", "malformed input: SE without SB");
    expect_dropped("IAC SB COM-PORT IAC SE", "COM-PORT-OPTION: unknown answer (none)");
    expect_dropped(sb("99"), "COM-PORT-OPTION: unknown answer 99");
    expect_dropped(sb("113"), "COM-PORT-OPTION: unknown answer 113");
    expect_dropped("IAC SB 99 1 IAC SE", "subnegotiation of 99: ignored");
    expect_dropped("IAC SB TTYPE 1 IAC SE", "subnegotiation of TERMINAL-TYPE: ignored");
}

// Answering what only a client says could go on for ever between two clients.
TEST(ClientMalformed, CommandsOfAClientAreNotAnswered) {
    for (int command = 0; command <= 12; ++command) {
        const auto number = std::to_string(command);
        expect_dropped(sb(number + " 0"), "COM-PORT-OPTION: unknown answer " + number);
        expect_session(started_client(), sb(number + " 0"), "");
    }
}

TEST(ClientMalformed, AnswersOfAWrongLengthAreDroppedAndNoted) {
    const auto dropped = [](std::string_view value, const std::string& name, int octets) {
        expect_dropped(sb(value),
                       name + ": an answer of " + std::to_string(octets) + " octets is dropped");
    };
    dropped("101", "SET-BAUDRATE", 0);
    dropped("101 1 2 3", "SET-BAUDRATE", 3);
    dropped("101 1 2 3 4 5", "SET-BAUDRATE", 5);
    dropped("102", "SET-DATASIZE", 0);
    dropped("103 1 1", "SET-PARITY", 2);
    dropped("104", "SET-STOPSIZE", 0);
    dropped("105", "SET-CONTROL", 0);
    dropped("106", "NOTIFY-LINESTATE", 0);
    dropped("107", "NOTIFY-MODEMSTATE", 0);
    dropped("107 1 1", "NOTIFY-MODEMSTATE", 2);
    dropped("108 1", "FLOWCONTROL-SUSPEND", 1);
    dropped("109 1", "FLOWCONTROL-RESUME", 1);
    dropped("110", "SET-LINESTATE-MASK", 0);
    dropped("111 1 1", "SET-MODEMSTATE-MASK", 2);
    dropped("112", "PURGE-DATA", 0);
}

TEST(ClientMalformed, AnswersOfAWrongLengthAnswerNothing) {
    expect_session(asking_client(),
                   sb("101 0 1 194") + sb("102 8") + sb("103 1") + sb("104 1") + "'a'", "",
                   {"data: a"});
}

TEST(ClientMalformed, SubnegotiationsDoNotHarmWhatFollows) {
    expect_session(ready_client(), "IAC SB COM-PORT 107 IAC SB COM-PORT 107 16 IAC SE 'a'", "",
                   {"modem: CTS", "data: a"});
    auto session = ready_client();
    session.feed(wire("IAC SB COM-PORT 100") + base::Bytes(5000, 'x') + wire("IAC SE 'a'"));
    EXPECT_EQ(session.lines().back(), "data: a");
    EXPECT_EQ(session.taken(), wire(""));
}

TEST(ClientMalformed, AnswersAreInProportionEvenWithTheLargestSettings) {
    const LineSettings all_escaped = {.baud_rate = 0xFFFFFFFF,
                                      .data_size = 8,
                                      .parity = Parity::none,
                                      .stop_size = StopSize::one};
    for (const std::string_view input :
         {"IAC DO COM-PORT", "IAC WILL COM-PORT", "IAC SB COM-PORT 108 IAC SE"}) {
        ClientSession session(all_escaped);
        session.feed(input);
        EXPECT_LE(session.taken().size(), wire(input).size() * Client::max_reply_factor);
    }
}

TEST(ClientMalformed, NoMoreOfASignatureIsToldThanIsInProportion) {
    for (const char filler : {'x', '\xFF'}) {
        Client client(ClientOptions{std::string(1000, filler), {}});
        base::Bytes reply;
        const auto agreement = wire("IAC DO COM-PORT");
        base::ByteView input = agreement;
        while (client.next(input, reply)) {
        }
        reply.clear();
        const auto question = wire("IAC SB COM-PORT 100 IAC SE");
        input = question;
        while (client.next(input, reply)) {
        }
        EXPECT_EQ(reply.size(), filler == 'x' ? 70U : 6U);
        EXPECT_LE(reply.size(), question.size() * Client::max_reply_factor);
    }
}

TEST(ClientMalformed, InputOfAnyKindIsAnsweredAlikeHoweverSplitAndInProportion) {
    const auto alphabet = wire("IAC IAC IAC IAC SB SB SE SE SE WILL WONT DO DONT COM-PORT COM-PORT"
                               " COM-PORT BINARY ECHO 100 101 102 103 107 108 109 112 AYT CR LF");
    expect_alike_and_in_proportion(ClientSession(), 5, alphabet);
}

// Whole commands in any order, with settings changed in between: never more than one unanswered.
TEST(ClientMalformed, NoOrderOfCommandsMakesAClientAskTwice) {
    const std::vector<std::string> commands = {"IAC DO COM-PORT",   "IAC DONT COM-PORT",
                                               "IAC WILL COM-PORT", "IAC WONT COM-PORT",
                                               sb("101 0 0 0 1"),   sb("101 0 0 0 2"),
                                               sb("102 8"),         sb("108"),
                                               sb("109"),           "'a'"};
    test::Random random(6);
    for (int round = 0; round < 500; ++round) {
        auto session = started_client();
        int unanswered = 0;
        for (int step = 0; step < 30; ++step) {
            const auto& command = commands[test::below(random, commands.size())];
            const bool was_in_use = session.client.has_com_port();
            const auto reply = session.answer(command);
            auto changes = reply;
            session.client.set_baud_rate(static_cast<std::uint32_t>(1 + test::below(random, 3)),
                                         changes);
            if (was_in_use && command.starts_with("IAC SB COM-PORT 101")) {
                unanswered = 0;
            }
            if (!session.client.has_com_port() || !was_in_use) {
                unanswered = 0;
            }
            const auto text = base::visible(changes);
            const std::string asks = "\\xff\\xfa,\\x01";
            for (auto at = text.find(asks); at != std::string::npos; at = text.find(asks, at + 1)) {
                ++unanswered;
            }
            ASSERT_LE(unanswered, 1);
            ASSERT_LE(reply.size(), wire(command).size() * Client::max_reply_factor);
        }
    }
}

} // namespace
} // namespace mpbridge::rfc2217
