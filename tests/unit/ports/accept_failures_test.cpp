#include "ports/accept_failures.hpp"

#include "support/warnings.hpp"

#include <gmock/gmock.h>

namespace mpbridge::ports {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class AcceptFailuresTest : public testing::Test {
  protected:
    void fail(std::chrono::milliseconds at) {
        failures_.failed("no room", AcceptFailures::Clock::time_point(at));
    }

    test::Warnings log_;
    AcceptFailures failures_{log_};
};

TEST_F(AcceptFailuresTest, SaysNothingWhenNothingFails) {
    failures_.accepted();
    EXPECT_THAT(log_.lines, IsEmpty());
}

TEST_F(AcceptFailuresTest, SaysOnceThatItIsOver) {
    fail(0s);
    failures_.accepted();
    failures_.accepted();
    EXPECT_THAT(log_.lines, ElementsAre("Cannot accept a connection: no room",
                                        "Connections are accepted again"));
}

TEST_F(AcceptFailuresTest, SaysEveryTenSecondsThatItLasts) {
    for (int times = 0; times <= 100; ++times) {
        fail(times * 100ms);
    }
    EXPECT_THAT(log_.lines,
                ElementsAre("Cannot accept a connection: no room",
                            "Cannot accept a connection: no room (and 99 more before it)"));
}

TEST_F(AcceptFailuresTest, IsSilentAboutWhatComesAndGoesAllTheTime) {
    for (int times = 0; times < 100; ++times) {
        fail(times * 100ms);
        failures_.accepted();
    }
    EXPECT_EQ(log_.lines.size(), 2U);
}

TEST_F(AcceptFailuresTest, SaysThatItIsOverHoweverOftenItFailed) {
    fail(0s);
    fail(1s);
    failures_.accepted();
    EXPECT_EQ(log_.lines.back(), "Connections are accepted again");
}

} // namespace
} // namespace mpbridge::ports
