#include "app/board_root.hpp"

#include <string_view>

namespace mpbridge::app {
namespace {

std::string hexadecimal_escape(unsigned char byte) {
    constexpr std::string_view digits = "0123456789abcdef";
    return {'\\', 'x', digits[byte >> 4U], digits[byte & 0xfU]};
}

// Bytes, as a path need not be UTF-8.
std::string bytes_literal(const std::string& text) {
    std::string literal = "b'";
    for (const char each : text) {
        const auto byte = static_cast<unsigned char>(each);
        const bool plain = byte > 0x1f && byte < 0x7f && each != '\'' && each != '\\';
        literal += plain ? std::string(1, each) : hexadecimal_escape(byte);
    }
    return literal + "'";
}

} // namespace

std::vector<std::string> board_root_arguments(const std::filesystem::path& directory) {
    const auto code = "import os,sys,vfs;vfs.umount('/');vfs.mount(vfs.VfsPosix(" +
                      bytes_literal(directory.string()) +
                      "),'/');os.chdir('/');sys.path[:]=['','.frozen','/lib'];sys.argv[:]=[''];"
                      "del os,sys,vfs;globals().pop('__file__',None)";
    return {"-i", "-c", code};
}

} // namespace mpbridge::app
