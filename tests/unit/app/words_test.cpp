#include "app/words.hpp"

#include <gmock/gmock.h>

namespace mpbridge::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> words(std::string_view text) { return split_words(text).value(); }

TEST(SplitWords, AtSpaces) {
    EXPECT_THAT(words(""), IsEmpty());
    EXPECT_THAT(words(" \t\n"), IsEmpty());
    EXPECT_THAT(words("-i"), ElementsAre("-i"));
    EXPECT_THAT(words("  -X  heapsize=4M\tapp.py "), ElementsAre("-X", "heapsize=4M", "app.py"));
}

TEST(SplitWords, TakesQuotedSpacesAsTheyAre) {
    EXPECT_THAT(words("-c 'print(1, 2)'"), ElementsAre("-c", "print(1, 2)"));
    EXPECT_THAT(words("\"my app.py\" my\\ app.py"), ElementsAre("my app.py", "my app.py"));
    EXPECT_THAT(words("'' \"\""), ElementsAre("", ""));
}

TEST(SplitWords, TakesQuotesInTheMiddleOfAWord) {
    EXPECT_THAT(words("'a b'c d"), ElementsAre("a bc", "d"));
    EXPECT_THAT(words("--name=\"a b\"'c d'"), ElementsAre("--name=a bc d"));
    EXPECT_THAT(words(R"(-c 'it'\''s')"), ElementsAre("-c", "it's"));
}

TEST(SplitWords, LetsOneQuoteHideTheOthers) {
    EXPECT_THAT(words(R"('a"b\' "a'b")"), ElementsAre(R"(a"b\)", "a'b"));
    EXPECT_THAT(words(R"("\"\\\n")"), ElementsAre(R"("\\n)"));
    EXPECT_THAT(words(R"(\'\"\\\n)"), ElementsAre(R"('"\n)"));
}

TEST(SplitWords, TellWhatIsNotEnded) {
    EXPECT_THAT(split_words("'a \"").error().message, HasSubstr("' is not closed"));
    EXPECT_THAT(split_words("a\" '").error().message, HasSubstr("\" is not closed"));
    EXPECT_THAT(split_words("a\\").error().message, HasSubstr("\\"));
}

} // namespace
} // namespace mpbridge::app
