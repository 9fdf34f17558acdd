#include "app/passed_sockets.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mpbridge::app {
namespace {

using Names = std::vector<std::string>;

std::vector<posix::PassedDescriptor> passed(const Names& names) {
    std::vector<posix::PassedDescriptor> all;
    for (const auto& name : names) {
        all.push_back({.name = name, .descriptor = {}});
    }
    return all;
}

struct Counts {
    std::size_t rfc2217 = 0;
    std::size_t raw = 0;
    bool operator==(const Counts&) const = default;
};

Counts sorted(const Names& names) {
    const auto sockets = sort_by_port(passed(names)).value();
    return {.rfc2217 = sockets.rfc2217.size(), .raw = sockets.raw.size()};
}

TEST(PassedSockets, GoByTheirNames) {
    EXPECT_EQ(sorted({"raw"}), (Counts{.rfc2217 = 0, .raw = 1}));
    EXPECT_EQ(sorted({"raw", "rfc2217", "raw", "rfc2217", "rfc2217"}),
              (Counts{.rfc2217 = 3, .raw = 2}));
    EXPECT_EQ(sorted({}), Counts());
}

TEST(PassedSockets, GoByTheirPlaceWithoutNames) {
    EXPECT_EQ(sorted({""}), (Counts{.rfc2217 = 1, .raw = 0}));
    EXPECT_EQ(sorted({"", ""}), (Counts{.rfc2217 = 1, .raw = 1}));
}

TEST(PassedSockets, MustBeForAPort) {
    for (const auto& names :
         {Names{"", "", ""}, Names{"http"}, Names{"rfc2217", "unknown"}, Names{"raw", ""}}) {
        EXPECT_FALSE(sort_by_port(passed(names))) << names.back();
    }
    EXPECT_EQ(sort_by_port(passed({"http"})).error().message,
              "A socket was passed with the name \"http\"; it must be rfc2217 or raw");
}

} // namespace
} // namespace mpbridge::app
