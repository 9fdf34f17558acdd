#include "posix/service_environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <string>

namespace mpbridge::posix {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// NOLINTBEGIN(concurrency-mt-unsafe): there is no other thread

// Far from what the test program has open.
constexpr int first = 500;

// As it is in front of this process.
class ServiceEnvironmentTest : public testing::Test {
  protected:
    ~ServiceEnvironmentTest() override {
        for (const auto* name : names) {
            ::unsetenv(name);
        }
        for (int fd = first; fd < first + opened_; ++fd) {
            ::close(fd);
        }
    }

    static void set(const std::string& name, const std::string& value) {
        ::setenv(name.c_str(), value.c_str(), 1);
    }

    void pass(int count, const std::string& count_word) {
        for (; opened_ < count; ++opened_) {
            ASSERT_EQ(::dup2(STDIN_FILENO, first + opened_), first + opened_);
        }
        set("LISTEN_PID", std::to_string(::getpid()));
        set("LISTEN_FDS", count_word);
    }

    static std::string error() {
        const auto taken = take_service_environment(first);
        return taken ? "none" : taken.error().message;
    }

    static std::chrono::microseconds watchdog() {
        return take_service_environment(first).value().watchdog;
    }

    static constexpr std::array names{"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC",
                                      "LISTEN_PID",    "LISTEN_FDS",   "LISTEN_FDNAMES",
                                      "LISTEN_PIDFDID"};

  private:
    int opened_ = 0;
};

TEST_F(ServiceEnvironmentTest, IsEmptyWithoutAServiceManager) {
    const auto taken = take_service_environment(first).value();
    EXPECT_EQ(taken.notify_socket, "");
    EXPECT_EQ(taken.watchdog, 0us);
    EXPECT_TRUE(taken.descriptors.empty());
}

TEST_F(ServiceEnvironmentTest, LeavesNothingForChildren) {
    for (const auto* name : names) {
        set(name, "1");
    }
    EXPECT_EQ(take_service_environment(first).value().notify_socket, "1");
    for (const auto* name : names) {
        EXPECT_EQ(::getenv(name), nullptr) << name;
    }
}

TEST_F(ServiceEnvironmentTest, TellsTheWatchdogsTime) {
    set("WATCHDOG_USEC", "30000000");
    EXPECT_EQ(watchdog(), 30s);
    set("WATCHDOG_USEC", "30000000");
    set("WATCHDOG_PID", std::to_string(::getpid()));
    EXPECT_EQ(watchdog(), 30s);
}

TEST_F(ServiceEnvironmentTest, LeavesTheWatchdogOfAnotherProcessAlone) {
    set("WATCHDOG_USEC", "30000000");
    set("WATCHDOG_PID", std::to_string(::getppid()));
    EXPECT_EQ(watchdog(), 0us);
}

TEST_F(ServiceEnvironmentTest, TakesNoNonsenseForATime) {
    for (const auto* nonsense : {"", "0", "-1", "1s", " 1", "18446744073709551616"}) {
        set("WATCHDOG_USEC", nonsense);
        EXPECT_EQ(watchdog(), 0us) << nonsense;
    }
    set("WATCHDOG_USEC", "18446744073709551615");
    EXPECT_EQ(watchdog(), 24h);
}

TEST_F(ServiceEnvironmentTest, TakesDescriptorsWithTheirNames) {
    pass(3, "3");
    set("LISTEN_FDNAMES", "rfc2217::raw");
    const auto taken = take_service_environment(first).value();
    ASSERT_EQ(taken.descriptors.size(), 3U);
    EXPECT_EQ(taken.descriptors[0].name, "rfc2217");
    EXPECT_EQ(taken.descriptors[1].name, "");
    EXPECT_EQ(taken.descriptors[2].name, "raw");
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(taken.descriptors[static_cast<std::size_t>(i)].descriptor.get(), first + i);
        EXPECT_EQ(::fcntl(first + i, F_GETFD), FD_CLOEXEC);
    }
}

TEST_F(ServiceEnvironmentTest, TakesDescriptorsWithoutNames) {
    pass(2, "2");
    const auto taken = take_service_environment(first).value();
    ASSERT_EQ(taken.descriptors.size(), 2U);
    EXPECT_EQ(taken.descriptors[0].name, "");
}

TEST_F(ServiceEnvironmentTest, LeavesDescriptorsOfAnotherProcessAlone) {
    pass(1, "1");
    for (const auto& pid : {std::to_string(::getppid()), std::string("x"), std::string()}) {
        set("LISTEN_PID", pid);
        set("LISTEN_FDS", "1");
        EXPECT_TRUE(take_service_environment(first).value().descriptors.empty()) << pid;
    }
    EXPECT_EQ(::fcntl(first, F_GETFD), 0);
}

TEST_F(ServiceEnvironmentTest, TakesNoNonsenseForACount) {
    for (const auto* nonsense : {"", "x", "0", "-1", "1x", "2147483647", "99999999999"}) {
        pass(1, nonsense);
        EXPECT_EQ(error(), "LISTEN_FDS is not a number of descriptors: " + std::string(nonsense));
    }
}

TEST_F(ServiceEnvironmentTest, MissesDescriptorsThatWerePromised) {
    pass(1, "2");
    EXPECT_THAT(error(), HasSubstr("LISTEN_FDS is 2, but descriptor 501 was not passed"));
}

TEST_F(ServiceEnvironmentTest, WantsAsManyNamesAsDescriptors) {
    for (const auto* few_or_many : {"rfc2217", "rfc2217:raw:raw", ""}) {
        pass(2, "2");
        set("LISTEN_FDNAMES", few_or_many);
        EXPECT_THAT(error(), HasSubstr("names, but LISTEN_FDS is 2")) << few_or_many;
    }
}

// NOLINTEND(concurrency-mt-unsafe)

} // namespace
} // namespace mpbridge::posix
