#include "app/config_file.hpp"

#include "app/options.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <string>
#include <vector>

namespace mpbridge::app {
namespace {

using testing::AllOf;
using testing::ElementsAre;

using testing::HasSubstr;

using testing::StartsWith;

class ConfigFile : public testing::Test {
  protected:
    void write(const std::string& text) { std::ofstream(path_, std::ios::binary) << text; }

    std::variant<Options, Exit> parse(const std::vector<std::string>& words) {
        std::vector<const char*> argv{"mpremote-bridge", "--config", path_.c_str()};
        for (const auto& word : words) {
            argv.push_back(word.c_str());
        }
        return parse_options(static_cast<int>(argv.size()), argv.data());
    }

    Options options(const std::string& text, const std::vector<std::string>& words = {}) {
        write(text);
        return std::get<Options>(parse(words));
    }

    // What is said of a wrong file, without the file's name.
    std::string refusal(const std::string& text, const std::vector<std::string>& words = {}) {
        write(text);
        testing::internal::CaptureStderr();
        const auto parsed = parse(words);
        auto said = testing::internal::GetCapturedStderr();
        EXPECT_EQ(std::get<Exit>(parsed).code, 2) << text;
        EXPECT_THAT(said, StartsWith(path_ + ":"));
        return said.substr(0, said.find('\n')).erase(0, path_.size() + 1);
    }

    std::string printed(const std::vector<std::string>& words) {
        testing::internal::CaptureStdout();
        auto with_print = words;
        with_print.emplace_back("--print-config");
        EXPECT_EQ(std::get<Exit>(parse(with_print)).code, 0);
        return testing::internal::GetCapturedStdout();
    }

    // The lines without where they come from.
    static std::vector<std::string> settings(std::string text) {
        std::vector<std::string> lines;
        for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
            const auto line = text.substr(0, end);
            lines.push_back(line.substr(0, line.rfind("  # ")));
            text.erase(0, end + 1);
        }
        return lines;
    }

    const std::string& path() const { return path_; }

  private:
    test::TemporaryDirectory directory_;
    std::string path_ = directory_.path() / "bridge.toml";
};

TEST_F(ConfigFile, GivesOptionsOfEveryKind) {
    const auto parsed = options(R"(
micropython = "/my/micropython"
port = 3000
socket-port = "auto"
host = "localhost"
allow = ["10.0.0.0/8", "::1"]
no-pty = true
pty-mode = "660"
verbose = 2
log-format = "json"
once = true
replay = "64K"
interrupt = "always"
busy-poll = 50
O = 2
X = ["heapsize=4M", "emit=native"]
mp-verbose = 1
micropython-args = ["-i", "'my app.py'"]
sandbox = true
sandbox-path = ["/usr"]
limit-memory = 1000000
limit-files = 20
)");
    EXPECT_EQ(parsed.micropython_path, "/my/micropython");
    EXPECT_EQ(parsed.port, 3000);
    EXPECT_EQ(parsed.socket_port, 0);
    EXPECT_EQ(parsed.host, "localhost");
    EXPECT_EQ(parsed.allow.description(), "10.0.0.0/8, ::1/128");
    EXPECT_FALSE(parsed.pty);
    EXPECT_EQ(parsed.pty_options.mode, 0660U);
    EXPECT_EQ(parsed.verbosity, 2);
    EXPECT_EQ(parsed.log_format, LogFormat::json);
    EXPECT_TRUE(parsed.once);
    EXPECT_EQ(parsed.replay, 65536U);
    EXPECT_EQ(parsed.interrupt, repl::InterruptPolicy::always);
    EXPECT_EQ(parsed.busy_poll_us, 50);
    EXPECT_THAT(micropython_arguments(parsed), ElementsAre("-OO", "-X", "heapsize=4M", "-X",
                                                           "emit=native", "-v", "-i", "my app.py"));
    EXPECT_TRUE(parsed.cage.sandbox);
    EXPECT_THAT(parsed.cage.readable, ElementsAre("/usr"));
    EXPECT_EQ(parsed.cage.limits.memory, 1000000U);
    EXPECT_EQ(parsed.cage.limits.files, 20U);
}

TEST_F(ConfigFile, MayBeEmpty) {
    EXPECT_EQ(options("").port, 2217);
    EXPECT_EQ(options("# nothing\n").port, 2217);
}

TEST_F(ConfigFile, IsReplacedByTheCommandLine) {
    const std::string text = R"(
micropython = "/my/micropython"
port = 3000
allow = ["10.0.0.0/8"]
no-pty = true
verbose = 3
X = ["heapsize=4M", "emit=native"]
sandbox = true
limit-memory = "1M"
)";
    const auto parsed =
        options(text, {"-p", "4000", "--allow", "::1", "--no-pty=false", "-v", "-X", "realtime",
                       "--sandbox=false", "--limit-memory=2M", "/other"});
    EXPECT_EQ(parsed.micropython_path, "/other");
    EXPECT_EQ(parsed.port, 4000);
    EXPECT_EQ(parsed.allow.description(), "::1/128");
    EXPECT_TRUE(parsed.pty);
    EXPECT_EQ(parsed.verbosity, 1);
    EXPECT_THAT(parsed.implementation_options, ElementsAre("realtime"));
    EXPECT_FALSE(parsed.cage.sandbox);
    EXPECT_EQ(parsed.cage.limits.memory, std::uint64_t{2} << 20U);
    EXPECT_EQ(options(text, {"--verbose=0"}).verbosity, 0);
}

