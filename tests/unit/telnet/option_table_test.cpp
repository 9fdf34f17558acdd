#include "telnet/option_table.hpp"

#include "support/random_bytes.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace mpbridge::telnet {
namespace {

constexpr Option tested = 44;

// Both sides of RFC 1143 in the words of one: "+" is WILL or DO, "-" is WONT or DONT, "on" and
// "off" are our own requests.
Outcome apply(OptionTable& table, Side side, const std::string& input) {
    if (input == "on" || input == "off") {
        return table.request(side, tested, input == "on");
    }
    const bool wish = input == "+";
    if (side == Side::them) {
        return table.receive(wish ? Verb::will : Verb::wont, tested);
    }
    return table.receive(wish ? Verb::do_ : Verb::dont, tested);
}

// What is sent, in the same words, and "!" if the option went on or off.
std::string shown(Side side, const Outcome& outcome) {
    EXPECT_EQ(outcome.side, side);
    std::string text;
    if (outcome.send) {
        const bool on = *outcome.send == (side == Side::us ? Verb::will : Verb::do_);
        const bool off = *outcome.send == (side == Side::us ? Verb::wont : Verb::dont);
        EXPECT_TRUE(on || off);
        text = on ? "+" : "-";
    }
    return text + (outcome.changed ? "!" : "") + (outcome.refused ? "refused" : "");
}

OptionTable table_in(const std::string& state, Side side, bool allowed) {
    static const std::map<std::string, std::vector<std::string>> ways = {
        {"NO", {}},
        {"YES", {"on", "+"}},
        {"WANTNO EMPTY", {"on", "+", "off"}},
        {"WANTNO OPPOSITE", {"on", "+", "off", "on"}},
        {"WANTYES EMPTY", {"on"}},
        {"WANTYES OPPOSITE", {"on", "off"}},
    };
    OptionTable table;
    if (allowed) {
        table.allow(side, tested);
    }
    for (const auto& input : ways.at(state)) {
        apply(table, side, input);
    }
    return table;
}

// How a table behaves from here on, three steps deep: enough to tell the states apart.
std::string fingerprint(const OptionTable& table, Side side, int depth = 3) {
    if (depth == 0) {
        return "";
    }
    std::string text = table.enabled(side, tested) ? "E" : "D";
    for (const auto* input : {"+", "-", "on", "off"}) {
        auto copy = table;
        text += shown(side, apply(copy, side, input));
        text += ' ';
        text += fingerprint(copy, side, depth - 1);
    }
    return text;
}

struct Row {
    std::string state;
    std::string input;
    std::string next;
    std::string shown;
};

// RFC 1143 section 7, line by line. Where it says "error", nothing is sent.
const std::vector<Row>& rows() {
    static const std::vector<Row> table = {
        {"NO", "+", "YES", "+!"},
        {"NO", "-", "NO", ""},
        {"NO", "on", "WANTYES EMPTY", "+"},
        {"NO", "off", "NO", ""},
        {"YES", "+", "YES", ""},
        {"YES", "-", "NO", "-!"},
        {"YES", "on", "YES", ""},
        {"YES", "off", "WANTNO EMPTY", "-"},
        {"WANTNO EMPTY", "+", "NO", "!"},
        {"WANTNO EMPTY", "-", "NO", "!"},
        {"WANTNO EMPTY", "on", "WANTNO OPPOSITE", ""},
        {"WANTNO EMPTY", "off", "WANTNO EMPTY", ""},
        {"WANTNO OPPOSITE", "+", "YES", ""},
        {"WANTNO OPPOSITE", "-", "WANTYES EMPTY", "+!"},
        {"WANTNO OPPOSITE", "on", "WANTNO OPPOSITE", ""},
        {"WANTNO OPPOSITE", "off", "WANTNO EMPTY", ""},
        {"WANTYES EMPTY", "+", "YES", "!"},
        {"WANTYES EMPTY", "-", "NO", ""},
        {"WANTYES EMPTY", "on", "WANTYES EMPTY", ""},
        {"WANTYES EMPTY", "off", "WANTYES OPPOSITE", ""},
        {"WANTYES OPPOSITE", "+", "WANTNO EMPTY", "-!"},
        {"WANTYES OPPOSITE", "-", "NO", ""},
        {"WANTYES OPPOSITE", "on", "WANTYES EMPTY", ""},
        {"WANTYES OPPOSITE", "off", "WANTYES OPPOSITE", ""},
    };
    return table;
}

TEST(OptionTable, FollowsEveryRowOfRfc1143) {
    for (const auto side : {Side::us, Side::them}) {
        for (const bool allowed : {true, false}) {
            for (auto row : rows()) {
                if (row.state == "NO" && row.input == "+" && !allowed) {
                    row = {"NO", "+", "NO", "-refused"};
                }
                auto table = table_in(row.state, side, allowed);
                EXPECT_EQ(shown(side, apply(table, side, row.input)), row.shown)
                    << row.state << " " << row.input;
                EXPECT_EQ(fingerprint(table, side),
                          fingerprint(table_in(row.next, side, allowed), side))
                    << row.state << " " << row.input << " -> " << row.next;
            }
        }
    }
}

TEST(OptionTable, HasSixStatesThatDiffer) {
    std::map<std::string, std::string> states;
    for (const auto& row : rows()) {
        states[fingerprint(table_in(row.state, Side::us, true), Side::us)] = row.state;
    }
    EXPECT_EQ(states.size(), 6U);
}

TEST(OptionTable, KeepsSidesAndOptionsApart) {
    OptionTable table;
    table.allow(Side::us, 1);
    EXPECT_EQ(table.receive(Verb::will, 1).send, Verb::dont);
    EXPECT_EQ(table.receive(Verb::do_, 2).send, Verb::wont);
    EXPECT_EQ(table.receive(Verb::do_, 1).send, Verb::will);
    EXPECT_TRUE(table.enabled(Side::us, 1));
    EXPECT_FALSE(table.enabled(Side::them, 1));
    EXPECT_FALSE(table.enabled(Side::us, 2));
}

TEST(OptionTable, RefusesEveryUnsupportedOptionEachTimeAndOnlyWishes) {
    OptionTable table;
    for (int option = 0; option < 256; ++option) {
        const auto number = static_cast<Option>(option);
        for (int time = 0; time < 2; ++time) {
            EXPECT_EQ(table.receive(Verb::will, number).send, Verb::dont);
            EXPECT_EQ(table.receive(Verb::do_, number).send, Verb::wont);
            EXPECT_EQ(table.receive(Verb::wont, number).send, std::nullopt);
            EXPECT_EQ(table.receive(Verb::dont, number).send, std::nullopt);
        }
    }
}

// Two tables, wired to each other, with requests on both ends while messages are under way.
class Conversation {
  public:
    explicit Conversation(test::Random& random) : random_(random) {
        for (auto& end : ends_) {
            for (const auto side : {Side::us, Side::them}) {
                if (test::below(random_, 2) == 0) {
                    end.allow(side, tested);
                }
            }
        }
    }

