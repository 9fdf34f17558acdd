#include "board/detached_output.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mpbridge::board {
namespace {

constexpr std::size_t newest = 64 * 1024;

std::string taken(DetachedOutput& output) { return std::string(base::text_of(output.take())); }

void add(DetachedOutput& output, std::string_view text) { output.add(base::bytes_of(text)); }

TEST(DetachedOutput, KeepsWhatAFreshProcessPrints) {
    DetachedOutput output(0);
    output.begin();
    output.process_started();
    add(output, "banner\r\n");
    add(output, ">>> ");
    EXPECT_EQ(taken(output), "banner\r\n>>> ");
    EXPECT_EQ(taken(output), "");
}

TEST(DetachedOutput, KeepsTheNewestOfAFreshProcess) {
    DetachedOutput output(0);
    output.process_started();
    std::string all;
    for (int i = 0; all.size() < 5 * newest; ++i) {
        const auto line = std::to_string(i) + "\n";
        add(output, line);
        all += line;
    }
    EXPECT_EQ(taken(output), all.substr(all.size() - newest));
}

TEST(DetachedOutput, ForgetsWhatAUsedProcessPrints) {
    DetachedOutput output(0);
    output.process_started();
    add(output, ">>> ");
    output.take();
    output.begin();
    add(output, "nobody is there");
    EXPECT_EQ(taken(output), "");
}

TEST(DetachedOutput, StillKeepsAllWhenAClientCameTooEarlyToSeeAnything) {
    DetachedOutput output(0);
    output.process_started();
    EXPECT_EQ(taken(output), "");
    output.begin();
    add(output, "late banner");
    EXPECT_EQ(taken(output), "late banner");
}

TEST(DetachedOutput, IsNothingAfterAClientUsedTheProcess) {
    DetachedOutput output(0);
    output.process_started();
    output.take();
    output.process_used();
    output.begin();
    add(output, "answer to that client");
    EXPECT_EQ(taken(output), "");
}

TEST(DetachedOutput, ReplaysTheNewestBytes) {
    DetachedOutput output(4);
    output.begin();
    add(output, "abc");
    add(output, "defghijklmnop");
    add(output, "q");
    EXPECT_EQ(taken(output), "nopq");
}

TEST(DetachedOutput, ReplaysOnlyWhatWasPrintedSinceItBegan) {
    DetachedOutput output(100);
    output.begin();
    add(output, "old");
    output.begin();
    add(output, "new");
    EXPECT_EQ(taken(output), "new");
}

TEST(DetachedOutput, GivesTheLongerOfReplayAndFreshOutput) {
    DetachedOutput output(3);
    output.begin();
    add(output, "before");
    output.process_started();
    add(output, "banner");
    EXPECT_EQ(taken(output), "banner");

    DetachedOutput longer(8);
    longer.begin();
    add(longer, "before");
    longer.process_started();
    add(longer, "ban");
    EXPECT_EQ(taken(longer), "eforeban");
}

} // namespace
} // namespace mpbridge::board
