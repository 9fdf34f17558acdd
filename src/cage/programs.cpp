#include "cage/programs.hpp"

#include <elf.h>
#include <link.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

namespace mpbridge::cage {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_chain = 6; // the kernel follows fewer
constexpr std::size_t head_size = 4096;

using Header = ElfW(Ehdr);
using Segment = ElfW(Phdr);

std::string read_at(std::ifstream& file, std::size_t offset, std::size_t size) {
    std::string bytes(size, '\0');
    file.clear();
    file.seekg(static_cast<std::streamoff>(offset));
    file.read(bytes.data(), static_cast<std::streamsize>(size));
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    return bytes;
}

template <class T>
std::optional<T> read_object(std::ifstream& file, std::size_t offset) {
    const auto bytes = read_at(file, offset, sizeof(T));
    if (bytes.size() != sizeof(T)) {
        return std::nullopt;
    }
    T object{};
    std::memcpy(&object, bytes.data(), sizeof(T));
    return object;
}

fs::path elf_interpreter(std::ifstream& file) {
    const auto header = read_object<Header>(file, 0);
    for (std::size_t index = 0; header && index < header->e_phnum; ++index) {
        const auto segment =
            read_object<Segment>(file, header->e_phoff + index * header->e_phentsize);
        if (!segment) {
            break;
        }
        if (segment->p_type == PT_INTERP && segment->p_filesz <= head_size) {
            return read_at(file, segment->p_offset, segment->p_filesz).c_str();
        }
    }
    return {};
}

fs::path found_on_path(const std::string& name) {
    const char* variable = std::getenv("PATH"); // NOLINT(concurrency-mt-unsafe): one thread
    std::istringstream folders(variable != nullptr ? variable : "");
    for (std::string folder; std::getline(folders, folder, ':');) {
        std::error_code ignored;
        if (fs::exists(fs::path(folder) / name, ignored)) {
            return fs::path(folder) / name;
        }
    }
    return {};
}

// '''exec' "/a long/path/python" "$0" "$@"
fs::path launched_by_shell(const std::string& line) {
    constexpr std::string_view start = "'''exec' ";
    if (!line.starts_with(start)) {
        return {};
    }
    auto rest = line.substr(start.size());
    const char end = rest.starts_with('"') ? '"' : ' ';
    rest.erase(0, end == '"' ? 1 : 0);
    return rest.substr(0, rest.find(end));
}

// What a script's first two lines name.
std::vector<fs::path> script_interpreters(const std::string& head) {
    std::istringstream lines(head.substr(2));
    std::string first;
    std::string second;
    std::getline(lines, first);
    std::getline(lines, second);
    std::istringstream words(first);
    std::string interpreter;
    std::string argument;
    words >> interpreter >> argument;
    std::vector<fs::path> found{interpreter};
    if (fs::path(interpreter).filename() == "env") {
        found.push_back(found_on_path(argument));
    }
    found.push_back(launched_by_shell(second));
    return found;
}

std::vector<fs::path> interpreters(const fs::path& program) {
    std::ifstream file(program, std::ios::binary);
    const auto head = read_at(file, 0, head_size);
    if (head.starts_with("#!")) {
        return script_interpreters(head);
    }
    if (head.starts_with(ELFMAG)) {
        return {elf_interpreter(file)};
    }
    return {};
}

} // namespace

std::vector<fs::path> programs_behind(const fs::path& executable) {
    std::vector<fs::path> found{executable};
    for (std::size_t index = 0; index < found.size() && found.size() < longest_chain; ++index) {
        for (auto& next : interpreters(found[index])) {
            if (next.is_absolute()) {
                found.push_back(std::move(next));
            }
        }
    }
    return found;
}

} // namespace mpbridge::cage
