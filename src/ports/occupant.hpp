#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mpbridge::ports {

// Bytes as they were carried, a protocol's own among them.
struct Traffic {
    std::uint64_t received = 0; // from clients
    std::uint64_t sent = 0;

    Traffic& operator+=(const Traffic& other) {
        received += other.received;
        sent += other.sent;
        return *this;
    }
    bool operator==(const Traffic&) const = default;
};

// Who has the board, as the gate sees it.
class Occupant {
  public:
    Occupant() = default;
    Occupant(const Occupant&) = delete;
    Occupant& operator=(const Occupant&) = delete;
    virtual ~Occupant() = default;

    // Whether the client has closed at least its writing side.
    virtual bool has_closed() = 0;

    // Takes what a client that has_closed() had still sent, and leaves the gate.
    virtual void depart() = 0;

    // Ends it. Nothing is read or written any more.
    virtual void close() = 0;

    virtual std::string_view protocol() const = 0;

    // Where it comes from: "ADDRESS:PORT", a device.
    virtual const std::string& peer() const = 0;

    // So far.
    virtual Traffic traffic() const = 0;
};

} // namespace mpbridge::ports
