#pragma once

#include "rfc2217/server.hpp"
#include "rfc2217/session.hpp"

namespace mpbridge::rfc2217 {

inline const std::string test_signature = "mpremote-bridge 1.2.3";

struct ServerSide {
    using Endpoint = Server;

    static constexpr std::string_view more = "IAC BRK 'more'";
    static std::vector<std::string> more_lines() { return {"break on, momentary", "data: more"}; }

    Server& endpoint() { return server; }

    static std::string line_of(const Interrupt&) { return "interrupt"; }
    static std::string line_of(const EndOfFile&) { return "end of file"; }
    static std::string line_of(const Break& b) {
        return std::string("break ") + (b.on ? "on" : "off") + (b.momentary ? ", momentary" : "");
    }
    static std::string line_of(const Purge& purge) {
        return std::string("purge") + (purge.output ? " output" : "") +
               (purge.input ? " input" : "");
    }
    static std::string line_of(const FlowControl& flow) {
        return flow.suspended ? "suspend" : "resume";
    }

    Server server{ServerOptions{test_signature}};
};

using ServerSession = Session<ServerSide>;

// A session with a client that has agreed to everything.
inline ServerSession agreed_session() {
    ServerSession session;
    session.start();
    session.feed("IAC DO ECHO IAC DO SGA IAC WILL SGA IAC DO BINARY IAC WILL BINARY");
    session.feed("IAC DO COM-PORT IAC WILL COM-PORT");
    session.taken();
    return session;
}

} // namespace mpbridge::rfc2217
