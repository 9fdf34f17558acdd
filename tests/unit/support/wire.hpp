#pragma once

#include "base/bytes.hpp"

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace mpbridge::test {

// The numbers of the words in wire(), written down anew so that a wrong one in the code shows.
inline const std::map<std::string_view, std::uint8_t>& wire_words() {
    static const std::map<std::string_view, std::uint8_t> words = {
        {"IAC", 255},  {"DONT", 254},    {"DO", 253},      {"WONT", 252}, {"WILL", 251},
        {"SB", 250},   {"GA", 249},      {"EL", 248},      {"EC", 247},   {"AYT", 246},
        {"AO", 245},   {"IP", 244},      {"BRK", 243},     {"DM", 242},   {"NOP", 241},
        {"SE", 240},   {"EOR", 239},     {"ABORT", 238},   {"SUSP", 237}, {"EOF", 236},
        {"BINARY", 0}, {"ECHO", 1},      {"SGA", 3},       {"TM", 6},     {"TTYPE", 24},
        {"NAWS", 31},  {"LINEMODE", 34}, {"COM-PORT", 44}, {"CR", 13},    {"LF", 10},
        {"NUL", 0},
    };
    return words;
}

// Bytes from a line of words: names of telnet, decimal numbers, and 'text' (no blanks in it).
inline base::Bytes wire(std::string_view script) {
    base::Bytes bytes;
    while (!script.empty()) {
        const auto end = script.find_first_of(" \n");
        const auto word = script.substr(0, end);
        script.remove_prefix(end == std::string_view::npos ? script.size() : end + 1);
        if (word.empty()) {
            continue;
        }
        if (const auto found = wire_words().find(word); found != wire_words().end()) {
            bytes.push_back(found->second);
        } else if (word.size() >= 2 && word.front() == '\'' && word.back() == '\'') {
            base::append(bytes, base::bytes_of(word.substr(1, word.size() - 2)));
        } else {
            const auto number = std::stoul(std::string(word)); // throws if it is no number
            if (number > 255) {
                throw std::out_of_range("not a byte: " + std::string(word));
            }
            bytes.push_back(static_cast<std::uint8_t>(number));
        }
    }
    return bytes;
}

inline base::Bytes operator+(base::Bytes left, base::ByteView right) {
    base::append(left, right);
    return left;
}

} // namespace mpbridge::test
