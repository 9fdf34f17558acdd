#include "posix/notify_socket.hpp"

#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>

namespace mpbridge::posix {
namespace {

// A service manager's end.
Descriptor manager_at(std::string address) {
    Descriptor manager(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0));
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
    std::replace(address.begin(), address.begin() + 1, '@', '\0');
    std::copy(address.begin(), address.end(), name.sun_path);
    EXPECT_EQ(::bind(manager.get(), reinterpret_cast<const sockaddr*>(&name), size), 0);
    return manager;
}

std::string heard_by(const Descriptor& manager) {
    std::array<char, 256> buffer{};
    const auto count = ::recv(manager.get(), buffer.data(), buffer.size(), 0);
    return count < 0 ? std::generic_category().message(errno)
                     : std::string(buffer.data(), static_cast<std::size_t>(count));
}

TEST(NotifySocket, IsHeardAtAPath) {
    const test::TemporaryDirectory directory;
    const auto address = directory / "notify";
    const auto manager = manager_at(address);
    const auto socket = NotifySocket::open(address);
    ASSERT_TRUE(socket);
    EXPECT_EQ(socket.value().send("READY=1\nSTATUS=here"), 0);
    EXPECT_EQ(socket.value().send("WATCHDOG=1"), 0);
    EXPECT_EQ(heard_by(manager), "READY=1\nSTATUS=here");
    EXPECT_EQ(heard_by(manager), "WATCHDOG=1");
}

TEST(NotifySocket, IsHeardAtAnAbstractName) {
    const auto address = "@mpbridge-notify-test-" + std::to_string(::getpid());
    const auto manager = manager_at(address);
    const auto socket = NotifySocket::open(address);
    ASSERT_TRUE(socket);
    EXPECT_EQ(socket.value().send("READY=1"), 0);
    EXPECT_EQ(heard_by(manager), "READY=1");
}

TEST(NotifySocket, TakesTheLongestPath) {
    const test::TemporaryDirectory directory;
    const auto longest = sizeof(sockaddr_un::sun_path) - 1;
    const auto start = directory / "";
    ASSERT_LT(start.size(), longest);
    const auto address = start + std::string(longest - start.size(), 'n');
    const auto manager = manager_at(address);
    const auto socket = NotifySocket::open(address);
    ASSERT_TRUE(socket);
    EXPECT_EQ(socket.value().send("READY=1"), 0);
    EXPECT_EQ(heard_by(manager), "READY=1");
    EXPECT_FALSE(NotifySocket::open(address + "n"));
}

TEST(NotifySocket, KnowsWhatIsNoAddress) {
    for (const auto* address : {"", "@", "/", "relative", "vsock:2:1234"}) {
        EXPECT_FALSE(NotifySocket::open(address)) << address;
    }
}

TEST(NotifySocket, SaysThatNobodyIsThere) {
    const test::TemporaryDirectory directory;
    const auto socket = NotifySocket::open(directory / "nobody");
    ASSERT_TRUE(socket);
    EXPECT_EQ(socket.value().send("READY=1"), ENOENT);
}

TEST(NotifySocket, DoesNotWaitForAManagerThatDoesNotRead) {
    const test::TemporaryDirectory directory;
    const auto address = directory / "notify";
    const auto manager = manager_at(address);
    const auto socket = NotifySocket::open(address);
    ASSERT_TRUE(socket);
    int failure = 0;
    for (int sent = 0; failure == 0 && sent < 100'000; ++sent) {
        failure = socket.value().send("WATCHDOG=1");
    }
    EXPECT_EQ(failure, EAGAIN);
    EXPECT_EQ(heard_by(manager), "WATCHDOG=1");
    EXPECT_EQ(socket.value().send("READY=1"), 0);
}

} // namespace
} // namespace mpbridge::posix
