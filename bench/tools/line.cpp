#include "tools/line.hpp"

#include "posix/descriptor.hpp"
#include "rfc2217/client.hpp"
#include "tools/child.hpp"
#include "tools/commands.hpp"
#include "tools/io.hpp"
#include "tools/pty_program.hpp"

#include <charconv>
#include <stdexcept>
#include <variant>

namespace mpbridge::bench {

namespace {

class RawLine : public Line {
  public:
    explicit RawLine(std::uint16_t port) : port_(port), socket_(connect_to(port)) {}

    void write(base::ByteView data) override { write_all(socket_.get(), data); }
    base::ByteView read() override { return read_some(socket_.get(), buffer_); }

    void reconnect() override {
        socket_.reset();
        socket_ = connect_to(port_);
    }

  private:
    std::uint16_t port_;
    posix::Descriptor socket_;
    Buffer buffer_{};
};

class Rfc2217Line : public Line {
  public:
    explicit Rfc2217Line(std::uint16_t port) : socket_(connect_to(port)) {
        client_.start(to_wire_);
        flush();
        while (!client_.ready()) {
            receive();
            while (client_.next(input_, to_wire_)) {
            }
            flush();
        }
    }

    void write(base::ByteView data) override {
        client_.encode(data, to_wire_);
        flush();
    }

    base::ByteView read() override {
        for (;;) {
            while (auto event = client_.next(input_, to_wire_)) {
                if (const auto* data = std::get_if<rfc2217::Data>(&*event)) {
                    return data->bytes;
                }
            }
            flush();
            receive();
        }
    }

  private:
    void receive() { input_ = read_some(socket_.get(), buffer_); }

    void flush() {
        write_all(socket_.get(), to_wire_);
        to_wire_.clear();
    }

    posix::Descriptor socket_;
    rfc2217::Client client_{rfc2217::ClientOptions{}};
    base::Bytes to_wire_;
    base::ByteView input_;
    Buffer buffer_{};
};

class PtyLine : public Line {
  public:
    explicit PtyLine(const std::string& program) : program_(program) {}

    void write(base::ByteView data) override { write_all(program_.master(), data); }
    base::ByteView read() override { return read_some(program_.master(), buffer_); }

  private:
    PtyProgram program_;
    Buffer buffer_{};
};

class HopLine : public Line {
  public:
    HopLine()
        : listener_(listen_on(0)), child_([this] { serve(listener_.get()); }),
          line_(port_of(listener_.get())) {}

    void write(base::ByteView data) override { line_.write(data); }
    base::ByteView read() override { return line_.read(); }
    void reconnect() override { line_.reconnect(); }

  private:
    [[noreturn]] static void serve(int listener) {
        for (;;) {
            const auto socket = accept_on(listener);
            obey(socket.get(), socket.get());
        }
    }

    posix::Descriptor listener_;
    Child child_;
    RawLine line_;
};

std::uint16_t to_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size()) {
        throw std::invalid_argument("not a port: " + std::string(text));
    }
    return port;
}

} // namespace

void Line::reconnect() { throw std::logic_error("this line cannot be connected anew"); }

std::unique_ptr<Line> open_line(std::string_view where) {
    const auto colon = where.find(':');
    const auto scheme = where.substr(0, colon);
    const auto rest = colon == std::string_view::npos ? "" : where.substr(colon + 1);
    if (scheme == "raw") {
        return std::make_unique<RawLine>(to_port(rest));
    }
    if (scheme == "rfc2217") {
        return std::make_unique<Rfc2217Line>(to_port(rest));
    }
    if (scheme == "pty") {
        return std::make_unique<PtyLine>(std::string(rest));
    }
    if (where == "hop") {
        return std::make_unique<HopLine>();
    }
    throw std::invalid_argument("not a line: " + std::string(where));
}

} // namespace mpbridge::bench
