#include "rfc2217/server_session.hpp"

namespace mpbridge::rfc2217 {
namespace {

constexpr ModemState running{};
constexpr ModemState restarting{.cts = true, .dsr = true, .ri = false, .cd = false};

base::Bytes notified(int value) { return wire(sb("107 " + octet(value))); }

base::Bytes change(ServerSession& session, ModemState state) {
    session.taken();
    session.server.set_modem_state(state, session.sent);
    return session.taken();
}

base::Bytes poll(ServerSession& session) { return session.answer("IAC SB COM-PORT 7 IAC SE"); }

void set_mask(ServerSession& session, int mask) {
    EXPECT_EQ(session.answer(sb("11 " + octet(mask))), wire(sb("111 " + octet(mask))));
}

TEST(ModemState, IsToldWithDeltasWhenItChanges) {
    auto session = agreed_session();
    EXPECT_EQ(change(session, restarting), notified(0x20 | 0x10 | 0x08));
    EXPECT_EQ(change(session, running), notified(0x80 | 0x20 | 0x10 | 0x08));
    EXPECT_EQ(change(session, {.cts = false, .dsr = false, .ri = false, .cd = true}),
              notified(0x80 | 0x02 | 0x01));
}

TEST(ModemState, KnowsOnlyTheTrailingEdgeOfRi) {
    auto session = agreed_session();
    EXPECT_EQ(change(session, {.cts = true, .dsr = true, .ri = true, .cd = true}),
              notified(0x80 | 0x40 | 0x20 | 0x10));
    EXPECT_EQ(change(session, running), notified(0x80 | 0x20 | 0x10 | 0x04));
}

TEST(ModemState, IsNotToldWithoutAChange) {
    auto session = agreed_session();
    EXPECT_EQ(change(session, running), wire(""));
    change(session, restarting);
    EXPECT_EQ(change(session, restarting), wire(""));
}

TEST(ModemState, IsNotToldToAClientWithoutTheOption) {
    ServerSession session;
    session.start();
    session.feed("IAC DO ECHO IAC DO SGA IAC DONT COM-PORT IAC WONT COM-PORT 'data'");
    EXPECT_EQ(change(session, restarting), wire(""));
    EXPECT_EQ(session.answer("IAC WILL COM-PORT"), wire("IAC DO COM-PORT") + notified(0x30));
}

TEST(ModemState, IsToldWhenAskedWithoutDeltas) {
    auto session = agreed_session();
    EXPECT_EQ(poll(session), notified(0xB0));
    change(session, restarting);
    EXPECT_EQ(poll(session), notified(0x30));
    EXPECT_EQ(session.answer("IAC SB COM-PORT 7 0 IAC SE"), notified(0x30));
}

TEST(ModemState, IsToldUnderTheMask) {
    auto session = agreed_session();
    set_mask(session, 0x88);
    EXPECT_EQ(poll(session), notified(0x80));
    EXPECT_EQ(change(session, restarting), notified(0x08));
    set_mask(session, 0x80);
    EXPECT_EQ(change(session, running), notified(0x80));
    EXPECT_EQ(change(session, restarting), notified(0));
    EXPECT_EQ(poll(session), notified(0));
    set_mask(session, 0x70);
    EXPECT_EQ(change(session, running), wire(""));
}

TEST(ModemState, IsNotToldUnderAMaskOfZero) {
    auto session = agreed_session();
    set_mask(session, 0);
    EXPECT_EQ(change(session, restarting), wire(""));
    EXPECT_EQ(poll(session), notified(0));
    EXPECT_EQ(session.answer("IAC WONT COM-PORT IAC DONT COM-PORT IAC WILL COM-PORT"),
              wire("IAC DONT COM-PORT IAC WONT COM-PORT IAC DO COM-PORT"));
    set_mask(session, 255);
    EXPECT_EQ(change(session, running), notified(0xB8));
}

} // namespace
} // namespace mpbridge::rfc2217
