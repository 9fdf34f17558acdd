#include "repl/banner.hpp"

#include "repl/transcripts.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace mpbridge::repl {
namespace {

using namespace transcript;

TEST(BannerVersion, IsReadFromARelease) {
    EXPECT_EQ(banner_version(release_banner), (Version{1, 28}));
    EXPECT_EQ(banner_version("MicroPython v1.9.4 on 2018-05-11; linux version"), (Version{1, 9}));
    EXPECT_EQ(banner_version("MicroPython v2.0.0 on 2030-01-01"), (Version{2, 0}));
}

TEST(BannerVersion, IsReadFromAPreview) {
    EXPECT_EQ(banner_version("MicroPython v1.29.0-preview.12.g0123abcdef on 2026-07-05; linux"),
              (Version{1, 29}));
}

TEST(BannerVersion, IsFoundBehindOutputOfAScript) {
    EXPECT_EQ(banner_version("hello\nv9.9\n"s.append(release_banner)), (Version{1, 28}));
    EXPECT_EQ(banner_version("no line end"s.append(release_banner)), (Version{1, 28}));
}

TEST(BannerVersion, IsFoundWithMoreTrailing) {
    EXPECT_EQ(banner_version(std::string(release_banner).append(">>> print('v3.1')\r\nv3.1\n>>> ")),
              (Version{1, 28}));
}

TEST(BannerVersion, IsNothingWhenTheBannerNamesACommit) {
    EXPECT_EQ(banner_version(banner), std::nullopt);
}

TEST(BannerVersion, IsNothingWithoutABanner) {
    for (const auto* text : {"", "MicroPython", "MicroPython ", "Micropython v1.28.0 on", "v1.28.0",
                             "Python 3.11.2 (main) on linux\r\n>>> "}) {
        EXPECT_EQ(banner_version(text), std::nullopt) << text;
    }
}

TEST(BannerVersion, IsNothingWhenMalformed) {
    for (const auto* text :
         {"MicroPython v", "MicroPython v1", "MicroPython v1.", "MicroPython v1 on",
          "MicroPython v1,28", "MicroPython v.28", "MicroPython vx.28", "MicroPython v1.x",
          "MicroPython v1. 28", "MicroPython v 1.28", "MicroPython v99999999999.1",
          "MicroPython v1.99999999999"}) {
        EXPECT_EQ(banner_version(text), std::nullopt) << text;
    }
}

TEST(BannerVersion, LooksNoFurtherThanTheEnd) {
    const std::vector<char> cut_off{'M', 'i', 'c', 'r', 'o', 'P', 'y',
                                    't', 'h', 'o', 'n', ' ', 'v', '1'};
    EXPECT_EQ(banner_version({cut_off.data(), cut_off.size()}), std::nullopt);
}

TEST(BannerVersion, IsNeverNegative) {
    EXPECT_EQ(banner_version("MicroPython v-1.28.0 on"), std::nullopt);
    EXPECT_EQ(banner_version("MicroPython v1.-28.0 on"), std::nullopt);
}

TEST(BannerVersion, IsNotHiddenByALookAlikeBeforeTheBanner) {
    EXPECT_EQ(banner_version("MicroPython versions differ\n"s.append(release_banner)),
              (Version{1, 28}));
}

TEST(BannerVersion, OrdersByMajorThenMinor) {
    EXPECT_LT((Version{1, 26}), first_with_raw_repl);
    EXPECT_EQ((Version{1, 27}), first_with_raw_repl);
    EXPECT_GT((Version{1, 100}), first_with_raw_repl);
    EXPECT_GT((Version{2, 0}), first_with_raw_repl);
    EXPECT_LT((Version{0, 99}), first_with_raw_repl);
}

TEST(BannerRelease, IsAVersionOrACommit) {
    EXPECT_EQ(banner_release(release_banner), "1.28.0");
    EXPECT_EQ(banner_release("MicroPython v1.29.0-preview.12.g0123abcdef on 2026-07-05; linux"),
              "1.29.0-preview.12.g0123abcdef");
    EXPECT_EQ(banner_release("hello\nMicroPython 9458e3a23f on 2026-07-05; linux"), "9458e3a23f");
    EXPECT_EQ(banner_release("MicroPython vendor on 2026-07-05"), "vendor");
}

TEST(BannerRelease, IsEmptyWithoutABanner) {
    for (const auto* text : {"", "MicroPython", "MicroPython v1.28.0", "v1.28.0 on ", ">>> "}) {
        EXPECT_EQ(banner_release(text), "") << text;
    }
}

} // namespace
} // namespace mpbridge::repl
