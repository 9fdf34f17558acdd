#include "tools/measurements.hpp"

#include "tools/io.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>

namespace mpbridge::bench {

namespace {

using Clock = std::chrono::steady_clock;

template <typename Action>
Duration time_of(Action&& action) {
    const auto start = Clock::now();
    action();
    return Clock::now() - start;
}

void send(Line& line, std::string_view text) { line.write(base::bytes_of(text)); }

std::string command(char letter, std::size_t count) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%c%08zx", letter, count);
    return text.data();
}

void expect(Line& line, std::string_view answer) {
    const auto got = line.read();
    if (base::text_of(got) != answer) {
        throw std::runtime_error("the program answered \"" + std::string(base::text_of(got)) +
                                 "\" where \"" + std::string(answer) + "\" was expected");
    }
}

void send_and_expect(Line& line, std::string_view text, std::string_view answer) {
    send(line, text);
    expect(line, answer);
}

void be_refused(std::uint16_t port) {
    const auto socket = connect_to(port);
    Buffer buffer;
    std::string text;
    try {
        for (;;) {
            text += base::text_of(read_some(socket.get(), buffer));
        }
    } catch (const Closed&) {
        if (text.find("busy") == std::string::npos) {
            throw std::runtime_error("refused without the reason: \"" + text + '"');
        }
    }
}

} // namespace

void synchronise(Line& line) {
    send(line, "s");
    while (!base::text_of(line.read()).ends_with('S')) {
    }
}

Samples echo(Line& line, std::size_t count, std::size_t warm_up,
             const std::function<void()>& pause) {
    send(line, command('e', count + warm_up));
    for (std::size_t done = 0; done < warm_up; ++done) {
        send_and_expect(line, "x", "x");
    }
    pause();
    Samples samples(count);
    for (auto& sample : samples) {
        sample = time_of([&] { send_and_expect(line, "x", "x"); });
    }
    pause();
    return samples;
}

Duration bulk_out(Line& line, Kind kind, std::size_t size) {
    Pattern pattern(kind);
    return time_of([&] {
        send(line, command('o', size) + static_cast<char>(kind));
        for (auto left = size; left > 0;) {
            const auto data = line.read();
            if (data.size() > left || !pattern.matches(data)) {
                throw std::runtime_error("data from the program was lost or changed");
            }
            left -= data.size();
        }
    });
}

Duration bulk_in(Line& line, std::size_t size) {
    Pattern pattern(Kind::text);
    return time_of([&] {
        send(line, command('i', size));
        for (auto left = size; left > 0;) {
            const auto piece = pattern.take(left);
            line.write(piece);
            left -= piece.size();
        }
        expect(line, "!");
    });
}

Samples hand_over(Line& line, std::size_t count) {
    Samples samples(count);
    for (auto& sample : samples) {
        sample = time_of([&] {
            line.reconnect();
            send_and_expect(line, "s", "S");
        });
    }
    return samples;
}

Samples refusal(std::uint16_t port, std::size_t count) {
    Samples samples(count);
    for (auto& sample : samples) {
        sample = time_of([&] { be_refused(port); });
    }
    return samples;
}

Samples connecting(std::size_t count) {
    const auto listener = listen_on(0);
    const auto port = port_of(listener.get());
    Samples samples(count);
    for (auto& sample : samples) {
        auto socket = posix::Descriptor();
        sample = time_of([&] { socket = connect_to(port); });
        accept_on(listener.get());
    }
    return samples;
}

} // namespace mpbridge::bench
