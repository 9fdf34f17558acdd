#include "base/expand.hpp"

#include "base/search.hpp"
#include "support/random_bytes.hpp"

#include <gtest/gtest.h>

namespace mpbridge::base {
namespace {

// Puts a '-' between an 'a' and a 'b', and two '+' behind a 'c'.
struct Rule {
    static constexpr std::size_t longest = 3;

    static std::size_t plain(ByteView data, std::uint8_t before) {
        return before == 'a' ? 0 : find_either(data, 'a', 'c');
    }

    static std::uint8_t* put(std::uint8_t* to, std::uint8_t byte, std::uint8_t before) {
        if (before == 'a' && byte == 'b') {
            *to++ = '-';
        }
        *to++ = byte;
        if (byte == 'c') {
            *to++ = '+';
            *to++ = '+';
        }
        return to;
    }
};

Bytes byte_by_byte(ByteView data, std::uint8_t before) {
    Bytes out;
    for (const auto byte : data) {
        Bytes put(Rule::longest);
        put.resize(static_cast<std::size_t>(Rule::put(put.data(), byte, before) - put.data()));
        append(out, put);
        before = byte;
    }
    return out;
}

void expect_expanded(std::string_view data, std::string_view expected, char before = ' ') {
    Bytes out;
    append_expanded<Rule>(out, bytes_of(data), static_cast<std::uint8_t>(before));
    EXPECT_EQ(text_of(out), expected) << data;
}

TEST(Expand, PutsIn) {
    expect_expanded("", "");
    expect_expanded("xyz", "xyz");
    expect_expanded("xabxcab", "xa-bxc++a-b");
    expect_expanded("aabba", "aa-bba");
    expect_expanded("ccc", "c++c++c++");
}

TEST(Expand, KnowsTheByteBefore) {
    expect_expanded("bb", "-bb", 'a');
    expect_expanded("cb", "c++b", 'a');
}

TEST(Expand, Appends) {
    Bytes out{'o', 'l', 'd', ' '};
    append_expanded<Rule>(out, bytes_of("ab"), 0);
    EXPECT_EQ(text_of(out), "old a-b");
}

// Long enough to be expanded in several parts.
TEST(Expand, MakesTheSameOfRunsOfAnyLength) {
    test::Random random;
    for (int round = 0; round < 300; ++round) {
        const auto longest = std::size_t{1} << test::below(random, 10);
        const auto data = test::random_runs(random, bytes_of("abcx"), 100, longest);
        const auto before = test::below(random, 2) == 0 ? std::uint8_t{'a'} : std::uint8_t{'x'};
        Bytes out;
        append_expanded<Rule>(out, data, before);
        ASSERT_EQ(text_of(out), text_of(byte_by_byte(data, before)));
    }
}

} // namespace
} // namespace mpbridge::base
