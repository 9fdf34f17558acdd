#include "ports/device_link.hpp"

#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>

namespace mpbridge::ports {
namespace {

namespace fs = std::filesystem;

class DeviceLinkTest : public testing::Test {
  protected:
    void TearDown() override { fs::current_path(working_directory_); }

    base::Result<DeviceLink> claim(const std::string& path) {
        return DeviceLink::claim(io_.get_executor(), path);
    }
    base::Result<DeviceLink> claim() { return claim(path_); }

    std::string reason_against(const std::string& path) {
        const auto refused = claim(path);
        return refused ? "none" : refused.error().message;
    }

    // In another process.
    bool can_be_claimed_by_child() {
        const auto child = ::fork();
        if (child == 0) {
            boost::asio::io_context io;
            ::_exit(DeviceLink::claim(io.get_executor(), path_) ? 0 : 1);
        }
        int status = -1;
        EXPECT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_TRUE(WIFEXITED(status));
        return WEXITSTATUS(status) == 0;
    }

    std::size_t files() const {
        const fs::directory_iterator all(directory_.path());
        return static_cast<std::size_t>(std::distance(begin(all), end(all)));
    }

    boost::asio::io_context io_;
    test::TemporaryDirectory directory_;
    std::string path_ = directory_ / "board";
    fs::path working_directory_ = fs::current_path();
};

TEST_F(DeviceLinkTest, IsMadeOnlyWhenItHasADevice) {
    auto link = claim().value();
    EXPECT_EQ(link.path(), path_);
    EXPECT_EQ(files(), 0U);
    ASSERT_TRUE(link.point_to("/dev/pts/7"));
    EXPECT_EQ(fs::read_symlink(path_), "/dev/pts/7");
    EXPECT_EQ(files(), 1U);
}

TEST_F(DeviceLinkTest, CanPointToAnotherDevice) {
    auto link = claim().value();
    ASSERT_TRUE(link.point_to("/dev/pts/7"));
    ASSERT_TRUE(link.point_to("/dev/pts/8"));
    EXPECT_EQ(fs::read_symlink(path_), "/dev/pts/8");
    EXPECT_EQ(files(), 1U);
}

TEST_F(DeviceLinkTest, IsRemovedInTheEnd) {
    {
        auto link = claim().value();
        ASSERT_TRUE(link.point_to("/dev/pts/7"));
        ASSERT_TRUE(link.point_to("/dev/pts/8"));
    }
    EXPECT_EQ(files(), 0U);
}

TEST_F(DeviceLinkTest, IsRemovedByItsLastOwnerOnly) {
    std::optional<DeviceLink> last;
    {
        auto link = claim().value();
        ASSERT_TRUE(link.point_to("/dev/pts/7"));
        last.emplace(std::move(link));
    }
    EXPECT_EQ(fs::read_symlink(path_), "/dev/pts/7");
    EXPECT_FALSE(claim());
    last.reset();
    EXPECT_EQ(files(), 0U);
    EXPECT_TRUE(claim());
}

TEST_F(DeviceLinkTest, IsNotRemovedIfSomebodyElseChangedIt) {
    {
        auto link = claim().value();
        ASSERT_TRUE(link.point_to("/dev/pts/7"));
        fs::remove(path_);
        fs::create_symlink("/dev/pts/8", path_);
    }
    EXPECT_EQ(fs::read_symlink(path_), "/dev/pts/8");
}

TEST_F(DeviceLinkTest, IsNotRemovedIfSomebodyElsePutAFileThere) {
    {
        auto link = claim().value();
        ASSERT_TRUE(link.point_to("/dev/pts/7"));
        fs::remove(path_);
        std::ofstream(path_) << "mine";
    }
    EXPECT_TRUE(fs::is_regular_file(path_));
}

TEST_F(DeviceLinkTest, DoesNotMindThatSomebodyElseRemovedIt) {
    {
        auto link = claim().value();
        ASSERT_TRUE(link.point_to("/dev/pts/7"));
        fs::remove_all(directory_.path());
    }
    EXPECT_FALSE(fs::exists(directory_.path()));
}

TEST_F(DeviceLinkTest, LeavesWhatIsThereAloneUntilItHasADevice) {
    fs::create_symlink("/dev/pts/99999", path_);
    claim().value();
    EXPECT_EQ(fs::read_symlink(path_), "/dev/pts/99999");
}

TEST_F(DeviceLinkTest, ReplacesOneThatWasLeftBehind) {
    fs::create_symlink("/dev/pts/99999", path_);
    auto link = claim().value();
    ASSERT_TRUE(link.point_to("/dev/pts/7"));
    EXPECT_EQ(fs::read_symlink(path_), "/dev/pts/7");
}

TEST_F(DeviceLinkTest, RefusesAFileAndADirectory) {
    std::ofstream(path_) << "mine";
    EXPECT_EQ(reason_against(path_),
              "Cannot make the link " + path_ + ": there is something else with this name");
    fs::remove(path_);
    fs::create_directory(path_);
    EXPECT_FALSE(claim());
    EXPECT_TRUE(fs::is_directory(path_));
}

TEST_F(DeviceLinkTest, RefusesALinkToAnythingElse) {
    for (const auto* target : {"/dev/null", "/dev/pts", "/dev/pts/", "/dev/pts/ptmx", "/dev/pts/1x",
                               "/dev/pts/../null", "pts/1", "/no/such/thing", "board"}) {
        fs::create_symlink(target, path_);
        EXPECT_FALSE(claim()) << target;
        EXPECT_EQ(fs::read_symlink(path_), target);
        fs::remove(path_);
    }
}

TEST_F(DeviceLinkTest, RefusesAMissingDirectory) {
    const auto path = directory_ / "missing/board";
    EXPECT_EQ(reason_against(path), "Cannot make the link " + path + ": No such file or directory");
}

TEST_F(DeviceLinkTest, RefusesAPathThatNamesNoFile) {
    EXPECT_EQ(reason_against(directory_ / ""),
              "Cannot make the link " + (directory_ / "") + ": it names no file");
    EXPECT_FALSE(claim(directory_ / "."));
    EXPECT_FALSE(claim(directory_ / ".."));
}

TEST_F(DeviceLinkTest, IsClaimedOnce) {
    const auto link = claim().value();
    EXPECT_EQ(reason_against(path_),
              "Cannot make the link " + path_ + ": another process has it in use");
    EXPECT_FALSE(can_be_claimed_by_child());
}

TEST_F(DeviceLinkTest, CanBeClaimedAgainWhenTheFormerOneIsGone) {
    claim().value();
    EXPECT_TRUE(can_be_claimed_by_child());
    EXPECT_TRUE(claim());
}

TEST_F(DeviceLinkTest, CanBeClaimedAfterOneThatWasKilled) {
    const auto child = ::fork();
    if (child == 0) {
        boost::asio::io_context io;
        auto link = DeviceLink::claim(io.get_executor(), path_).value();
        ::_exit(link.point_to("/dev/pts/99999") ? 0 : 1); // no destructors
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
    ASSERT_EQ(fs::read_symlink(path_), "/dev/pts/99999");
    EXPECT_TRUE(claim());
}

TEST_F(DeviceLinkTest, IsTheSameByEveryPathThatLeadsToIt) {
    fs::create_directory_symlink(directory_.path(), directory_ / "alias");
    const auto link = claim(directory_ / "alias/board").value();
    EXPECT_EQ(link.path(), path_);
    EXPECT_FALSE(claim());
    EXPECT_FALSE(
        claim(directory_ / "alias/../" + directory_.path().filename().string() + "/board"));
}

TEST_F(DeviceLinkTest, OfAnotherNameIsFree) {
    const auto link = claim().value();
    EXPECT_TRUE(claim(directory_ / "board2"));
}

TEST_F(DeviceLinkTest, IsFoundByARelativePath) {
    fs::current_path(directory_.path());
    auto link = claim("board").value();
    EXPECT_EQ(link.path(), path_);
    EXPECT_FALSE(claim("./board"));
    EXPECT_FALSE(claim());
}

TEST_F(DeviceLinkTest, StaysWhereItIsWhenTheWorkingDirectoryChanges) {
    {
        fs::current_path(directory_.path());
        auto link = claim("board").value();
        fs::current_path("/");
        ASSERT_TRUE(link.point_to("/dev/pts/7"));
        EXPECT_EQ(fs::read_symlink(path_), "/dev/pts/7");
    }
    EXPECT_EQ(files(), 0U);
}

TEST_F(DeviceLinkTest, MayHaveALongPath) {
    const auto folder = directory_ / std::string(120, 'd');
    fs::create_directory(folder);
    const auto path = folder + "/" + std::string(120, 'l');
    auto link = claim(path).value();
    EXPECT_FALSE(claim(path));
    EXPECT_TRUE(claim(folder + "/" + std::string(121, 'l')));
    ASSERT_TRUE(link.point_to("/dev/pts/7"));
    EXPECT_EQ(fs::read_symlink(path), "/dev/pts/7");
}

TEST_F(DeviceLinkTest, MayHaveAnyNameThatAFileMayHave) {
    const auto path = directory_ / std::string(255, 'l');
    auto link = claim(path).value();
    EXPECT_TRUE(link.point_to("/dev/pts/7"));
}

TEST_F(DeviceLinkTest, SaysWhyItCannotBeMade) {
    auto link = claim().value();
    fs::remove(directory_.path());
    const auto failed = link.point_to("/dev/pts/7");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().message,
              "Cannot make the link " + path_ + ": No such file or directory");
}

TEST_F(DeviceLinkTest, LeavesNothingBehindWhenItCannotBeMade) {
    auto link = claim().value();
    fs::create_directory(path_);
    EXPECT_FALSE(link.point_to("/dev/pts/7"));
    EXPECT_EQ(files(), 1U);
}

} // namespace
} // namespace mpbridge::ports
