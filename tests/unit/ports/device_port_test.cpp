#include "ports/device_port.hpp"

#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

namespace mpbridge::ports {
namespace {

namespace fs = std::filesystem;

class DevicePortTest : public testing::Test {
  protected:
    std::unique_ptr<DevicePort> open(const std::string& link) {
        return DevicePort::open(io_.get_executor(), {.link = link, .access = {}}).value();
    }

    // Counts in `ended_` when the wait ends.
    void wait_for(board::Watch& watch) {
        boost::asio::co_spawn(
            io_,
            [this, &watch]() -> boost::asio::awaitable<void> {
                co_await watch.readable();
                ++ended_;
            },
            boost::asio::detached);
    }

    static posix::Descriptor open_as_program(const std::string& path) {
        return posix::Descriptor(::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    }

    // Whether the device of this program is gone.
    static bool has_hung_up(const posix::Descriptor& program) {
        pollfd query{.fd = program.get(), .events = POLLIN, .revents = 0};
        return ::poll(&query, 1, 10'000) == 1 && (query.revents & POLLHUP) != 0;
    }

    boost::asio::io_context io_;
    test::TemporaryDirectory directory_;
    std::string link_ = directory_ / "board";
    int ended_ = 0;
};

TEST_F(DevicePortTest, NeedsNoLink) {
    const auto port = open("");
    EXPECT_EQ(port->description(), port->device().path());
    EXPECT_TRUE(open_as_program(port->device().path()));
}

TEST_F(DevicePortTest, CanBeOpenedByItsLink) {
    const auto port = open(link_);
    EXPECT_EQ(fs::read_symlink(link_), port->device().path());
    EXPECT_EQ(port->description(), port->device().path() + " (" + link_ + ")");
    const auto program = open_as_program(link_);
    EXPECT_TRUE(port->device().take_news().opened);
}

TEST_F(DevicePortTest, RemovesItsLink) {
    open(link_);
    EXPECT_FALSE(fs::is_symlink(link_));
}

TEST_F(DevicePortTest, HasTheAccessAskedFor) {
    const DeviceOptions options{.link = link_, .access = {.mode = 0640, .group = {}}};
    const auto port = DevicePort::open(io_.get_executor(), options).value();
    struct stat status{};
    for (int device = 0; device < 2; ++device) {
        ASSERT_EQ(::stat(link_.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777U, 0640U);
        ASSERT_TRUE(port->remake());
        ASSERT_TRUE(port->publish());
    }
}

TEST_F(DevicePortTest, FailsWithAReasonIfTheLinkIsTaken) {
    const auto first = open(link_);
    const auto second = DevicePort::open(io_.get_executor(), {.link = link_, .access = {}});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().message,
              "Cannot make the link " + link_ + ": another process has it in use");
    EXPECT_EQ(fs::read_symlink(link_), first->device().path());
}

TEST_F(DevicePortTest, FailsWithAReasonIfTheLinkIsAFile) {
    fs::create_directory(link_);
    EXPECT_FALSE(DevicePort::open(io_.get_executor(), {.link = link_, .access = {}}));
}

TEST_F(DevicePortTest, MadeAnewHasAnotherDeviceAndTheSameLink) {
    const auto port = open(link_);
    const auto former = port->device().path();
    ASSERT_TRUE(port->remake());
    ASSERT_TRUE(port->publish());
    EXPECT_NE(port->device().path(), former);
    EXPECT_EQ(fs::read_symlink(link_), port->device().path());
    EXPECT_EQ(port->description(), port->device().path() + " (" + link_ + ")");
}

TEST_F(DevicePortTest, MadeAnewEndsForWhoHadItOpen) {
    const auto port = open(link_);
    const auto program = open_as_program(link_);
    ASSERT_TRUE(port->remake());
    ASSERT_TRUE(port->publish());
    EXPECT_TRUE(has_hung_up(program));
    base::Bytes buffer(1);
    EXPECT_TRUE(posix::read_some(program.get(), buffer).ended);
    EXPECT_FALSE(port->device().is_open());
}

TEST_F(DevicePortTest, MadeAnewEndsAllWaiting) {
    const auto port = open("");
    port->device().read({}); // what setting it up caused
    wait_for(port->master());
    wait_for(port->news());
    io_.poll();
    ASSERT_EQ(ended_, 0);
    ASSERT_TRUE(port->remake());
    ASSERT_TRUE(port->publish());
    io_.run();
    EXPECT_EQ(ended_, 2);
}

TEST_F(DevicePortTest, MadeAnewCanBeWaitedFor) {
    const auto port = open(link_);
    ASSERT_TRUE(port->remake());
    ASSERT_TRUE(port->publish());
    wait_for(port->news());
    io_.poll();
    ASSERT_EQ(ended_, 0);
    const auto program = open_as_program(link_);
    io_.restart();
    io_.run();
    EXPECT_EQ(ended_, 1);
}

TEST_F(DevicePortTest, CanBeMadeAnewWithoutItsLink) {
    const auto port = open(link_);
    fs::remove_all(directory_.path());
    ASSERT_TRUE(port->remake());
    const auto published = port->publish();
    ASSERT_FALSE(published);
    EXPECT_EQ(published.error().message,
              "Cannot make the link " + link_ + ": No such file or directory");
    EXPECT_TRUE(open_as_program(port->device().path()));
    fs::create_directory(directory_.path());
    ASSERT_TRUE(port->publish());
    EXPECT_EQ(fs::read_symlink(link_), port->device().path());
}

TEST_F(DevicePortTest, ClosedEndsAllWaiting) {
    const auto port = open("");
    port->device().read({}); // what setting it up caused
    wait_for(port->master());
    wait_for(port->news());
    io_.poll();
    ASSERT_EQ(ended_, 0);
    port->close();
    io_.run();
    EXPECT_EQ(ended_, 2);
}

TEST_F(DevicePortTest, ClosedIsGoneWithItsLink) {
    const auto port = open(link_);
    const auto program = open_as_program(link_);
    port->close();
    EXPECT_FALSE(fs::is_symlink(link_));
    EXPECT_TRUE(has_hung_up(program));
    EXPECT_TRUE(DevicePort::open(io_.get_executor(), {.link = link_, .access = {}}));
}

TEST_F(DevicePortTest, AnnouncesEveryDeviceWhenItIsThere) {
    std::vector<std::string> announced;
    const auto announce = [&](const std::string& path) {
        EXPECT_EQ(fs::read_symlink(link_), path);
        announced.push_back(path);
    };
    const DeviceOptions options{.link = link_, .access = {}, .announce = announce};
    const auto port = DevicePort::open(io_.get_executor(), options).value();
    EXPECT_EQ(announced, std::vector{port->device().path()});
    ASSERT_TRUE(port->remake());
    ASSERT_TRUE(port->publish());
    ASSERT_EQ(announced.size(), 2U);
    EXPECT_EQ(announced.back(), port->device().path());
}

TEST_F(DevicePortTest, AnnouncesNothingIfItCannotBeMade) {
    int announced = 0;
    const auto announce = [&](const std::string&) { ++announced; };
    const DeviceOptions options{
        .link = directory_ / "missing/board", .access = {}, .announce = announce};
    EXPECT_FALSE(DevicePort::open(io_.get_executor(), options));
    EXPECT_EQ(announced, 0);
}

} // namespace
} // namespace mpbridge::ports
