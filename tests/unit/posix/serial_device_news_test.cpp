#include "posix/serial_device.hpp"

#include "posix/serial_device_fixture.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

namespace mpbridge::posix {
namespace {

constexpr auto patience = std::chrono::seconds(10);

// Runs beside the test's thread from the moment the other one calls go().
class Meanwhile {
  public:
    template <class Action>
    explicit Meanwhile(Action action)
        : thread_([this, action] {
              while (!gone_) {
              }
              action();
              done_ = true;
          }) {}
    ~Meanwhile() {
        go();
        thread_.join();
    }
    Meanwhile(const Meanwhile&) = delete;
    Meanwhile& operator=(const Meanwhile&) = delete;

    void go() { gone_ = true; }
    bool is_done() const { return done_; }

  private:
    std::atomic<bool> gone_ = false;
    std::atomic<bool> done_ = false;
    std::thread thread_;
};

class SerialDeviceNewsTest : public SerialDeviceTest {
  protected:
    bool has_news() {
        const auto news = device_.take_news();
        return news.opened || news.closed;
    }

    bool told_of_close() {
        return device_.take_news().closed ||
               (becomes_readable(device_.news()) && device_.take_news().closed);
    }

    bool becomes_closed() {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (device_.is_open()) {
            if (std::chrono::steady_clock::now() > deadline) {
                return false;
            }
        }
        return true;
    }
};

TEST_F(SerialDeviceNewsTest, AreNoneAtFirst) {
    EXPECT_FALSE(is_readable(device_.news()));
    EXPECT_FALSE(has_news());
}

TEST_F(SerialDeviceNewsTest, TellOfOpeningAndOfClosing) {
    auto program = open_as_program();
    ASSERT_TRUE(becomes_readable(device_.news()));
    auto news = device_.take_news();
    EXPECT_TRUE(news.opened);
    EXPECT_FALSE(news.closed);
    program.reset();
    ASSERT_TRUE(becomes_readable(device_.news()));
    news = device_.take_news();
    EXPECT_FALSE(news.opened);
    EXPECT_TRUE(news.closed);
}

TEST_F(SerialDeviceNewsTest, AreToldOnce) {
    open_as_program();
    EXPECT_TRUE(has_news());
    EXPECT_FALSE(is_readable(device_.news()));
    EXPECT_FALSE(has_news());
}

TEST_F(SerialDeviceNewsTest, TellOfBothAtOnce) {
    open_as_program();
    const auto news = device_.take_news();
    EXPECT_TRUE(news.opened);
    EXPECT_TRUE(news.closed);
}

TEST_F(SerialDeviceNewsTest, TellOfOneAmongSeveralPrograms) {
    auto first = open_as_program();
    const auto second = open_as_program();
    EXPECT_TRUE(device_.take_news().opened);
    first.reset();
    EXPECT_TRUE(device_.take_news().closed);
}

TEST_F(SerialDeviceNewsTest, TellWhateverItWasOpenedFor) {
    for (const int flags : {O_RDONLY, O_WRONLY, O_RDWR}) {
        auto program = open_as_program(flags);
        EXPECT_TRUE(device_.take_news().opened);
        program.reset();
        EXPECT_TRUE(device_.take_news().closed);
    }
}

TEST_F(SerialDeviceNewsTest, OfManyProgramsAreTakenAtOnce) {
    for (int program = 0; program < 1000; ++program) {
        open_as_program();
    }
    EXPECT_TRUE(has_news());
    EXPECT_FALSE(has_news());
}

TEST_F(SerialDeviceNewsTest, AreLostByNoOverflow) {
    for (int program = 0; program < 20'000; ++program) {
        open_as_program();
    }
    const auto news = device_.take_news();
    EXPECT_TRUE(news.opened);
    EXPECT_TRUE(news.closed);
    EXPECT_FALSE(device_.is_open());
}

TEST_F(SerialDeviceNewsTest, AreNotMadeByOwnDoings) {
    device_.is_open();
    device_.restore();
    device_.drop_unread_output();
    device_.has_unread_output();
    device_.is_open();
    EXPECT_FALSE(is_readable(device_.news()));
    EXPECT_FALSE(has_news());
}

TEST_F(SerialDeviceNewsTest, AreNotMadeByOwnDoingsWhileAProgramIsThere) {
    const auto program = open_as_program();
    device_.take_news();
    device_.is_open();
    device_.restore();
    device_.is_open();
    EXPECT_FALSE(is_readable(device_.news()));
    EXPECT_FALSE(has_news());
}

TEST_F(SerialDeviceNewsTest, AreNotMadeByReadingAndWriting) {
    const auto program = open_as_program();
    device_.take_news();
    write_output("output");
    read_all(program.get());
    write_some(program.get(), base::bytes_of("input"));
    receive();
    EXPECT_FALSE(has_news());
}

TEST_F(SerialDeviceNewsTest, IsOpenAsLongAsAnyProgramHasIt) {
    EXPECT_FALSE(device_.is_open());
    auto first = open_as_program();
    EXPECT_TRUE(device_.is_open());
    auto second = open_as_program();
    EXPECT_TRUE(device_.is_open());
    first.reset();
    EXPECT_TRUE(device_.is_open());
    second.reset();
    EXPECT_FALSE(device_.is_open());
}

TEST_F(SerialDeviceNewsTest, IsOpenIfOnlyForReading) {
    const auto program = open_as_program(O_RDONLY);
    EXPECT_TRUE(device_.is_open());
}

TEST_F(SerialDeviceNewsTest, IsOpenUntilTheLastCopyOfADescriptorIsClosed) {
    auto program = open_as_program();
    const Descriptor copy(::dup(program.get()));
    program.reset();
    EXPECT_TRUE(device_.is_open());
}

TEST_F(SerialDeviceNewsTest, AskingKeepsTheNewsOfAnOpening) {
    const auto program = open_as_program();
    EXPECT_TRUE(device_.is_open());
    EXPECT_TRUE(device_.take_news().opened);
    EXPECT_FALSE(has_news());
}

TEST_F(SerialDeviceNewsTest, AskingKeepsTheNewsOfOneThatIsGone) {
    open_as_program();
    EXPECT_FALSE(device_.is_open());
    EXPECT_TRUE(device_.take_news().opened);
    EXPECT_FALSE(has_news());
}

TEST_F(SerialDeviceNewsTest, AskingTwiceKeepsTheNewsOfAnOpening) {
    const auto program = open_as_program();
    device_.is_open();
    device_.is_open();
    EXPECT_TRUE(device_.take_news().opened);
}

TEST_F(SerialDeviceNewsTest, TellOfAnOpeningBetweenTwoQuestions) {
    EXPECT_FALSE(device_.is_open());
    const auto program = open_as_program();
    ASSERT_TRUE(becomes_readable(device_.news()));
    EXPECT_TRUE(device_.take_news().opened);
    EXPECT_TRUE(device_.is_open());
}

TEST_F(SerialDeviceNewsTest, AskingKeepsWhatIsOnItsWay) {
    const auto program = open_as_program();
    write_output("output");
    write_some(program.get(), base::bytes_of("input"));
    EXPECT_TRUE(device_.is_open());
    EXPECT_EQ(read_all(program.get()), "output");
    EXPECT_EQ(receive().data, "input");
}

TEST_F(SerialDeviceNewsTest, AskingKeepsTheInputOfOneThatIsGone) {
    write_some(open_as_program().get(), base::bytes_of("input"));
    EXPECT_FALSE(device_.is_open());
    EXPECT_EQ(receive().data, "input");
}

TEST_F(SerialDeviceNewsTest, AskingKeepsTheSettingsOfAProgram) {
    set_cooked(open_as_program().get());
    EXPECT_FALSE(device_.is_open());
    EXPECT_NE(settings_of(device_.master()).c_oflag & static_cast<tcflag_t>(ONLCR), 0U);
}

TEST_F(SerialDeviceNewsTest, TellOfAProgramThatIsKilled) {
    const auto program = ::fork();
    if (program == 0) {
        ::open(device_.path().c_str(), O_RDWR | O_NOCTTY);
        ::pause();
        ::_exit(0);
    }
    ASSERT_GT(program, 0);
    ASSERT_TRUE(becomes_readable(device_.news()));
    EXPECT_TRUE(device_.take_news().opened);
    ::kill(program, SIGKILL);
    EXPECT_TRUE(told_of_close());
    ::waitpid(program, nullptr, 0);
    EXPECT_FALSE(device_.is_open());
}

TEST_F(SerialDeviceNewsTest, AProgramThatOpensItMeanwhileIsFound) {
    for (int round = 0; round < 300; ++round) {
        Descriptor program;
        Meanwhile opening([&] { program = open_as_program(); });
        opening.go();
        while (!opening.is_done()) {
            device_.is_open();
        }
        ASSERT_TRUE(device_.is_open()) << "round " << round;
        program.reset();
        ASSERT_FALSE(device_.is_open()) << "round " << round;
    }
}

// The kernel tells of a close just before it counts it.
TEST_F(SerialDeviceNewsTest, WhoIsGoneIsMissedAtMostForAMoment) {
    for (int round = 0; round < 300; ++round) {
        auto program = open_as_program();
        device_.take_news();
        Meanwhile closing([&] { program.reset(); });
        closing.go();
        ASSERT_TRUE(told_of_close());
        ASSERT_TRUE(becomes_closed());
    }
}

TEST_F(SerialDeviceNewsTest, AskingKeepsTheExclusiveModeOfAProgram) {
    make_device_without_privileges();
    const WithoutPrivileges unprivileged;
    const auto program = open_as_program();
    ::ioctl(program.get(), TIOCEXCL);
    EXPECT_TRUE(device_.is_open());
    EXPECT_TRUE(device_.is_usable());
    EXPECT_TRUE(is_exclusive(program.get()));
}

TEST_F(SerialDeviceNewsTest, StillTellsWhetherItIsOpenWhenAProgramIsExclusive) {
    const WithoutPrivileges unprivileged;
    auto program = open_as_program();
    ::ioctl(program.get(), TIOCEXCL);
    device_.is_open();
    EXPECT_TRUE(device_.is_open());
    program.reset();
    EXPECT_TRUE(told_of_close());
    EXPECT_FALSE(device_.is_open());
}

TEST_F(SerialDeviceNewsTest, IsUsableAgainOnceItMayBeOpened) {
    const WithoutPrivileges unprivileged;
    const auto program = open_as_program();
    ::ioctl(program.get(), TIOCEXCL);
    device_.is_open();
    ::ioctl(program.get(), TIOCNXCL);
    EXPECT_TRUE(device_.is_open());
    EXPECT_TRUE(device_.is_usable());
}

} // namespace
} // namespace mpbridge::posix
