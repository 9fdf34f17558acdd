#include "ports/allow_list.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace mpbridge::ports {
namespace {

using boost::asio::ip::make_address;

AllowList list_of(std::initializer_list<const char*> networks) {
    AllowList list;
    for (const auto* network : networks) {
        const auto added = list.add(network);
        EXPECT_TRUE(added) << network;
    }
    return list;
}

bool admits(const AllowList& list, const char* peer) { return list.admits(make_address(peer)); }

void expect_error(const std::string& text, const std::string& reason) {
    AllowList list;
    const auto added = list.add(text);
    ASSERT_FALSE(added) << text;
    EXPECT_EQ(added.error().message, "'" + text + "' " + reason);
    EXPECT_TRUE(list.is_empty()) << text;
}

TEST(AllowList, AdmitsEverybodyWhileItIsEmpty) {
    const AllowList list;
    EXPECT_TRUE(list.is_empty());
    for (const auto* peer : {"127.0.0.1", "203.0.113.9", "::1", "2001:db8::1", "::ffff:10.0.0.1"}) {
        EXPECT_TRUE(admits(list, peer)) << peer;
    }
}

TEST(AllowList, AdmitsTheAddressItHasAndNoOther) {
    const auto list = list_of({"10.1.2.3"});
    EXPECT_FALSE(list.is_empty());
    EXPECT_TRUE(admits(list, "10.1.2.3"));
    for (const auto* peer : {"10.1.2.2", "10.1.2.4", "11.1.2.3", "0.0.0.0", "::1", "::10.1.2.3"}) {
        EXPECT_FALSE(admits(list, peer)) << peer;
    }
}

TEST(AllowList, AdmitsFromTheFirstToTheLastAddressOfANetwork) {
    const auto list = list_of({"192.168.4.0/23"});
    EXPECT_TRUE(admits(list, "192.168.4.0"));
    EXPECT_TRUE(admits(list, "192.168.5.255"));
    EXPECT_FALSE(admits(list, "192.168.3.255"));
    EXPECT_FALSE(admits(list, "192.168.6.0"));
}

TEST(AllowList, AdmitsFromTheFirstToTheLastAddressOfAnIPv6Network) {
    const auto list = list_of({"2001:db8:1:2::/63"});
    EXPECT_TRUE(admits(list, "2001:db8:1:2::"));
    EXPECT_TRUE(admits(list, "2001:db8:1:3:ffff:ffff:ffff:ffff"));
    EXPECT_FALSE(admits(list, "2001:db8:1:1:ffff:ffff:ffff:ffff"));
    EXPECT_FALSE(admits(list, "2001:db8:1:4::"));
}

TEST(AllowList, IgnoresTheBitsBehindThePrefix) {
    const auto list = list_of({"10.1.2.3/8", "fe80::1234/10"});
    EXPECT_TRUE(admits(list, "10.255.0.1"));
    EXPECT_FALSE(admits(list, "11.1.2.3"));
    EXPECT_TRUE(admits(list, "febf::1"));
    EXPECT_FALSE(admits(list, "fec0::1"));
}

TEST(AllowList, KnowsTheShortestAndTheLongestPrefix) {
    const auto all_v4 = list_of({"1.2.3.4/0"});
    EXPECT_TRUE(admits(all_v4, "255.255.255.255"));
    EXPECT_FALSE(admits(all_v4, "::1"));
    const auto all_v6 = list_of({"::1/0"});
    EXPECT_TRUE(admits(all_v6, "2001:db8::1"));
    EXPECT_FALSE(admits(all_v6, "1.2.3.4"));
    EXPECT_FALSE(admits(all_v6, "::ffff:1.2.3.4"));
    const auto two = list_of({"1.2.3.4/32", "::1/128"});
    EXPECT_TRUE(admits(two, "1.2.3.4") && admits(two, "::1"));
    EXPECT_FALSE(admits(two, "1.2.3.5") || admits(two, "::2"));
}

TEST(AllowList, AdmitsWhomAnyOfItsNetworksHas) {
    const auto list = list_of({"10.0.0.0/8", "127.0.0.1", "::1", "2001:db8::/32"});
    for (const auto* peer : {"10.9.9.9", "127.0.0.1", "::1", "2001:db8:ffff::"}) {
        EXPECT_TRUE(admits(list, peer)) << peer;
    }
    EXPECT_FALSE(admits(list, "127.0.0.2"));
    EXPECT_FALSE(admits(list, "2001:db9::"));
}

TEST(AllowList, CountsIPv4MappedPeersAsIPv4) {
    const auto list = list_of({"10.0.0.0/8"});
    EXPECT_TRUE(admits(list, "::ffff:10.1.2.3"));
    EXPECT_FALSE(admits(list, "::ffff:11.1.2.3"));
}

TEST(AllowList, CountsIPv4MappedNetworksAsIPv4) {
    const auto list = list_of({"::ffff:10.1.2.3", "::ffff:192.168.0.0/112"});
    EXPECT_EQ(list.description(), "10.1.2.3/32, 192.168.0.0/16");
    EXPECT_TRUE(admits(list, "10.1.2.3"));
    EXPECT_TRUE(admits(list, "::ffff:192.168.3.4"));
    EXPECT_FALSE(admits(list, "10.1.2.4"));
    EXPECT_FALSE(admits(list, "::1"));
    EXPECT_EQ(list_of({"::ffff:0:0/96"}).description(), "0.0.0.0/0");
    EXPECT_EQ(list_of({"::ffff:0:0/95"}).description(), "::fffe:0:0/95");
}

TEST(AllowList, DoesNotCareOnWhichLinkAPeerIs) {
    const auto list = list_of({"fe80::/10"});
    EXPECT_TRUE(admits(list, "fe80::1%7"));
    EXPECT_TRUE(admits(list_of({"fe80::1"}), "fe80::1%7"));
}

TEST(AllowList, DescribesWhatItAdmits) {
    EXPECT_EQ(AllowList().description(), "");
    EXPECT_EQ(list_of({"::1", "10.1.2.3/8", "127.0.0.1"}).description(),
              "10.0.0.0/8, 127.0.0.1/32, ::1/128");
}

TEST(AllowList, RefusesWhatIsNoAddress) {
    for (const auto* text : {"",
                             "x",
                             "/",
                             "/8",
                             "localhost",
                             "10.0.0",
                             "10.0.0.256",
                             "10.0.0.1.2",
                             "010.0.0.1",
                             "10.0.0.1 ",
                             " 10.0.0.1",
                             "10.0.0.1:80",
                             "0x7f.1",
                             "2130706433",
                             "::1::",
                             ":",
                             "12345::",
                             "[::1]",
                             "fe80::1%eth0",
                             "fe80::1%1/64",
                             "*",
                             "10.0.0.*",
                             "10.0.0.1,10.0.0.2"}) {
        expect_error(text, "is not ADDRESS or ADDRESS/PREFIX");
    }
}

TEST(AllowList, RefusesAPrefixThatIsNone) {
    for (const auto* prefix : {"33", "128", "", "-1", "+8", " 8", "8 ", "8.0", "0x8", "x", "8/8",
                               "255.0.0.0", "4294967296", "4294967304", "99999999999999999999"}) {
        expect_error(std::string("10.0.0.1/") + prefix,
                     "has a prefix that is not a number up to 32");
    }
    for (const auto* prefix : {"129", "", "-1", "4294967296"}) {
        expect_error(std::string("::1/") + prefix, "has a prefix that is not a number up to 128");
    }
}

TEST(AllowList, KeepsWhatItHasWhenAnErrorFollows) {
    auto list = list_of({"10.0.0.1"});
    EXPECT_FALSE(list.add("x"));
    EXPECT_EQ(list.description(), "10.0.0.1/32");
}

} // namespace
} // namespace mpbridge::ports
