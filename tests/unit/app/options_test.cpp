#include "app/options.hpp"

#include "ports/listener.hpp"

#include <gmock/gmock.h>

#include <initializer_list>
#include <vector>

namespace mpbridge::app {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::variant<Options, Exit> parse(std::initializer_list<const char*> words) {
    std::vector<const char*> argv{"mpremote-bridge"};
    argv.insert(argv.end(), words.begin(), words.end());
    return parse_options(static_cast<int>(argv.size()), argv.data());
}

Options options(std::initializer_list<const char*> words) {
    return std::get<Options>(parse(words));
}

int exit_code(std::initializer_list<const char*> words) {
    return std::get<Exit>(parse(words)).code;
}

TEST(Options, HaveTheirDefaults) {
    const auto defaults = options({});
    EXPECT_EQ(defaults.port, 2217);
    EXPECT_EQ(defaults.socket_port, 2218);
    EXPECT_EQ(defaults.host, "");
    EXPECT_TRUE(defaults.allow.is_empty());
    EXPECT_EQ(defaults.max_pending, 64U);
    EXPECT_EQ(defaults.verbosity, 0);
    EXPECT_EQ(defaults.replay, 0U);
    EXPECT_EQ(defaults.standby, 1U);
    EXPECT_EQ(defaults.busy_poll_us, 0);
    EXPECT_TRUE(micropython_arguments(defaults).empty());
}

TEST(Options, AskARunningBridge) {
    EXPECT_EQ(options({}).control.request, std::nullopt);
    EXPECT_EQ(options({"--status"}).control.request, control::Request::status);
    EXPECT_EQ(options({"--status", "--json"}).control.request, control::Request::status_json);
    EXPECT_EQ(options({"--json", "--status"}).control.request, control::Request::status_json);
    EXPECT_EQ(options({"--kick", "--control", "x"}).control.path, "x");
    EXPECT_EQ(options({"--reset"}).control.request, control::Request::reset);
    EXPECT_EQ(options({"--metrics"}).control.request, control::Request::metrics);
}

TEST(Options, ForABridgeThatStartsDoNotGoWithAQuestion) {
    EXPECT_EQ(exit_code({"--status", "-s", "0"}), 2);
    EXPECT_EQ(exit_code({"--kick", "--ready-file", "x"}), 2);
    EXPECT_EQ(exit_code({"--reset", "micropython"}), 2);
    EXPECT_EQ(exit_code({"--status", "--kick"}), 2);
    EXPECT_EQ(exit_code({"--json"}), 2);
    EXPECT_EQ(exit_code({"--status", "--control", "none"}), 2);
}

TEST(Options, AreReadInAllTheirForms) {
    EXPECT_EQ(options({"-p", "3000", "--socket-port=3001"}).socket_port, 3001);
    EXPECT_EQ(options({"-vvv"}).verbosity, 3);
    EXPECT_EQ(options({"-v", "-vv"}).verbosity, 3);
    EXPECT_EQ(options({"--replay", "64K"}).replay, 65536U);
    EXPECT_EQ(options({"--on-break=reset"}).on_break, ports::BreakAction::reset);
    EXPECT_EQ(options({"--interrupt", "always"}).interrupt, repl::InterruptPolicy::always);
    EXPECT_EQ(options({"--newline", "crlf"}).newline, repl::NewlinePolicy::crlf);
}

TEST(Options, TakeAWordForAFreePortAnd0ForNone) {
    const auto both = options({"-p", "auto", "-s", "auto"});
    EXPECT_EQ(both.port, ports::Listener::any_port);
    EXPECT_EQ(both.socket_port, ports::Listener::any_port);
    EXPECT_EQ(options({"-p", "0"}).port, std::nullopt);
    EXPECT_EQ(options({"-p", "0", "-s", "auto"}).socket_port, ports::Listener::any_port);
    for (const auto* port : {"Auto", "AUTO", "", "+1", " 1", "1 ", "0x10", "1e3"}) {
        EXPECT_EQ(exit_code({"-p", port}), 2) << port;
    }
}

TEST(Options, ThatAreSwitchesCanBeSwitchedOff) {
    EXPECT_TRUE(options({"--once"}).once);
    EXPECT_FALSE(options({"--once=false"}).once);
    EXPECT_TRUE(options({"--no-pty=false"}).pty);
    EXPECT_FALSE(options({"--sandbox", "--sandbox=false"}).cage.sandbox);
    EXPECT_EQ(exit_code({"--once=2"}), 2);
}

TEST(Options, ThatAreCountedCanBeGivenAsANumber) {
    EXPECT_EQ(options({"--verbose=2"}).verbosity, 2);
    EXPECT_EQ(options({"--verbose=0"}).verbosity, 0);
    EXPECT_EQ(options({"--mp-verbose=12"}).micropython_verbosity, 12);
    EXPECT_EQ(exit_code({"--verbose=x"}), 2);
    EXPECT_EQ(exit_code({"--verbose=10000"}), 2);
}

TEST(Options, HaveALogOfTextOrJson) {
    EXPECT_EQ(options({}).log_format, LogFormat::text);
    EXPECT_EQ(options({"--log-format", "json"}).log_format, LogFormat::json);
    EXPECT_EQ(exit_code({"--log-format", "xml"}), 2);
}

TEST(Options, LeaveThePathBehindAnImplementationOption) {
    const auto parsed = options({"-X", "heapsize=4M", "-X", "emit=native", "/my/micropython"});
    EXPECT_EQ(parsed.micropython_path, "/my/micropython");
    EXPECT_THAT(parsed.implementation_options, ElementsAre("heapsize=4M", "emit=native"));
}

TEST(Options, CollectTheNetworksThatAreAllowed) {
    const auto parsed = options({"--allow", "10.1.2.3/8", "/my/micropython", "--allow=::1"});
    EXPECT_EQ(parsed.allow.description(), "10.0.0.0/8, ::1/128");
    EXPECT_EQ(parsed.micropython_path, "/my/micropython");
}

TEST(Options, NameTheNetworkThatIsNone) {
    for (const auto* network : {"x", "10.0.0.1/33", "::1/129", "[::1]", "/", "", "localhost"}) {
        testing::internal::CaptureStderr();
        EXPECT_EQ(exit_code({"--allow", "::1", "--allow", network}), 2) << network;
        EXPECT_THAT(testing::internal::GetCapturedStderr(),
                    AllOf(HasSubstr("--allow"), HasSubstr("'" + std::string(network) + "'")));
    }
    EXPECT_EQ(exit_code({"--allow="}), 2);
    EXPECT_EQ(exit_code({"--allow"}), 2);
}

TEST(Options, LimitHowManyRefusalsMayWait) {
    EXPECT_EQ(options({"--max-pending", "1"}).max_pending, 1U);
    EXPECT_EQ(options({"--max-pending=1024"}).max_pending, 1024U);
    for (const auto* number : {"0", "1025", "-1", "x", "", "1.5", "99999999999999999999"}) {
        EXPECT_EQ(exit_code({"--max-pending", number}), 2) << number;
    }
}

TEST(Options, PassOptimizationOnAsOneWord) {
    EXPECT_THAT(micropython_arguments(options({"-O", "-O"})), ElementsAre("-OO"));
    EXPECT_THAT(micropython_arguments(options({"-OOO"})), ElementsAre("-OOO"));
    EXPECT_EQ(micropython_command_line("mp", options({"-OO"})), "mp -O -O");
}

TEST(Options, PassOnWhatIsForMicroPython) {
    const auto parsed = options({"--mp-verbose", "--mp-verbose", "-X", "heapsize=4M",
                                 "--micropython-args", "-i 'my app.py' --flag"});
    EXPECT_THAT(micropython_arguments(parsed),
                ElementsAre("-X", "heapsize=4M", "-v", "-v", "-i", "my app.py", "--flag"));
}

TEST(Options, SplitMicroPythonsArgumentsAsAShellDoes) {
    const auto parsed = options({"--micropython-args", R"(-c 'it'\''s' "a b"c)"});
    EXPECT_THAT(micropython_arguments(parsed), ElementsAre("-c", "it's", "a bc"));
    EXPECT_EQ(exit_code({"--micropython-args", "'a"}), 2);
}

TEST(Options, TellWhetherMicroPythonStartsWithCode) {
    for (const auto* harmless : {"", "-i", "-v -O2", "-X heapsize=4M", "-X app.py -i"}) {
        EXPECT_FALSE(starts_with_code(options({"--micropython-args", harmless}))) << harmless;
    }
    for (const auto* code :
         {"app.py", "-i app.py", "-c print(1)", "-m app", "-X heapsize=4M app.py"}) {
        EXPECT_TRUE(starts_with_code(options({"--micropython-args", code}))) << code;
    }
    EXPECT_FALSE(starts_with_code(options({"-O", "-X", "heapsize=4M", "--mp-verbose"})));
}

TEST(Options, ThatAreWrongEndWithStatus2) {
    EXPECT_EQ(exit_code({"--bogus"}), 2);
    EXPECT_EQ(exit_code({"-p", "65536"}), 2);
    EXPECT_EQ(exit_code({"-p", "-1"}), 2);
    EXPECT_EQ(exit_code({"-p", "x"}), 2);
    EXPECT_EQ(exit_code({"-p", "0", "-s", "0"}), 2);
    EXPECT_EQ(exit_code({"-p", "7", "-s", "7"}), 2);
    EXPECT_EQ(exit_code({"--replay", "1Q"}), 2);
    EXPECT_EQ(exit_code({"--newline", "lf"}), 2);
    EXPECT_EQ(exit_code({"--standby", "17"}), 2);
    EXPECT_EQ(exit_code({"--mp-verbose=-1"}), 2);
    EXPECT_EQ(exit_code({"--verbose=-1"}), 2);
    EXPECT_EQ(exit_code({"--standby", "-1"}), 2);
    EXPECT_EQ(exit_code({"--busy-poll", "10001"}), 2);
    EXPECT_EQ(exit_code({"--busy-poll", "x"}), 2);
    EXPECT_EQ(exit_code({"one", "two"}), 2);
}

TEST(Options, ForHelpAndVersionEndWithStatus0) {
    EXPECT_EQ(exit_code({"--help"}), 0);
    EXPECT_EQ(exit_code({"-V"}), 0);
}

} // namespace
} // namespace mpbridge::app
