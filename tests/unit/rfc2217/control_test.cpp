#include "rfc2217/server_session.hpp"

namespace mpbridge::rfc2217 {
namespace {

int control(ServerSession& session, int value) {
    const auto answer = session.answer(sb("5 " + octet(value)));
    if (answer.empty()) {
        return -1;
    }
    EXPECT_EQ(answer.size(), 7U);
    EXPECT_EQ(answer, wire(sb("105 " + octet(answer.at(4)))));
    return answer.at(4);
}

// The questions and what is in force at first.
const std::vector<std::pair<int, int>> initial = {{0, 1}, {4, 6}, {7, 8}, {10, 11}, {13, 14}};

TEST(SetControl, TellsTheInitialState) {
    for (const auto& [question, answer] : initial) {
        auto session = agreed_session();
        EXPECT_EQ(control(session, question), answer);
    }
}

TEST(SetControl, AnswersEverySettingWithItselfAndKeepsIt) {
    const std::vector<std::pair<int, std::vector<int>>> settings = {
        {0, {1, 2, 3, 17, 19}}, {4, {5, 6}}, {7, {8, 9}}, {10, {11, 12}}, {13, {14, 15, 16, 18}}};
    for (const auto& [question, values] : settings) {
        for (const auto value : values) {
            auto session = agreed_session();
            EXPECT_EQ(control(session, value), value);
            EXPECT_EQ(control(session, question), value);
            for (const auto& [other, answer] : initial) {
                // Flow control outbound/both is the exception, and tested below.
                if (other != question && other != 13) {
                    EXPECT_EQ(control(session, other), answer) << value;
                }
            }
        }
    }
}

TEST(SetControl, SetsInboundFlowControlWithBothButNotTheOtherWayRound) {
    const std::vector<std::pair<int, int>> both_and_inbound = {{1, 14}, {2, 15}, {3, 16}};
    for (const auto& [both, inbound] : both_and_inbound) {
        auto session = agreed_session();
        control(session, 18);
        EXPECT_EQ(control(session, both), both);
        EXPECT_EQ(control(session, 13), inbound);
    }
    for (const auto outbound : {17, 19}) {
        auto session = agreed_session();
        control(session, 15);
        EXPECT_EQ(control(session, outbound), outbound);
        EXPECT_EQ(control(session, 13), 15);
    }
    for (const auto inbound : {14, 15, 16, 18}) {
        auto session = agreed_session();
        control(session, 3);
        EXPECT_EQ(control(session, inbound), inbound);
        EXPECT_EQ(control(session, 0), 3);
    }
}

TEST(SetControl, DropsUnknownValues) {
    auto session = agreed_session();
    for (int value = 20; value < 256; ++value) {
        EXPECT_EQ(control(session, value), -1);
    }
    for (const auto& [question, answer] : initial) {
        EXPECT_EQ(control(session, question), answer);
    }
}

TEST(Break, IsToldWhenItBeginsAndWhenItEnds) {
    const auto on = sb("5 5");
    const auto off = sb("5 6");
    const auto told_on = sb("105 5");
    const auto told_off = sb("105 6");
    expect_session(agreed_session(), on + "'a' " + off, told_on + told_off,
                   {"break on", "data: a", "break off"});
    expect_session(agreed_session(), on + on + off + off, told_on + told_on + told_off + told_off,
                   {"break on", "break off"});
    expect_session(agreed_session(), off, told_off);
}

} // namespace
} // namespace mpbridge::rfc2217
