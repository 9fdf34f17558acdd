#include "remote/target.hpp"

#include <gtest/gtest.h>

#include <tuple>

namespace mpbridge::remote {
namespace {

void expect_target(const std::string& text, Protocol protocol, const std::string& host, int port) {
    const auto target = parse_target(text);
    ASSERT_TRUE(target) << text << ": " << target.error().message;
    EXPECT_EQ(std::tuple(target->protocol, target->host, target->port),
              std::tuple(protocol, host, port))
        << text;
}

std::string error_of(const std::string& text) {
    const auto target = parse_target(text);
    return target ? "none" : target.error().message;
}

std::string url_of(const std::string& text) { return parse_target(text)->url(); }

TEST(Target, HasASchemeOrIsASocket) {
    expect_target("socket://board.local:4000", Protocol::socket, "board.local", 4000);
    expect_target("rfc2217://board.local:4000", Protocol::rfc2217, "board.local", 4000);
    expect_target("board.local:4000", Protocol::socket, "board.local", 4000);
}

TEST(Target, HasThePortOfTheBridgeIfNoneIsNamed) {
    expect_target("socket://localhost", Protocol::socket, "localhost", 2218);
    expect_target("rfc2217://localhost", Protocol::rfc2217, "localhost", 2217);
    expect_target("localhost", Protocol::socket, "localhost", 2218);
    expect_target("192.0.2.1", Protocol::socket, "192.0.2.1", 2218);
}

TEST(Target, MayBeAnIpv6AddressInBrackets) {
    expect_target("[::1]", Protocol::socket, "::1", 2218);
    expect_target("[::1]:7", Protocol::socket, "::1", 7);
    expect_target("rfc2217://[fe80::1%eth0]", Protocol::rfc2217, "fe80::1%eth0", 2217);
    expect_target("rfc2217://[2001:db8::1]:65535", Protocol::rfc2217, "2001:db8::1", 65535);
}

TEST(Target, HasPortsFrom1To65535) {
    expect_target("host:1", Protocol::socket, "host", 1);
    expect_target("host:65535", Protocol::socket, "host", 65535);
    for (const std::string port :
         {"", "0", "65536", "99999999999999999999", "-1", "+1", "1x", "x", " 1", "1 ", "0x10"}) {
        EXPECT_NE(error_of("host:" + port).find("number from 1 to 65535"), std::string::npos)
            << port;
        EXPECT_NE(error_of("rfc2217://[::1]:" + port).find("number from 1 to 65535"),
                  std::string::npos)
            << port;
    }
}

TEST(Target, NeedsAHost) {
    for (const std::string text :
         {"", "socket://", "rfc2217://", ":2218", "socket://:2218", "[]", "rfc2217://[]:2217"}) {
        EXPECT_EQ(error_of(text), text + " is not a target: the host is missing");
    }
}

TEST(Target, IsWrongWithAnotherScheme) {
    for (const std::string text : {"telnet://host", "http://host:80", "://host", "SOCKET://host",
                                   "socket://rfc2217://host", "rfc2217://socket://host"}) {
        EXPECT_NE(error_of(text).find("has to be socket://HOST[:PORT]"), std::string::npos) << text;
    }
}

TEST(Target, IsWrongWithBracketsThatAreNotAround) {
    EXPECT_NE(error_of("[::1").find("bracket is not closed"), std::string::npos);
    EXPECT_NE(error_of("socket://[").find("bracket is not closed"), std::string::npos);
    for (const std::string text : {"[::1]2218", "[::1]x:2218", "[::1]]", "[::1]:[1]"}) {
        EXPECT_NE(error_of(text).find("port has to be"), std::string::npos) << text;
    }
}

TEST(Target, IsWrongWithAnIpv6AddressWithoutBrackets) {
    for (const std::string text : {"::1", "2001:db8::1", "fe80::1:2217", "rfc2217://::1"}) {
        EXPECT_NE(error_of(text), "none") << text;
    }
    EXPECT_NE(error_of("2001:db8::1").find("in brackets"), std::string::npos);
}

TEST(Target, IsNamedAsUrl) {
    EXPECT_EQ(url_of("localhost"), "socket://localhost:2218");
    EXPECT_EQ(url_of("rfc2217://localhost"), "rfc2217://localhost:2217");
    EXPECT_EQ(url_of("[::1]"), "socket://[::1]:2218");
    EXPECT_EQ(url_of(url_of("rfc2217://[::1]:7")), "rfc2217://[::1]:7");
}

} // namespace
} // namespace mpbridge::remote
