#pragma once

#include "board/board.hpp"
#include "ports/occupant.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace mpbridge::control {

// A port on the network, as clients connect to it.
struct Endpoint {
    std::uint16_t port = 0;
    std::string url;
};

// What stays the same as long as the bridge runs.
struct Identity {
    std::string version;
    int pid = 0;
    std::optional<Endpoint> rfc2217;
    std::optional<Endpoint> socket;
    std::string control; // path of the control socket; empty: none
};

struct PresentClient {
    std::string peer;
    std::string protocol;
    std::chrono::milliseconds connected{};
    ports::Traffic traffic;
};

// A bridge at one moment.
struct Snapshot {
    Identity identity;
    std::chrono::system_clock::time_point now;
    std::chrono::milliseconds uptime{};
    std::string micropython; // release; empty: not known (yet)
    std::string pty = {};    // the device; empty: none
    std::string pty_link = {};
    std::optional<PresentClient> client = {};
    std::uint64_t clients = 0; // so far, the present one included
    ports::Traffic traffic;    // of all of them
    board::Restarts restarts;
    std::uint64_t refused_busy = 0;
    std::uint64_t refused_not_allowed = 0;
};

// For people: a table, times in the zone of this process.
std::string status_text(const Snapshot& snapshot);

// For programs: one object in one line, times in UTC.
std::string status_json(const Snapshot& snapshot);

// In Prometheus' text format.
std::string metrics_text(const Snapshot& snapshot);

// Who the bridge is and how it is reached, as part of status_json().
boost::json::object identity_json(const Snapshot& snapshot);

} // namespace mpbridge::control
