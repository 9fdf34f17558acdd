#include "board/standby.hpp"

#include "support/temporary_directory.hpp"

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>

#include <sys/wait.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>

namespace mpbridge::board {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class TextLog : public base::Log {
  public:
    bool enabled(base::Level) const override { return true; }
    void write(base::Level level, std::string_view line) override {
        text.append(line).append("\n");
        warnings += level == base::Level::warning ? 1 : 0;
    }

    std::string text;
    int warnings = 0;
};

class StandbyTest : public testing::Test {
  protected:
    posix::Command command(const std::string& script = "cat") {
        return {.executable = "/bin/sh", .arguments = {"-c", script}, .directory = cwd_};
    }

    void make(std::size_t count) { make(count, command()); }
    void make(std::size_t count, posix::Command command) {
        posix::block_child_signals();
        standby_.emplace(io_.get_executor(), std::move(command), count, log_);
    }

    // Lets things happen until `done`, which is to become true.
    void run_until(const std::function<bool()>& done) {
        const auto deadline = std::chrono::steady_clock::now() + 10s;
        while (!done() && std::chrono::steady_clock::now() < deadline) {
            io_.restart();
            io_.run_for(1ms);
        }
        EXPECT_TRUE(done());
    }

    // How many have ended by themselves.
    int ended() const {
        int count = 0;
        for (auto at = log_.text.find("exit"); at != std::string::npos;
             at = log_.text.find("exit", at + 1)) {
            ++count;
        }
        return count;
    }

    // What was read of its output, and what is still in the PTY.
    static std::string all_printed_by(const Launched& taken) {
        std::array<std::uint8_t, 256> rest{};
        const auto got = posix::read_some(taken.pty.master(), rest);
        return std::string(base::text_of(taken.printed))
            .append(base::text_of(base::ByteView(rest).first(got.count)));
    }

    test::TemporaryDirectory directory_;
    std::string cwd_ = directory_.path().string();
    TextLog log_;
    boost::asio::io_context io_;
    std::optional<Standby> standby_;
};

TEST_F(StandbyTest, HasRoomForSoManyAndNoMore) {
    make(2);
    EXPECT_TRUE(standby_->has_vacancy());
    standby_->start_one();
    EXPECT_TRUE(standby_->has_vacancy());
    standby_->start_one();
    EXPECT_FALSE(standby_->has_vacancy());
    EXPECT_TRUE(standby_->take());
    EXPECT_TRUE(standby_->has_vacancy());
}

TEST_F(StandbyTest, OfNoneHasNoRoom) {
    make(0);
    EXPECT_FALSE(standby_->has_vacancy());
    EXPECT_FALSE(standby_->take());
}

TEST_F(StandbyTest, HandsOverWhatWasPrintedBeforeAndAfterItLooked) {
    make(1, command("pwd; : > 1; while [ ! -e go ]; do sleep 0.01; done; echo more; : > 2; cat"));
    standby_->start_one();
    run_until([&] { return std::filesystem::exists(directory_ / "1"); });
    auto taken = standby_->take();
    ASSERT_TRUE(taken);
    std::ofstream(directory_ / "go") << "";
    run_until([&] { return std::filesystem::exists(directory_ / "2"); });
    EXPECT_EQ(all_printed_by(*taken), cwd_ + "\nmore\n");
}

TEST_F(StandbyTest, HandsOverAProcessThatRuns) {
    make(1);
    standby_->start_one();
    auto taken = standby_->take();
    ASSERT_TRUE(taken);
    io_.poll();
    EXPECT_EQ(::kill(taken->process.pid(), 0), 0);
}

TEST_F(StandbyTest, GivesNoneOfAnotherDirectory) {
    std::filesystem::create_directory(directory_ / "cwd");
    cwd_ = directory_ / "cwd";
    make(1);
    standby_->start_one();
    std::filesystem::rename(directory_ / "cwd", directory_ / "former");
    std::filesystem::create_directory(directory_ / "cwd");
    EXPECT_FALSE(standby_->take());
    EXPECT_TRUE(standby_->has_vacancy());
}

TEST_F(StandbyTest, GivesNoneOfAnotherExecutable) {
    auto own = command();
    std::filesystem::copy("/bin/sh", directory_ / "sh");
    own.executable = directory_ / "sh";
    make(1, own);
    standby_->start_one();
    std::filesystem::copy("/bin/sh", directory_ / "new");
    std::filesystem::rename(directory_ / "new", directory_ / "sh");
    EXPECT_FALSE(standby_->take());
}

TEST_F(StandbyTest, ForgetsOneThatEnded) {
    make(1, command("exit 3"));
    standby_->start_one();
    run_until([&] { return standby_->has_vacancy(); });
    EXPECT_FALSE(standby_->take());
    EXPECT_THAT(log_.text, HasSubstr("exit status 3"));
}

TEST_F(StandbyTest, WaitsBeforeAThirdStartOfWhatEndsAtOnce) {
    make(1, command("exit 3"));
    standby_->start_one();
    run_until([&] { return standby_->has_vacancy(); });
    standby_->start_one();
    run_until([&] { return ended() == 2; });
    EXPECT_FALSE(standby_->has_vacancy());
    run_until([&] { return standby_->has_vacancy(); });
}

TEST_F(StandbyTest, WaitsForTheLongestPauseWhenSeveralEnd) {
    make(3, command("exit 3"));
    for (int spares = 0; spares < 3; ++spares) {
        standby_->start_one();
    }
    run_until([&] { return ended() == 3; });
    const auto all_ended = std::chrono::steady_clock::now();
    run_until([&] { return standby_->has_vacancy(); });
    // The first is forgiven, the second costs 100 ms and the third 200 ms.
    EXPECT_GE(std::chrono::steady_clock::now() - all_ended, 150ms);
}

// Of which nobody has been told yet.
TEST_F(StandbyTest, GivesNoneThatHasEnded) {
    make(1, command("exit 3"));
    standby_->start_one();
    siginfo_t ended{};
    ASSERT_EQ(::waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT), 0);
    EXPECT_FALSE(standby_->take());
}

