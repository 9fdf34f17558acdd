#include "support/random_bytes.hpp"
#include "telnet/encoder.hpp"
#include "telnet/transcript.hpp"

#include <numeric>

namespace mpbridge::telnet {
namespace {

using test::wire;

TEST(Decoder, PassesDataThrough) {
    expect_lines("'abc'", {"data: abc"});
    expect_lines("0 1 127 128 240 250 254", {"data: \\x00\\x01\\x7f\\x80\\xf0\\xfa\\xfe"});
}

TEST(Decoder, UndoublesIac) {
    for (const bool binary : {false, true}) {
        expect_lines("IAC IAC", {"data: \\xff"}, binary);
        expect_lines("'a' IAC IAC 'b'", {"data: a\\xffb"}, binary);
        expect_lines("IAC IAC IAC IAC IAC IAC", {"data: \\xff\\xff\\xff"}, binary);
        expect_lines("IAC IAC IAC NOP", {"data: \\xff", "NOP"}, binary);
        expect_lines("'a' IAC IAC 240", {"data: a\\xff\\xf0"}, binary);
    }
}

TEST(Decoder, CopiesNoLongRunOfData) {
    const auto input = base::Bytes(1000, 'x') + wire("IAC IAC IAC NOP");
    base::ByteView rest = input;
    Decoder decoder;
    const auto event = decoder.next(rest);
    ASSERT_TRUE(event);
    EXPECT_EQ(std::get<Data>(*event).bytes.data(), input.data());
    EXPECT_EQ(std::get<Data>(*event).bytes.size(), 1000U);
}

TEST(Decoder, NeedsFewEventsForDenseEscapes) {
    for (const auto& pair : {wire("IAC IAC"), wire("CR LF"), wire("CR NUL")}) {
        base::Bytes input;
        for (int i = 0; i < 4096; ++i) {
            base::append(input, pair);
        }
        base::ByteView rest = input;
        Decoder decoder;
        std::size_t events = 0;
        std::size_t bytes = 0;
        while (const auto event = decoder.next(rest)) {
            ++events;
            bytes += std::get<Data>(*event).bytes.size();
        }
        EXPECT_EQ(bytes, 4096U);
        EXPECT_LE(events, 10U);
    }
}

TEST(Decoder, TellsEveryCommand) {
    expect_lines("IAC EOF IAC SUSP IAC ABORT IAC EOR", {"EOF", "SUSP", "ABORT", "EOR"});
    expect_lines("IAC NOP IAC DM IAC BRK IAC IP", {"NOP", "DM", "BRK", "IP"});
    expect_lines("IAC AO IAC AYT IAC EC IAC EL IAC GA", {"AO", "AYT", "EC", "EL", "GA"});
}

TEST(Decoder, TellsNegotiations) {
    expect_lines("IAC WILL BINARY IAC WONT ECHO IAC DO SGA IAC DONT COM-PORT",
                 {"WILL 0", "WONT 1", "DO 3", "DONT 44"});
    expect_lines("'a' IAC DO 255 'b'", {"data: a", "DO 255", "data: b"});
}

TEST(Decoder, DropsUnknownCommandsAlone) {
    expect_lines("'a' IAC 235 'b'", {"data: a", "! unknown command", "data: b"});
    expect_lines("IAC 0 IAC 'x' 'y'", {"! unknown command", "! unknown command", "data: y"});
    expect_lines("IAC SE 'b'", {"! SE without SB", "data: b"});
}

TEST(Decoder, MakesOneCrOfTheLineEndsOfAnNvt) {
    expect_lines("'a' CR LF 'b' CR NUL 'c'", {"data: a\\rb\\rc"});
    expect_lines("CR LF CR LF", {"data: \\r\\r"});
    expect_lines("CR LF LF NUL", {"data: \\r\\n\\x00"});
    expect_lines("'a' LF NUL", {"data: a\\n\\x00"});
}

TEST(Decoder, LeavesABareCrAlone) {
    expect_lines("CR 'a' CR CR LF CR", {"data: \\ra\\r\\r\\r"});
    expect_lines("CR IAC IAC LF", {"data: \\r\\xff\\n"});
    expect_lines("IAC IAC CR LF 'a'", {"data: \\xff\\ra"});
}

TEST(Decoder, FindsTheLineEndBehindACommand) {
    expect_lines("CR IAC GA LF 'a'", {"data: \\r", "GA", "data: a"});
    expect_lines("CR IAC SB 44 'x' IAC SE NUL", {"data: \\r", "SB 44: x"});
}

TEST(Decoder, DeliversACrAtOnce) {
    Transcript transcript(false);
    transcript.feed(wire("CR"));
    EXPECT_EQ(transcript.lines(), std::vector<std::string>{"data: \\r"});
}

TEST(Decoder, ChangesNothingInBinary) {
    expect_lines("'a' CR LF CR NUL LF 'b'", {"data: a\\r\\n\\r\\x00\\nb"}, true);
}

TEST(Decoder, ForgetsACrWhenTheModeChanges) {
    Decoder decoder;
    const auto end_of_line = wire("CR");
    base::ByteView input = end_of_line;
    ASSERT_TRUE(decoder.next(input));
    decoder.set_binary(true);
    const auto binary = wire("LF");
    input = binary;
    const auto event = decoder.next(input);
    ASSERT_TRUE(event);
    EXPECT_EQ(std::get<Data>(*event).bytes.front(), lf);
}

// Each event would be a write to the program.
TEST(Decoder, NeedsFewEventsForRandomBytes) {
    base::Bytes all_bytes(256);
    std::iota(all_bytes.begin(), all_bytes.end(), std::uint8_t{0});
    test::Random random;
    base::Bytes input;
    append_escaped(input, test::random_runs(random, all_bytes, 64 * 1024, 1));
    base::ByteView rest = input;
    Decoder decoder;
    decoder.set_binary(true);
    std::size_t events = 0;
    while (decoder.next(rest)) {
        ++events;
    }
    EXPECT_LE(events, 64U);
}

// Crosses the windows in which an NVT is searched.
TEST(Decoder, FindsSpecialBytesAtAnyDistance) {
    for (std::size_t distance = 0; distance < 600; ++distance) {
        const base::Bytes plain(distance, 'x');
        const auto text = std::string(distance, 'x');
        EXPECT_EQ(decode(test::whole(plain + wire("CR LF 'y'")), false),
                  std::vector<std::string>{"data: " + text + "\\ry"});
        EXPECT_EQ(decode(test::whole(plain + wire("IAC IAC CR NUL")), false),
                  std::vector<std::string>{"data: " + text + "\\xff\\r"});
    }
}

TEST(Decoder, SeesTheSameInEverySplitting) {
    const auto alphabet = wire("IAC IAC IAC SB SE CR LF NUL 'a' WILL NOP 44 235");
    test::Random random(1);
    for (int round = 0; round < 20'000; ++round) {
        const auto input = test::random_bytes(random, alphabet, 24);
        const bool binary = round % 2 == 0;
        ASSERT_EQ(decode(test::whole(input), binary), decode(test::byte_by_byte(input), binary))
            << base::visible(input);
    }
}

// Longer than what is looked at or gathered at once.
TEST(Decoder, SeesTheSameOfLongRunsInEverySplitting) {
    const auto alphabet = wire("IAC CR LF NUL 'ab'");
    test::Random random(2);
    for (int round = 0; round < 1000; ++round) {
        const auto longest = std::size_t{1} << test::below(random, 10);
        const auto data = test::random_runs(random, alphabet, 20, longest);
        base::Bytes input;
        append_escaped(input, data);
        const bool binary = round % 2 == 0;
        const auto lines = decode(test::whole(input), binary);
        ASSERT_EQ(lines, decode(test::byte_by_byte(input), binary)) << base::visible(input);
        if (binary) {
            ASSERT_EQ(lines, std::vector<std::string>{"data: " + base::visible(data)});
        }
    }
}

} // namespace
} // namespace mpbridge::telnet
