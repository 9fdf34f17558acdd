#include "cage/limits.hpp"

#include "cage/in_child.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

namespace mpbridge::cage {
namespace {

bool is_at(int resource, rlim_t most) {
    rlimit limit{};
    ::getrlimit(static_cast<__rlimit_resource>(resource), &limit);
    return limit.rlim_cur == most && limit.rlim_max == most;
}

TEST(Limits, AreSet) {
    EXPECT_TRUE(in_child([] {
        return Limits{.memory = 1UL << 40U, .files = 9, .file_size = 5}.apply() &&
               is_at(RLIMIT_AS, 1UL << 40U) && is_at(RLIMIT_NOFILE, 9) && is_at(RLIMIT_FSIZE, 5);
    }));
}

TEST(Limits, AreLeftAloneWhenNotGiven) {
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    EXPECT_TRUE(in_child([&] {
        rlimit after{};
        return Limits().apply() && ::getrlimit(RLIMIT_NOFILE, &after) == 0 &&
               after.rlim_cur == before.rlim_cur && after.rlim_max == before.rlim_max;
    }));
}

TEST(Limits, TooLargeAFileIsAnErrorAndNotTheEnd) {
    const test::TemporaryDirectory directory;
    const auto file = directory.write("file", "");
    EXPECT_TRUE(in_child([&] {
        const int writer = ::open(file.c_str(), O_WRONLY);
        return Limits{.file_size = 5}.apply() && ::write(writer, "123456", 6) == 5 &&
               ::write(writer, "6", 1) < 0 && errno == EFBIG;
    }));
}

} // namespace
} // namespace mpbridge::cage
