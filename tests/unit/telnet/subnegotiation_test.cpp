#include "telnet/transcript.hpp"

namespace mpbridge::telnet {
namespace {

using test::wire;

base::Bytes subnegotiation_of(std::size_t size, std::uint8_t filler) {
    base::Bytes payload;
    for (std::size_t i = 0; i < size; ++i) {
        payload.push_back(filler);
        if (filler == iac) {
            payload.push_back(iac);
        }
    }
    return wire("IAC SB 44") + payload + wire("IAC SE");
}

TEST(Subnegotiation, HasAnOptionAndAPayload) {
    expect_lines("IAC SB 44 1 'abc' IAC SE", {"SB 44: \\x01abc"});
    expect_lines("'a' IAC SB 24 IAC SE 'b'", {"data: a", "SB 24: ", "data: b"});
}

TEST(Subnegotiation, IsUndoubled) {
    expect_lines("IAC SB 44 IAC IAC 1 IAC IAC IAC IAC IAC SE", {"SB 44: \\xff\\x01\\xff\\xff"});
    expect_lines("IAC SB IAC IAC 1 IAC SE", {"SB 255: \\x01"});
}

TEST(Subnegotiation, IsNoNvt) {
    expect_lines("IAC SB 44 CR LF CR NUL IAC SE", {"SB 44: \\r\\n\\r\\x00"});
    expect_lines("IAC SB 44 CR IAC SE LF", {"SB 44: \\r", "data: \\n"});
}

TEST(Subnegotiation, ThatIsTruncatedIsDroppedAndTheCommandHolds) {
    expect_lines("IAC SB 44 1 IAC NOP 'a'", {"! truncated subnegotiation", "NOP", "data: a"});
    expect_lines("IAC SB 44 IAC WILL ECHO", {"! truncated subnegotiation", "WILL 1"});
    expect_lines("IAC SB IAC SB 44 'x' IAC SE", {"! truncated subnegotiation", "SB 44: x"});
    expect_lines("IAC SB 44 IAC 7 'a'",
                 {"! truncated subnegotiation", "! unknown command", "data: a"});
}

TEST(Subnegotiation, WithoutAnOptionIsMalformed) {
    expect_lines("IAC SB IAC SE 'a'", {"! subnegotiation without an option", "data: a"});
}

TEST(Subnegotiation, MayHaveOneKibibyte) {
    for (const std::uint8_t filler : {std::uint8_t{'x'}, iac}) {
        const auto input = subnegotiation_of(max_subnegotiation, filler);
        const auto lines = decode(test::whole(input), false);
        ASSERT_EQ(lines.size(), 1U);
        const std::size_t shown = filler == iac ? 4 : 1;
        EXPECT_EQ(lines[0].size(), std::string("SB 44: ").size() + shown * max_subnegotiation);
        EXPECT_EQ(decode(test::byte_by_byte(input), false), lines);
    }
}

TEST(Subnegotiation, ThatIsOversizedIsDroppedWholeAndReportedOnce) {
    const std::vector<std::string> lines = {"! oversized subnegotiation", "NOP", "data: a"};
    for (const std::size_t size : {max_subnegotiation + 1, 3 * max_subnegotiation}) {
        for (const std::uint8_t filler : {std::uint8_t{'x'}, iac}) {
            const auto input = subnegotiation_of(size, filler) + wire("IAC NOP 'a'");
            EXPECT_EQ(decode(test::whole(input), false), lines);
            EXPECT_EQ(decode(test::byte_by_byte(input), false), lines);
        }
    }
}

TEST(Subnegotiation, ThatIsOversizedAndTruncatedEndsAtTheCommand) {
    const auto input = wire("IAC SB 44") + base::Bytes(2000, 'x') + wire("IAC BRK 'a'");
    const std::vector<std::string> lines = {"! oversized subnegotiation", "BRK", "data: a"};
    EXPECT_EQ(decode(test::whole(input), false), lines);
    EXPECT_EQ(decode(test::byte_by_byte(input), false), lines);
}

TEST(Subnegotiation, StartsAfreshAfterAnOversizedOne) {
    const auto input = subnegotiation_of(2000, 'x') + wire("IAC SB 31 'ok' IAC SE");
    EXPECT_EQ(decode(test::whole(input), false),
              (std::vector<std::string>{"! oversized subnegotiation", "SB 31: ok"}));
}

} // namespace
} // namespace mpbridge::telnet
