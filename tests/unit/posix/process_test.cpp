#include "posix/process.hpp"

#include "posix/process_status.hpp"

#include <gtest/gtest.h>

#include <poll.h>

#include <csignal>
#include <string>

namespace mpbridge::posix {
namespace {

class ProcessTest : public testing::Test {
  protected:
    static void SetUpTestSuite() { block_child_signals(); }

    Process start(const std::string& script) {
        auto started = Process::start({"/bin/sh", {"-c", script}, "/"}, pty_);
        return std::move(started.value());
    }

    // Waits until the process has printed this.
    void read_until(std::string_view wanted) {
        while (printed_.find(wanted) == std::string::npos) {
            pollfd ready{.fd = pty_.master(), .events = POLLIN, .revents = 0};
            ASSERT_GT(::poll(&ready, 1, 10'000), 0) << "so far: " << printed_;
            base::Bytes buffer(1024);
            const auto got = read_some(pty_.master(), buffer);
            printed_ += base::text_of(base::ByteView(buffer).first(got.count));
        }
    }

    Pty pty_ = Pty::open().value();
    std::string printed_;
};

TEST_F(ProcessTest, HasTheTerminalAndNothingElse) {
    auto process = start("ls /proc/self/fd | tr '\\n' ' '; cat /proc/self/stat; tty");
    read_until("/dev/pts/");
    // 3 is the folder that ls reads.
    EXPECT_EQ(printed_.substr(0, 8), "0 1 2 3 ");
    EXPECT_TRUE(process.reap().success());
}

TEST_F(ProcessTest, TellsHowItEnded) {
    EXPECT_EQ(start("exit 3").reap().describe(), "exit status 3");
    EXPECT_EQ(start("kill -SEGV $$").reap().describe(), "SIGSEGV");
}

TEST_F(ProcessTest, EndShowsBeforeItIsReaped) {
    auto process = start("exit 0");
    pollfd end{.fd = process.end_descriptor(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(::poll(&end, 1, 10'000), 1);
    EXPECT_TRUE(process.reap().success());
    EXPECT_EQ(process.pid(), 0);
}

TEST_F(ProcessTest, FailsToStartWithAReason) {
    const auto missing = Process::start({"/no/such/program", {}, ""}, pty_);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().message, "Cannot start /no/such/program: No such file or directory");
    EXPECT_FALSE(Process::start({"/bin/sh", {}, "/no/such/directory"}, pty_));
}

TEST_F(ProcessTest, TakesItsGroupAlongWhenReaped) {
    auto process = start("sleep 1000 & echo child=$!; exit 0");
    read_until("\n");
    const auto child = static_cast<pid_t>(std::stol(printed_.substr(printed_.find('=') + 1)));
    process.reap();
    // Killed, it is a zombie until whoever adopted it reaps it.
    const auto status_file = open_process_status(child);
    for (auto status = ProcessStatus::read(status_file.get()); status && status->sleeping;) {
        status = ProcessStatus::read(status_file.get());
    }
}

TEST_F(ProcessTest, IsInterruptedOnlyIfStillWanted) {
    auto process = start("trap 'echo caught' INT; echo ready; while :; do :; done");
    read_until("ready");
    ASSERT_TRUE(process.status()->catches_interrupt);
    EXPECT_FALSE(process.interrupt_if([] { return false; }));
    EXPECT_TRUE(process.interrupt_if([] { return true; }));
    read_until("caught");
}

TEST_F(ProcessTest, IsNotInterruptedWhenItHasEnded) {
    auto process = start("exit 0");
    pollfd end{.fd = process.end_descriptor(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(::poll(&end, 1, 10'000), 1);
    EXPECT_FALSE(process.interrupt_if([] { return true; }));
}

TEST_F(ProcessTest, StandsStillWhileItIsAsked) {
    auto process = start("trap : INT; echo ready; while :; do :; done");
    read_until("ready");
    bool sleeping = true;
    process.interrupt_if([&] {
        sleeping = process.status()->sleeping;
        return false;
    });
    EXPECT_FALSE(sleeping);
}

TEST(ProcessStatus, IsNothingForNoProcess) {
    EXPECT_FALSE(ProcessStatus::read(open_process_status(0).get()));
}

TEST_F(ProcessTest, HasNoStatusOnceItIsReaped) {
    auto process = start("exit 0");
    process.reap();
    EXPECT_FALSE(process.status());
}

} // namespace
} // namespace mpbridge::posix
