#include "repl/newline_filter.hpp"

#include "repl/cut.hpp"
#include "repl/transcripts.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace mpbridge::repl {
namespace {

using namespace transcript;
using Mark = ModeTracker::Mark;

constexpr auto every_policy = {NewlinePolicy::automatic, NewlinePolicy::raw, NewlinePolicy::crlf};

// A filter on the output of a MicroPython in one mode.
class Filter {
  public:
    explicit Filter(NewlinePolicy policy, Mode mode = Mode::friendly)
        : filter_(policy), mode_(mode) {}

    // One chunk of output, with what its end marks.
    std::string operator()(std::string_view chunk, Mark mark = Mark::none) {
        base::Bytes to;
        filter_.translate({base::bytes_of(chunk), mark}, mode_, is_micropython_, to);
        return std::string(base::text_of(to));
    }

    Filter& in(Mode mode) {
        mode_ = mode;
        return *this;
    }
    Filter& is_micropython(bool value) {
        is_micropython_ = value;
        return *this;
    }
    void connection_begins() { filter_.connection_begins(); }

  private:
    NewlineFilter filter_;
    Mode mode_;
    bool is_micropython_ = true;
};

std::string translated(std::string_view output, Filter filter, const Cut& cut) {
    std::string all;
    for (const auto& piece : cut(output)) {
        all += filter(base::text_of(piece));
    }
    return all;
}

// Cut anywhere, and with more text trailing.
void expect_translated(const Filter& filter, const std::string& output, const std::string& wanted) {
    for (const auto& cut : cuts(output.size())) {
        ASSERT_EQ(translated(output, filter, cut), wanted) << cut;
        ASSERT_EQ(translated(output + "trailing", filter, cut), wanted + "trailing") << cut;
    }
}

TEST(NewlineFilter, GivesALineFeedItsCarriageReturn) {
    const Filter filter(NewlinePolicy::automatic);
    expect_translated(filter, "1\n2\n", "1\r\n2\r\n");
    expect_translated(filter, "\n\n\n", "\r\n\r\n\r\n");
    expect_translated(filter, "no line end", "no line end");
    expect_translated(filter,
                      "Traceback (most recent call last):\n  File \"<stdin>\", line 4\n>>> ",
                      "Traceback (most recent call last):\r\n  File \"<stdin>\", line 4\r\n>>> ");
}

TEST(NewlineFilter, LeavesWholeLineEndsAlone) {
    const Filter filter(NewlinePolicy::automatic);
    expect_translated(filter, "print(1)\r\n1\n>>> ", "print(1)\r\n1\r\n>>> ");
    expect_translated(filter, "\r\n\n\r\r\n\r", "\r\n\r\n\r\r\n\r");
    expect_translated(filter, "\n\r\n", "\r\n\r\n");
    expect_translated(filter, "50%\r75%\r", "50%\r75%\r");
}

TEST(NewlineFilter, RemembersTheCarriageReturnOfTheChunkBefore) {
    Filter filter(NewlinePolicy::automatic);
    EXPECT_EQ(filter("a\r"), "a\r");
    EXPECT_EQ(filter(""), "");
    EXPECT_EQ(filter("\n"), "\n");
    EXPECT_EQ(filter("\n"), "\r\n");
    EXPECT_EQ(filter("\r", Mark::friendly_prompt), "\r");
    EXPECT_EQ(filter("\nb"), "\nb");
}

TEST(NewlineFilter, RemembersTheCarriageReturnOfAnUnchangedChunk) {
    Filter filter(NewlinePolicy::automatic);
    EXPECT_EQ(filter.is_micropython(false)("a\r"), "a\r");
    EXPECT_EQ(filter.is_micropython(true)("\n\n"), "\n\r\n");
    EXPECT_EQ(filter.in(Mode::raw)("b\r", Mark::raw_prompt), "b\r");
    EXPECT_EQ(filter.in(Mode::friendly)("\n\n"), "\n\r\n");
}

TEST(NewlineFilter, TakesTheControlCharactersOfTextAsText) {
    const auto text = "\x07\x08\t\n\x0b\x0c\r\x1b[K\n"s;
    expect_translated(Filter(NewlinePolicy::automatic), text, "\x07\x08\t\r\n\x0b\x0c\r\x1b[K\r\n");
    const auto beyond_ascii = "gr\xc3\xbc\xc3\x9f dich\n\xff\n"s;
    expect_translated(Filter(NewlinePolicy::automatic), beyond_ascii,
                      "gr\xc3\xbc\xc3\x9f dich\r\n\xff\r\n");
}

TEST(NewlineFilter, TakesEveryOtherControlCharacterAsBinary) {
    constexpr auto text_controls = "\x07\x08\x09\x0a\x0b\x0c\x0d\x1b"sv;
    for (char byte = 0; byte < 0x20; ++byte) {
        Filter filter(NewlinePolicy::automatic);
        const auto chunk = "a\n"s + byte + "\nb\n";
        if (text_controls.find(byte) == std::string_view::npos) {
            EXPECT_EQ(filter(chunk), chunk) << int{byte};
            EXPECT_EQ(filter("c\n"), "c\n") << int{byte};
        } else {
            EXPECT_NE(filter(chunk), chunk) << int{byte};
            EXPECT_EQ(filter("c\n"), "c\r\n") << int{byte};
        }
    }
}

// Crosses the windows in which output is looked at.
TEST(NewlineFilter, FindsLineEndsAndBinaryBytesAtAnyDistance) {
    for (std::size_t distance = 0; distance < 200; ++distance) {
        const auto line = std::string(distance, 'x');
        Filter filter(NewlinePolicy::automatic);
        EXPECT_EQ(filter(line + "\n" + line + "\r\n\n"), line + "\r\n" + line + "\r\n\r\n");
        const auto binary = line + '\0' + std::string(70, 'x') + "\n";
        EXPECT_EQ(filter(binary), binary);
    }
}

TEST(NewlineFilter, LeavesBinaryChunksAloneUntilTheNextPrompt) {
    for (const auto prompt_mark : {Mark::friendly_prompt, Mark::raw_prompt}) {
        Filter filter(NewlinePolicy::automatic);
        EXPECT_EQ(filter("before\n"), "before\r\n");
        EXPECT_EQ(filter("text\n\x00\n"sv), "text\n\x00\n"sv);
        EXPECT_EQ(filter("text\n"), "text\n");
        EXPECT_EQ(filter("end\n>>> ", prompt_mark), "end\n>>> ");
        EXPECT_EQ(filter("after\n"), "after\r\n");
    }
}

TEST(NewlineFilter, LeavesABinaryChunkWithItsPromptAlone) {
    Filter filter(NewlinePolicy::automatic);
    EXPECT_EQ(filter("a\x00\nb\n5\n>>> "sv, Mark::friendly_prompt), "a\x00\nb\n5\n>>> "sv);
    EXPECT_EQ(filter("print(1)\r\n1\n"), "print(1)\r\n1\r\n");
}

TEST(NewlineFilter, LeavesBinaryOutputAloneWhereverItIsCut) {
    const auto output = "\x00\x01\n\x02\n\r\n\n"s;
    expect_translated(Filter(NewlinePolicy::automatic), output, output);
}

TEST(NewlineFilter, LeavesTheConnectionAloneOnceMountIsSeen) {
    Filter filter(NewlinePolicy::automatic);
    EXPECT_EQ(filter("text\n"), "text\r\n");
    EXPECT_EQ(filter("text\n\x18\x02\n"sv), "text\n\x18\x02\n"sv);
    EXPECT_EQ(filter("end\n>>> ", Mark::friendly_prompt), "end\n>>> ");
    EXPECT_EQ(filter("after\n>>> ", Mark::friendly_prompt), "after\n>>> ");
    EXPECT_EQ(filter.in(Mode::raw)("OK\n\x04\x04>", Mark::raw_prompt), "OK\n\x04\x04>");
    EXPECT_EQ(filter.in(Mode::friendly)("after\n"), "after\n");
}

TEST(NewlineFilter, LeavesTheConnectionAloneWhenMountFollowsOtherBinaryOutput) {
    Filter filter(NewlinePolicy::automatic);
    EXPECT_EQ(filter("\x00\n"sv), "\x00\n"sv);
    EXPECT_EQ(filter("\x18"), "\x18");
    EXPECT_EQ(filter(">>> ", Mark::friendly_prompt), ">>> ");
    EXPECT_EQ(filter("after\n"), "after\n");
}

TEST(NewlineFilter, LeavesTheConnectionAloneWhenOtherBinaryOutputFollowsMount) {
    Filter filter(NewlinePolicy::automatic);
    EXPECT_EQ(filter("\x18\n"), "\x18\n");
    EXPECT_EQ(filter("\x00\n>>> "sv, Mark::friendly_prompt), "\x00\n>>> "sv);
    EXPECT_EQ(filter("after\n"), "after\n");
}

TEST(NewlineFilter, StartsAnewWithTheNextConnectionAfterMount) {
    Filter filter(NewlinePolicy::automatic);
    EXPECT_EQ(filter("\x18\n>>> ", Mark::friendly_prompt), "\x18\n>>> ");
    filter.connection_begins();
    EXPECT_EQ(filter("after\n"), "after\r\n");
}

TEST(NewlineFilter, StaysBinaryForTheNextConnectionUntilThePrompt) {
    Filter filter(NewlinePolicy::automatic);
    EXPECT_EQ(filter("\x00\n"sv), "\x00\n"sv);
    filter.connection_begins();
    EXPECT_EQ(filter("late\n>>> ", Mark::friendly_prompt), "late\n>>> ");
    EXPECT_EQ(filter("after\n"), "after\r\n");
}

TEST(NewlineFilter, PassesAProgramThatIsNotMicroPythonUnchanged) {
    for (const auto policy : every_policy) {
        Filter filter(policy);
        filter.is_micropython(false);
        expect_translated(filter, "login:\n\r\n\x00\x18\n"s, "login:\n\r\n\x00\x18\n"s);
    }
}

TEST(NewlineFilter, IgnoresBinaryOutputBeforeMicroPythonIsSeen) {
    Filter filter(NewlinePolicy::automatic);
    EXPECT_EQ(filter.is_micropython(false)("\x00\x18\n"sv), "\x00\x18\n"sv);
    EXPECT_EQ(filter.is_micropython(true)("a\n"), "a\r\n");
}

TEST(NewlineFilter, RawNeverChangesAnything) {
    for (const auto mode : {Mode::friendly, Mode::raw}) {
        expect_translated(Filter(NewlinePolicy::raw, mode), "a\nb\r\n\n", "a\nb\r\n\n");
    }
}

TEST(NewlineFilter, AutomaticNeverTouchesTheRawRepl) {
    const Filter filter(NewlinePolicy::automatic, Mode::raw);
    expect_translated(filter, "OK5\n\x04\x04>", "OK5\n\x04\x04>");
    expect_translated(filter, "OK\x00\n\x18\n\x04\x04>"s, "OK\x00\n\x18\n\x04\x04>"s);
}

TEST(NewlineFilter, BinaryFilesThroughTheRawReplDoNotCountForTheFriendlyOne) {
    Filter filter(NewlinePolicy::automatic, Mode::raw);
    EXPECT_EQ(filter("OK\x00\x18\n"sv), "OK\x00\x18\n"sv);
    EXPECT_EQ(filter("\x04\x04>", Mark::raw_prompt), "\x04\x04>");
    EXPECT_EQ(filter("\r\nMicroPython\r\n>>> ", Mark::friendly_prompt), "\r\nMicroPython\r\n>>> ");
    EXPECT_EQ(filter.in(Mode::friendly)("a\n"), "a\r\n");
}

TEST(NewlineFilter, CrlfChangesTheRawReplToo) {
    expect_translated(Filter(NewlinePolicy::crlf, Mode::friendly), "a\nb\r\n", "a\r\nb\r\n");
    const Filter filter(NewlinePolicy::crlf, Mode::raw);
    expect_translated(filter, "OK5\n\x04\x04>", "OK5\r\n\x04\x04>");
    expect_translated(filter, "OK\x04Traceback:\n  a\r\n\x04>", "OK\x04Traceback:\r\n  a\r\n\x04>");
    expect_translated(filter,
                      "\x01\x01\x04"
                      "7\n\x04\x04>",
                      "\x01\x01\x04"
                      "7\r\n\x04\x04>");
}

TEST(NewlineFilter, CrlfLeavesBinaryOutputInTheRawReplAlone) {
    Filter filter(NewlinePolicy::crlf, Mode::raw);
    EXPECT_EQ(filter("OKa\n\x00\n"sv), "OKa\n\x00\n"sv);
    EXPECT_EQ(filter("b\n\x04\x04>", Mark::raw_prompt), "b\n\x04\x04>");
    EXPECT_EQ(filter("OKc\n\x04\x04>", Mark::raw_prompt), "OKc\r\n\x04\x04>");
    EXPECT_EQ(filter("OK\x18\n\x04\x04>", Mark::raw_prompt), "OK\x18\n\x04\x04>");
    EXPECT_EQ(filter("OKd\n"), "OKd\n");
}

TEST(NewlineFilter, TheRawReplsControlCharactersAreBinaryInTheFriendlyOne) {
    for (const auto* chunk : {"a\n\x01\n", "a\n\x04\n"}) {
        Filter filter(NewlinePolicy::crlf, Mode::friendly);
        EXPECT_EQ(filter(chunk), chunk);
        EXPECT_EQ(filter.in(Mode::raw)("b\n"), "b\n");
    }
}

TEST(NewlineFilter, TheRawPasteHeaderIsNotOutput) {
    for (const auto& cut : cuts(paste_header.size())) {
        Filter filter(NewlinePolicy::crlf, Mode::raw);
        std::string all;
        const auto pieces = cut(paste_header);
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            all += filter(base::text_of(pieces[i]),
                          i + 1 == pieces.size() ? Mark::paste_begins : Mark::none);
        }
        EXPECT_EQ(all, paste_header) << cut;
        EXPECT_EQ(filter("\x04"
                         "7\n"),
                  "\x04"
                  "7\r\n")
            << cut;
    }
}

TEST(NewlineFilter, AWindowSizeIsNoLineEnd) {
    Filter filter(NewlinePolicy::crlf, Mode::raw);
    EXPECT_EQ(filter("R\x01\n\x01\x01", Mark::paste_begins), "R\x01\n\x01\x01");
}

} // namespace
} // namespace mpbridge::repl
