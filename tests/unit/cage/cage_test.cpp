#include "cage/cage.hpp"

#include "cage/in_child.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace mpbridge::cage {
namespace {

class CageTest : public testing::Test {
  protected:
    posix::Command confined(const CageOptions& options) const {
        posix::Command command{
            .executable = "/bin/sh", .arguments = {}, .directory = directory_.path()};
        EXPECT_TRUE(confine(command, options));
        return command;
    }

    test::TemporaryDirectory directory_;
};

TEST_F(CageTest, AsksNothingOfTheKernelWhenNothingIsAskedFor) {
    const auto command = confined({});
    EXPECT_EQ(command.setup, nullptr);
    EXPECT_FALSE(command.environment);
}

TEST_F(CageTest, HasAllOfItsParts) {
    const auto command = confined({.sandbox = true, .limits = {.files = 64}});
    EXPECT_TRUE(command.environment);
    EXPECT_TRUE(in_child([&] {
        return ::chdir(directory_.path().c_str()) == 0 && command.setup->apply() == nullptr &&
               ::open("/etc/passwd", O_RDONLY) < 0 && ::open("new", O_CREAT | O_RDWR, 0600) >= 0 &&
               ::socket(AF_INET, SOCK_STREAM, 0) < 0 && ::sysconf(_SC_OPEN_MAX) == 64;
    }));
}

TEST_F(CageTest, LimitsDoWithoutASandbox) {
    const auto command = confined({.limits = {.files = 64}});
    EXPECT_FALSE(command.environment);
    EXPECT_TRUE(in_child([&] {
        return command.setup->apply() == nullptr && ::sysconf(_SC_OPEN_MAX) == 64 &&
               ::open("/etc/passwd", O_RDONLY) >= 0;
    }));
}

} // namespace
} // namespace mpbridge::cage
