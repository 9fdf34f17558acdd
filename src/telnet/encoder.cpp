#include "telnet/encoder.hpp"

#include "base/expand.hpp"
#include "base/search.hpp"

namespace mpbridge::telnet {

namespace {

// IAC becomes IAC IAC.
struct Escape {
    static constexpr std::size_t longest = 2;

    static std::size_t plain(base::ByteView data, std::uint8_t) { return base::find(data, iac); }

    static std::uint8_t* put(std::uint8_t* to, std::uint8_t byte, std::uint8_t) {
        *to++ = byte;
        if (byte == iac) {
            *to++ = iac;
        }
        return to;
    }
};

// So it does in an NVT, where also CR becomes CR NUL unless LF follows.
struct EscapeNvt {
    static constexpr std::size_t longest = 1 + Escape::longest;

    static std::size_t plain(base::ByteView data, std::uint8_t before) {
        return before == cr ? 0 : base::find_either(data, cr, iac);
    }

    static std::uint8_t* put(std::uint8_t* to, std::uint8_t byte, std::uint8_t before) {
        if (before == cr && byte != lf) {
            *to++ = nul;
        }
        return Escape::put(to, byte, before);
    }
};

} // namespace

void append_escaped(base::Bytes& out, base::ByteView data) {
    base::append_expanded<Escape>(out, data, nul);
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
    } else if (!data.empty()) {
        base::append_expanded<EscapeNvt>(out, data, last_);
        last_ = data.back();
    }
}

void DataEncoder::set_binary(bool on) {
    if (binary_ != on) {
        binary_ = on;
        last_ = nul;
    }
}

} // namespace mpbridge::telnet
