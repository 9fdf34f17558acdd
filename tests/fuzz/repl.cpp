#include "repl/repl.hpp"
#include "fuzz/fuzz.hpp"
#include "repl/banner.hpp"
#include "unit/repl/transcripts.hpp"

#include <array>
#include <optional>

// The machines that follow a REPL: output and input of any kind, in any order.
namespace mpbridge::fuzz {
namespace {

using repl::Mode;
using repl::NewlinePolicy;
namespace transcript = repl::transcript;

struct Step {
    enum class Kind { input, output, give_up };

    Kind kind = Kind::output;
    base::Bytes text;
    bool executing = false;
};

// What a client sees of a process, and how the machine stands, after each step.
struct Seen {
    base::Bytes output;
    Transcript states;
    std::size_t printed = 0;
    // How much of its output the process has printed when it is to get a Ctrl-A. What it prints
    // then cannot be in one piece with that.
    std::optional<std::size_t> ctrl_a_after;

    bool same_states(const Seen& other) const { return states == other.states; }
};

class Session {
  public:
    Session(Mode start_in, NewlinePolicy policy, Cuts cuts, std::optional<std::size_t> ctrl_a_after)
        : newlines_(policy), repl_(start_in, newlines_), cuts_(std::move(cuts)),
          ctrl_a_after_(ctrl_a_after) {}

    void take(const Step& step) {
        bool paste_begins = false;
        if (step.kind == Step::Kind::give_up) {
            repl_.give_up_reentry(seen.output);
        } else if (step.kind == Step::Kind::input) {
            type(step.text);
        } else {
            paste_begins = print(step);
        }
        seen.states.event(
            std::to_string(static_cast<int>(repl_.mode())) +
            (repl_.mode_after_reset() == Mode::raw ? " raw next" : "") +
            (repl_.is_micropython() ? " micropython" : "") + (repl_.takes_input() ? "" : " held") +
            (repl_.needs_executing() ? " looks" : "") + (paste_begins ? " paste" : ""));
    }

    void end() { repl_.release_held(seen.output); }

    Seen seen;

  private:
    void type(const base::Bytes& text) {
        for (const auto& piece : cuts_.of(repl_.takes_input() ? text : base::Bytes())) {
            repl_.input(piece);
        }
    }

    bool print(const Step& step) {
        const base::ByteView text = step.text;
        const auto till_ctrl_a =
            ctrl_a_after_ ? *ctrl_a_after_ - std::min(*ctrl_a_after_, seen.printed) : 0;
        const auto before = text.first(std::min(till_ctrl_a, text.size()));
        const bool begins_before = print(before, step.executing);
        return print(text.subspan(before.size()), step.executing) || begins_before;
    }

    bool print(base::ByteView text, bool executing) {
        bool paste_begins = false;
        for (const auto& piece : cuts_.of(text)) {
            const auto actions = repl_.output(piece, executing, seen.output);
            paste_begins = paste_begins || actions.paste_begins;
            seen.printed += piece.size();
            if (actions.send_ctrl_a) {
                require(!seen.ctrl_a_after, "one Ctrl-A");
                seen.ctrl_a_after = seen.printed;
                repl_.input({&repl::ctrl_a, 1});
            }
        }
        return paste_begins;
    }

    repl::NewlineFilter newlines_;
    repl::Repl repl_;
    Cuts cuts_;
    std::optional<std::size_t> ctrl_a_after_;
};

const std::array<std::string, 12> stock_output = {
    std::string(transcript::start),
    std::string(transcript::prompt),
    transcript::enter_raw,
    transcript::leave_raw,
    std::string(transcript::raw_prompt),
    std::string(transcript::paste_header),
    "OK",
    "\x04\x04>",
    "\r\n",
    "\n",
    "MicroPython ",
    "\x18",
};

const std::array<std::string, 5> stock_input = {
    "\x01", "\x02", transcript::paste_request, "\x03", "\x04",
};

base::Bytes copy(base::ByteView text) { return {text.begin(), text.end()}; }

// A byte for its kind, and the text or the number of one in stock.
Step step_from(Input& input) {
    const auto kind = input.byte();
    const bool executing = (kind & 4U) != 0;
    const std::size_t number = kind >> 3U;
    switch (kind % 4U) {
    case 0:
        return {Step::Kind::output, copy(input.bytes(number)), executing};
    case 1: {
        const auto& text = stock_output.at(number % stock_output.size());
        return {Step::Kind::output, copy(base::bytes_of(text)), executing};
    }
    case 2:
        return {Step::Kind::input, copy(input.bytes(number)), executing};
    default:
        if (number >= stock_input.size()) {
            return {Step::Kind::give_up, {}, executing};
        }
        return {Step::Kind::input, copy(base::bytes_of(stock_input.at(number))), executing};
    }
}

struct Script {
    Mode start_in = Mode::friendly;
    NewlinePolicy policy = NewlinePolicy::raw;
    std::vector<Step> steps;

