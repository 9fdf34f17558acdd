#include "posix/line_state.hpp"

#include "posix/serial_device_fixture.hpp"

#include <gtest/gtest.h>

namespace mpbridge::posix {
namespace {

class LineStateTest : public SerialDeviceTest {
  protected:
    void set_flags(tcflag_t cleared, tcflag_t flags, speed_t speed = 0) {
        auto settings = settings_of(program_.get());
        settings.c_cflag = (settings.c_cflag & ~cleared) | flags;
        settings.c_ispeed = speed;
        settings.c_ospeed = speed;
        set(program_.get(), settings);
    }

    Descriptor program_ = open_as_program();
};

TEST_F(LineStateTest, HasTheUsualBaudRates) {
    set_flags(CBAUD, B9600);
    EXPECT_EQ(line_state(program_.get()), (LineState{.baud_rate = 9600}));
    set_flags(CBAUD, B4000000);
    EXPECT_EQ(line_state(program_.get()), (LineState{.baud_rate = 4'000'000}));
}

TEST_F(LineStateTest, HasAnyBaudRate) {
    set_flags(CBAUD, BOTHER, 12'345);
    EXPECT_EQ(line_state(program_.get()), (LineState{.baud_rate = 12'345}));
}

TEST_F(LineStateTest, HasTheBaudRateOfOutput) {
    auto settings = settings_of(program_.get());
    settings.c_cflag &= ~static_cast<tcflag_t>(CBAUD | CIBAUD);
    settings.c_cflag |= BOTHER | (static_cast<tcflag_t>(B300) << static_cast<unsigned>(IBSHIFT));
    settings.c_ospeed = 12'345;
    set(program_.get(), settings);
    EXPECT_EQ(line_state(program_.get()).baud_rate, 12'345U);
}

TEST_F(LineStateTest, HasTwoStopBits) {
    set_flags(0, CSTOPB);
    EXPECT_EQ(line_state(program_.get()), (LineState{.baud_rate = 115'200, .two_stop_bits = true}));
    set_flags(CSTOPB, 0);
    EXPECT_FALSE(line_state(program_.get()).two_stop_bits);
}

TEST_F(LineStateTest, HasNoBaudRateAfterHangingUp) {
    set_flags(CBAUD, B0);
    EXPECT_EQ(line_state(program_.get()), LineState{});
}

TEST_F(LineStateTest, IsTheSameFromBothEnds) {
    set_flags(CBAUD, BOTHER | CSTOPB, 12'345);
    EXPECT_EQ(line_state(device_.master()), line_state(program_.get()));
    EXPECT_EQ(device_.line_state(), line_state(program_.get()));
}

TEST(LineState, IsAllZeroForNoTerminal) {
    EXPECT_EQ(line_state(-1), LineState{});
    const Descriptor file(::open("/dev/null", O_RDWR | O_CLOEXEC));
    EXPECT_EQ(line_state(file.get()), LineState{});
}

} // namespace
} // namespace mpbridge::posix
