#pragma once

#include "ports/occupant.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace mpbridge::ports {

// A way in that programs pass without asking, so it has to be shut while the board is taken.
class Door {
  public:
    Door() = default;
    Door(const Door&) = delete;
    Door& operator=(const Door&) = delete;
    virtual ~Door() = default;

    // False: somebody has come in already, and has entered the gate.
    virtual bool shut() = 0;
    virtual void reopen() = 0;
};

// Admits one client at a time, whatever port it comes from.
class Gate {
  public:
    using Clock = std::chrono::steady_clock;

    static constexpr std::size_t usual_refusals = 64;

    explicit Gate(std::size_t most_refusals = usual_refusals) : most_refusals_(most_refusals) {}

    // The door outlives the gate's use; at most one.
    void guard(Door& door) { door_ = &door; }

    // Makes `candidate` the client, unless there is one already. One that has closed its side is
    // let go first, and the door stays shut between the two.
    bool admit(const std::shared_ptr<Occupant>& candidate);

    // The same for one that has come in by the door.
    bool enter(const std::shared_ptr<Occupant>& candidate);

    // The client leaves. False: it was not (or is no longer) the client.
    bool release(const Occupant& client);

    // Who has the board now. Nobody: nullptr.
    const Occupant* client() const { return client_.get(); }
    Clock::time_point client_since() const { return client_since_; }

    // Ends the client's connection, and the board is free for the next one. Whatever the client has
    // not seen of its output, and what it sent that has not been read yet, is lost.
    void kick();

    // Counted since the start; all clients' traffic, the present one's included.
    std::uint64_t clients_admitted() const { return clients_admitted_; }
    std::uint64_t clients_refused() const { return clients_refused_; }
    Traffic traffic() const;

    // Somebody was told that the board is taken.
    void count_refusal() { ++clients_refused_; }

    // `changed` is called when somebody has come or gone.
    void watch(std::function<void()> changed) { changed_ = std::move(changed); }

    // Why nobody is admitted now, for the log.
    std::string refusal_reason() const;

    // For a refusal under way; nothing when there are the most already.
    std::shared_ptr<const void> refusal_ticket() const;

    // Admits nobody any more and closes the client's connection.
    void close();

  private:
    void let_in(std::shared_ptr<Occupant> candidate);
    bool is_free();
    bool shut_door();
    void reopen_door();

    std::size_t most_refusals_;
    bool open_ = true;
    bool hands_over_ = false;
    bool door_is_shut_ = false;
    Door* door_ = nullptr;
    std::shared_ptr<const int> refusals_ = std::make_shared<const int>(0); // counted by its owners
    std::shared_ptr<Occupant> client_;
    Clock::time_point client_since_;
    std::uint64_t clients_admitted_ = 0;
    std::uint64_t clients_refused_ = 0;
    Traffic former_traffic_; // of those who have left
    std::function<void()> changed_ = [] {};
};

} // namespace mpbridge::ports