    void request() {
        const auto end = test::below(random_, 2);
        const auto side = test::below(random_, 2) == 0 ? Side::us : Side::them;
        post(end, ends_[end].request(side, tested, test::below(random_, 2) == 0));
    }

    // Whether there was anything to deliver.
    bool deliver() {
        auto end = test::below(random_, 2);
        end = under_way_[end].empty() ? 1 - end : end;
        if (under_way_[end].empty()) {
            return false;
        }
        const auto verb = under_way_[end].front();
        under_way_[end].pop_front();
        post(1 - end, ends_[1 - end].receive(verb, tested));
        return true;
    }

    bool agrees() const {
        return ends_[0].enabled(Side::us, tested) == ends_[1].enabled(Side::them, tested) &&
               ends_[1].enabled(Side::us, tested) == ends_[0].enabled(Side::them, tested);
    }

  private:
    void post(std::size_t end, const Outcome& outcome) {
        if (outcome.send) {
            under_way_[end].push_back(*outcome.send);
        }
    }

    test::Random& random_;
    std::array<OptionTable, 2> ends_;
    std::array<std::deque<Verb>, 2> under_way_;
};

TEST(OptionTable, ComesToAnAgreementWithItsLike) {
    test::Random random(3);
    for (int round = 0; round < 2000; ++round) {
        Conversation conversation(random);
        for (int step = 0; step < 20; ++step) {
            if (test::below(random, 2) == 0) {
                conversation.request();
            } else {
                conversation.deliver();
            }
        }
        int messages = 0;
        while (conversation.deliver()) {
            ASSERT_LT(++messages, 200) << "it loops";
        }
        EXPECT_TRUE(conversation.agrees());
    }
}

} // namespace
} // namespace mpbridge::telnet
