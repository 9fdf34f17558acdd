#include "base/text.hpp"

#include <gtest/gtest.h>

namespace mpbridge::base {
namespace {

TEST(Visible, ShowsControlCharactersAndNothingElseChanged) {
    EXPECT_EQ(visible(bytes_of(">>> a\r\n\t\\")), ">>> a\\r\\n\\t\\\\");
    EXPECT_EQ(visible(Bytes{0x00, 0x03, 0x1B, 0x7F, 0xFF}), "\\x00\\x03\\x1b\\x7f\\xff");
}

} // namespace
} // namespace mpbridge::base
