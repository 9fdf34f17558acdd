#include "posix/tcp.hpp"

#include "posix/descriptor.hpp"

#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/socket.h>

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
        ASSERT_EQ(::listen(listener.get(), 1), 0);
        ASSERT_EQ(::getsockname(listener.get(), any, &size), 0);
        client_ = Descriptor(::socket(AF_INET, SOCK_STREAM, 0));
        ASSERT_EQ(::connect(client_.get(), any, size), 0);
        server_ = Descriptor(::accept(listener.get(), nullptr, nullptr));
        prepare_client_socket(server_.get());
    }

    Descriptor client_;
    Descriptor server_;
};

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

TEST_F(TcpTest, TellsAPeerThatDoesNotReadFromOneThatIsGone) {
    EXPECT_EQ(check_stall(server_.get()), Stall::none);
    const base::Bytes much(1 << 20, 'x');
    while (send_some(server_.get(), much).count > 0) {
    }
    // The last of what fits may still be on its way.
    while (check_stall(server_.get()) == Stall::none) {
    }
    EXPECT_EQ(check_stall(server_.get()), Stall::peer_not_reading);
}

} // namespace
} // namespace mpbridge::posix
