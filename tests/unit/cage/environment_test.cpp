#include "cage/environment.hpp"

#include <gmock/gmock.h>

#include <cstdlib>

namespace mpbridge::cage {
namespace {

using testing::Contains;
using testing::Not;
using testing::StartsWith;

TEST(CleanEnvironment, KeepsOnlyWhatMicroPythonMayWant) {
    ::setenv("HOME", "/home/me", 1);
    ::setenv("MICROPYPATH", "/lib:.frozen", 1);
    ::setenv("SECRET_TOKEN", "1234", 1);
    ::setenv("HOMELY", "no", 1);
    const auto clean = clean_environment();
    EXPECT_THAT(clean, Contains("HOME=/home/me"));
    EXPECT_THAT(clean, Contains("MICROPYPATH=/lib:.frozen"));
    EXPECT_THAT(clean, Not(Contains(StartsWith("SECRET"))));
    EXPECT_THAT(clean, Not(Contains(StartsWith("HOMELY"))));
}

} // namespace
} // namespace mpbridge::cage
