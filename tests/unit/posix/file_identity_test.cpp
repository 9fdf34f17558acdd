#include "posix/file_identity.hpp"

#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace mpbridge::posix {
namespace {

void write(const std::string& path, const char* text) { std::ofstream(path) << text; }

TEST(FileIdentity, IsNothingWithoutAFile) {
    EXPECT_FALSE(FileIdentity::of(""));
    EXPECT_FALSE(FileIdentity::of("/no/such/file"));
}

TEST(FileIdentity, StaysWhileNothingIsWritten) {
    const test::TemporaryDirectory directory;
    write(directory / "file", "a");
    EXPECT_EQ(FileIdentity::of(directory / "file"), FileIdentity::of(directory / "file"));
}

TEST(FileIdentity, IsAnotherForAnotherFileOfTheSameNameAndSize) {
    const test::TemporaryDirectory directory;
    write(directory / "file", "a");
    const auto before = FileIdentity::of(directory / "file");
    write(directory / "new", "b");
    std::filesystem::rename(directory / "new", directory / "file");
    EXPECT_NE(FileIdentity::of(directory / "file"), before);
}

TEST(FileIdentity, IsAnotherWhenTheFileIsWrittenTo) {
    const test::TemporaryDirectory directory;
    write(directory / "file", "a");
    const auto before = FileIdentity::of(directory / "file");
    write(directory / "file", "ab");
    EXPECT_NE(FileIdentity::of(directory / "file"), before);
}

TEST(FileIdentity, OfADirectoryStaysWhateverComesIntoIt) {
    const test::TemporaryDirectory directory;
    std::filesystem::create_directory(directory / "cwd");
    const auto before = FileIdentity::of(directory / "cwd");
    write(directory / "cwd/file", "a");
    EXPECT_EQ(FileIdentity::of(directory / "cwd"), before);

    std::filesystem::create_directory(directory / "new");
    std::filesystem::remove_all(directory / "cwd");
    std::filesystem::rename(directory / "new", directory / "cwd");
    EXPECT_NE(FileIdentity::of(directory / "cwd"), before);
}

} // namespace
} // namespace mpbridge::posix
