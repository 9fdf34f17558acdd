#include "repl/mode_tracker.hpp"

#include "base/text.hpp"
#include "repl/cut.hpp"
#include "repl/transcripts.hpp"
#include "support/random_bytes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace mpbridge::repl {
namespace {

using namespace transcript;
using Mark = ModeTracker::Mark;

// What the process read, what it printed then, and whether it ran code when that was looked at.
struct Turn {
    std::string input;
    std::string output;
    bool executing = false;
};
using Session = std::vector<Turn>;

std::string visible(const Session& session) {
    std::string text;
    for (const auto& turn : session) {
        text.append("\n-> ").append(base::visible(base::bytes_of(turn.input)));
        text.append("\n<- ").append(base::visible(base::bytes_of(turn.output)));
        text.append(turn.executing ? " (executing)" : "");
    }
    return text;
}

constexpr bool executing = true;

// What the tracker made of a session: the output with each mark in its place.
struct Seen {
    std::string output;
    Mode mode = Mode::friendly;
    bool is_micropython = false;
    bool needs_executing = false;
};

std::string_view name(Mark mark) {
    switch (mark) {
    case Mark::friendly_prompt:
        return "<friendly>";
    case Mark::raw_prompt:
        return "<raw>";
    case Mark::paste_begins:
        return "<paste>";
    case Mark::none:
        break;
    }
    return "";
}

void feed(ModeTracker& tracker, base::ByteView output, bool runs, std::string& seen) {
    while (!output.empty()) {
        const auto before = output.size();
        const auto step = tracker.next(output, runs);
        ASSERT_EQ(step.output.size() + output.size(), before);
        ASSERT_FALSE(step.output.empty());
        seen.append(base::text_of(step.output)).append(name(step.mark));
    }
}

Seen play(const Session& session, const Cut& cut) {
    ModeTracker tracker;
    Seen seen;
    for (const auto& turn : session) {
        for (const auto& piece : cut(turn.input)) {
            tracker.input(piece);
        }
        for (const auto& piece : cut(turn.output)) {
            feed(tracker, piece, turn.executing, seen.output);
        }
    }
    seen.mode = tracker.mode();
    seen.is_micropython = tracker.is_micropython();
    seen.needs_executing = tracker.needs_executing();
    return seen;
}

void expect(const Session& session, const std::string& output, Mode mode) {
    std::size_t longest = 0;
    for (const auto& turn : session) {
        longest = std::max({longest, turn.input.size(), turn.output.size()});
    }
    for (const auto& cut : cuts(longest)) {
        const auto seen = play(session, cut);
        ASSERT_EQ(seen.output, output) << cut;
        ASSERT_EQ(seen.mode, mode) << cut;
    }
}

// Also with a trailing text, which shall change nothing.
void expect_session(Session session, const std::string& output, Mode mode) {
    expect(session, output, mode);
    constexpr auto trailing = "x >> raw R\x01 y"sv;
    session.back().output += trailing;
    expect(session, output + std::string(trailing), mode);
}

const Turn starts{"", start};
const Turn enters_raw{"\x01", enter_raw};
const Turn leaves_raw{"\x02", leave_raw};

const auto start_seen = start + "<friendly>";
const auto enter_raw_seen = enter_raw + "<raw>";
const auto leave_raw_seen = leave_raw + "<friendly>";

TEST(ModeTracker, StartsInTheFriendlyRepl) {
    const ModeTracker tracker;
    EXPECT_EQ(tracker.mode(), Mode::friendly);
    EXPECT_FALSE(tracker.is_micropython());
    EXPECT_FALSE(tracker.needs_executing());
}

TEST(ModeTracker, MarksFriendlyPrompts) {
    expect_session({starts, {"print(1)\r", "print(1)\r\n1\n>>> "}},
                   start_seen + "print(1)\r\n1\n>>> <friendly>", Mode::friendly);
    expect_session({starts, {"print(1,end='')\r", "print(1,end='')\r\n1>>> "}},
                   start_seen + "print(1,end='')\r\n1>>> <friendly>", Mode::friendly);
    expect_session({starts, {"\r\x03", "\r\n>>> \r\n>>> "}},
                   start_seen + "\r\n>>> <friendly>\r\n>>> <friendly>", Mode::friendly);
    expect_session({{"", ">>>> "}}, ">>>> <friendly>", Mode::friendly);
    expect_session({{"", ">>>\n> > >>>x>> > "}}, ">>>\n> > >>>x>> > ", Mode::friendly);
}

TEST(ModeTracker, EntersTheRawRepl) {
    expect_session({starts, enters_raw}, start_seen + enter_raw_seen, Mode::raw);
}

TEST(ModeTracker, EntersTheRawReplWithWhatMpremoteSends) {
    expect_session({starts, {"\r\x03\x01", "\r\n>>> \r\n>>> " + enter_raw}},
                   start_seen + "\r\n>>> <friendly>\r\n>>> <friendly>" + enter_raw_seen, Mode::raw);
}

TEST(ModeTracker, MarksTheRawPromptAgainWhenAskedForIt) {
    const std::string again(raw_prompt);
    expect_session({starts, enters_raw, {"\x01", again}},
                   start_seen + enter_raw_seen + again + "<raw>", Mode::raw);
}

TEST(ModeTracker, LeavesTheRawRepl) {
    expect_session({starts, enters_raw, leaves_raw}, start_seen + enter_raw_seen + leave_raw_seen,
                   Mode::friendly);
}

TEST(ModeTracker, LeavesTheRawReplOfARelease) {
    const auto leave = "\r\n"s.append(release_banner).append(prompt);
    expect_session({starts, enters_raw, {"\x02", leave}},
                   start_seen + enter_raw_seen + leave + "<friendly>", Mode::friendly);
}

TEST(ModeTracker, FollowsManyChanges) {
    Session session{starts};
    auto seen = start_seen;
    for (int i = 0; i < 5; ++i) {
        session.insert(session.end(), {enters_raw, leaves_raw});
        seen += enter_raw_seen + leave_raw_seen;
    }
    expect_session(session, seen, Mode::friendly);
    session.push_back(enters_raw);
    expect_session(session, seen + enter_raw_seen, Mode::raw);
}

TEST(ModeTracker, MarksTheEndOfRawExecution) {
    expect_session({starts, enters_raw, {"print(5)\x04", "OK5\n\x04\x04>"}},
                   start_seen + enter_raw_seen + "OK5\n\x04\x04><raw>", Mode::raw);
    const auto error = "OK\x04Traceback (most recent call last):\n"
                       "  File \"<stdin>\", line 1, in <module>\n"
                       "ZeroDivisionError: divide by zero\n\x04>"s;
    expect_session({starts, enters_raw, {"1/0\x04", error}},
                   start_seen + enter_raw_seen + error + "<raw>", Mode::raw);
}

TEST(ModeTracker, StaysRawWhenAProgramPrintsAFriendlyPrompt) {
    expect_session({starts, enters_raw, {"print('>>> ')\x04", "OK>>> \n\x04\x04>"}},
                   start_seen + enter_raw_seen + "OK>>> \n\x04\x04><raw>", Mode::raw);
    expect_session({starts, enters_raw, {"print('\\n>>> ')\x04", "OK\n>>> \n\x04\x04>"}},
                   start_seen + enter_raw_seen + "OK\n>>> \n\x04\x04><raw>", Mode::raw);
}

TEST(ModeTracker, StaysRawWhenAProgramPrintsABannerWithItsPrompt) {
    const auto output = "OK" + leave_raw + "\x04\x04>";
    expect_session({starts, enters_raw, {"print(banner)\x04", output, executing}},
                   start_seen + enter_raw_seen + output + "<raw>", Mode::raw);
}

TEST(ModeTracker, StaysRawWhenAProgramReadsCtrlB) {
    const auto output = "OKb'\\x01\\x02'\n>>> \x04\x04>"s;
    expect_session({starts, enters_raw, {"print(stdin.read(2), '>>> ')\x04\x01\x02", output}},
                   start_seen + enter_raw_seen + output + "<raw>", Mode::raw);
}

TEST(ModeTracker, StaysRawWhenTheBannerCameBeforeTheRawPrompt) {
    expect_session({{"\x02", start}, enters_raw, {"print('>>> ')\x04", "OK\n>>> \x04\x04>"}},
                   start_seen + enter_raw_seen + "OK\n>>> \x04\x04><raw>", Mode::raw);
    expect_session({starts, {"\x02", leave_raw}, enters_raw, {"print()\x04", "OK>>> \x04\x04>"}},
                   start_seen + leave_raw_seen + enter_raw_seen + "OK>>> \x04\x04><raw>",
                   Mode::raw);
}

TEST(ModeTracker, StaysRawWhenAnOldCtrlBMeetsAPrintedBanner) {
    const auto output = "OK" + leave_raw + "\x04\x04>";
    const Turn prints_banner{"print(banner)\x04", output, executing};
    // Ctrl-B at the friendly prompt prints the banner; there it has done its work.
    expect_session({starts, leaves_raw, enters_raw, prints_banner},
                   start_seen + leave_raw_seen + enter_raw_seen + output + "<raw>", Mode::raw);
    const Turn reads_ctrl_b{"stdin.read(1)\r\x02", "stdin.read(1)\r\n'\\x02'\n>>> "};
    expect_session({starts, reads_ctrl_b, enters_raw, prints_banner},
                   start_seen + reads_ctrl_b.output + "<friendly>" + enter_raw_seen + output +
                       "<raw>",
                   Mode::raw);
}

TEST(ModeTracker, StaysRawWhenACtrlBThatHasLeftItMeetsAPrintedBanner) {
    const auto output = "OK" + leave_raw + "\x04\x04>";
    expect_session(
        {starts, enters_raw, leaves_raw, enters_raw, {"print(banner)\x04", output, executing}},
        start_seen + enter_raw_seen + leave_raw_seen + enter_raw_seen + output + "<raw>",
        Mode::raw);
}

TEST(ModeTracker, StaysRawWhenALineReadsLikeABannerWithoutItsLineEnd) {
    const auto output = "OK\nMicroPython v1.0 on x\n>>> \x04\x04>"s;
    expect_session({starts, enters_raw, {"x\x04\x02", output}},
                   start_seen + enter_raw_seen + output + "<raw>", Mode::raw);
}

TEST(ModeTracker, StaysFriendlyWhenAProgramPrintsTheRawPromptUnasked) {
    for (const bool runs : {true, false}) {
        const auto output = "print(text)\r\n" + enter_raw + "\n>>> ";
        expect_session({starts, {"print(text)\r", output, runs}},
                       start_seen + output + "<friendly>", Mode::friendly);
        const auto fake = "print(text)\r\n>>> <friendly>" + enter_raw + "\n>>> ";
        expect_session(
            {starts, {"print(text)\r", "print(text)\r\n>>> " + enter_raw + "\n>>> ", runs}},
            start_seen + fake + "<friendly>", Mode::friendly);
    }
}

TEST(ModeTracker, StaysFriendlyWhenARunningProgramReadsCtrlAAndPrintsTheRawPrompt) {
    const auto output = "stdin.read(2)\r\n'\\x01\\x02'" + enter_raw;
    expect_session({starts, {"stdin.read(2)\r\x01\x02", output, executing}, {"", "\n>>> "}},
                   start_seen + output + "\n>>> <friendly>", Mode::friendly);
}

TEST(ModeTracker, StaysFriendlyWhenThePrintedPromptIsNotExact) {
    const auto output = "raw REPL; CTRL-B to exit\n>raw REPL; CTRL-B to exit \r\n>"
                        "aw REPL; CTRL-B to exit\r\n>\r\n>"s;
    expect_session({starts, {"\x01", output}}, start_seen + output, Mode::friendly);
}

TEST(ModeTracker, StaysFriendlyWhenCtrlAWasAnsweredInTheRawReplBefore) {
    // Raw-paste requests and repeated Ctrl-As belong to the raw REPL that is left here.
    const auto prints = ">>> <friendly>" + enter_raw;
    const std::string header(paste_header);
    expect_session({starts,
                    enters_raw,
                    {"\x01", std::string(raw_prompt)},
                    {paste_request, header},
                    {"pass\x04", "\x04\x04\x04>"},
                    leaves_raw,
                    {"print(text)\r", ">>> " + enter_raw, executing}},
                   start_seen + enter_raw_seen + std::string(raw_prompt) + "<raw>" + header +
                       "<paste>\x04\x04\x04><raw>" + leave_raw_seen + prints,
                   Mode::friendly);
}

// Ctrl-A within a line only moves the cursor. The program that prints the text has ended by the
// time its output is looked at: the friendly prompt behind the text tells.
TEST(ModeTracker, StaysFriendlyWhenAProgramThatPrintedTheRawPromptHasEnded) {
    const auto output = "print(text)\x1b[11Dprint(text)\r\n" + enter_raw + ">>> ";
    EXPECT_EQ(play({starts, {"print(text)\x01\r", output}}, {}).mode, Mode::friendly);
}

TEST(ModeTracker, EntersTheRawReplBehindAnEditedLine) {
    const auto output = "a\x08\x1b[K" + enter_raw;
    expect_session({starts, {"a\x7f\x01", output}}, start_seen + output + "<raw>", Mode::raw);
}

TEST(ModeTracker, EntersTheRawReplBehindAPromptOfTheProgramsOwn) {
    const auto output = "sys.ps1='$ '\r\n$ " + enter_raw;
    expect_session({starts, {"sys.ps1='$ '\r\x01", output}}, start_seen + output + "<raw>",
                   Mode::raw);
}

TEST(ModeTracker, FollowsTypedAheadRawExecution) {
    const auto output = enter_raw + "OK1\n\x04\x04>";
    for (const bool runs : {true, false}) {
        expect_session({starts, {"\x01print(1)\x04", output, runs}},
                       start_seen + enter_raw_seen + "OK1\n\x04\x04><raw>", Mode::raw);
        // All of it before the process has printed anything.
        expect_session({{"\x01print(1)\x04", start + output, runs}},
                       start_seen + enter_raw_seen + "OK1\n\x04\x04><raw>", Mode::raw);
    }
}

TEST(ModeTracker, FollowsCtrlATypedAheadOfARunningProgramsEnd) {
    const auto runs = "sleep(1);print(9)\r\n9\n>>> "s;
    expect_session({starts, {"sleep(1);print(9)\r\x01print(4)\x04", runs + enter_raw, executing}},
                   start_seen + runs + "<friendly>" + enter_raw_seen, Mode::raw);
}

TEST(ModeTracker, FollowsCtrlBTypedAhead) {
    expect_session({starts, {"\x01\x02", enter_raw + leave_raw, executing}},
                   start_seen + enter_raw_seen + leave_raw_seen, Mode::friendly);
    const auto exec = "OK4\n\x04\x04>"s;
    expect_session({starts, {"\x01print(4)\x04\x02", enter_raw + exec + leave_raw}},
                   start_seen + enter_raw_seen + exec + "<raw>" + leave_raw_seen, Mode::friendly);
}

TEST(ModeTracker, FollowsCtrlBAndCtrlATypedAheadInTheRawRepl) {
    expect_session({starts, enters_raw, {"\x02\x01", leave_raw + enter_raw}},
                   start_seen + enter_raw_seen + leave_raw_seen + enter_raw_seen, Mode::raw);
}

TEST(ModeTracker, FollowsSeveralChangesTypedAheadInOneWrite) {
    const auto first = "OK1\n\x04\x04>"s;
    const auto second = "OK2\n\x04\x04>"s;
    expect_session({starts,
                    {"\x01print(1)\x04\x02\x01print(2)\x04",
                     enter_raw + first + leave_raw + enter_raw + second}},
                   start_seen + enter_raw_seen + first + "<raw>" + leave_raw_seen + enter_raw_seen +
                       second + "<raw>",
                   Mode::raw);
}

TEST(ModeTracker, MarksTheBeginningOfARawPaste) {
    const std::string header(paste_header);
    const Turn pastes{"print(7)\x04", "\x04"
                                      "7\n\x04\x04>"};
    expect_session({starts, enters_raw, {paste_request, header}, pastes},
                   start_seen + enter_raw_seen + header +
                       "<paste>\x04"
                       "7\n\x04\x04><raw>",
                   Mode::raw);
    // All in one write, and as long as the board opens the window wider on the way.
    expect_session({starts,
                    enters_raw,
                    {paste_request + "print(7)\x04", header + "\x01\x01\x04"
                                                              "7\n\x04\x04>"}},
                   start_seen + enter_raw_seen + header +
                       "<paste>\x01\x01\x04"
                       "7\n\x04\x04><raw>",
                   Mode::raw);
}

TEST(ModeTracker, MarksEveryRawPaste) {
    const std::string header(paste_header);
    Session session{starts, enters_raw};
    auto seen = start_seen + enter_raw_seen;
    for (int i = 0; i < 3; ++i) {
        session.push_back({paste_request, header});
        session.push_back({"pass\x04", "\x04\x04\x04>"});
        seen += header + "<paste>\x04\x04\x04><raw>";
    }
    expect_session(session, seen, Mode::raw);
}

TEST(ModeTracker, MarksARawPasteWithAnyWindowSize) {
    for (const auto header : {"R\x01\x01\x01\x01"sv, "R\x01>\x00\x01"sv, "R\x01\x00>\x01"sv,
                              "R\x01\x00\x0a\x01"sv, "R\x01R\x01\x01"sv}) {
        expect_session({starts, enters_raw, {paste_request, std::string(header)}},
                       start_seen + enter_raw_seen + std::string(header) + "<paste>", Mode::raw);
    }
}

TEST(ModeTracker, MarksNoRawPasteThatWasNotAskedFor) {
    const std::string header(paste_header);
    expect_session({starts, enters_raw, {"print(text)\x04", "OK" + header + "\n\x04\x04>"}},
                   start_seen + enter_raw_seen + "OK" + header + "\n\x04\x04><raw>", Mode::raw);
    expect_session({starts, {paste_request, header}}, start_seen + header, Mode::friendly);
}

TEST(ModeTracker, MarksNoRawPasteThatWasRefused) {
    const auto refused = "R\x00"s;
    const auto printed = "OK" + std::string(paste_header) + "\x04\x04>";
    expect_session({starts,
                    enters_raw,
                    {paste_request, refused},
                    {"pass\x04", "OK\x04\x04>"},
                    {"print(text)\x04", printed}},
                   start_seen + enter_raw_seen + refused + "OK\x04\x04><raw>" + printed + "<raw>",
                   Mode::raw);
}

// A second request begins while the first is not answered, and goes on after that.
TEST(ModeTracker, RemembersHalfARequestForARawPasteWhileAnotherIsOpen) {
    const std::string header(paste_header);
    const auto refused = "R\x00OK\x04\x04>"s;
    expect_session({starts, enters_raw, {paste_request, ""}, {"\x05", refused}, {"A\x01", header}},
                   start_seen + enter_raw_seen + refused + "<raw>" + header + "<paste>", Mode::raw);
    const auto printed = "OK" + header + "\x04\x04>";
    EXPECT_EQ(play({starts,
                    enters_raw,
                    {paste_request, ""},
                    {"\x05"
                     "A",
                     refused},
                    {"\x01", printed}},
                   {})
                  .output,
              start_seen + enter_raw_seen + refused + "<raw>" + printed + "<raw>");
}

TEST(ModeTracker, MarksARawPasteTypedAheadWithCtrlA) {
    const std::string header(paste_header);
    expect_session({starts, {"\x01" + paste_request, enter_raw + header}},
                   start_seen + enter_raw_seen + header + "<paste>", Mode::raw);
}

TEST(ModeTracker, MarksARawPasteTypedAheadOfTheFriendlyPrompt) {
    const std::string header(paste_header);
    const auto runs = "sleep(1)\r\n>>> "s;
    expect_session(
        {starts, {"sleep(1)\r\x01" + paste_request, runs + enter_raw + header, executing}},
        start_seen + runs + "<friendly>" + enter_raw_seen + header + "<paste>", Mode::raw);
}

TEST(ModeTracker, MarksARawPasteTypedAheadOfTheRawPrompt) {
    const std::string header(paste_header);
    const auto exec = "OK1\n\x04\x04>"s;
    expect_session({starts, enters_raw, {"print(1)\x04" + paste_request, exec + header}},
                   start_seen + enter_raw_seen + exec + "<raw>" + header + "<paste>", Mode::raw);
}

TEST(ModeTracker, KnowsMicroPythonByAPromptAtTheBeginningOfALine) {
    const auto is_micropython = [](const std::string& output) {
        const auto whole = play({{"", output}}, Cut{}).is_micropython;
        for (const auto& cut : cuts(output.size())) {
            EXPECT_EQ(play({{"", output}}, cut).is_micropython, whole) << cut;
        }
        return whole;
    };
    EXPECT_TRUE(is_micropython(start));
    EXPECT_TRUE(is_micropython(">>> "));
    EXPECT_TRUE(is_micropython("hello\n>>> more"));
    EXPECT_FALSE(is_micropython(""));
    EXPECT_FALSE(is_micropython(std::string(banner)));
    EXPECT_FALSE(is_micropython("hello>>> "));
    EXPECT_FALSE(is_micropython(">>>> "));
    EXPECT_FALSE(is_micropython(">>>\n"));
    EXPECT_FALSE(is_micropython(std::string(2000, 'x') + ">>> "));
}

TEST(ModeTracker, AsksForExecutingOnlyWhenItMatters) {
    const auto needs = [](const Session& session) { return play(session, {}).needs_executing; };
    EXPECT_FALSE(needs({starts}));
    EXPECT_FALSE(needs({starts, {"print(1)\r\x02", ""}}));
    EXPECT_TRUE(needs({starts, {"\x01", ""}}));
    EXPECT_TRUE(needs({starts, {"\x01", "\r\nraw REPL; CTRL-B to exit\r\n"}}));
    EXPECT_FALSE(needs({starts, enters_raw}));
    EXPECT_FALSE(needs({starts, enters_raw, {"\x01", ""}}));
    EXPECT_FALSE(needs({starts, enters_raw, leaves_raw}));
}

TEST(ModeTracker, FindsPromptsBehindMuchOutput) {
    const auto flood = std::string(1500, 'x') + "\n" + std::string(700, '>') + "\n";
    expect({starts, {"f()\r", flood + ">>> "}, enters_raw},
           start_seen + flood + ">>> <friendly>" + enter_raw_seen, Mode::raw);
    expect({starts, enters_raw, {"f()\x04", "OK" + flood + "\x04\x04>"}, leaves_raw},
           start_seen + enter_raw_seen + "OK" + flood + "\x04\x04><raw>" + leave_raw_seen,
           Mode::friendly);
}

std::string random_text(test::Random& random, const std::vector<std::string_view>& words) {
    std::string text;
    for (std::size_t left = test::below(random, 12); left > 0; --left) {
        text += words[test::below(random, words.size())];
    }
    return text;
}

TEST(ModeTracker, SeesRandomSessionsTheSameHoweverTheyAreCut) {
    const std::vector<std::string_view> inputs{"\x01", "\x02", "\x04", "\x05", "A", paste_request};
    const std::vector<std::string_view> outputs{
        ">",   "> ",      prompt,       raw_prompt, "\r\n",     "\x04>",        "\n",
        "R",   "\x01",    paste_header, "OK",       "\x80\0"sv, "MicroPython ", "raw REPL",
        start, enter_raw, leave_raw};
    test::Random random;
    for (int i = 0; i < 1000; ++i) {
        Session session;
        for (int turn = 0; turn < 3; ++turn) {
            session.push_back({random_text(random, inputs), random_text(random, outputs),
                               test::below(random, 2) == 0});
        }
        const auto whole = play(session, {});
        for (const auto& cut : cuts(8)) {
            const auto seen = play(session, cut);
            ASSERT_EQ(seen.output, whole.output) << cut << visible(session);
            ASSERT_EQ(seen.mode, whole.mode) << cut << visible(session);
            ASSERT_EQ(seen.is_micropython, whole.is_micropython) << cut << visible(session);
        }
    }
}

} // namespace
} // namespace mpbridge::repl
