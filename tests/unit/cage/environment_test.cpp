#include "cage/environment.hpp"

#include <gmock/gmock.h>

#include <array>

namespace mpbridge::cage {
namespace {

using testing::ElementsAre;

TEST(CleanEnvironment, KeepsOnlyWhatMicroPythonMayWant) {
    const std::array<const char*, 6> given{
        "HOME=/home/me", "MICROPYPATH=/lib:.frozen", "SECRET_TOKEN=1234", "HOMELY=no", "TERM",
        nullptr};
    EXPECT_THAT(clean_environment(given.data()),
                ElementsAre("HOME=/home/me", "MICROPYPATH=/lib:.frozen"));
}

} // namespace
} // namespace mpbridge::cage