TEST_F(ConfigFile, MayGiveWhatAnOptionOfTheCommandLineNeeds) {
    EXPECT_THAT(options("sandbox = true", {"--sandbox-path=/usr"}).cage.readable,
                ElementsAre("/usr"));
}

TEST_F(ConfigFile, TakesNothingForWhatIsNotGiven) {
    const auto parsed = options(R"(
host = ""
allow = []
cwd = ""
pty-group = ""
limit-memory = ""
limit-files = ""
sandbox-path = []
)");
    EXPECT_EQ(parsed.host, "");
    EXPECT_TRUE(parsed.allow.is_empty());
    EXPECT_FALSE(parsed.cage.limits.memory);
    EXPECT_FALSE(parsed.cage.limits.files);
}

TEST_F(ConfigFile, IsToldTheLineTheKeyAndTheReason) {
    EXPECT_EQ(refusal("\nprot = 2217"), "2: prot: unknown key");
    EXPECT_EQ(refusal("p = 2217"), "1: p: unknown key");
    EXPECT_EQ(refusal("[bridge]\nport = 2217"), "1: bridge: unknown key");
    EXPECT_EQ(refusal("host = 5"), "1: host: must be a string");
    EXPECT_EQ(refusal("standby = \"1\""), "1: standby: must be a number");
    EXPECT_EQ(refusal("busy-poll = 1.0"), "1: busy-poll: must be a number");
    EXPECT_EQ(refusal("port = true"), "1: port: must be a number or a string");
    EXPECT_EQ(refusal("no-pty = 1"), "1: no-pty: must be true or false");
    EXPECT_EQ(refusal("verbose = true"), "1: verbose: must be a number");
    EXPECT_EQ(refusal("pty-mode = 600"), "1: pty-mode: must be a string");
    EXPECT_EQ(refusal("allow = \"::1\""), "1: allow: must be an array of strings");
    EXPECT_EQ(refusal("allow = [1]"), "1: allow: must be an array of strings");
    EXPECT_EQ(refusal("cwd = \"a\\u0000b\""), "1: cwd: must not contain a NUL character");
    EXPECT_EQ(refusal("# x\n\nport = 65536"),
              "3: port: 65536 is neither auto nor a number from 0 to 65535");
    EXPECT_EQ(refusal("verbose = -1"), "1: verbose: -1 is not a number from 0 to 9999");
    EXPECT_THAT(refusal("allow = [\n\"::1\",\n\"x\"]"), StartsWith("1: allow: "));
    EXPECT_THAT(refusal("newline = \"\""), StartsWith("1: newline: "));
    EXPECT_THAT(refusal("standby = 17"), StartsWith("1: standby: "));
    EXPECT_THAT(refusal("limit-memory = 0"), StartsWith("1: limit-memory: "));
    EXPECT_THAT(refusal("limit-memory = -1"), StartsWith("1: limit-memory: "));
    EXPECT_THAT(refusal("replay = \"1Q\""), StartsWith("1: replay: "));
}

TEST_F(ConfigFile, IsToldWhichLinesDoNotGoTogether) {
    EXPECT_EQ(refusal("port = 7\nsocket-port = 7"),
              "1: " + path() + ":2: --port, --socket-port: both are 7");
    EXPECT_EQ(refusal("\nport = 7", {"-s", "7"}), "2: --port, --socket-port: both are 7");
    EXPECT_EQ(refusal("sandbox-net = true"), "1: --sandbox-net requires --sandbox");
}

