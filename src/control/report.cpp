#include "control/report.hpp"

#include "base/bytes.hpp"
#include "base/text.hpp"
#include "control/json.hpp"

#include <array>
#include <ctime>
#include <string_view>

namespace mpbridge::control {
namespace {

using std::chrono::milliseconds;
using SystemTime = std::chrono::system_clock::time_point;

std::string local_time(SystemTime time) {
    const auto seconds = std::chrono::system_clock::to_time_t(time);
    std::tm fields{};
    ::localtime_r(&seconds, &fields);
    std::array<char, 64> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &fields)};
}

std::string utc_time(SystemTime time) {
    const auto seconds = std::chrono::system_clock::to_time_t(time);
    std::tm fields{};
    ::gmtime_r(&seconds, &fields);
    std::array<char, 64> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &fields)};
}

std::int64_t seconds(milliseconds time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time).count();
}

std::string two_digits(std::int64_t number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}

// "2 days 3:04:05"
std::string duration_text(milliseconds time) {
    const auto total = seconds(time);
    const auto days = total / 86400;
    const auto clock = std::to_string(total / 3600 % 24) + ":" + two_digits(total / 60 % 60) + ":" +
                       two_digits(total % 60);
    return days == 0 ? clock : std::to_string(days) + (days == 1 ? " day " : " days ") + clock;
}

std::string counted(std::uint64_t number, const std::string& thing) {
    return std::to_string(number) + " " + thing + (number == 1 ? "" : "s");
}

std::string traffic_text(const ports::Traffic& traffic) {
    return counted(traffic.received, "byte") + " received, " + std::to_string(traffic.sent) +
           " sent";
}

// Whatever a program or a file name has in it, it is to be no command for a terminal.
std::string shown(std::string_view text) { return base::visible(base::bytes_of(text)); }

// ---- the table

std::string row(std::string_view name, const std::string& value) {
    constexpr std::size_t width = 13;
    std::string line(name);
    line.append(width - name.size(), ' ');
    return line + value + "\n";
}

std::string url_row(std::string_view name, const std::optional<Endpoint>& endpoint) {
    return endpoint ? row(name, endpoint->url) : std::string();
}

std::string path_row(std::string_view name, const std::string& path) {
    return path.empty() ? std::string() : row(name, shown(path));
}

std::string client_rows(const Snapshot& snapshot) {
    const auto& client = snapshot.client;
    if (!client) {
        return row("Client", "none");
    }
    return row("Client", shown(client->peer) + " (" + client->protocol + ") since " +
                             local_time(snapshot.now - client->connected) + ", " +
                             duration_text(client->connected)) +
           row("", traffic_text(client->traffic));
}

// ---- JSON

boost::json::value endpoint_json(const std::optional<Endpoint>& endpoint) {
    if (!endpoint) {
        return nullptr;
    }
    return boost::json::object{{"port", endpoint->port}, {"url", json_text(endpoint->url)}};
}

boost::json::value client_json(const Snapshot& snapshot) {
    const auto& client = snapshot.client;
    if (!client) {
        return nullptr;
    }
    return boost::json::object{{"peer", json_text(client->peer)},
                               {"protocol", client->protocol},
                               {"since", utc_time(snapshot.now - client->connected)},
                               {"connected_seconds", seconds(client->connected)},
                               {"bytes_received", client->traffic.received},
                               {"bytes_sent", client->traffic.sent}};
}

// ---- metrics

std::string escaped_label(std::string_view value) {
    std::string text;
    for (const char c : value) {
        if (c == '\n') {
            text += "\\n";
            continue;
        }
        if (c == '\\' || c == '"') {
            text += '\\';
        }
        text += c;
    }
    return text;
}

std::string label(std::string_view name, std::string_view value) {
    return std::string(name) + "=\"" + escaped_label(value) + "\"";
}

class Metrics {
  public:
    void begin(const std::string& name, std::string_view type, std::string_view help) {
        name_ = "mpremote_bridge_" + name;
        text_.append("# HELP ").append(name_).append(" ").append(help).append("\n");
        text_.append("# TYPE ").append(name_).append(" ").append(type).append("\n");
    }

    void sample(std::string_view value, const std::string& labels = {}) {
        text_.append(name_);
        if (!labels.empty()) {
            text_.append("{").append(labels).append("}");
        }
        text_.append(" ").append(value).append("\n");
    }

    void sample(std::uint64_t value, const std::string& labels = {}) {
        sample(std::to_string(value), labels);
    }

    void counter(const std::string& name, std::string_view help, std::uint64_t value) {
        begin(name, "counter", help);
        sample(value);
    }

    std::string text() && { return std::move(text_); }

