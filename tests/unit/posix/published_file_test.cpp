#include "posix/published_file.hpp"

#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

namespace mpbridge::posix {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class PublishedFileTest : public testing::Test {
  protected:
    std::string content() const {
        std::ifstream file(path_);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    std::size_t files() const {
        const fs::directory_iterator all(directory_.path());
        return static_cast<std::size_t>(std::distance(begin(all), end(all)));
    }

    test::TemporaryDirectory directory_;
    std::string path_ = directory_ / "ready";
};

TEST_F(PublishedFileTest, StaysAsLongAsItsObject) {
    {
        const auto file = PublishedFile::write(path_, "text\n").value();
        EXPECT_EQ(content(), "text\n");
        EXPECT_EQ(files(), 1U);
    }
    EXPECT_EQ(files(), 0U);
}

TEST_F(PublishedFileTest, ReplacesAnotherAndALinkItself) {
    std::ofstream(directory_ / "other") << "precious";
    fs::create_symlink(directory_ / "other", path_);
    const auto file = PublishedFile::write(path_, "text").value();
    EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(path_)));
    EXPECT_EQ(fs::file_size(directory_ / "other"), 8U);
}

TEST_F(PublishedFileTest, LeavesAloneWhatHasReplacedIt) {
    auto file = std::optional(PublishedFile::write(path_, "text").value());
    auto newer = PublishedFile::write(path_, "newer").value();
    file.reset();
    EXPECT_EQ(content(), "newer");
}

TEST_F(PublishedFileTest, TellsWhyItCannotBeWritten) {
    const auto missing = PublishedFile::write(directory_ / "missing/ready", "text");
    EXPECT_THAT(missing.error().message, HasSubstr("missing/ready: No such file or directory"));
    fs::create_directory(path_);
    EXPECT_THAT(PublishedFile::write(path_, "text").error().message, HasSubstr("s a directory"));
    EXPECT_EQ(files(), 1U);
}

} // namespace
} // namespace mpbridge::posix
