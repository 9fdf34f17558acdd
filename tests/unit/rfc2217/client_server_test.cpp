#include "rfc2217/client_session.hpp"
#include "rfc2217/server_session.hpp"
#include "support/random_bytes.hpp"

#include <algorithm>

namespace mpbridge::rfc2217 {
namespace {

// Our client and our server, with a network in between that splits as it likes.
class Pair {
  public:
    explicit Pair(std::uint32_t seed, LineSettings wanted = {}) : client(wanted), random_(seed) {}

    // Until neither has anything more to say.
    void run() {
        while (!client.sent.empty() || !server.sent.empty()) {
            deliver(client.sent, server);
            deliver(server.sent, client);
        }
    }

    void open() {
        server.start();
        client.start();
        run();
    }

    void client_sends(base::ByteView data) { client.client.encode(data, client.sent); }
    void server_sends(base::ByteView data) { server.server.encode(data, server.sent); }

    ClientSession client;
    ServerSession server;

  private:
    // A piece from the front, in memory of its own.
    void deliver(base::Bytes& stream, auto& receiver) {
        const auto size = test::below(random_, std::min<std::size_t>(stream.size(), 40) + 1);
        const auto end = stream.begin() + static_cast<std::ptrdiff_t>(size);
        const base::Bytes piece(stream.begin(), end);
        stream.erase(stream.begin(), end);
        receiver.feed(piece);
    }

    test::Random random_;
};

std::string data_line(base::ByteView bytes) { return "data: " + base::visible(bytes); }

TEST(ClientAndServer, AgreeHoweverTheirOffersCross) {
    const LineSettings wanted = {
        .baud_rate = 9600, .data_size = 7, .parity = Parity::even, .stop_size = StopSize::two};
    for (std::uint32_t seed = 0; seed < 200; ++seed) {
        Pair pair(seed, wanted);
        pair.open();
        EXPECT_EQ(pair.client.lines_without_notes(),
                  (std::vector<std::string>{"modem: CTS DSR CD", "ready"}));
        const auto notes = pair.server.lines();
        for (const std::string note : {"note: SET-BAUDRATE 9600", "note: SET-DATASIZE 7",
                                       "note: SET-PARITY 3", "note: SET-STOPSIZE 2"}) {
            EXPECT_EQ(std::count(notes.begin(), notes.end(), note), 1) << note;
        }
    }
}

// The one begins when the other has said all it has to.
TEST(ClientAndServer, AgreeWhoeverSpeaksFirst) {
    Pair server_first(1);
    server_first.server.start();
    server_first.run();
    server_first.client.start();
    server_first.run();
    EXPECT_TRUE(server_first.client.client.ready());
    Pair client_first(2);
    client_first.client.start();
    client_first.run();
    client_first.server.start();
    client_first.run();
    EXPECT_TRUE(client_first.client.client.ready());
}

TEST(ClientAndServer, ExchangeAllBytesBothWays) {
    const auto all = all_bytes();
    const auto twice = all + base::Bytes(all.rbegin(), all.rend());
    for (std::uint32_t seed = 0; seed < 200; ++seed) {
        Pair pair(seed);
        pair.open();
        pair.client.forget_lines();
        pair.client_sends(twice);
        pair.server_sends(twice);
        pair.run();
        EXPECT_EQ(pair.server.lines().back(), data_line(twice));
        EXPECT_EQ(pair.client.lines().back(), data_line(twice));
    }
}

TEST(ClientAndServer, ExchangeAllBytesInEverySplitting) {
    const auto all = all_bytes();
    Pair pair(0);
    pair.open();
    pair.client.forget_lines();
    for (const auto& pieces : test::splittings(pair.client.encoded(all))) {
        auto server = pair.server;
        auto client = pair.client;
        for (const auto& piece : pieces) {
            server.feed(piece);
            client.feed(piece); // a server's encoding is the same
        }
        EXPECT_EQ(server.lines().back(), data_line(all));
        EXPECT_EQ(client.lines().back(), data_line(all));
    }
}

TEST(ClientAndServer, ChangeSettingsAmongData) {
    for (std::uint32_t seed = 0; seed < 50; ++seed) {
        Pair pair(seed);
        pair.open();
        pair.client.forget_lines();
        const auto all = all_bytes();
        for (std::uint32_t rate = 1; rate <= 20; ++rate) {
            pair.client.client.set_baud_rate(rate, pair.client.sent);
            pair.client_sends(all);
        }
        pair.server_sends(all);
        pair.run();
        // The first and the last: those in between came while the first was unanswered.
        auto lines = pair.server.lines();
        std::erase_if(lines,
                      [](const auto& line) { return !line.starts_with("note: SET-BAUDRATE"); });
        EXPECT_EQ(lines,
                  (std::vector<std::string>{"note: SET-BAUDRATE 115200", "note: SET-BAUDRATE 1",
                                            "note: SET-BAUDRATE 20"}));
        EXPECT_EQ(pair.client.lines(), (std::vector<std::string>{data_line(all)}));
    }
}

TEST(ClientAndServer, Purge) {
    Pair pair(3);
    pair.open();
    pair.client_sends(wire("'a'"));
    pair.client.client.purge({.output = true, .input = false}, pair.client.sent);
    pair.client.client.purge({.output = false, .input = true}, pair.client.sent);
    pair.client_sends(wire("'b'"));
    pair.run();
    EXPECT_EQ(pair.server.lines_without_notes(),
              (std::vector<std::string>{"data: a", "purge output", "purge input", "data: b"}));
}

TEST(ClientAndServer, TellTheModemState) {
    Pair pair(4);
    pair.open();
    pair.client.forget_lines();
    pair.server.server.set_modem_state({.cts = true, .dsr = true, .ri = false, .cd = false},
                                       pair.server.sent);
    pair.run();
    EXPECT_EQ(pair.client.lines(), (std::vector<std::string>{"modem: CTS DSR"}));
}

} // namespace
} // namespace mpbridge::rfc2217
