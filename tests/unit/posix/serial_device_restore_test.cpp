#include "posix/serial_device.hpp"

#include "posix/serial_device_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

namespace mpbridge::posix {
namespace {

void expect_same(const Settings& left, const Settings& right) {
    EXPECT_EQ(left.c_iflag, right.c_iflag);
    EXPECT_EQ(left.c_oflag, right.c_oflag);
    EXPECT_EQ(left.c_cflag, right.c_cflag);
    EXPECT_EQ(left.c_lflag, right.c_lflag);
    EXPECT_EQ(left.c_line, right.c_line);
    EXPECT_TRUE(std::equal(std::begin(left.c_cc), std::end(left.c_cc), std::begin(right.c_cc)));
    EXPECT_EQ(left.c_ispeed, right.c_ispeed);
    EXPECT_EQ(left.c_ospeed, right.c_ospeed);
}

// As far as the kernel lets a pseudo-terminal have it.
void set_everything(int fd) {
    Settings settings{};
    settings.c_iflag = ~tcflag_t{0};
    settings.c_oflag = ~tcflag_t{0};
    settings.c_lflag = ~static_cast<tcflag_t>(EXTPROC);
    settings.c_cflag = CS5 | CSTOPB | PARENB | PARODD | HUPCL | CRTSCTS | CMSPAR | BOTHER |
                       (static_cast<tcflag_t>(BOTHER) << static_cast<unsigned>(IBSHIFT));
    settings.c_line = 1;
    std::fill(std::begin(settings.c_cc), std::end(settings.c_cc), cc_t{7});
    settings.c_ispeed = 4321;
    settings.c_ospeed = 12'345;
    set(fd, settings);
}

class SerialDeviceRestoreTest : public SerialDeviceTest {
  protected:
    std::size_t write_as_program(std::string_view text) {
        return write_some(program_.get(), base::bytes_of(text)).count;
    }

    Descriptor program_ = open_as_program();
};

TEST_F(SerialDeviceRestoreTest, BringsEverySettingBack) {
    const auto before = settings_of(program_.get());
    set_everything(program_.get());
    ASSERT_NE(settings_of(program_.get()).c_ispeed, before.c_ispeed);
    device_.restore();
    expect_same(settings_of(program_.get()), before);
}

TEST_F(SerialDeviceRestoreTest, BringsEverySettingBackOfAProgramThatIsGone) {
    const auto before = settings_of(program_.get());
    set_everything(program_.get());
    program_.reset();
    ASSERT_FALSE(device_.is_open());
    device_.restore();
    expect_same(settings_of(open_as_program().get()), before);
}

TEST_F(SerialDeviceRestoreTest, BringsEverySettingBackAfterReading) {
    const auto before = settings_of(program_.get());
    set_everything(program_.get());
    EXPECT_TRUE(receive().settings_changed);
    device_.restore();
    expect_same(settings_of(program_.get()), before);
}

TEST_F(SerialDeviceRestoreTest, BringsTheLineStateBack) {
    const auto before = device_.line_state();
    set_everything(program_.get());
    EXPECT_NE(device_.line_state(), before);
    device_.restore();
    EXPECT_EQ(device_.line_state(), before);
}

TEST_F(SerialDeviceRestoreTest, LetsOthersInAgain) {
    ::ioctl(program_.get(), TIOCEXCL);
    ASSERT_TRUE(is_exclusive(program_.get()));
    device_.restore();
    EXPECT_FALSE(is_exclusive(program_.get()));
}

TEST_F(SerialDeviceRestoreTest, LetsOthersInAgainThatAreNotRoot) {
    const WithoutPrivileges unprivileged;
    ::ioctl(program_.get(), TIOCEXCL);
    program_.reset();
    EXPECT_FALSE(open_as_program());
    EXPECT_EQ(errno, EBUSY);
    device_.restore();
    EXPECT_TRUE(open_as_program());
}

TEST_F(SerialDeviceRestoreTest, StartsStoppedOutputAgain) {
    ::ioctl(program_.get(), TCXONC, TCOOFF);
    EXPECT_EQ(write_as_program("stopped"), 0U);
    device_.restore();
    EXPECT_EQ(write_as_program("started"), 7U);
    EXPECT_EQ(receive().data, "started");
}

TEST_F(SerialDeviceRestoreTest, StartsOutputAgainThatAProgramStoppedWhichIsGone) {
    ::ioctl(program_.get(), TCXONC, TCOOFF);
    program_.reset();
    ASSERT_FALSE(device_.is_open());
    device_.restore();
    program_ = open_as_program();
    EXPECT_EQ(write_as_program("started"), 7U);
}

TEST_F(SerialDeviceRestoreTest, StartsOutputAgainThatTheStopCharacterStopped) {
    make_device_without_privileges();
    program_ = open_as_program();
    auto settings = settings_of(program_.get());
    settings.c_iflag = IXON;
    settings.c_lflag = 0;
    settings.c_cc[VSTOP] = 0x13;
    set(program_.get(), settings);
    write_output("\x13");
    ASSERT_FALSE(device_.has_unread_output());
    EXPECT_EQ(write_as_program("stopped"), 0U);
    device_.restore();
    EXPECT_EQ(write_as_program("started"), 7U);
}

TEST_F(SerialDeviceRestoreTest, DropsUnreadOutput) {
    write_output("unread");
    device_.restore();
    EXPECT_FALSE(device_.has_unread_output());
    EXPECT_EQ(read_all(program_.get()), "");
    write_output("fresh");
    EXPECT_EQ(read_all(program_.get()), "fresh");
}

TEST_F(SerialDeviceRestoreTest, DropsUnreadOutputAsMuchAsThePtyTakes) {
    EXPECT_GT(write_until_full(device_.master()), 4096U);
    device_.restore();
    EXPECT_EQ(read_all(program_.get()), "");
    const auto fresh = write_until_full(device_.master()); // not always as much
    EXPECT_GT(fresh, 4096U);
    EXPECT_EQ(read_all(program_.get()).size(), fresh);
}

TEST_F(SerialDeviceRestoreTest, DropsUnreadOutputWithNobodyThere) {
    program_.reset();
    write_until_full(device_.master());
    device_.restore();
    write_output("fresh");
    EXPECT_EQ(read_all(open_as_program().get()), "fresh");
}

TEST_F(SerialDeviceRestoreTest, DropsTheUnreadLinesOfCookedMode) {
    set_cooked(program_.get());
    write_output("line\nno line");
    device_.restore();
    EXPECT_EQ(read_all(program_.get()), "");
    write_output("fresh");
    EXPECT_EQ(read_all(program_.get()), "fresh");
}

TEST_F(SerialDeviceRestoreTest, LeavesTheInputToRead) {
    write_as_program("input");
    device_.restore();
    EXPECT_EQ(receive().data, "input");
}

TEST_F(SerialDeviceRestoreTest, CanBeDoneTwice) {
    const auto before = settings_of(program_.get());
    device_.restore();
    device_.restore();
    expect_same(settings_of(program_.get()), before);
}

} // namespace
} // namespace mpbridge::posix
