#include "control/operations.hpp"

#include "base/bytes.hpp"
#include "base/text.hpp"

namespace mpbridge::control {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

std::string Operations::answer(std::string_view line) {
    const auto request = parse_request(line);
    if (!request) {
        return error_answer("unknown request: " + base::visible(base::bytes_of(line)));
    }
    return answer(*request);
}

std::string Operations::answer(Request request) {
    switch (request) {
    case Request::status:
        return status_text(snapshot());
    case Request::status_json:
        return status_json(snapshot());
    case Request::metrics:
        return metrics_text(snapshot());
    case Request::kick:
        return kick();
    case Request::reset:
        break;
    }
    return reset();
}

Snapshot Operations::snapshot() const {
    const auto now = Clock::now();
    const auto& gate = parts_.gate;
    Snapshot all{.identity = identity_,
                 .now = std::chrono::system_clock::now(),
                 .uptime = duration_cast<milliseconds>(now - started_),
                 .micropython = parts_.board.micropython_release(),
                 .clients = gate.clients_admitted(),
                 .traffic = gate.traffic(),
                 .restarts = parts_.board.restarts(),
                 .refused_busy = gate.clients_refused(),
                 .refused_not_allowed = parts_.doorman.turned_away()};
    if (parts_.pty_port != nullptr) {
        all.pty = parts_.pty_port->path();
        all.pty_link = parts_.pty_port->link();
    }
    if (const auto* client = gate.client()) {
        all.client = {.peer = client->peer(),
                      .protocol = std::string(client->protocol()),
                      .connected = duration_cast<milliseconds>(now - gate.client_since()),
                      .traffic = client->traffic()};
    }
    return all;
}

std::string Operations::kick() {
    const auto* client = parts_.gate.client();
    if (client == nullptr) {
        return "Nobody is connected\n";
    }
    const auto who = client->peer() + " (" + std::string(client->protocol()) + ")";
    log_.info("Client " + who + " is sent away, as the control socket asks for it");
    parts_.gate.kick();
    return "Disconnected " + who + "\n";
}

std::string Operations::reset() {
    if (!parts_.board.carrier()) {
        return "MicroPython is being started anew already\n";
    }
    log_.info("Reset button pressed, as the control socket asks for it");
    parts_.board.reset();
    return "Reset\n";
}

} // namespace mpbridge::control
