#include "base/search.hpp"

#include <gtest/gtest.h>

namespace mpbridge::base {
namespace {

TEST(Search, FindsTheFirst) {
    EXPECT_EQ(find(bytes_of("abcabc"), 'c'), 2U);
    EXPECT_EQ(find(bytes_of("abc"), 'x'), 3U);
    EXPECT_EQ(find({}, 'x'), 0U);
}

TEST(Search, FindsTheFirstOfTwo) {
    EXPECT_EQ(find_either(bytes_of("abcabc"), 'c', 'b'), 1U);
    EXPECT_EQ(find_either(bytes_of("abcabc"), 'b', 'c'), 1U);
    EXPECT_EQ(find_either(bytes_of("abc"), 'x', 'c'), 2U);
    EXPECT_EQ(find_either(bytes_of("abc"), 'x', 'y'), 3U);
    EXPECT_EQ(find_either({}, 'x', 'y'), 0U);
}

// Crosses the windows in which two are searched.
TEST(Search, FindsEitherOfTwoAtAnyDistance) {
    for (std::size_t distance = 0; distance < 600; ++distance) {
        Bytes bytes(distance, ' ');
        append(bytes, bytes_of("ab"));
        EXPECT_EQ(find_either(bytes, 'a', 'b'), distance);
        EXPECT_EQ(find_either(bytes, 'b', 'a'), distance);
        EXPECT_EQ(find_either(bytes, 'b', 'x'), distance + 1);
        EXPECT_EQ(find_either(bytes, 'x', 'y'), distance + 2);
    }
}

} // namespace
} // namespace mpbridge::base
