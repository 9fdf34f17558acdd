#pragma once

#include <memory>

namespace mpbridge::ports {

class Connection;

// Admits one client at a time, whatever port it comes from.
class Gate {
  public:
    // Makes `candidate` the client, unless there is one already. One that has closed its side is
    // let go first.
    bool admit(const std::shared_ptr<Connection>& candidate);

    // The client leaves. False: it was not (or is no longer) the client.
    bool release(const Connection& client);

    // Nobody when the board is free.
    const std::shared_ptr<Connection>& client() const { return client_; }

    // For a refusal under way; nothing when there are too many already.
    std::shared_ptr<const void> refusal_ticket() const;

    // Admits nobody any more and closes the client's connection.
    void close();

  private:
    bool open_ = true;
    std::shared_ptr<const int> refusals_ = std::make_shared<const int>(0); // counted by its owners
    std::shared_ptr<Connection> client_;
};

} // namespace mpbridge::ports