TEST_F(StandbyTest, MayBeGoneBeforeItsPauseIsOver) {
    make(1, command("exit 3"));
    for (int failures = 1; failures <= 2; ++failures) {
        standby_->start_one();
        run_until([&] { return ended() == failures; });
    }
    EXPECT_FALSE(standby_->has_vacancy());
    standby_.reset();
    io_.restart();
    io_.run_for(300ms);
}

TEST_F(StandbyTest, WarnsOnceUntilOneIsOfUse) {
    make(1, {.executable = "/no/such/program", .arguments = {}, .directory = {}});
    standby_->start_one();
    standby_->start_one();
    EXPECT_EQ(log_.warnings, 1);
}

TEST_F(StandbyTest, ForgetsFailuresOnceOneIsTaken) {
    make(1, command("[ -e fail ] && exit 3; cat"));
    std::ofstream(directory_ / "fail") << "";
    for (int failures = 1; failures <= 2; ++failures) {
        standby_->start_one();
        run_until([&] { return ended() == failures; });
    }
    run_until([&] { return standby_->has_vacancy(); });
    std::filesystem::remove(directory_ / "fail");
    standby_->start_one();
    EXPECT_TRUE(standby_->take());
    std::ofstream(directory_ / "fail") << "";
    standby_->start_one();
    run_until([&] { return ended() == 3; });
    EXPECT_TRUE(standby_->has_vacancy());
}

TEST_F(StandbyTest, SaysWhyOneDoesNotStart) {
    make(1, {.executable = "/no/such/program", .arguments = {}, .directory = {}});
    standby_->start_one();
    EXPECT_THAT(log_.text, HasSubstr("/no/such/program: No such file or directory"));
    EXPECT_FALSE(standby_->take());
}

TEST_F(StandbyTest, EndsAllWhenItStops) {
    make(2);
    standby_->start_one();
    standby_->start_one();
    standby_->stop();
    EXPECT_FALSE(standby_->has_vacancy());
    EXPECT_FALSE(standby_->take());
    io_.poll();
}

} // namespace
} // namespace mpbridge::board