    Seen played(const Cuts& cuts, std::optional<std::size_t> ctrl_a_after) const {
        Session session(start_in, policy, cuts, ctrl_a_after);
        for (const auto& step : steps) {
            session.take(step);
        }
        session.end();
        return session.seen;
    }

    base::Bytes printed() const {
        base::Bytes all;
        for (const auto& step : steps) {
            if (step.kind == Step::Kind::output) {
                base::append(all, step.text);
            }
        }
        return all;
    }
};

// Without the CRs that stand right before an LF.
base::Bytes without_line_ends(base::ByteView text) {
    base::Bytes bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!(text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n')) {
            bytes.push_back(text[i]);
        }
    }
    return bytes;
}

bool is_part(base::ByteView part, base::ByteView whole) {
    auto left = part.begin();
    for (const auto byte : whole) {
        left += left != part.end() && *left == byte ? 1 : 0;
    }
    return left == part.end();
}

// Text in the friendly REPL and in the raw one, and nothing that makes a mode of its own.
bool is_plain_text(base::ByteView text) {
    return std::all_of(text.begin(), text.end(), [](auto byte) {
        return byte >= 0x20 || (byte >= 0x07 && byte <= 0x0D) || byte == 0x1B;
    });
}

// All that follows a mode is remembered within so much output.
constexpr std::size_t all_remembered = 512;

void check_output(const Script& script, const Seen& seen, base::ByteView printed) {
    require(seen.output.size() <= 2 * printed.size(), "output of bounded size");
    if (script.start_in == Mode::friendly) {
        require(without_line_ends(seen.output) == without_line_ends(printed),
                "nothing but line ends is changed");
    } else if (printed.size() <= all_remembered && script.policy == NewlinePolicy::raw) {
        require(is_part(seen.output, printed), "nothing added, nothing reordered");
    }
    if (script.start_in == Mode::friendly && script.policy == NewlinePolicy::raw) {
        require(std::equal(seen.output.begin(), seen.output.end(), printed.begin(), printed.end()),
                "nothing is changed");
    }
}

// Whether the same is seen however it is cut. With line ends changed only if it is text of a
// MicroPython from the beginning: what is no text is told apart as it comes.
bool same_however_cut(const Script& script, base::ByteView printed) {
    return script.policy == NewlinePolicy::raw ||
           (script.start_in == Mode::friendly && is_plain_text(printed) &&
            base::text_of(script.steps.front().text) == transcript::prompt);
}

} // namespace

// A byte of flags, the cuts, and steps.
void run(base::ByteView made_up) {
    Input input(made_up);
    const auto flags = input.byte();
    const auto cuts = Cuts::from(input);
    Script script;
    script.start_in = (flags & 1U) != 0 ? Mode::raw : Mode::friendly;
    script.policy = static_cast<NewlinePolicy>((flags >> 1U) % 3U);
    if ((flags & 8U) != 0) {
        script.steps.push_back({Step::Kind::output, copy(base::bytes_of(transcript::prompt))});
    }
    script.steps.push_back(step_from(input));
    while (!input.empty()) {
        script.steps.push_back(step_from(input));
    }

    const auto printed = script.printed();
    const auto bytewise = script.played(Cuts::everywhere(), std::nullopt);
    for (const auto& where : {Cuts::nowhere(), cuts}) {
        const auto seen = script.played(where, bytewise.ctrl_a_after);
        check_output(script, seen, printed);
        if (printed.size() <= all_remembered) {
            require(seen.same_states(bytewise), "the same modes in any pieces");
            require(seen.output == bytewise.output || !same_however_cut(script, printed),
                    "the same output in any pieces");
        }
    }
    check_output(script, bytewise, printed);
    repl::banner_version(base::text_of(printed));
}

} // namespace mpbridge::fuzz
