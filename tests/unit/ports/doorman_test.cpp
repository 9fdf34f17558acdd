#include "ports/doorman.hpp"

#include "support/warnings.hpp"

#include <gmock/gmock.h>

namespace mpbridge::ports {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::make_address;
using testing::ElementsAre;
using testing::IsEmpty;

class DoormanTest : public testing::Test {
  protected:
    DoormanTest() : doorman_(allowed(), log_) {}

    static AllowList allowed() {
        AllowList list;
        EXPECT_TRUE(list.add("10.0.0.0/8"));
        return list;
    }

    bool lets_in(const char* address, std::chrono::milliseconds at) {
        return doorman_.lets_in({make_address(address), 4567}, Doorman::Clock::time_point(at));
    }

    test::Warnings log_;
    Doorman doorman_;
};

TEST_F(DoormanTest, LetsInSilentlyWhoIsAllowed) {
    EXPECT_TRUE(lets_in("10.1.2.3", 0s));
    EXPECT_THAT(log_.lines, IsEmpty());
}

TEST_F(DoormanTest, LetsInEverybodyWithoutAList) {
    Doorman open({}, log_);
    EXPECT_TRUE(open.lets_in({make_address("192.0.2.1"), 1}));
    EXPECT_TRUE(open.lets_in({make_address("::1"), 1}));
    EXPECT_THAT(log_.lines, IsEmpty());
}

TEST_F(DoormanTest, ReportsTheFirstAtOnce) {
    EXPECT_FALSE(lets_in("192.0.2.1", 0s));
    EXPECT_THAT(log_.lines,
                ElementsAre("Rejected connection from 192.0.2.1:4567 - address not allowed"));
}

TEST_F(DoormanTest, NamesIPv6AndMappedPeersAsOtherLinesDo) {
    lets_in("2001:db8::1", 0s);
    lets_in("::ffff:192.0.2.1", 10s);
    EXPECT_THAT(log_.lines,
                ElementsAre("Rejected connection from [2001:db8::1]:4567 - address not allowed",
                            "Rejected connection from 192.0.2.1:4567 - address not allowed"));
}

TEST_F(DoormanTest, CountsTheOthersUntilTheIntervalIsOver) {
    EXPECT_FALSE(lets_in("192.0.2.1", 5s));
    for (int other = 0; other < 1000; ++other) {
        EXPECT_FALSE(lets_in("192.0.2.2", 14'999ms));
    }
    EXPECT_EQ(log_.lines.size(), 1U);
    EXPECT_EQ(doorman_.turned_away(), 1001U);
    EXPECT_FALSE(lets_in("192.0.2.3", 15s));
    EXPECT_EQ(
        log_.lines.back(),
        "Rejected connection from 192.0.2.3:4567 - address not allowed (and 1000 more before it)");
}

TEST_F(DoormanTest, CountsAnewAfterEachLine) {
    lets_in("192.0.2.1", 0s);
    lets_in("192.0.2.1", 1s);
    lets_in("192.0.2.1", 10s);
    lets_in("192.0.2.1", 19s);
    lets_in("192.0.2.1", 20s);
    lets_in("192.0.2.1", 40s);
    const std::string line = "Rejected connection from 192.0.2.1:4567 - address not allowed";
    EXPECT_THAT(log_.lines, ElementsAre(line, line + " (and 1 more before it)",
                                        line + " (and 1 more before it)", line));
}

TEST_F(DoormanTest, DoesNotCountWhoIsAllowed) {
    lets_in("192.0.2.1", 0s);
    lets_in("10.0.0.1", 1s);
    lets_in("192.0.2.1", 10s);
    EXPECT_EQ(log_.lines.back(), log_.lines.front());
}

} // namespace
} // namespace mpbridge::ports
