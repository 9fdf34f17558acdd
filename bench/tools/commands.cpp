#include "tools/commands.hpp"

#include "tools/io.hpp"
#include "tools/pattern.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>

namespace mpbridge::bench {

namespace {

class Servant {
  public:
    Servant(int input, int output) : input_(input), output_(output) {}

    void obey_one() {
        switch (read_letter()) {
        case 's':
            write_all(output_, "S");
            break;
        case 'e':
            echo(read_count());
            break;
        case 'o':
            print(read_count());
            break;
        case 'i':
            take(read_count());
            break;
        default:
            break;
        }
    }

  private:
    char read_letter() const {
        std::array<std::uint8_t, 1> byte{};
        read_some(input_, byte);
        return static_cast<char>(byte.front());
    }

    std::size_t read_count() {
        std::string digits;
        while (digits.size() < 8) {
            digits += read_letter();
        }
        return std::strtoul(digits.c_str(), nullptr, 16);
    }

    base::ByteView read_up_to(std::size_t size) {
        return read_some(input_, std::span(buffer_).first(std::min(size, buffer_.size())));
    }

    void echo(std::size_t left) {
        while (left > 0) {
            const auto data = read_up_to(left);
            write_all(output_, data);
            left -= data.size();
        }
    }

    void print(std::size_t left) {
        Pattern pattern(static_cast<Kind>(read_letter()));
        while (left > 0) {
            const auto piece = pattern.take(left);
            write_all(output_, piece);
            left -= piece.size();
        }
    }

    void take(std::size_t left) {
        Pattern pattern(Kind::text);
        bool right = true;
        while (left > 0) {
            const auto data = read_up_to(left);
            right = pattern.matches(data) && right;
            left -= data.size();
        }
        write_all(output_, right ? "!" : "?");
    }

    int input_;
    int output_;
    Buffer buffer_{};
};

} // namespace

void obey(int input, int output) {
    const auto servant = std::make_unique<Servant>(input, output);
    try {
        for (;;) {
            servant->obey_one();
        }
    } catch (const Closed&) {
        return;
    }
}

} // namespace mpbridge::bench
