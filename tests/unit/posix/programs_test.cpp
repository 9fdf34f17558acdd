#include "posix/programs.hpp"

#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

namespace mpbridge::posix {
namespace {

namespace fs = std::filesystem;

TEST(Programs, AreFilesThatMayBeExecuted) {
    const test::TemporaryDirectory directory;
    const auto file = directory.write("file", "");
    EXPECT_FALSE(is_executable(file));
    fs::permissions(file, fs::perms::owner_all);
    EXPECT_TRUE(is_executable(file));
    EXPECT_FALSE(is_executable(directory.path()));
    EXPECT_FALSE(is_executable(directory / "none"));
}

TEST(Programs, AreFoundOnPath) {
    const auto found = find_on_path("sh");
    EXPECT_TRUE(found.is_absolute());
    EXPECT_EQ(found.filename(), "sh");
    EXPECT_TRUE(is_executable(found));
    EXPECT_EQ(find_on_path("no-program-has-this-name"), "");
}

} // namespace
} // namespace mpbridge::posix
