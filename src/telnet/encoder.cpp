#include "telnet/encoder.hpp"

#include "telnet/search.hpp"

#include <algorithm>
#include <array>

namespace mpbridge::telnet {

namespace {

// Where an IAC comes earlier than this, that many bytes are escaped one by one.
constexpr std::size_t window = 64;

void append_bytewise(base::Bytes& out, base::ByteView data) {
    std::array<std::uint8_t, 2 * window> escaped;
    std::size_t size = 0;
    for (const auto byte : data) {
        escaped[size++] = byte;
        if (byte == iac) {
            escaped[size++] = iac;
        }
    }
    base::append(out, base::ByteView(escaped).first(size));
}

} // namespace

void append_escaped(base::Bytes& out, base::ByteView data) {
    while (!data.empty()) {
        const auto plain = find(data, iac);
        const bool dense = plain < window && plain < data.size();
        const auto piece = data.first(dense ? std::min(window, data.size()) : plain);
        if (dense) {
            append_bytewise(out, piece);
        } else {
            base::append(out, piece);
        }
        data = data.subspan(piece.size());
    }
}

void append_negotiation(base::Bytes& out, Verb verb, Option option) {
    out.insert(out.end(), {iac, static_cast<std::uint8_t>(verb), option});
}

void append_subnegotiation(base::Bytes& out, Option option, base::ByteView payload) {
    out.insert(out.end(), {iac, static_cast<std::uint8_t>(Command::sb)});
    append_escaped(out, base::ByteView(&option, 1));
    append_escaped(out, payload);
    out.insert(out.end(), {iac, static_cast<std::uint8_t>(Command::se)});
}

void DataEncoder::encode(base::ByteView data, base::Bytes& out) {
    if (binary_) {
        append_escaped(out, data);
        return;
    }
    while (!data.empty()) {
        if (after_cr_ && data.front() != lf) {
            out.push_back(nul);
        }
        const auto cr_at = find(data, cr);
        after_cr_ = cr_at < data.size();
        const auto line = data.first(after_cr_ ? cr_at + 1 : cr_at);
        append_escaped(out, line);
        data = data.subspan(line.size());
    }
}

void DataEncoder::set_binary(bool on) {
    if (binary_ != on) {
        binary_ = on;
        after_cr_ = false;
    }
}

} // namespace mpbridge::telnet
