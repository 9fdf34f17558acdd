#include "base/byte_queue.hpp"
#include "fuzz/fuzz.hpp"
#include "repl/repl.hpp"
#include "rfc2217/client.hpp"
#include "rfc2217/server.hpp"

#include <array>

// A whole session without its I/O: two RFC 2217 clients, one after the other at the same program,
// with a network that cuts as it likes. What a client types the program reads, what the program
// prints the client that is there sees; no byte of it is lost, added or reordered.
namespace mpbridge::fuzz {
namespace {

constexpr std::size_t input_bound = 256;

// Bytes on their way, of which a piece of any size arrives at a time, in memory of its own.
class Wire {
  public:
    base::Bytes bytes;

    base::Bytes arrive(std::size_t at_most) {
        const auto end =
            bytes.begin() + static_cast<std::ptrdiff_t>(std::min(at_most, bytes.size()));
        base::Bytes piece(bytes.begin(), end);
        bytes.erase(bytes.begin(), end);
        return piece;
    }
};

// One client, its connection, and the server's side of that.
class Line {
  public:
    Line() {
        server_.start(to_client_.bytes);
        client_.start(to_server_.bytes);
    }

    bool ready() const { return client_.ready(); }
    bool idle() const { return to_client_.bytes.empty() && to_server_.bytes.empty(); }

    // Keeps what is typed until the client is ready.
    void type(base::ByteView data) {
        base::append(untold_, data);
        send_typed();
    }
    void want_baud_rate(std::uint32_t rate) { client_.set_baud_rate(rate, to_server_.bytes); }

    void print(base::ByteView data) {
        const auto before = to_client_.bytes.size();
        server_.encode(data, to_client_.bytes);
        require(to_client_.bytes.size() - before <= 2 * data.size() + 1, "twice and a byte");
    }

    // At most as many bytes as `queue` has room for: else the connection is not read.
    void deliver_to_server(std::size_t at_most, base::ByteQueue& queue) {
        const auto piece = to_server_.arrive(std::min(at_most, queue.room()));
        const auto before = to_client_.bytes.size();
        base::ByteView input = piece;
        while (const auto event = server_.next(input, to_client_.bytes)) {
            if (const auto* data = std::get_if<rfc2217::Data>(&*event)) {
                require(queue.push(data->bytes) == data->bytes.size(), "what there is room for");
            } else {
                require(std::holds_alternative<rfc2217::Note>(*event), "nothing else is meant");
            }
        }
        require(to_client_.bytes.size() - before <= max_answer(piece, from_client_),
                "answers of the server in proportion");
    }

    void deliver_to_client(std::size_t at_most) {
        const auto piece = to_client_.arrive(at_most);
        const auto before = to_server_.bytes.size();
        base::ByteView input = piece;
        while (const auto event = client_.next(input, to_server_.bytes)) {
            if (const auto* data = std::get_if<rfc2217::Data>(&*event)) {
                base::append(seen, data->bytes);
            }
        }
        require(to_server_.bytes.size() - before <= max_answer(piece, from_server_),
                "answers of the client in proportion");
        send_typed();
    }

    base::Bytes seen; // all that the client got

  private:
    // An answer may be to a message of which only the end has just come.
    static std::size_t max_answer(const base::Bytes& piece, std::size_t& fed) {
        fed += piece.size();
        return fed * rfc2217::Server::max_reply_factor;
    }

    void send_typed() {
        if (client_.ready()) {
            client_.encode(std::exchange(untold_, {}), to_server_.bytes);
        }
    }

    rfc2217::Server server_{rfc2217::ServerOptions{"mpremote-bridge 1.2.3"}};
    rfc2217::Client client_{rfc2217::ClientOptions{"attach 1.2", {}}};
    Wire to_client_;
    Wire to_server_;
    base::Bytes untold_;
    std::size_t from_client_ = 0;
    std::size_t from_server_ = 0;
};

class World {
  public:
    void step(Input& input) {
        const auto kind = input.byte();
        const std::size_t size = 1 + (kind >> 3U);
        switch (kind % 8U) {
        case 0:
            return type(input.bytes(size));
        case 1:
            return print(input.bytes(size));
        case 2:
            return line().deliver_to_server(4 * size, queue_);
        case 3:
            return line().deliver_to_client(4 * size);
        case 4:
            return read(8 * size);
        case 5:
            return line().want_baud_rate(static_cast<std::uint32_t>(size));
        case 6:
            return type(base::Bytes(4 * size, input.byte()));
        default:
            return size % 4 == 0 ? change_client() : print(base::Bytes(4 * size, input.byte()));
        }
    }

    // All that is under way arrives; both clients have had their turn then.
    void end() {
        change_client();
        change_client();
        require(read_ == typed_, "the program reads what was typed");
        for (const auto& one : lines_) {
            require(one.seen == printed_to(one), "a client sees what was printed");
        }
    }

  private:
    Line& line() { return lines_.at(present_); }
    base::Bytes& printed_to(const Line& one) { return printed_.at(&one == lines_.data() ? 0 : 1); }

    void type(base::ByteView data) {
        line().type(data);
        base::append(typed_, data);
    }

    // What is printed before the client is ready is kept: it would not find its answers behind it.
    void print(base::ByteView data) {
        base::Bytes shown;
        repl_.output(data, false, shown);
        require(std::equal(shown.begin(), shown.end(), data.begin(), data.end()), "unchanged");
        base::append(kept_, shown);
        show_kept();
    }
    void show_kept() {
        if (line().ready() && !kept_.empty()) {
            line().print(kept_);
            base::append(printed_to(line()), std::exchange(kept_, {}));
        }
    }

    void read(std::size_t at_most) {
        const auto front = queue_.front();
        const auto taken = front.first(std::min(at_most, front.size()));
        repl_.input(taken);
        base::append(read_, taken);
        queue_.pop(taken.size());
    }

    // What the present client has sent is read before the other one comes.
    void change_client() {
        constexpr int more_than_enough = 100'000;
        int rounds = 0;
        do {
            require(++rounds < more_than_enough, "client and server come to rest");
            line().deliver_to_server(input_bound, queue_);
            line().deliver_to_client(input_bound);
            read(input_bound);
            show_kept();
        } while (!line().idle());
        require(line().ready(), "client and server agree");
        require(queue_.empty(), "all input is read");
        present_ = 1 - present_;
    }

    std::array<Line, 2> lines_;
    std::size_t present_ = 0;
    repl::NewlineFilter newlines_{repl::NewlinePolicy::raw};
    repl::Repl repl_{repl::Mode::friendly, newlines_};
    base::ByteQueue queue_{input_bound};
    base::Bytes kept_;
    base::Bytes typed_;
    base::Bytes read_;
    std::array<base::Bytes, 2> printed_;
};

} // namespace

void run(base::ByteView made_up) {
    Input input(made_up);
    World world;
    while (!input.empty()) {
        world.step(input);
    }
    world.end();
}

} // namespace mpbridge::fuzz
