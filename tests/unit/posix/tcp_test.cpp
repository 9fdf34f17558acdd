#include "posix/tcp.hpp"

#include "posix/descriptor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <string>

namespace mpbridge::posix {
namespace {

// The two ends of a connection over loopback.
class TcpTest : public testing::Test {
  protected:
    void SetUp() override {
        const Descriptor listener(::socket(AF_INET, SOCK_STREAM, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* any = reinterpret_cast<sockaddr*>(&address);
        socklen_t size = sizeof address;
        ASSERT_EQ(::bind(listener.get(), any, size), 0);
        set_client_options(listener.get());
        ASSERT_EQ(::listen(listener.get(), 1), 0);
        ASSERT_EQ(::getsockname(listener.get(), any, &size), 0);
        client_ = Descriptor(::socket(AF_INET, SOCK_STREAM, 0));
        ASSERT_EQ(::connect(client_.get(), any, size), 0);
        server_ = Descriptor(::accept(listener.get(), nullptr, nullptr));
        ::fcntl(server_.get(), F_SETFL, O_NONBLOCK);
    }

    int option(int level, int name) const {
        int value = -1;
        socklen_t size = sizeof value;
        EXPECT_EQ(::getsockopt(server_.get(), level, name, &value, &size), 0);
        return value;
    }

    Descriptor client_;
    Descriptor server_;
};

TEST_F(TcpTest, AcceptsWithTheOptionsOfTheListener) {
    EXPECT_EQ(option(IPPROTO_TCP, TCP_NODELAY), 1);
    EXPECT_EQ(option(SOL_SOCKET, SO_OOBINLINE), 1);
    EXPECT_EQ(option(SOL_SOCKET, SO_KEEPALIVE), 1);
    EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPIDLE), 10);
    EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPINTVL), 5);
    EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPCNT), 3);
    EXPECT_EQ(option(IPPROTO_TCP, TCP_USER_TIMEOUT), 0);
}

TEST_F(TcpTest, SeesAPeerThatHasClosedBehindUnreadData) {
    EXPECT_FALSE(peer_has_closed(server_.get()));
    ASSERT_EQ(::send(client_.get(), "data", 4, 0), 4);
    EXPECT_FALSE(peer_has_closed(server_.get()));
    client_.reset();
    EXPECT_TRUE(peer_has_closed(server_.get()));
    EXPECT_FALSE(connection_was_reset(server_.get()));
}

TEST_F(TcpTest, SeesAPeerThatTakesNoMore) {
    ::shutdown(client_.get(), SHUT_WR);
    EXPECT_TRUE(peer_has_closed(server_.get()));
    send_some(server_.get(), base::bytes_of("still read"));
    EXPECT_FALSE(connection_was_reset(server_.get()));
    client_.reset();
    send_some(server_.get(), base::bytes_of("not any more"));
    EXPECT_TRUE(connection_was_reset(server_.get()));
}

TEST_F(TcpTest, KnowsWhenAllHasArrivedThoughNotRead) {
    EXPECT_EQ(delivery(server_.get()), Delivery::done);
    send_some(server_.get(), base::bytes_of("for later"));
    while (delivery(server_.get()) == Delivery::under_way) {
    }
    EXPECT_EQ(delivery(server_.get()), Delivery::done);
}

TEST_F(TcpTest, TellsAPeerThatDoesNotReadFromOneThatIsGone) {
    const base::Bytes much(1 << 20, 'x');
    while (send_some(server_.get(), much).count > 0) {
    }
    EXPECT_EQ(delivery(server_.get()), Delivery::under_way);
}

std::string kind(int domain, int type) {
    const Descriptor socket(::socket(domain, type, 0));
    ::listen(socket.get(), 1); // which not every kind can
    const auto version = listening_ip_version(socket.get());
    if (!version) {
        return version.error().message;
    }
    return version.value() == IpVersion::v4 ? "IPv4" : "IPv6";
}

TEST_F(TcpTest, TellsSocketsThatListenFromOthers) {
    EXPECT_EQ(kind(AF_INET, SOCK_STREAM), "IPv4");
    EXPECT_EQ(kind(AF_INET, SOCK_DGRAM), "not a TCP socket");
    EXPECT_EQ(kind(AF_UNIX, SOCK_STREAM), "not a TCP socket");
    EXPECT_EQ(listening_ip_version(server_.get()).error().message, "not a socket that listens");
    EXPECT_THAT(listening_ip_version(-1).error().message, testing::StartsWith("not a socket: "));
}

TEST_F(TcpTest, TellsTheIpVersionOfASocketThatListens) {
    if (!Descriptor(::socket(AF_INET6, SOCK_STREAM, 0))) {
        GTEST_SKIP() << "no IPv6 here";
    }
    EXPECT_EQ(kind(AF_INET6, SOCK_STREAM), "IPv6");
}

} // namespace
} // namespace mpbridge::posix
