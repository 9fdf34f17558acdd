#include "repl/raw_reentry.hpp"

#include "repl/cut.hpp"
#include "repl/transcripts.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mpbridge::repl {
namespace {

using namespace transcript;

// A fresh process with its tracker, read in pieces as the splitting says.
class Process {
  public:
    explicit Process(const Cut& cut) : cut_(cut) {}

    void prints(std::string_view output) {
        for (const auto& piece : cut_(output)) {
            base::ByteView rest = piece;
            while (!rest.empty()) {
                take(tracker_.next(rest, false));
            }
        }
    }

    // The client's view, with what was done in its place.
    std::string seen() const { return std::string(base::text_of(seen_)); }

    void gives_up() { reentry_.give_up(seen_); }

  private:
    void take(const ModeTracker::Step& step) {
        if (done_) {
            base::append(seen_, step.output);
            return;
        }
        switch (reentry_.output(step, seen_)) {
        case RawReentry::Action::send_ctrl_a:
            tracker_.input(base::bytes_of("\x01"));
            base::append(seen_, base::bytes_of("<ctrl-a>"));
            break;
        case RawReentry::Action::done:
            base::append(seen_, base::bytes_of("<done>"));
            done_ = true;
            break;
        case RawReentry::Action::none:
            break;
        }
    }

    Cut cut_;
    ModeTracker tracker_;
    RawReentry reentry_;
    base::Bytes seen_;
    bool done_ = false;
};

const auto reentered = "<ctrl-a>" + std::string(raw_prompt) + "<done>";

// What a process prints up to its prompt, and what of it the client shall see before the re-entry.
void expect_reentry(const std::string& printed, const std::string& seen) {
    for (const auto& cut : cuts(printed.size())) {
        Process process(cut);
        process.prints(printed);
        ASSERT_EQ(process.seen(), seen + "<ctrl-a>") << cut;
        process.prints(enter_raw);
        ASSERT_EQ(process.seen(), seen + reentered) << cut;
    }
}

TEST(RawReentry, SwallowsBannerAndPrompt) {
    expect_reentry(start, "");
    expect_reentry(std::string(release_banner).append(prompt), "");
}

TEST(RawReentry, PassesOnWhatFollowsTheRawPrompt) {
    for (const auto& cut : cuts(start.size())) {
        Process process(cut);
        process.prints(start);
        process.prints(enter_raw + "OK1\n\x04\x04>");
        EXPECT_EQ(process.seen(), reentered + "OK1\n\x04\x04>") << cut;
    }
}

TEST(RawReentry, ShowsWhatAScriptPrintsBeforeTheBanner) {
    expect_reentry("hello\n" + start, "hello\n");
    expect_reentry("Traceback (most recent call last):\n  File \"main.py\", line 1\n" + start,
                   "Traceback (most recent call last):\n  File \"main.py\", line 1\n");
    expect_reentry("\r\n\n\x00\x04>\n"s + start, "\r\n\n\x00\x04>\n"s);
}

TEST(RawReentry, ShowsWhatAScriptPrintsAtOnce) {
    Process process(Cut{1, 1});
    process.prints("one\n2");
    EXPECT_EQ(process.seen(), "one\n2");
}

TEST(RawReentry, ShowsALineWithoutItsEndBeforeTheBanner) {
    expect_reentry("x" + start, "x");
    expect_reentry("hello\nwait ..." + start, "hello\nwait ...");
}

TEST(RawReentry, SwallowsThePromptWithoutABanner) {
    expect_reentry(std::string(prompt), "");
    expect_reentry("hello\n" + std::string(prompt), "hello\n");
    expect_reentry("hello" + std::string(prompt), "hello");
}

TEST(RawReentry, ShowsLinesThatOnlyBeginLikeABanner) {
    expect_reentry("Micro\n" + start, "Micro\n");
    expect_reentry("MicroPython\n" + start, "MicroPython\n");
    expect_reentry("M\nMi\nMicroPyth0n \n" + start, "M\nMi\nMicroPyth0n \n");
    expect_reentry(" MicroPython rules\n" + start, " MicroPython rules\n");
    expect_reentry("I like MicroPython " + std::string("a lot\n") + start,
                   "I like MicroPython a lot\n");
}

TEST(RawReentry, ShowsALineThatReadsLikeABannerButIsNone) {
    expect_reentry("MicroPython is fun\nbye\n" + start, "MicroPython is fun\nbye\n");
}

TEST(RawReentry, HoldsNoMoreThanABannerCouldBe) {
    const auto flood = "MicroPython " + std::string(3000, 'x');
    for (const auto& cut : {Cut{}, Cut{1, 1}, Cut{100, 100}}) {
        Process process(cut);
        process.prints(flood.substr(0, 1000));
        EXPECT_EQ(process.seen(), "") << cut;
        process.prints(flood.substr(1000));
        EXPECT_EQ(process.seen(), flood) << cut;
        process.prints("\n" + start + enter_raw);
    }
}

TEST(RawReentry, SwallowsTheBannerBehindAFlood) {
    const auto flood = "MicroPython " + std::string(3000, 'x') + "\n";
    for (const auto& cut : {Cut{}, Cut{1, 1}, Cut{100, 100}}) {
        Process process(cut);
        process.prints(flood);
        process.prints(start);
        process.prints(enter_raw);
        EXPECT_EQ(process.seen(), flood + reentered) << cut;
    }
}

TEST(RawReentry, HoldsNoFloodAfterCtrlA) {
    const std::string flood(3000, 'x');
    for (const auto& cut : {Cut{}, Cut{1, 1}, Cut{100, 100}}) {
        Process process(cut);
        process.prints(start);
        process.prints(flood);
        EXPECT_GE(process.seen().size(), flood.size() - 1024) << cut;
    }
}

TEST(RawReentry, GivesBackWhatItHeld) {
    for (const auto& cut : cuts(banner.size())) {
        Process process(cut);
        process.prints("hello\n");
        process.prints(banner);
        EXPECT_EQ(process.seen(), "hello\n") << cut;
        process.gives_up();
        EXPECT_EQ(process.seen(), "hello\n" + std::string(banner)) << cut;
        process.gives_up();
        EXPECT_EQ(process.seen(), "hello\n" + std::string(banner)) << cut;
    }
}

TEST(RawReentry, GivesBackWhatItHeldAfterCtrlA) {
    for (const auto& cut : cuts(start.size())) {
        Process process(cut);
        process.prints(start);
        process.prints("\r\nraw");
        EXPECT_EQ(process.seen(), "<ctrl-a>") << cut;
        process.gives_up();
        EXPECT_EQ(process.seen(), "<ctrl-a>\r\nraw") << cut;
    }
}

TEST(RawReentry, ShowsExactlyOneRawPrompt) {
    Process process(Cut{1, 1});
    process.prints(start);
    process.prints("\r\nraw REPL; CTRL-B to exit\r\n");
    EXPECT_EQ(process.seen(), "<ctrl-a>");
    process.prints(">");
    EXPECT_EQ(process.seen(), reentered);
}

} // namespace
} // namespace mpbridge::repl
