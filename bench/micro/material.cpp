#include "micro/material.hpp"

#include "telnet/codes.hpp"

#include <algorithm>
#include <random>

namespace mpbridge::bench {
namespace {

constexpr std::string_view words = "the quick brown fox jumps over the lazy dog 0123456789 ";

base::Bytes repeated(std::string_view text) {
    base::Bytes bytes;
    while (bytes.size() < chunk) {
        base::append(bytes, base::bytes_of(text));
    }
    return bytes;
}

base::Bytes every_16th_iac() {
    base::Bytes bytes(chunk, 'x');
    for (std::size_t at = 15; at < bytes.size(); at += 16) {
        bytes[at] = telnet::iac;
    }
    return bytes;
}

} // namespace

std::vector<Material> materials() {
    return {
        {"no_iac", base::Bytes(chunk, 'x')}, {"every_16th_iac", every_16th_iac()},
        {"random", random_bytes()},          {"text", text_lines("\r\n")},
        {"cr_lf_only", repeated("\r\n")},    {"cr_only", repeated("\r")},
        {"iac_only", repeated("\xff")},
    };
}

base::Bytes text_lines(std::string_view line_end, std::size_t size) {
    constexpr std::size_t longest_line = 80;
    base::Bytes bytes;
    for (std::size_t length = 0; bytes.size() < size; length = (length + 7) % longest_line) {
        for (std::size_t done = 0; done < length; done += words.size()) {
            base::append(bytes, base::bytes_of(words.substr(0, length - done)));
        }
        base::append(bytes, base::bytes_of(line_end));
    }
    return bytes;
}

base::Bytes random_bytes(std::size_t size) {
    std::mt19937 random; // the same bytes in every run
    std::uniform_int_distribution<unsigned> byte(0, 255);
    base::Bytes bytes(size);
    std::generate(bytes.begin(), bytes.end(),
                  [&] { return static_cast<std::uint8_t>(byte(random)); });
    return bytes;
}

std::vector<base::ByteView> in_pieces(base::ByteView bytes, std::size_t size) {
    std::vector<base::ByteView> pieces;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
        pieces.push_back(bytes.subspan(at, std::min(size, bytes.size() - at)));
    }
    return pieces;
}

} // namespace mpbridge::bench
