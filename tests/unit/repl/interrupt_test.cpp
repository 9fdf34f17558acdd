#include "repl/interrupt.hpp"

#include "repl/transcripts.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mpbridge::repl {
namespace {

using namespace transcript;
using namespace std::chrono_literals;

constexpr Activity at_prompt{.executing = false, .catches_interrupt = false};
constexpr Activity in_input{.executing = false, .catches_interrupt = true};
constexpr Activity running{.executing = true, .catches_interrupt = true};
constexpr Activity running_without_ctrl_c{.executing = true, .catches_interrupt = false};

const Interrupt::Time noon{12h};

std::string text(const base::Bytes& bytes) { return std::string(base::text_of(bytes)); }

TEST(Interrupt, IsForARunningProgramThatHasCtrlCEnabled) {
    const Interrupt interrupt(InterruptPolicy::automatic);
    EXPECT_TRUE(interrupt.wanted(true, running));
    EXPECT_FALSE(interrupt.wanted(true, running_without_ctrl_c));
    EXPECT_FALSE(interrupt.wanted(true, in_input));
    EXPECT_FALSE(interrupt.wanted(true, at_prompt));
}

TEST(Interrupt, IsNotForAProgramThatIsNotMicroPython) {
    const Interrupt interrupt(InterruptPolicy::automatic);
    EXPECT_FALSE(interrupt.possible(false));
    EXPECT_FALSE(interrupt.wanted(false, running));
    EXPECT_TRUE(interrupt.possible(true));
}

TEST(Interrupt, AlwaysNeedsNoPromptButARunningProgram) {
    const Interrupt interrupt(InterruptPolicy::always);
    EXPECT_TRUE(interrupt.possible(false));
    EXPECT_TRUE(interrupt.wanted(false, running));
    EXPECT_FALSE(interrupt.wanted(false, running_without_ctrl_c));
    EXPECT_FALSE(interrupt.wanted(false, in_input));
    EXPECT_FALSE(interrupt.wanted(true, at_prompt));
}

TEST(Interrupt, NeverIsNever) {
    const Interrupt interrupt(InterruptPolicy::never);
    EXPECT_FALSE(interrupt.possible(true));
    EXPECT_FALSE(interrupt.wanted(true, running));
}

TEST(Interrupt, IsNotPendingBeforeTheFirst) {
    const Interrupt interrupt(InterruptPolicy::automatic);
    EXPECT_FALSE(interrupt.still_pending(Interrupt::Time()));
    EXPECT_FALSE(interrupt.still_pending(noon));
}

TEST(Interrupt, IsPendingForAMomentAfterItWasSent) {
    Interrupt interrupt(InterruptPolicy::automatic);
    interrupt.sent(noon);
    EXPECT_TRUE(interrupt.still_pending(noon));
    EXPECT_TRUE(interrupt.still_pending(noon + 99ms));
    EXPECT_FALSE(interrupt.still_pending(noon + 100ms));
    EXPECT_FALSE(interrupt.still_pending(noon + 1h));
}

TEST(Interrupt, IsNoLongerPendingOnceThereIsOutput) {
    Interrupt interrupt(InterruptPolicy::automatic);
    interrupt.sent(noon);
    interrupt.output_seen();
    EXPECT_FALSE(interrupt.still_pending(noon + 1ms));
    interrupt.sent(noon + 2ms);
    EXPECT_TRUE(interrupt.still_pending(noon + 3ms));
}

TEST(Interrupt, PendingCountsFromTheNewest) {
    Interrupt interrupt(InterruptPolicy::automatic);
    interrupt.sent(noon);
    interrupt.sent(noon + 80ms);
    EXPECT_TRUE(interrupt.still_pending(noon + 150ms));
    EXPECT_FALSE(interrupt.still_pending(noon + 180ms));
}

TEST(CtrlC, IsFoundAnywhere) {
    EXPECT_FALSE(contains_ctrl_c({}));
    EXPECT_FALSE(contains_ctrl_c(base::bytes_of("print(1)\x04")));
    for (const auto* data : {"\x03",
                             "\x03"
                             "a",
                             "a\x03",
                             "a\x03"
                             "b",
                             "\x03\x03"}) {
        EXPECT_TRUE(contains_ctrl_c(base::bytes_of(data)));
    }
}

TEST(CtrlC, IsTakenOutOfDataAndNothingElse) {
    EXPECT_EQ(text(without_ctrl_c({})), "");
    EXPECT_EQ(text(without_ctrl_c(base::bytes_of("\x03\x03"))), "");
    EXPECT_EQ(text(without_ctrl_c(base::bytes_of("\r\x03\x03\x01"
                                                 "a\x04"))),
              "\r\x01"
              "a\x04");

    base::Bytes every_byte;
    for (unsigned byte = 0; byte < 256; ++byte) {
        every_byte.push_back(static_cast<std::uint8_t>(byte));
    }
    auto expected = every_byte;
    expected.erase(expected.begin() + 3);
    EXPECT_EQ(without_ctrl_c(every_byte), expected);
}

} // namespace
} // namespace mpbridge::repl