  private:
    std::string name_;
    std::string text_;
};

std::string epoch_seconds(SystemTime time) {
    const auto since = std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count();
    const auto fraction = std::to_string(1000 + since % 1000).substr(1);
    return std::to_string(since / 1000) + "." + fraction;
}

} // namespace

std::string status_text(const Snapshot& snapshot) {
    const auto& identity = snapshot.identity;
    const auto& restarts = snapshot.restarts;
    const auto link = snapshot.pty_link.empty() ? "" : " (" + snapshot.pty_link + ")";
    return row("Bridge", "mpremote-bridge " + identity.version + ", pid " +
                             std::to_string(identity.pid) + ", up " +
                             duration_text(snapshot.uptime)) +
           row("MicroPython",
               snapshot.micropython.empty() ? "not known yet" : shown(snapshot.micropython)) +
           url_row("RFC 2217", identity.rfc2217) + url_row("Raw socket", identity.socket) +
           path_row("PTY", snapshot.pty + link) + path_row("Control", identity.control) +
           client_rows(snapshot) +
           row("In total",
               counted(snapshot.clients, "client") + ", " + traffic_text(snapshot.traffic)) +
           row("Resets", counted(restarts.soft_resets, "soft reset") + ", " +
                             std::to_string(restarts.reset_button) + " by the reset button") +
           row("Crashes", std::to_string(restarts.crashes)) +
           row("Refused", std::to_string(snapshot.refused_busy) + " as it was busy, " +
                              std::to_string(snapshot.refused_not_allowed) + " not allowed");
}

boost::json::object identity_json(const Snapshot& snapshot) {
    const auto& identity = snapshot.identity;
    return {{"version", identity.version},
            {"pid", identity.pid},
            {"rfc2217", endpoint_json(identity.rfc2217)},
            {"socket", endpoint_json(identity.socket)},
            {"pty", json_text_or_null(snapshot.pty)},
            {"pty_link", json_text_or_null(snapshot.pty_link)},
            {"micropython", json_text_or_null(snapshot.micropython)},
            {"control", json_text_or_null(identity.control)}};
}

std::string status_json(const Snapshot& snapshot) {
    auto all = identity_json(snapshot);
    all["started"] = utc_time(snapshot.now - snapshot.uptime);
    all["uptime_seconds"] = seconds(snapshot.uptime);
    all["client"] = client_json(snapshot);
    all["clients"] = snapshot.clients;
    all["bytes_received"] = snapshot.traffic.received;
    all["bytes_sent"] = snapshot.traffic.sent;
    all["soft_resets"] = snapshot.restarts.soft_resets;
    all["reset_button"] = snapshot.restarts.reset_button;
    all["crashes"] = snapshot.restarts.crashes;
    all["refused_busy"] = snapshot.refused_busy;
    all["refused_not_allowed"] = snapshot.refused_not_allowed;
    return json_line(all);
}

std::string metrics_text(const Snapshot& snapshot) {
    Metrics metrics;
    metrics.begin("info", "gauge", "Versions of the bridge and of its MicroPython.");
    metrics.sample(1, label("version", snapshot.identity.version) + "," +
                          label("micropython", shown(snapshot.micropython)));
    metrics.begin("start_time_seconds", "gauge", "When the bridge started, since the epoch.");
    metrics.sample(epoch_seconds(snapshot.now - snapshot.uptime));
    metrics.begin("client_connected", "gauge", "Whether a client has the board now, by protocol.");
    for (const std::string_view protocol : {"rfc2217", "socket", "pty"}) {
        const bool here = snapshot.client && snapshot.client->protocol == protocol;
        metrics.sample(std::uint64_t{here}, label("protocol", protocol));
    }
    metrics.counter("clients_total", "Clients that have had the board.", snapshot.clients);
    metrics.counter("received_bytes_total", "Bytes received from clients.",
                    snapshot.traffic.received);
    metrics.counter("sent_bytes_total", "Bytes sent to clients.", snapshot.traffic.sent);
    metrics.begin("restarts_total", "counter", "Starts of MicroPython anew, by their cause.");
    metrics.sample(snapshot.restarts.soft_resets, label("cause", "soft_reset"));
    metrics.sample(snapshot.restarts.reset_button, label("cause", "reset_button"));
    metrics.sample(snapshot.restarts.crashes, label("cause", "crash"));
    metrics.begin("refused_total", "counter", "Clients that were refused, by the reason.");
    metrics.sample(snapshot.refused_busy, label("reason", "busy"));
    metrics.sample(snapshot.refused_not_allowed, label("reason", "not_allowed"));
    return std::move(metrics).text();
}

} // namespace mpbridge::control
