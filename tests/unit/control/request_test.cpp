#include "control/request.hpp"

#include <gtest/gtest.h>

namespace mpbridge::control {
namespace {

TEST(Request, IsReadAsItIsWritten) {
    for (const auto request :
         {Request::status, Request::status_json, Request::metrics, Request::kick, Request::reset}) {
        const auto line = request_line(request);
        EXPECT_LE(line.size(), longest_request);
        EXPECT_EQ(parse_request(line), request);
    }
}

TEST(Request, MayEndInAnyWay) {
    for (const auto* line : {"kick", "kick\n", "kick\r\n"}) {
        EXPECT_EQ(parse_request(line), Request::kick) << line;
    }
}

TEST(Request, IsNothingElse) {
    for (const auto* line : {"", "\n", "\r", " kick", "kick ", "KICK", "kickkick", "kick\n\n",
                             "status  json", "status json x"}) {
        EXPECT_EQ(parse_request(line), std::nullopt) << line;
    }
    EXPECT_EQ(parse_request(std::string_view("kick\0", 5)), std::nullopt);
}

TEST(Request, IsToldFromItsError) {
    EXPECT_EQ(error_answer("no"), "error: no\n");
    EXPECT_TRUE(error_answer("no").starts_with(error_mark));
}

} // namespace
} // namespace mpbridge::control
