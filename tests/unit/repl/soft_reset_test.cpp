#include "repl/soft_reset.hpp"

#include <gtest/gtest.h>

namespace mpbridge::repl {
namespace {

TEST(SoftRebootLines, AreOneLineWhenTheProgramEndedByItself) {
    EXPECT_EQ(soft_reboot_lines(""), "MPY: soft reboot\r\n");
}

TEST(SoftRebootLines, NameTheSignalFirst) {
    EXPECT_EQ(soft_reboot_lines("SIGSEGV"), "MPY: crashed (SIGSEGV)\r\nMPY: soft reboot\r\n");
}

TEST(RestartDelayLine, NamesTheEndingAndTheDelay) {
    EXPECT_EQ(restart_delay_line("exit status 1", "1.6 s"),
              "MPY: ended at once (exit status 1), next start in 1.6 s\r\n");
}

} // namespace
} // namespace mpbridge::repl
