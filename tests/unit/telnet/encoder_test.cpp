#include "telnet/encoder.hpp"

#include "support/random_bytes.hpp"
#include "telnet/transcript.hpp"

namespace mpbridge::telnet {
namespace {

using test::wire;

base::Bytes encoded(const test::Pieces& pieces, bool binary) {
    DataEncoder encoder;
    encoder.set_binary(binary);
    base::Bytes out;
    for (const auto& piece : pieces) {
        encoder.encode(piece, out);
    }
    return out;
}

void expect_encoded(std::string_view data, std::string_view expected, bool binary = false) {
    for (const auto& pieces : test::splittings(wire(data))) {
        EXPECT_EQ(encoded(pieces, binary), wire(expected)) << data;
    }
}

TEST(Encoder, DoublesIac) {
    for (const bool binary : {false, true}) {
        expect_encoded("'abc'", "'abc'", binary);
        expect_encoded("IAC", "IAC IAC", binary);
        expect_encoded("'a' IAC IAC IAC 'b' IAC", "'a' IAC IAC IAC IAC IAC IAC 'b' IAC IAC",
                       binary);
    }
}

TEST(Encoder, FindsIacAtAnyDistance) {
    for (std::size_t distance = 0; distance < 200; ++distance) {
        const base::Bytes plain(distance, 'x');
        base::Bytes out;
        append_escaped(out, plain + wire("IAC 'y'") + plain + wire("IAC"));
        EXPECT_EQ(out, plain + wire("IAC IAC 'y'") + plain + wire("IAC IAC"));
    }
}

TEST(Encoder, DoublesRunsOfAnyLength) {
    for (std::size_t length = 0; length < 300; ++length) {
        base::Bytes out;
        append_escaped(out, base::Bytes(length, iac) + wire("'x'"));
        EXPECT_EQ(out, base::Bytes(2 * length, iac) + wire("'x'"));
    }
}

TEST(Encoder, GivesAnNvtItsLineEnds) {
    expect_encoded("'a' CR LF 'b'", "'a' CR LF 'b'");
    expect_encoded("'a' CR 'b' CR IAC", "'a' CR NUL 'b' CR NUL IAC IAC");
    expect_encoded("CR CR LF LF", "CR NUL CR LF LF");
    expect_encoded("CR NUL", "CR NUL NUL");
}

TEST(Encoder, GivesAnNvtItsLineEndsAtAnyDistance) {
    for (std::size_t distance = 0; distance < 600; ++distance) {
        const base::Bytes plain(distance, 'x');
        EXPECT_EQ(encoded({plain + wire("CR LF") + plain + wire("CR CR")}, false),
                  plain + wire("CR LF") + plain + wire("CR NUL CR"));
        EXPECT_EQ(encoded({plain + wire("IAC CR") + plain + wire("IAC 'y'")}, false),
                  plain + wire("IAC IAC CR NUL") + plain + wire("IAC IAC 'y'"));
    }
}

TEST(Encoder, MakesTheSameOfLongRunsInEverySplitting) {
    const auto alphabet = wire("IAC CR LF NUL 'ab'");
    test::Random random(3);
    for (int round = 0; round < 1000; ++round) {
        const auto longest = std::size_t{1} << test::below(random, 10);
        const auto data = test::random_runs(random, alphabet, 20, longest);
        const bool binary = round % 2 == 0;
        ASSERT_EQ(encoded(test::whole(data), binary), encoded(test::byte_by_byte(data), binary))
            << base::visible(data);
    }
}

TEST(Encoder, SendsACrAtOnceAndItsNulWithTheNextByte) { expect_encoded("'a' CR", "'a' CR"); }

TEST(Encoder, ChangesNoLineEndsInBinary) {
    expect_encoded("CR 'a' CR LF CR NUL CR", "CR 'a' CR LF CR NUL CR", true);
}

TEST(Encoder, ForgetsACrWhenTheModeChanges) {
    DataEncoder encoder;
    base::Bytes out;
    encoder.encode(wire("CR"), out);
    encoder.set_binary(true);
    encoder.encode(wire("'a'"), out);
    EXPECT_EQ(out, wire("CR 'a'"));
}

TEST(Encoder, AppendsNegotiations) {
    base::Bytes out;
    append_negotiation(out, Verb::will, option::echo);
    append_negotiation(out, Verb::wont, option::binary);
    append_negotiation(out, Verb::do_, option::suppress_go_ahead);
    append_negotiation(out, Verb::dont, option::com_port);
    EXPECT_EQ(out, wire("IAC WILL ECHO IAC WONT BINARY IAC DO SGA IAC DONT COM-PORT"));
}

TEST(Encoder, AppendsSubnegotiations) {
    base::Bytes out;
    append_subnegotiation(out, option::com_port, wire("107 255 13 240"));
    EXPECT_EQ(out, wire("IAC SB COM-PORT 107 IAC IAC 13 240 IAC SE"));
}

TEST(Encoder, IsUndoneByTheDecoder) {
    const auto alphabet = wire("IAC IAC CR LF NUL 'abc' SE");
    test::Random random(2);
    for (int round = 0; round < 20'000; ++round) {
        const bool binary = round % 2 == 0;
        const test::Pieces pieces = {test::random_bytes(random, alphabet, 12),
                                     test::random_bytes(random, alphabet, 12)};
        const auto all = pieces[0] + pieces[1];
        const auto on_wire = encoded(pieces, binary);
        ASSERT_LE(on_wire.size(), 2 * all.size());
        // In an NVT, CR LF is one character, and the decoder delivers it as CR.
        auto expected = base::visible(all);
        for (auto at = expected.find("\\r\\n"); !binary && at != std::string::npos;
             at = expected.find("\\r\\n", at + 2)) {
            expected.erase(at + 2, 2);
        }
        const auto lines = decode(test::whole(on_wire), binary);
        ASSERT_EQ(all.empty() ? "" : lines.at(0), all.empty() ? "" : "data: " + expected);
        ASSERT_LE(lines.size(), 1U);
    }
}

} // namespace
} // namespace mpbridge::telnet
