#include "repl/repl.hpp"

#include "repl/cut.hpp"
#include "repl/transcripts.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mpbridge::repl {
namespace {

using namespace transcript;

constexpr bool executing = true;

// A process and its client, with the writes and reads between them cut as the splitting says.
class Session {
  public:
    Session(Mode start_in, NewlineFilter& newlines, const Cut& cut)
        : repl(start_in, newlines), cut_(cut) {}

    Session& types(std::string_view written) {
        for (const auto& piece : cut_(written)) {
            repl.input(piece);
        }
        return *this;
    }

    Session& prints(std::string_view printed, bool runs = false) {
        for (const auto& piece : cut_(printed)) {
            const auto actions = repl.output(piece, runs, seen_);
            pastes += actions.paste_begins ? 1 : 0;
            if (actions.send_ctrl_a) {
                ++ctrl_as;
                repl.input(base::bytes_of("\x01"));
            }
        }
        return *this;
    }

    Session& gives_up() {
        repl.give_up_reentry(seen_);
        return *this;
    }

    // What the client got since this was last asked.
    std::string seen() {
        std::string text(base::text_of(seen_));
        seen_.clear();
        return text;
    }

    Repl repl;
    int pastes = 0;
    int ctrl_as = 0;

  private:
    Cut cut_;
    base::Bytes seen_;
};

TEST(Repl, StartsFriendly) {
    for (const auto& cut : cuts(start.size())) {
        NewlineFilter newlines(NewlinePolicy::automatic);
        Session session(Mode::friendly, newlines, cut);
        EXPECT_TRUE(session.repl.takes_input());
        EXPECT_FALSE(session.repl.is_micropython());
        EXPECT_EQ(session.prints(start).seen(), start) << cut;
        EXPECT_TRUE(session.repl.is_micropython());
        EXPECT_EQ(session.ctrl_as, 0);
        EXPECT_EQ(session.repl.mode(), Mode::friendly);
        EXPECT_EQ(session.repl.mode_after_reset(), Mode::friendly);
    }
}

TEST(Repl, StartsRaw) {
    for (const auto& cut : cuts(start.size())) {
        NewlineFilter newlines(NewlinePolicy::automatic);
        Session session(Mode::raw, newlines, cut);
        EXPECT_FALSE(session.repl.takes_input());
        EXPECT_EQ(session.repl.mode_after_reset(), Mode::raw);

        EXPECT_EQ(session.prints(start).seen(), "") << cut;
        EXPECT_EQ(session.ctrl_as, 1);
        EXPECT_FALSE(session.repl.takes_input());
        EXPECT_EQ(session.repl.mode_after_reset(), Mode::raw);

        EXPECT_EQ(session.prints(enter_raw).seen(), raw_prompt) << cut;
        EXPECT_EQ(session.ctrl_as, 1);
        EXPECT_TRUE(session.repl.takes_input());
        EXPECT_EQ(session.repl.mode(), Mode::raw);
        EXPECT_EQ(session.repl.mode_after_reset(), Mode::raw);

        EXPECT_EQ(session.types("print(1)\x04").prints("OK1\n\x04\x04>").seen(), "OK1\n\x04\x04>");
        EXPECT_EQ(session.types("\x02").prints(leave_raw).seen(), leave_raw) << cut;
        EXPECT_EQ(session.repl.mode_after_reset(), Mode::friendly);
    }
}

TEST(Repl, StartsRawWithOutputTrailingTheRawPrompt) {
    NewlineFilter newlines(NewlinePolicy::automatic);
    Session session(Mode::raw, newlines, {});
    session.prints(start);
    EXPECT_EQ(session.prints(enter_raw + "OK1\n\x04\x04>").seen(),
              std::string(raw_prompt) + "OK1\n\x04\x04>");
}

TEST(Repl, ShowsAStartupScriptsOutputWhenItStartsRaw) {
    for (const auto& cut : cuts(start.size())) {
        NewlineFilter newlines(NewlinePolicy::automatic);
        Session session(Mode::raw, newlines, cut);
        EXPECT_EQ(session.prints("hello\r\n" + start).seen(), "hello\r\n") << cut;
        EXPECT_EQ(session.prints(enter_raw).seen(), raw_prompt) << cut;
    }
}

TEST(Repl, CarriesOnFriendlyWhenTheRawReplIsNotReached) {
    for (const auto& cut : cuts(start.size())) {
        NewlineFilter newlines(NewlinePolicy::automatic);
        Session session(Mode::raw, newlines, cut);
        EXPECT_EQ(session.prints("hello\nMicroPy").seen(), "hello\n") << cut;
        EXPECT_EQ(session.gives_up().seen(), "MicroPy");
        EXPECT_TRUE(session.repl.takes_input());
        EXPECT_EQ(session.repl.mode_after_reset(), Mode::friendly);
        EXPECT_EQ(session.prints("thon\r\n>>> ").seen(), "thon\r\n>>> ") << cut;
        EXPECT_EQ(session.ctrl_as, 0);
        EXPECT_EQ(session.gives_up().seen(), "");
    }
}

TEST(Repl, GivesUpNothingInTheFriendlyRepl) {
    NewlineFilter newlines(NewlinePolicy::automatic);
    Session session(Mode::friendly, newlines, {});
    session.prints(start).seen();
    EXPECT_EQ(session.gives_up().seen(), "");
    EXPECT_TRUE(session.repl.takes_input());
}

TEST(Repl, TranslatesFriendlyOutputAndLeavesRawOutput) {
    for (const auto& cut : cuts(start.size())) {
        NewlineFilter newlines(NewlinePolicy::automatic);
        Session session(Mode::friendly, newlines, cut);
        session.prints(start).seen();
        EXPECT_EQ(session.types("print(1)\r").prints("print(1)\r\n1\n>>> ").seen(),
                  "print(1)\r\n1\r\n>>> ");
        EXPECT_EQ(session.types("\x01").prints(enter_raw).seen(), enter_raw);
        EXPECT_EQ(session.types("print(1)\x04").prints("OK1\n\x04\x04>").seen(), "OK1\n\x04\x04>");
        EXPECT_EQ(session.types("\x02").prints(leave_raw).seen(), leave_raw);
        EXPECT_EQ(session.types("print(2)\r").prints("print(2)\r\n2\n>>> ").seen(),
                  "print(2)\r\n2\r\n>>> ");
    }
}

TEST(Repl, ChangesItsRuleInTheMiddleOfAChunk) {
    for (const auto& cut : cuts(200)) {
        NewlineFilter newlines(NewlinePolicy::automatic);
        Session session(Mode::friendly, newlines, cut);
        session.prints(start).seen();
        session.types("print(9)\r\x01print(4)\x04\x02print(5)\r");
        session.prints("print(9)\r\n9\n>>> " + enter_raw + "OK4\n\x04\x04>" + leave_raw +
                       "print(5)\r\n5\n>>> ");
        EXPECT_EQ(session.seen(), "print(9)\r\n9\r\n>>> " + enter_raw + "OK4\n\x04\x04>" +
                                      leave_raw + "print(5)\r\n5\r\n>>> ")
            << cut;
        EXPECT_EQ(session.repl.mode(), Mode::friendly);
    }
}

TEST(Repl, TranslatesByTheModeBeforeTheMark) {
    NewlineFilter newlines(NewlinePolicy::automatic);
    Session session(Mode::friendly, newlines, {});
    session.prints(start).types("sys.ps1='$ '\r").prints("sys.ps1='$ '\r\n$ ").seen();
    session.types("print(1)\r\x01");
    EXPECT_EQ(session.prints("print(1)\r\n1\n$ " + enter_raw).seen(),
              "print(1)\r\n1\r\n$ " + enter_raw);
}

TEST(Repl, FollowsDataAndCommandsOfTheSameBytes) {
    for (const auto& cut : cuts(start.size())) {
        NewlineFilter newlines(NewlinePolicy::automatic);
        Session session(Mode::friendly, newlines, cut);
        session.prints(start);
        session.types("f(stdin.read(2))\r\x01\x02").prints("f(stdin.read(2))\r\n", executing);
        session.prints(enter_raw, executing).prints("\n>>> ");
        ASSERT_EQ(session.repl.mode(), Mode::friendly) << cut;
        session.types("\x01").prints(enter_raw);
        ASSERT_EQ(session.repl.mode(), Mode::raw) << cut;
        session.types("f(stdin.read(2))\x04\x01\x02").prints("OK\n>>> \n\x04\x04>", executing);
        ASSERT_EQ(session.repl.mode(), Mode::raw) << cut;
        session.types("\x02").prints(leave_raw);
        ASSERT_EQ(session.repl.mode(), Mode::friendly) << cut;
    }
}

TEST(Repl, CrlfTranslatesRawAndRawPasteOutput) {
    for (const auto& cut : cuts(start.size())) {
        NewlineFilter newlines(NewlinePolicy::crlf);
        Session session(Mode::friendly, newlines, cut);
        session.prints(start).types("\x01").prints(enter_raw).seen();
        EXPECT_EQ(session.types("print(1)\x04").prints("OK1\n\x04\x04>").seen(),
                  "OK1\r\n\x04\x04>");
        EXPECT_EQ(session.types(paste_request).prints(paste_header).seen(), paste_header) << cut;
        EXPECT_EQ(session.pastes, 1);
        EXPECT_EQ(session.types("f()\x04")
                      .prints("\x01\x04"
                              "7\n\x04\x04>",
                              executing)
                      .seen(),
                  "\x01\x04"
                  "7\r\n\x04\x04>")
            << cut;
        EXPECT_EQ(session.pastes, 1);
    }
}

TEST(Repl, CrlfTranslatesARawPasteInOneChunk) {
    NewlineFilter newlines(NewlinePolicy::crlf);
    Session session(Mode::friendly, newlines, {});
    session.prints(start).types("\x01").prints(enter_raw).seen();
    session.types(paste_request + "print(7)\x04");
    EXPECT_EQ(session
                  .prints(std::string(paste_header) + "\x04"
                                                      "7\n\x04\x04>")
                  .seen(),
              std::string(paste_header) + "\x04"
                                          "7\r\n\x04\x04>");
    EXPECT_EQ(session.pastes, 1);
}

TEST(Repl, CrlfTranslatesAgainAfterAProgramEndedInBinaryOutput) {
    NewlineFilter newlines(NewlinePolicy::crlf);
    Session ended(Mode::friendly, newlines, {});
    ended.prints(start).types("\x01").prints(enter_raw).seen();
    EXPECT_EQ(ended.types("f();sys.exit()\x04").prints("OK\x00\n\x04\x04"sv).seen(),
              "OK\x00\n\x04\x04"sv);

    Session next(ended.repl.mode_after_reset(), newlines, {});
    EXPECT_EQ(next.prints(start).prints(enter_raw).seen(), raw_prompt);
    EXPECT_EQ(next.types("print(1)\x04").prints("OK1\n\x04\x04>").seen(), "OK1\r\n\x04\x04>");
}

TEST(Repl, KeepsMountsConnectionUntouchedAcrossProcesses) {
    NewlineFilter newlines(NewlinePolicy::automatic);
    Session first(Mode::friendly, newlines, {});
    first.prints(start).prints("\x18\x01\n").seen();
    Session second(Mode::friendly, newlines, {});
    EXPECT_EQ(second.prints(start + "print(1)\r\n1\n>>> ").seen(), start + "print(1)\r\n1\n>>> ");
    newlines.connection_begins();
    EXPECT_EQ(second.prints("print(1)\r\n1\n>>> ").seen(), "print(1)\r\n1\r\n>>> ");
}

TEST(Repl, KeepsItsModeForTheNextConnection) {
    NewlineFilter newlines(NewlinePolicy::automatic);
    Session session(Mode::friendly, newlines, {});
    session.prints(start).types("\x01").prints(enter_raw).seen();
    newlines.connection_begins();
    EXPECT_EQ(session.types("print(1)\x04").prints("OK1\n\x04\x04>").seen(), "OK1\n\x04\x04>");
    EXPECT_EQ(session.repl.mode_after_reset(), Mode::raw);
}

TEST(Repl, PassesAProgramThatIsNotMicroPythonUnchanged) {
    for (const auto policy : {NewlinePolicy::automatic, NewlinePolicy::raw, NewlinePolicy::crlf}) {
        for (const auto& cut : cuts(20)) {
            NewlineFilter newlines(policy);
            Session session(Mode::friendly, newlines, cut);
            const auto output = "login:\n\x00 >>> \n\x18\nx\n"s;
            EXPECT_EQ(session.types("\x01\x02").prints(output).seen(), output) << cut;
            EXPECT_FALSE(session.repl.is_micropython());
            EXPECT_EQ(session.repl.mode_after_reset(), Mode::friendly);
        }
    }
}

TEST(Repl, LeavesAnEndedProgramsLastWordsToTheirMode) {
    NewlineFilter newlines(NewlinePolicy::automatic);
    Session friendly(Mode::friendly, newlines, {});
    friendly.prints(start).seen();
    EXPECT_EQ(friendly.types("\x04").prints("\r\n").seen(), "\r\n");
    EXPECT_EQ(friendly.repl.mode_after_reset(), Mode::friendly);

    Session raw(Mode::friendly, newlines, {});
    raw.prints(start).types("\x01\x04").prints(enter_raw + "OK\r\n", executing).seen();
    EXPECT_EQ(raw.repl.mode_after_reset(), Mode::raw);
}

TEST(Repl, ShowsWhatWasHeldWhenTheProcessEndsOnItsWayToTheRawRepl) {
    NewlineFilter newlines(NewlinePolicy::automatic);
    Session session(Mode::raw, newlines, {});
    EXPECT_EQ(session.prints("MicroPython could not").seen(), "");
    base::Bytes held;
    session.repl.release_held(held);
    EXPECT_EQ(base::text_of(held), "MicroPython could not");
    EXPECT_EQ(session.repl.mode_after_reset(), Mode::raw);
}

TEST(Repl, NeedsExecutingAsItsTrackerDoes) {
    NewlineFilter newlines(NewlinePolicy::automatic);
    Session session(Mode::friendly, newlines, {});
    session.prints(start);
    EXPECT_FALSE(session.repl.needs_executing());
    session.types("\x01");
    EXPECT_TRUE(session.repl.needs_executing());
    session.prints(enter_raw);
    EXPECT_FALSE(session.repl.needs_executing());
}

} // namespace
} // namespace mpbridge::repl
