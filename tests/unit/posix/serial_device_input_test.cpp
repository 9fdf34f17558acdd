#include "posix/serial_device.hpp"

#include "posix/serial_device_fixture.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mpbridge::posix {
namespace {

using Kind = SerialDevice::Input::Kind;

class SerialDeviceInputTest : public SerialDeviceTest {
  protected:
    SerialDeviceInputTest() { receive(); }

    void write_input(std::string_view text) {
        EXPECT_EQ(write_some(program_.get(), base::bytes_of(text)).count, text.size());
        EXPECT_TRUE(becomes_readable(device_.master()));
    }

    SerialDevice::Input read() { return device_.read(buffer_); }

    Descriptor program_ = open_as_program();
    base::Bytes buffer_ = base::Bytes(4096);
};

TEST_F(SerialDeviceInputTest, IsNoneAtFirst) {
    EXPECT_EQ(read().kind, Kind::none);
    EXPECT_EQ(device_.read({}).kind, Kind::none);
}

TEST_F(SerialDeviceInputTest, IsWhatAProgramWrote) {
    write_input("input");
    const auto input = read();
    EXPECT_EQ(input.kind, Kind::data);
    EXPECT_EQ(base::text_of(base::ByteView(buffer_).first(input.count)), "input");
    EXPECT_EQ(read().kind, Kind::none);
}

TEST_F(SerialDeviceInputTest, ComesInPiecesOfTheSizeAskedFor) {
    write_input("abcde");
    buffer_.resize(3);
    EXPECT_EQ(read().count, 3U);
    EXPECT_EQ(base::text_of(buffer_), "abc");
    EXPECT_EQ(read().count, 2U);
    EXPECT_EQ(read().kind, Kind::none);
}

TEST_F(SerialDeviceInputTest, StaysWhereItIsWithNoRoom) {
    write_input("input");
    for (int time = 0; time < 2; ++time) {
        const auto input = device_.read({});
        EXPECT_EQ(input.kind, Kind::data);
        EXPECT_EQ(input.count, 0U);
    }
    EXPECT_EQ(receive().data, "input");
}

TEST_F(SerialDeviceInputTest, LosesNothingOfMuch) {
    std::string sent;
    std::string got;
    for (int round = 0; round < 20; ++round) {
        sent += std::string(write_until_full(program_.get()), '.');
        got += receive().data;
    }
    EXPECT_EQ(got.size(), sent.size());
    EXPECT_EQ(got, sent);
}

TEST_F(SerialDeviceInputTest, IsThereAfterTheProgramIsGone) {
    write_input("input");
    program_.reset();
    EXPECT_EQ(receive().data, "input");
    EXPECT_EQ(read().kind, Kind::none);
}

TEST_F(SerialDeviceInputTest, NoticesAFlush) {
    ::ioctl(program_.get(), TCFLSH, TCIFLUSH);
    ASSERT_TRUE(becomes_readable(device_.master()));
    const auto input = read();
    EXPECT_EQ(input.kind, Kind::notice);
    EXPECT_TRUE(input.flushed);
    EXPECT_FALSE(input.settings_changed);
    EXPECT_EQ(input.count, 0U);
    EXPECT_EQ(read().kind, Kind::none);
}

TEST_F(SerialDeviceInputTest, NoticesNewSettings) {
    auto settings = settings_of(program_.get());
    settings.c_cflag |= CSTOPB;
    set(program_.get(), settings);
    ASSERT_TRUE(becomes_readable(device_.master()));
    const auto input = read();
    EXPECT_EQ(input.kind, Kind::notice);
    EXPECT_TRUE(input.settings_changed);
    EXPECT_FALSE(input.flushed);
    EXPECT_EQ(read().kind, Kind::none);
    EXPECT_TRUE(device_.line_state().two_stop_bits);
}

TEST_F(SerialDeviceInputTest, NoticesTheSameSettingsSetAgain) {
    set(program_.get(), settings_of(program_.get()));
    EXPECT_TRUE(read().settings_changed);
}

TEST_F(SerialDeviceInputTest, NoticesWithNoRoom) {
    ::ioctl(program_.get(), TCFLSH, TCIFLUSH);
    EXPECT_TRUE(device_.read({}).flushed);
    EXPECT_EQ(device_.read({}).kind, Kind::none);
}

TEST_F(SerialDeviceInputTest, NoticesBothAtOnceAndBeforeData) {
    write_input("input");
    ::ioctl(program_.get(), TCFLSH, TCIFLUSH);
    set(program_.get(), settings_of(program_.get()));
    const auto input = read();
    EXPECT_EQ(input.kind, Kind::notice);
    EXPECT_TRUE(input.flushed);
    EXPECT_TRUE(input.settings_changed);
    EXPECT_EQ(receive().data, "input");
}

class SerialDeviceCookedModeTest : public SerialDeviceInputTest {
  protected:
    SerialDeviceCookedModeTest() {
        make_device_without_privileges();
        program_ = open_as_program();
        receive();
    }

