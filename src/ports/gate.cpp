#include "ports/gate.hpp"

#include <utility>

namespace mpbridge::ports {

bool Gate::admit(const std::shared_ptr<Occupant>& candidate) {
    bool admitted = false;
    hands_over_ = true;
    // Somebody who has just come in by the door may be gone again already.
    while (!admitted && is_free()) {
        admitted = shut_door();
    }
    hands_over_ = false;
    if (admitted) {
        let_in(candidate);
    } else if (!client_) {
        reopen_door();
    }
    return admitted;
}

void Gate::let_in(std::shared_ptr<Occupant> candidate) {
    client_ = std::move(candidate);
    client_since_ = Clock::now();
    ++clients_admitted_;
    changed_();
}

bool Gate::shut_door() {
    door_is_shut_ = door_is_shut_ || (door_ != nullptr && door_->shut());
    return door_is_shut_ || door_ == nullptr;
}

void Gate::reopen_door() {
    if (std::exchange(door_is_shut_, false)) {
        door_->reopen();
    }
}

bool Gate::enter(const std::shared_ptr<Occupant>& candidate) {
    if (!is_free()) {
        return false;
    }
    let_in(candidate);
    return true;
}

bool Gate::is_free() {
    // Being asked, the present one may leave by itself, and somebody else come in by the door.
    while (const auto present = client_) {
        if (!present->has_closed()) {
            return false;
        }
        if (client_ == present) {
            present->depart();
        }
    }
    return open_;
}

bool Gate::release(const Occupant& client) {
    if (client_.get() != &client) {
        return false;
    }
    former_traffic_ += client.traffic();
    client_.reset();
    changed_();
    if (!hands_over_) {
        reopen_door();
    }
    return true;
}

std::string Gate::refusal_reason() const {
    return client_ ? "device busy (" + std::string(client_->protocol()) + " client connected)"
                   : "shutting down";
}

std::shared_ptr<const void> Gate::refusal_ticket() const {
    const auto tickets = static_cast<std::size_t>(refusals_.use_count()) - 1;
    return tickets < most_refusals_ ? refusals_ : nullptr;
}

void Gate::kick() {
    if (const auto leaving = client_) {
        leaving->close();
        is_free(); // lets go who has closed
    }
}

Traffic Gate::traffic() const {
    auto all = former_traffic_;
    if (client_) {
        all += client_->traffic();
    }
    return all;
}

void Gate::close() {
    open_ = false;
    if (const auto leaving = client_) {
        leaving->close();
    }
}

} // namespace mpbridge::ports
