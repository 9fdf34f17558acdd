#include "rfc2217/telnet_options.hpp"

#include "telnet/encoder.hpp"

namespace mpbridge::rfc2217 {

namespace option = telnet::option;

telnet::OptionTable allowed_options(telnet::Side server) {
    telnet::OptionTable options;
    for (const auto side : {telnet::Side::us, telnet::Side::them}) {
        options.allow(side, option::binary);
        options.allow(side, option::suppress_go_ahead);
        options.allow(side, option::com_port);
    }
    options.allow(server, option::echo);
    return options;
}

void offer(telnet::OptionTable& options, telnet::Side side, telnet::Option option,
           base::Bytes& out) {
    const auto outcome = options.request(side, option, true);
    if (outcome.send) {
        telnet::append_negotiation(out, *outcome.send, option);
    }
}

telnet::Outcome receive(telnet::OptionTable& options, const telnet::Negotiation& negotiation,
                        base::Bytes& out) {
    const auto outcome = options.receive(negotiation.verb, negotiation.option);
    if (outcome.send) {
        telnet::append_negotiation(out, *outcome.send, negotiation.option);
    }
    return outcome;
}

} // namespace mpbridge::rfc2217
