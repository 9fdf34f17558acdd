#pragma once

#include "rfc2217/client.hpp"
#include "rfc2217/session.hpp"

namespace mpbridge::rfc2217 {

struct ClientSide {
    using Endpoint = Client;

    static constexpr std::string_view more = "IAC AYT 'more'";
    static std::vector<std::string> more_lines() { return {"data: more"}; }

    explicit ClientSide(LineSettings wanted = {}) : client(ClientOptions{"attach 1.2", wanted}) {}

    Client& endpoint() { return client; }

    std::string line_of(const Ready&) const {
        EXPECT_TRUE(client.ready());
        return "ready";
    }
    static std::string line_of(const Suspended& suspended) {
        return suspended.on ? "suspended" : "resumed";
    }
    static std::string line_of(const ModemState& state) {
        return std::string("modem:") + (state.cts ? " CTS" : "") + (state.dsr ? " DSR" : "") +
               (state.ri ? " RI" : "") + (state.cd ? " CD" : "");
    }

    Client client;
};

using ClientSession = Session<ClientSide>;

// The default settings as they are sent, and the answers to them.
inline const std::string default_settings = sb("1 0 1 194 0") + sb("2 8") + sb("3 1") + sb("4 1");
inline const std::string default_answers =
    sb("101 0 1 194 0") + sb("102 8") + sb("103 1") + sb("104 1");

// A client that has made its offers.
inline ClientSession started_client(LineSettings wanted = {}) {
    ClientSession session(wanted);
    session.start();
    session.taken();
    return session;
}

// A client whose offers were agreed to, and whose settings are not yet answered.
inline ClientSession asking_client(LineSettings wanted = {}) {
    auto session = started_client(wanted);
    session.feed("IAC DO SGA IAC WILL SGA IAC DO BINARY IAC WILL BINARY IAC DO COM-PORT");
    session.taken();
    session.forget_lines();
    return session;
}

inline ClientSession ready_client() {
    auto session = asking_client();
    session.feed(default_answers);
    EXPECT_TRUE(session.client.ready());
    session.taken();
    session.forget_lines();
    return session;
}

} // namespace mpbridge::rfc2217
