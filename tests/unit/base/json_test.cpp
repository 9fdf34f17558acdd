#include "base/json.hpp"

#include <gtest/gtest.h>

namespace mpbridge::base {
namespace {

TEST(JsonString, EscapesWhatMustNotStandInOne) {
    EXPECT_EQ(json_string(""), R"("")");
    EXPECT_EQ(json_string(R"(say "a\b")"), R"("say \"a\\b\"")");
    EXPECT_EQ(json_string("a\r\n\tb"), R"("a\r\n\tb")");
    EXPECT_EQ(json_string({"\0\x1b\x7f", 3}), R"("\u0000\u001b\u007f")");
}

TEST(JsonString, IsUtf8WhateverTheTextIs) {
    EXPECT_EQ(json_string("gr\xC3\xBC\xC3\x9F"), "\"gr\xC3\xBC\xC3\x9F\"");
    EXPECT_EQ(json_string("\xC3"), "\"\xEF\xBF\xBD\"");
    EXPECT_EQ(json_string("\xC3\""), "\"\xEF\xBF\xBD\\\"\"");
}

} // namespace
} // namespace mpbridge::base