TEST_F(ConfigFile, HasItsFirstMistakeReported) {
    EXPECT_THAT(refusal("verbose = 1\nz = 1\na = 1"), StartsWith("2: z: "));
}

TEST_F(ConfigFile, IsCheckedWhereTheCommandLineReplacesItToo) {
    EXPECT_THAT(refusal("port = -1", {"-p", "3000"}), StartsWith("1: port: "));
}

TEST_F(ConfigFile, HasNoOptionsThatAreForTheCommandLineOnly) {
    for (const std::string key : {"config", "print-config", "help", "version"}) {
        EXPECT_EQ(refusal(key + " = true"), "1: " + key + ": is for the command line only");
    }
}

TEST_F(ConfigFile, ThatIsNoTomlIsRefusedWithItsLine) {
    EXPECT_THAT(refusal("port = 1\nhost = \"a"), StartsWith("2: "));
    EXPECT_THAT(refusal("port = 1\nport = 2"), AllOf(StartsWith("2: "), HasSubstr("port")));
    EXPECT_THAT(refusal("host = \"\xFF\""), StartsWith("1: "));
}

TEST_F(ConfigFile, ThatCannotBeReadIsRefusedWithTheReason) {
    const auto said_of = [](const char* file) {
        const std::vector<const char*> argv{"mpremote-bridge", "--config", file};
        testing::internal::CaptureStderr();
        EXPECT_EQ(std::get<Exit>(parse_options(3, argv.data())).code, 2) << file;
        return testing::internal::GetCapturedStderr();
    };
    EXPECT_THAT(said_of("/no/such.toml"),
                StartsWith("Cannot read /no/such.toml: No such file or directory\n"));
    EXPECT_THAT(said_of("/"), StartsWith("Cannot read /: Is a directory\n"));
    EXPECT_THAT(said_of("/dev/zero"), StartsWith("Cannot read /dev/zero: larger than 1 MiB\n"));
}

TEST_F(ConfigFile, IsNamedWhereItsValuesAreInForce) {
    write("port = 3000\n\nhost = \"\"\nverbose = 1\n");
    const auto text = "\n" + printed({"-vv", "-X", "a", "-X", "b"});
    EXPECT_THAT(text, HasSubstr("\nport = 3000  # " + path() + ":1\n"));
    EXPECT_THAT(text, HasSubstr("\nhost = \"\"  # " + path() + ":3\n"));
    EXPECT_THAT(text, HasSubstr("\nverbose = 2  # command line\n"));
    EXPECT_THAT(text, HasSubstr("\nX = [\"a\", \"b\"]  # command line\n"));
    EXPECT_THAT(text, HasSubstr("\nsocket-port = 2218  # default\n"));
    EXPECT_THAT(text, HasSubstr("\nlimit-memory = \"\"  # default\n"));
}

TEST_F(ConfigFile, ThatWasPrintedGivesTheSameAgain) {
    const std::vector<std::vector<std::string>> command_lines{
        {},
        {"-p", "auto", "-s", "0", "-H", "::1", "--no-pty", "--pty-mode=0640", "-vvv"},
        {"--replay=64K", "--limit-memory=0x10000", "--limit-file-size=9223372036854775807"},
        {"--sandbox", "--sandbox-path", "/a b", "--sandbox-path", "", "--sandbox-net"},
        {"--micropython-args", R"(-c 'print("\\", "#")')", "--micropython-args",
         "a\nb\t\x7f \"'''\" '\"\"\"'"},
        {"-OO", "--mp-verbose", "--cwd", "\xC3\xBC\xE2\x82\xAC\x1b", "--pty-link=#", "/x = y"},
        {"--allow=10.0.0.1/8", "--log-format=json", "--once", "--sandbox=false"},
    };
    for (const auto& words : command_lines) {
        write("");
        const auto first = printed(words);
        write(first);
        EXPECT_EQ(settings(printed({})), settings(first));
    }
}

TEST_F(ConfigFile, CannotBePrintedWhereItWouldNotBeUtf8) {
    write("");
    testing::internal::CaptureStderr();
    EXPECT_EQ(std::get<Exit>(parse({"--cwd", "\xFF", "--print-config"})).code, 2);
    EXPECT_THAT(testing::internal::GetCapturedStderr(), StartsWith("'\\xff' is not UTF-8"));
}

} // namespace
} // namespace mpbridge::app
