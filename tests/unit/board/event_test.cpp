#include "board/event.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <optional>

namespace mpbridge::board {
namespace {

class EventTest : public testing::Test {
  protected:
    void wait_once() {
        const auto wait = [this]() -> boost::asio::awaitable<void> {
            co_await event_->wait();
            ++woken_;
        };
        boost::asio::co_spawn(io_, wait, boost::asio::detached);
        io_.restart();
        io_.poll();
    }

    int woken_after_poll() {
        io_.restart();
        io_.poll();
        return woken_;
    }

    boost::asio::io_context io_;
    std::optional<Event> event_{io_.get_executor()};
    int woken_ = 0;
};

TEST_F(EventTest, WakesAllThatWait) {
    wait_once();
    wait_once();
    EXPECT_EQ(woken_after_poll(), 0);
    event_->notify();
    EXPECT_EQ(woken_after_poll(), 2);
}

TEST_F(EventTest, WakesOnceForEachWait) {
    wait_once();
    event_->notify();
    event_->notify();
    EXPECT_EQ(woken_after_poll(), 1);
}

TEST_F(EventTest, RemembersNothing) {
    event_->notify();
    wait_once();
    EXPECT_EQ(woken_after_poll(), 0);
}

TEST_F(EventTest, WakesNobodyBeforeTheNotifierIsDone) {
    wait_once();
    event_->notify();
    EXPECT_EQ(woken_, 0);
}

TEST_F(EventTest, WakesThoseThatWaitWhenItEnds) {
    wait_once();
    event_.reset();
    EXPECT_EQ(woken_after_poll(), 1);
}

// Left waiting for good, and owning the event, as a connection's own coroutines do.
TEST(Event, MayBeOwnedByWhoWaits) {
    boost::asio::io_context io;
    const auto wait = [](std::shared_ptr<Event> event) -> boost::asio::awaitable<void> {
        co_await event->wait();
    };
    const std::weak_ptr<Event> watched = [&] {
        auto event = std::make_shared<Event>(io.get_executor());
        boost::asio::co_spawn(io, wait(event), boost::asio::detached);
        return event;
    }();
    io.poll();
    ASSERT_FALSE(watched.expired());
    watched.lock()->notify();
    io.restart();
    io.poll();
    EXPECT_TRUE(watched.expired());
}

} // namespace
} // namespace mpbridge::board
