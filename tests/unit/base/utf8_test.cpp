#include "base/utf8.hpp"

#include <gtest/gtest.h>

namespace mpbridge::base {
namespace {

const std::string replacement = "\xEF\xBF\xBD";

TEST(Utf8, LeavesCharactersOfAllLengthsAlone) {
    for (const std::string text : {"", "a", "\xC3\xBC", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"}) {
        EXPECT_TRUE(is_utf8(text));
        EXPECT_EQ(to_utf8(text), text);
    }
}

TEST(Utf8, ReplacesEachByteThatIsNoPartOfACharacter) {
    EXPECT_EQ(to_utf8("a\xFFz"), "a" + replacement + "z");
    EXPECT_EQ(to_utf8("\xE2\x82"), replacement + replacement);
    EXPECT_EQ(to_utf8("\xE2\x82\n"), replacement + replacement + "\n");
    EXPECT_EQ(to_utf8("\xC0\x80"), replacement + replacement) << "longer than need be";
    EXPECT_EQ(to_utf8("\xED\xA0\x80"), replacement + replacement + replacement) << "a surrogate";
    EXPECT_FALSE(is_utf8("\x80"));
}

} // namespace
} // namespace mpbridge::base