    bool is_external() const {
        return (settings_of(program_.get()).c_lflag & static_cast<tcflag_t>(EXTPROC)) != 0;
    }
};

TEST_F(SerialDeviceCookedModeTest, IsLeftAsSoonAsItIsNoticed) {
    set_cooked(program_.get());
    EXPECT_FALSE(is_external());
    EXPECT_TRUE(receive().settings_changed);
    EXPECT_TRUE(is_external());
}

TEST_F(SerialDeviceCookedModeTest, KeepsTheOtherSettingsOfTheProgram) {
    set_cooked(program_.get());
    auto expected = settings_of(program_.get());
    receive();
    expected.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    expected.c_lflag |= EXTPROC;
    EXPECT_EQ(settings_of(program_.get()).c_lflag, expected.c_lflag);
    EXPECT_EQ(settings_of(program_.get()).c_iflag, expected.c_iflag);
    EXPECT_EQ(settings_of(program_.get()).c_oflag, expected.c_oflag);
}

TEST_F(SerialDeviceCookedModeTest, IsLeftEveryTime) {
    for (int time = 0; time < 3; ++time) {
        set_cooked(program_.get());
        receive();
        EXPECT_TRUE(is_external());
    }
}

TEST_F(SerialDeviceCookedModeTest, ThatIsLeftEchoesNothingAndEditsNothing) {
    set_cooked(program_.get());
    receive();
    const std::string output = "no line\x7f\x15\x03\r\n\x11\x13";
    write_output(output);
    EXPECT_EQ(read_all(program_.get()), output);
    EXPECT_EQ(read().kind, Kind::none);
}

TEST_F(SerialDeviceCookedModeTest, DropsWhatWasEchoed) {
    set_cooked(program_.get());
    write_output("echoed\r\n");
    ASSERT_TRUE(becomes_readable(device_.master()));
    EXPECT_EQ(receive().data, "");
}

TEST_F(SerialDeviceCookedModeTest, DropsTheEchoOfAsMuchAsThePtyTakes) {
    set_cooked(program_.get());
    write_output(".");
    write_until_full(device_.master());
    EXPECT_EQ(receive().data, "");
    read_all(program_.get());
    EXPECT_EQ(receive().data, "");
}

TEST_F(SerialDeviceCookedModeTest, LosesNoInputThatComesAfterwards) {
    set_cooked(program_.get());
    write_output("echoed\n");
    receive();
    write_input("input");
    EXPECT_EQ(receive().data, "input");
}

TEST_F(SerialDeviceCookedModeTest, WithoutEchoLosesNoInput) {
    auto settings = settings_of(program_.get());
    settings.c_lflag = ICANON;
    set(program_.get(), settings);
    write_input("input");
    EXPECT_EQ(receive().data, "input");
    EXPECT_TRUE(is_external());
}

TEST_F(SerialDeviceCookedModeTest, WithExtprocLosesNoInput) {
    auto settings = settings_of(program_.get());
    settings.c_lflag |= ECHO | ICANON;
    set(program_.get(), settings);
    write_output("output");
    write_input("input");
    EXPECT_EQ(receive().data, "input");
}

} // namespace
} // namespace mpbridge::posix
