#pragma once

#include "board/board.hpp"
#include "ports/output_hold.hpp"
#include "ports/tcp_connection.hpp"
#include "rfc2217/server.hpp"

#include <string>

namespace mpbridge::ports {

// What a break from the client does to the board, besides being logged.
enum class BreakAction { none, interrupt, reset };

struct Rfc2217Options {
    std::string signature;
    BreakAction on_break = BreakAction::none;
};

// A client of the RFC 2217 port.
//
// Clients flush their input when they have opened the port, and want answers before that; pyserial
// would flush for ever while a program floods. So the output is held back while they open it: until
// their first data, or until they have been silent for some time. A purge meanwhile drops none.
class Rfc2217Connection : public TcpConnection {
  public:
    static constexpr std::string_view name = "rfc2217";

    // `board` is what the surroundings have for a line.
    Rfc2217Connection(boost::asio::ip::tcp::socket socket, const Surroundings& surroundings,
                      board::Board& board, const Rfc2217Options& options);

    std::string_view protocol() const override { return name; }
    void carrier(bool on) override;

  private:
    void begin() override;
    void received(base::ByteView bytes) override;
    void send_replies();
    void apply_flow();

    void act(const rfc2217::Data& data);
    void act(const rfc2217::Interrupt& interrupt);
    void act(const rfc2217::EndOfFile& end_of_file);
    void act(const rfc2217::Break& line_break);
    void act(const rfc2217::Purge& purge);
    void act(const rfc2217::FlowControl& flow_control);
    void act(const rfc2217::Note& note);
    void press(std::uint8_t key);

    rfc2217::Server server_;
    board::Board& board_;
    BreakAction on_break_;
    base::Bytes replies_;
    bool suspended_ = false; // by the client
    OutputHold hold_;
};

} // namespace mpbridge::ports
