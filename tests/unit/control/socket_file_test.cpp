#include "control/socket_file.hpp"

#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <fstream>
#include <optional>

namespace mpbridge::control {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class SocketFileTest : public testing::Test {
  protected:
    base::Result<SocketFile> listen(const std::string& path) {
        acceptor_.emplace(io_);
        return SocketFile::listen(*acceptor_, path);
    }

    std::string reason_against(const std::string& path) {
        const auto refused = listen(path);
        return refused ? "none" : refused.error().message;
    }

    boost::asio::io_context io_;
    std::optional<SocketFile::Acceptor> acceptor_;
    test::TemporaryDirectory directory_;
    std::string path_ = directory_ / "control.sock";
};

TEST_F(SocketFileTest, IsForItsOwnerAndGoesWithItsObject) {
    {
        const auto file = listen(directory_ / "new/control.sock").value();
        EXPECT_EQ(file.path(), directory_ / "new/control.sock");
        EXPECT_EQ(fs::status(file.path()).permissions(), fs::perms(0600));
        EXPECT_EQ(fs::status(directory_ / "new").permissions(), fs::perms(0700));
    }
    EXPECT_FALSE(fs::exists(directory_ / "new/control.sock"));
}

TEST_F(SocketFileTest, ReplacesWhatNobodyListensTo) {
    SocketFile::Acceptor stale(io_, boost::asio::local::stream_protocol::endpoint(path_));
    stale.close();
    ASSERT_TRUE(fs::is_socket(path_));
    EXPECT_TRUE(listen(path_));
}

TEST_F(SocketFileTest, LeavesAloneWhatSomebodyListensTo) {
    const SocketFile::Acceptor living(io_, boost::asio::local::stream_protocol::endpoint(path_));
    const auto pid = std::to_string(::getpid());
    EXPECT_THAT(reason_against(path_), HasSubstr("the bridge with pid " + pid + " has it in use"));
    EXPECT_TRUE(fs::is_socket(path_));
}

TEST_F(SocketFileTest, IsClaimedAlsoWhenItsNameIsGone) {
    SocketFile::Acceptor first(io_);
    const auto file = SocketFile::listen(first, path_).value();
    fs::remove(path_);
    EXPECT_THAT(reason_against(path_), HasSubstr("has it in use"));
}

TEST_F(SocketFileTest, LeavesAloneWhatIsSomethingElse) {
    std::ofstream(path_) << "precious";
    EXPECT_THAT(reason_against(path_), HasSubstr("there is something else with this name"));
    EXPECT_TRUE(fs::is_regular_file(path_));
}

TEST_F(SocketFileTest, LeavesAloneWhatHasReplacedIt) {
    auto file = std::optional(listen(path_).value());
    fs::remove(path_);
    const SocketFile::Acceptor another(io_, boost::asio::local::stream_protocol::endpoint(path_));
    file.reset();
    EXPECT_TRUE(fs::is_socket(path_));
}

TEST_F(SocketFileTest, KnowsHowLongAPathCanBe) {
    EXPECT_THAT(reason_against(directory_ / std::string(110, 'x')), HasSubstr("107 characters"));
}

} // namespace
} // namespace mpbridge::control
