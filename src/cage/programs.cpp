#include "cage/programs.hpp"

#include "posix/programs.hpp"

#include <elf.h>
#include <link.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
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
            auto name = read_at(file, segment->p_offset, segment->p_filesz);
            name.resize(std::min(name.find('\0'), name.size()));
            return name;
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

// What a script is executed by.
struct Launcher {
    std::vector<std::string> words; // to go before the script's path
    bool executes_again = false;    // where the kernel is left to do it
    fs::path interpreter;           // as the first line has it
};

// What env makes of its one argument.
std::vector<std::string> launched_by_env(const std::string& argument) {
    std::istringstream rest(argument);
    std::vector<std::string> words{std::istream_iterator<std::string>(rest), {}};
    if (!words.empty() && words.front() == "-S") {
        words.erase(words.begin());
    }
    if (!words.empty()) {
        words.front() = posix::find_on_path(words.front());
    }
    return words;
}

Launcher launcher_in(const std::string& head) {
    std::istringstream lines(head.substr(2));
    std::string first;
    std::string second;
    std::getline(lines, first);
    std::getline(lines, second);
    std::istringstream words(first);
    std::string interpreter;
    std::string argument;
    words >> interpreter >> std::ws;
    std::getline(words, argument);
    if (const auto program = launched_by_shell(second); !program.empty()) {
        return {.words = {program}, .executes_again = true, .interpreter = interpreter};
    }
    if (fs::path(interpreter).filename() == "env") {
        return {
            .words = launched_by_env(argument), .executes_again = true, .interpreter = interpreter};
    }
    Launcher launcher{.words = {interpreter}, .interpreter = interpreter};
    if (!argument.empty()) {
        launcher.words.push_back(argument);
    }
    return launcher;
}

std::string head_of(const fs::path& program) {
    std::ifstream file(program, std::ios::binary);
    return read_at(file, 0, head_size);
}

bool is_script(const std::string& head) { return head.starts_with("#!"); }

// What a script's first two lines name.
std::vector<fs::path> script_interpreters(const std::string& head) {
    const auto launcher = launcher_in(head);
    std::vector<fs::path> found{launcher.interpreter};
    if (launcher.executes_again && !launcher.words.empty()) {
        found.emplace_back(launcher.words.front());
    }
    return found;
}

std::vector<fs::path> interpreters(const fs::path& program) {
    const auto head = head_of(program);
    if (is_script(head)) {
        return script_interpreters(head);
    }
    if (head.starts_with(ELFMAG)) {
        std::ifstream file(program, std::ios::binary);
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

std::vector<std::string> launcher_of(const fs::path& executable) {
    std::vector<std::string> words{executable.string()};
    bool executes_again = false;
    for (std::size_t length = 1; length < longest_chain; ++length) {
        const auto head = head_of(words.front());
        if (!is_script(head)) {
            break;
        }
        const auto launcher = launcher_in(head);
        words.insert(words.begin(), launcher.words.begin(), launcher.words.end());
        executes_again = executes_again || launcher.executes_again;
    }
    words.pop_back();
    return executes_again ? words : std::vector<std::string>();
}

} // namespace mpbridge::cage
