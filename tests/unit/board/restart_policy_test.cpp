#include "board/restart_policy.hpp"

#include <gtest/gtest.h>

namespace mpbridge::board {
namespace {

using namespace std::chrono_literals;

TEST(RestartPolicy, NeverWaitsAfterAProcessThatWasOfUse) {
    RestartPolicy policy;
    for (int i = 0; i < 1000; ++i) {
        EXPECT_EQ(policy.ended(true), 0ms);
    }
}

TEST(RestartPolicy, WaitsLongerAndLongerUpToFiveSeconds) {
    RestartPolicy policy;
    EXPECT_EQ(policy.ended(false), 0ms);
    EXPECT_EQ(policy.ended(false), 100ms);
    std::chrono::milliseconds last(100);
    for (int i = 0; i < 100; ++i) {
        const auto next = policy.ended(false);
        EXPECT_EQ(next, std::min(2 * last, 5000ms));
        last = next;
    }
    EXPECT_EQ(last, 5000ms);
}

TEST(RestartPolicy, BeginsAnewAfterAProcessThatWasOfUse) {
    RestartPolicy policy;
    for (int i = 0; i < 10; ++i) {
        policy.ended(false);
    }
    EXPECT_EQ(policy.ended(true), 0ms);
    EXPECT_EQ(policy.ended(false), 0ms);
    EXPECT_EQ(policy.ended(false), 100ms);
}

} // namespace
} // namespace mpbridge::board
