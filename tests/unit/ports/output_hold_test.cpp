#include "ports/output_hold.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include <optional>

namespace mpbridge::ports {
namespace {

using namespace std::chrono_literals;

class OutputHoldTest : public testing::Test {
  protected:
    // Does this when that time is over.
    template <class Action>
    void after(std::chrono::milliseconds time, Action action) {
        timer_.expires_after(time);
        timer_.async_wait([action](const boost::system::error_code&) { action(); });
    }

    boost::asio::io_context io_;
    boost::asio::steady_timer timer_{io_};
    int ended_ = 0;
    std::optional<OutputHold> hold_{std::in_place, io_.get_executor(), [this] { ++ended_; }};
};

TEST_F(OutputHoldTest, DoesNothingAtFirst) {
    EXPECT_FALSE(hold_->active());
    io_.run();
    EXPECT_EQ(ended_, 0);
}

TEST_F(OutputHoldTest, EndsByItselfOnce) {
    hold_->last(1ms);
    EXPECT_TRUE(hold_->active());
    io_.run();
    EXPECT_FALSE(hold_->active());
    EXPECT_EQ(ended_, 1);
}

TEST_F(OutputHoldTest, LastsAsLongAsItWasTold) {
    hold_->last(20ms);
    const auto begin = std::chrono::steady_clock::now();
    io_.run();
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 20ms);
}

TEST_F(OutputHoldTest, IsEndedAtOnce) {
    hold_->last(1h);
    hold_->end();
    EXPECT_FALSE(hold_->active());
    EXPECT_EQ(ended_, 1);
    io_.run();
    EXPECT_EQ(ended_, 1);
}

TEST_F(OutputHoldTest, IsNotEndedWhenItIsNotActive) {
    hold_->end();
    hold_->last(1h);
    hold_->end();
    hold_->end();
    EXPECT_EQ(ended_, 1);
}

TEST_F(OutputHoldTest, GoesOnWhenItIsToldAgain) {
    hold_->last(1ms);
    hold_->last(1h);
    bool active = false;
    after(5ms, [&] {
        active = hold_->active();
        hold_->end();
    });
    io_.run();
    EXPECT_TRUE(active);
    EXPECT_EQ(ended_, 1);
}

TEST_F(OutputHoldTest, IsShorterWhenItIsToldAgain) {
    hold_->last(1h);
    hold_->last(1ms);
    io_.run();
    EXPECT_EQ(ended_, 1);
}

TEST_F(OutputHoldTest, BeginsAgainAfterItsEnd) {
    hold_->last(1ms);
    io_.run();
    hold_->last(1ms);
    EXPECT_TRUE(hold_->active());
    io_.restart();
    io_.run();
    EXPECT_EQ(ended_, 2);
}

TEST_F(OutputHoldTest, MayBeginAgainAtItsEnd) {
    hold_.emplace(io_.get_executor(), [this] {
        if (++ended_ == 1) {
            hold_->last(1ms);
        }
    });
    hold_->last(1ms);
    io_.run();
    EXPECT_EQ(ended_, 2);
}

TEST_F(OutputHoldTest, EndsQuietlyWhenDestroyed) {
    hold_->last(1ms);
    hold_.reset();
    io_.run();
    EXPECT_EQ(ended_, 0);
}

TEST_F(OutputHoldTest, MayBeDestroyedAtItsEnd) {
    hold_.emplace(io_.get_executor(), [this] {
        hold_.reset();
        ++ended_;
    });
    hold_->last(1ms);
    io_.run();
    EXPECT_EQ(ended_, 1);
}

// Both timers are due, so that the hold's handler waits for its turn while the other one runs.
class DueOutputHoldTest : public OutputHoldTest {
  protected:
    template <class Action>
    void run_when_due(Action action) {
        after(-1ms, action);
        hold_->last(0ms);
        io_.poll();
    }
};

TEST_F(DueOutputHoldTest, EndsQuietlyWhenDestroyed) {
    run_when_due([this] { hold_.reset(); });
    EXPECT_EQ(ended_, 0);
}

TEST_F(DueOutputHoldTest, EndsOnce) {
    run_when_due([this] { hold_->end(); });
    EXPECT_EQ(ended_, 1);
}

TEST_F(DueOutputHoldTest, GoesOnWhenItIsToldAgain) {
    run_when_due([this] { hold_->last(1h); });
    EXPECT_TRUE(hold_->active());
    EXPECT_EQ(ended_, 0);
}

TEST_F(DueOutputHoldTest, LeavesTheNextOneAlone) {
    run_when_due([this] {
        hold_->end();
        hold_->last(1h);
    });
    EXPECT_TRUE(hold_->active());
    EXPECT_EQ(ended_, 1);
}

} // namespace
} // namespace mpbridge::ports
