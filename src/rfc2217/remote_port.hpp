#pragma once

#include "base/bytes.hpp"
#include "rfc2217/client_events.hpp"
#include "rfc2217/codes.hpp"
#include "rfc2217/remote_setting.hpp"

#include <array>
#include <optional>
#include <string>

namespace mpbridge::rfc2217 {

// The server's serial port as a client sees it behind COM-PORT-OPTION: sends the wanted settings
// and takes the server's answers and notifications (RFC 2217 sections 2 to 5).
//
// A setting is wanted from the first want() on. It is sent while the option is in use, at once or
// when that begins; and sent again when the option is in use anew.
class RemotePort {
  public:
    // At most 64 bytes of the signature are used.
    explicit RemotePort(std::string signature);

    void set_in_use(bool on, base::Bytes& to_wire);
    bool in_use() const { return in_use_; }

    // `command` is one of SET-BAUDRATE, SET-DATASIZE, SET-PARITY and SET-STOPSIZE. The value 0 is
    // ignored.
    void want(Command command, std::uint32_t value, base::Bytes& to_wire);

    // Does nothing while the option is not in use.
    void purge(Purge what, base::Bytes& to_wire) const;

    // Takes the payload of one subnegotiation: the server's number of a command and its value. From
    // then on the option is in use.
    std::optional<ClientEvent> receive(base::ByteView payload, base::Bytes& to_wire);

    // Every setting that is wanted has been sent and answered, with whatever value.
    bool settled() const;

    // Between FLOWCONTROL-SUSPEND and -RESUME, or the end of the option.
    bool suspended() const { return suspended_; }

  private:
    std::optional<ClientEvent> dispatch(Command command, base::ByteView value,
                                        base::Bytes& to_wire);
    std::optional<ClientEvent> sign(base::ByteView text, base::Bytes& to_wire) const;
    std::optional<ClientEvent> take_answer(Command command, std::uint32_t value,
                                           base::Bytes& to_wire);
    void send_setting(Command command, base::Bytes& to_wire);
    RemoteSetting& setting(Command command);

    std::string signature_;
    std::array<RemoteSetting, 4> settings_;
    bool in_use_ = false;
    bool suspended_ = false;
};

} // namespace mpbridge::rfc2217
