#include "control/report.hpp"

#include "control/json.hpp"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>

#include <limits>

namespace mpbridge::control {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

// 2026-01-02 03:04:05.678 UTC
constexpr auto some_time = std::chrono::system_clock::time_point(1'767'323'045'678ms);

Snapshot quiet() {
    Snapshot snapshot{
        .identity = {.version = "1.2.3", .pid = 42, .rfc2217 = {}, .socket = {}, .control = {}},
        .now = some_time,
        .uptime = 1500ms,
        .micropython = "",
        .traffic = {},
        .restarts = {}};
    return snapshot;
}

Snapshot busy() {
    auto snapshot = quiet();
    snapshot.identity.rfc2217 = {.port = 2217, .url = "rfc2217://localhost:2217"};
    snapshot.micropython = "1.27.0";
    snapshot.pty = "/dev/pts/7";
    snapshot.client = {.peer = "10.0.0.1:5",
                       .protocol = "rfc2217",
                       .connected = 61s,
                       .traffic = {.received = 1, .sent = 2}};
    snapshot.clients = 3;
    snapshot.traffic = {.received = std::numeric_limits<std::uint64_t>::max(), .sent = 5};
    snapshot.restarts = {.soft_resets = 6, .crashes = 7, .reset_button = 8};
    snapshot.refused_busy = 9;
    snapshot.refused_not_allowed = 10;
    return snapshot;
}

boost::json::object json(const Snapshot& snapshot) {
    return boost::json::parse(status_json(snapshot)).as_object();
}

TEST(Report, IsOneJsonObjectInOneLine) {
    const auto text = status_json(busy());
    EXPECT_EQ(text.find('\n'), text.size() - 1);
    const auto all = json(busy());
    EXPECT_EQ(all.at("started"), "2026-01-02T03:04:04Z");
    EXPECT_EQ(all.at("uptime_seconds").as_int64(), 1);
    EXPECT_EQ(all.at("client").at("since"), "2026-01-02T03:03:04Z");
    EXPECT_EQ(all.at("client").at("connected_seconds").as_int64(), 61);
    EXPECT_EQ(all.at("bytes_received").as_uint64(), std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(all.at("crashes").to_number<int>(), 7);
    EXPECT_EQ(all.at("socket"), nullptr);
}

TEST(Report, HasNullForWhatIsNotThere) {
    const auto all = json(quiet());
    for (const auto* name :
         {"rfc2217", "socket", "pty", "pty_link", "micropython", "control", "client"}) {
        EXPECT_EQ(all.at(name), nullptr) << name;
    }
}

TEST(Report, MakesTextOfAnyBytes) {
    auto snapshot = quiet();
    snapshot.micropython = "1\"\\\n\x1b\xff";
    snapshot.pty_link = "/home/\u00e9t\u00e9";
    const auto all = json(snapshot);
    EXPECT_EQ(all.at("micropython"), "1\"\\\\\\n\\x1b\\xff");
    EXPECT_EQ(all.at("pty_link"), "/home/\u00e9t\u00e9");
    EXPECT_THAT(status_text(snapshot), Not(HasSubstr("\x1b")));
    EXPECT_THAT(metrics_text(snapshot), HasSubstr(R"(micropython="1\"\\\\\\n\\x1b\\xff"})"));
}

TEST(Report, CountsInWords) {
    auto snapshot = quiet();
    EXPECT_THAT(status_text(snapshot), HasSubstr("0 clients, 0 bytes received, 0 sent\n"));
    snapshot.clients = snapshot.traffic.received = snapshot.restarts.soft_resets = 1;
    EXPECT_THAT(status_text(snapshot), HasSubstr("1 client, 1 byte received, 0 sent\n"));
    EXPECT_THAT(status_text(snapshot), HasSubstr("1 soft reset, 0 by"));
}

TEST(Report, ShowsTimeAsAClockAndDays) {
    const auto up = [](std::chrono::milliseconds time) {
        auto snapshot = quiet();
        snapshot.uptime = time;
        const auto text = status_text(snapshot);
        const auto at = text.find("up ") + 3;
        return text.substr(at, text.find('\n') - at);
    };
    EXPECT_EQ(up(0ms), "0:00:00");
    EXPECT_EQ(up(59'999ms), "0:00:59");
    EXPECT_EQ(up(23h + 59min + 59s), "23:59:59");
    EXPECT_EQ(up(24h), "1 day 0:00:00");
    EXPECT_EQ(up(49h + 1s), "2 days 1:00:01");
}

TEST(Report, HasMetricsForPrometheus) {
    const auto text = metrics_text(busy());
    EXPECT_THAT(
        text,
        HasSubstr(
            "# HELP mpremote_bridge_restarts_total Starts of MicroPython anew, by their cause.\n"
            "# TYPE mpremote_bridge_restarts_total counter\n"
            "mpremote_bridge_restarts_total{cause=\"soft_reset\"} 6\n"
            "mpremote_bridge_restarts_total{cause=\"reset_button\"} 8\n"
            "mpremote_bridge_restarts_total{cause=\"crash\"} 7\n"));
    EXPECT_THAT(text, HasSubstr("\nmpremote_bridge_start_time_seconds 1767323044.178\n"));
    EXPECT_THAT(text, HasSubstr("\nmpremote_bridge_client_connected{protocol=\"rfc2217\"} 1\n"
                                "mpremote_bridge_client_connected{protocol=\"socket\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("\nmpremote_bridge_received_bytes_total 18446744073709551615\n"));
    EXPECT_TRUE(text.ends_with("\n"));
}

} // namespace
} // namespace mpbridge::control
