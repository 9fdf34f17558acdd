#include "app/pty_options.hpp"

#include "app/options.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

namespace mpbridge::app {
namespace {

std::variant<Options, Exit> parse(std::initializer_list<const char*> words) {
    std::vector<const char*> argv{"mpremote-bridge"};
    argv.insert(argv.end(), words.begin(), words.end());
    return parse_options(static_cast<int>(argv.size()), argv.data());
}

Options options(std::initializer_list<const char*> words) {
    return std::get<Options>(parse(words));
}

bool is_wrong(std::initializer_list<const char*> words) {
    const auto parsed = parse(words);
    return std::holds_alternative<Exit>(parsed) && std::get<Exit>(parsed).code == 2;
}

TEST(PtyOptions, HaveTheirDefaults) {
    const auto defaults = options({});
    EXPECT_TRUE(defaults.pty);
    EXPECT_EQ(defaults.pty_options.link, "");
    EXPECT_EQ(defaults.pty_options.mode, 0600U);
    EXPECT_EQ(defaults.pty_options.group, "");
}

TEST(PtyOptions, SwitchThePortOff) { EXPECT_FALSE(options({"--no-pty"}).pty); }

TEST(PtyOptions, AreReadInAllTheirForms) {
    EXPECT_EQ(options({"--pty-link", "/tmp/board"}).pty_options.link, "/tmp/board");
    EXPECT_EQ(options({"--pty-link=board"}).pty_options.link, "board");
    EXPECT_EQ(options({"--pty-group", "dialout"}).pty_options.group, "dialout");
    EXPECT_EQ(options({"--pty-group=20"}).pty_options.group, "20");
}

TEST(PtyOptions, HaveAnOctalMode) {
    EXPECT_EQ(options({"--pty-mode", "660"}).pty_options.mode, 0660U);
    EXPECT_EQ(options({"--pty-mode=0666"}).pty_options.mode, 0666U);
    EXPECT_EQ(options({"--pty-mode", "777"}).pty_options.mode, 0777U);
    EXPECT_EQ(options({"--pty-mode", "0"}).pty_options.mode, 0U);
}

TEST(PtyOptions, RefuseAModeThatIsNone) {
    for (const auto* mode :
         {"", "8", "668", "1000", "1777", "4600", "00600", "99999999999999999999", "-1", "+600",
          "0x180", "0o600", "rw", "u=rw", "600 ", " 600"}) {
        EXPECT_TRUE(is_wrong({"--pty-mode", mode})) << mode;
    }
}

TEST(PtyOptions, RefuseToBeWithoutAValue) {
    EXPECT_TRUE(is_wrong({"--pty-link"}));
    EXPECT_TRUE(is_wrong({"--pty-mode"}));
    EXPECT_TRUE(is_wrong({"--pty-group"}));
    EXPECT_TRUE(is_wrong({"--no-pty=maybe"}));
}

TEST(DeviceOptions, AreTheDefaultsOfADevice) {
    const auto device = device_options({}).value();
    EXPECT_EQ(device.link, "");
    EXPECT_EQ(device.access.mode, 0600U);
    EXPECT_FALSE(device.access.group);
}

TEST(DeviceOptions, AreWhatWasAskedFor) {
    const auto device = device_options({.link = "board", .mode = 0660, .group = "root"}).value();
    EXPECT_EQ(device.link, "board");
    EXPECT_EQ(device.access.mode, 0660U);
    EXPECT_EQ(device.access.group, 0U);
}

TEST(DeviceOptions, MayHaveTheNumberOfAGroup) {
    EXPECT_EQ(device_options({.link = "", .group = "54321"}).value().access.group, 54'321U);
}

TEST(DeviceOptions, AreAnErrorWithoutSuchAGroup) {
    const auto device = device_options({.link = "", .group = "no such group"});
    ASSERT_FALSE(device);
    EXPECT_EQ(device.error().message, "There is no group no such group");
}

} // namespace
} // namespace mpbridge::app
