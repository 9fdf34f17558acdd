#include "posix/pty.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <utility>

namespace mpbridge::posix {
namespace {

// What the process on the terminal would hold.
Descriptor other_end(const Pty& pty) {
    return Descriptor(::ioctl(pty.master(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_NONBLOCK));
}

base::Bytes all_bytes() {
    base::Bytes bytes(256);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<std::uint8_t>(i);
    }
    return bytes;
}

class PtyTest : public testing::Test {
  protected:
    Pty pty_ = Pty::open().value();
    Descriptor program_ = other_end(pty_);
};

TEST_F(PtyTest, ChangesNoByteEitherWay) {
    const auto sent = all_bytes();
    base::Bytes got(sent.size());
    EXPECT_EQ(write_some(pty_.master(), sent).count, sent.size());
    ASSERT_TRUE(pty_.has_unread_input());
    EXPECT_EQ(read_some(program_.get(), got).count, sent.size());
    EXPECT_EQ(got, sent);

    EXPECT_EQ(write_some(program_.get(), sent).count, sent.size());
    ASSERT_TRUE(pty_.has_unread_output());
    EXPECT_EQ(read_some(pty_.master(), got).count, sent.size());
    EXPECT_EQ(got, sent);
}

TEST_F(PtyTest, GivesBackWhatWasNotRead) {
    const base::Bytes much(20'000, 'x');
    const auto written = write_some(pty_.master(), much).count;
    base::Bytes some(100);
    ASSERT_TRUE(pty_.has_unread_input());
    EXPECT_EQ(read_some(program_.get(), some).count, some.size());
    EXPECT_EQ(pty_.take_unread_input().size(), written - some.size());
    EXPECT_FALSE(pty_.has_unread_input());
}

TEST_F(PtyTest, DropsWhatWasNotRead) {
    write_some(pty_.master(), base::bytes_of("unread"));
    pty_.discard_unread_input();
    EXPECT_FALSE(pty_.has_unread_input());
}

class PtyUserTest : public PtyTest {
  protected:
    PtyUserTest() {
        if (user_ == 0) {
            ::pause();
            ::_exit(0);
        }
    }
    ~PtyUserTest() override {
        if (user_ > 0) {
            ::kill(user_, SIGTERM);
            end_signal();
        }
    }

    // The signal that ended the process, or 0.
    int end_signal() {
        int status = 0;
        ::waitpid(std::exchange(user_, -1), &status, 0);
        return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    }

    pid_t user_ = ::fork(); // with all that is open now
};

TEST_F(PtyUserTest, KillsWhoeverKeepsItFromBeingClosed) {
    program_.reset();
    pty_.close_slave_for_all();
    EXPECT_EQ(end_signal(), SIGKILL);
}

TEST_F(PtyUserTest, DoesNotKillUsersOfOtherTerminals) {
    auto other = Pty::open().value();
    other.close_slave_for_all();
    ::kill(user_, SIGTERM);
    EXPECT_EQ(end_signal(), SIGTERM);
}

TEST_F(PtyTest, TellsExecutingFromReadingByTheLocalFlags) {
    EXPECT_TRUE(pty_.executing());
    termios settings{};
    ASSERT_EQ(::tcgetattr(program_.get(), &settings), 0);
    settings.c_lflag = 0;
    ASSERT_EQ(::tcsetattr(program_.get(), TCSANOW, &settings), 0);
    EXPECT_FALSE(pty_.executing());
    pty_.mark_executing();
    EXPECT_TRUE(pty_.executing());
}

} // namespace
} // namespace mpbridge::posix
