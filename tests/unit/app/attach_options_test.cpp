#include "app/attach_options.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

namespace mpbridge::app {
namespace {

std::variant<AttachOptions, Exit> parse(std::initializer_list<const char*> words) {
    std::vector<const char*> argv{"mpremote-attach"};
    argv.insert(argv.end(), words.begin(), words.end());
    return parse_attach_options(static_cast<int>(argv.size()), argv.data());
}

AttachOptions options(std::initializer_list<const char*> words) {
    return std::get<AttachOptions>(parse(words));
}

int exit_code(std::initializer_list<const char*> words) {
    return std::get<Exit>(parse(words)).code;
}

std::string help() {
    testing::internal::CaptureStdout();
    EXPECT_EQ(exit_code({"--help"}), 0);
    return testing::internal::GetCapturedStdout();
}

TEST(AttachOptions, HaveTheirDefaults) {
    const auto defaults = options({"host"});
    EXPECT_EQ(defaults.verbosity, 0);
    EXPECT_EQ(defaults.remote.lifetime, remote::Lifetime::while_used);
    EXPECT_EQ(defaults.remote.settings.data_size, 8);
    EXPECT_EQ(defaults.remote.settings.parity, rfc2217::Parity::none);
    EXPECT_EQ(defaults.pty.link, "");
    EXPECT_EQ(defaults.pty.mode, 0600U);
}

TEST(AttachOptions, NameTheTarget) {
    EXPECT_EQ(options({"host"}).remote.target.url(), "socket://host:2218");
    EXPECT_EQ(options({"rfc2217://[::1]"}).remote.target.url(), "rfc2217://[::1]:2217");
    EXPECT_EQ(options({"-v", "host:7", "--keep"}).remote.target.url(), "socket://host:7");
}

TEST(AttachOptions, AreReadInAllTheirForms) {
    EXPECT_EQ(options({"-vv", "-v", "host"}).verbosity, 3);
    EXPECT_EQ(options({"--verbose", "host"}).verbosity, 1);
    EXPECT_EQ(options({"host", "--pty-link=/tmp/board"}).pty.link, "/tmp/board");
    EXPECT_EQ(options({"host", "--pty-mode", "660"}).pty.mode, 0660U);
    EXPECT_EQ(options({"host", "--pty-group", "dialout"}).pty.group, "dialout");
}

TEST(AttachOptions, SayHowLongToBeConnected) {
    EXPECT_EQ(options({"host", "--keep"}).remote.lifetime, remote::Lifetime::kept);
    EXPECT_EQ(options({"host", "--once"}).remote.lifetime, remote::Lifetime::once);
    EXPECT_EQ(exit_code({"host", "--keep", "--once"}), 2);
    EXPECT_EQ(exit_code({"host", "--once", "--keep"}), 2);
}

TEST(AttachOptions, SetTheDataBits) {
    EXPECT_EQ(options({"host", "--data-bits", "5"}).remote.settings.data_size, 5);
    EXPECT_EQ(options({"host", "--data-bits=7"}).remote.settings.data_size, 7);
    for (const auto* bits : {"4", "9", "256", "264", "-8", "x", "", "7.5"}) {
        EXPECT_EQ(exit_code({"host", "--data-bits", bits}), 2) << bits;
    }
}

TEST(AttachOptions, SetTheParity) {
    EXPECT_EQ(options({"host", "--parity", "odd"}).remote.settings.parity, rfc2217::Parity::odd);
    EXPECT_EQ(options({"host", "--parity=even"}).remote.settings.parity, rfc2217::Parity::even);
    EXPECT_EQ(options({"host", "--parity=mark"}).remote.settings.parity, rfc2217::Parity::mark);
    EXPECT_EQ(options({"host", "--parity=space"}).remote.settings.parity, rfc2217::Parity::space);
    EXPECT_EQ(options({"host", "--parity=none"}).remote.settings.parity, rfc2217::Parity::none);
    for (const auto* parity : {"", "both", "e", "2"}) {
        EXPECT_EQ(exit_code({"host", "--parity", parity}), 2) << parity;
    }
}

TEST(AttachOptions, ThatAreWrongEndWithStatus2) {
    EXPECT_EQ(exit_code({}), 2);
    EXPECT_EQ(exit_code({""}), 2);
    EXPECT_EQ(exit_code({"one", "two"}), 2);
    EXPECT_EQ(exit_code({"telnet://host"}), 2);
    EXPECT_EQ(exit_code({"host:0"}), 2);
    EXPECT_EQ(exit_code({"host", "--bogus"}), 2);
    EXPECT_EQ(exit_code({"host", "--pty-mode", "rw"}), 2);
    EXPECT_EQ(exit_code({"host", "--no-pty"}), 2);
}

TEST(AttachOptions, ForHelpAndVersionEndWithStatus0) {
    EXPECT_EQ(exit_code({"--help"}), 0);
    EXPECT_EQ(exit_code({"-V"}), 0);
}

TEST(AttachOptions, AreExplainedWithTheirDefaults) {
    const auto text = help();
    EXPECT_NE(text.find("--data-bits BITS"), std::string::npos);
    EXPECT_NE(text.find("=8"), std::string::npos);
    EXPECT_NE(text.find("=none"), std::string::npos);
}

} // namespace
} // namespace mpbridge::app
