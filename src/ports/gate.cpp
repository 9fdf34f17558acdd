#include "ports/gate.hpp"

#include "ports/connection.hpp"

namespace mpbridge::ports {

bool Gate::admit(const std::shared_ptr<Connection>& candidate) {
    if (client_ && client_->has_closed()) {
        const auto leaving = client_;
        leaving->depart();
    }
    if (client_ || !open_) {
        return false;
    }
    client_ = candidate;
    return true;
}

bool Gate::release(const Connection& client) {
    if (client_.get() != &client) {
        return false;
    }
    client_.reset();
    return true;
}

std::shared_ptr<const void> Gate::refusal_ticket() const {
    constexpr long most = 64;
    return refusals_.use_count() <= most ? refusals_ : nullptr;
}

void Gate::close() {
    open_ = false;
    if (const auto leaving = client_) {
        leaving->close();
    }
}

} // namespace mpbridge::ports
