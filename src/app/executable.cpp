#include "app/executable.hpp"

#include "posix/programs.hpp"

#include <vector>

namespace mpbridge::app {

namespace fs = std::filesystem;

namespace {

base::Result<std::string> found(const fs::path& path) {
    return {boost::system::in_place_value, path.string()};
}

base::Result<std::string> check_given(const std::string& given) {
    std::error_code ignored;
    if (!fs::exists(given, ignored)) {
        return base::Error{"MicroPython executable not found: " + given};
    }
    if (!posix::is_executable(given)) {
        return base::Error{"MicroPython executable is not executable: " + given};
    }
    return found(fs::absolute(given));
}

std::vector<fs::path> places_beside_this_program() {
    std::error_code error;
    const auto self = fs::read_symlink("/proc/self/exe", error);
    if (error) {
        return {};
    }
    const auto directory = self.parent_path();
    return {(directory / "../ports/unix/build-standard/micropython").lexically_normal(),
            directory / "micropython"};
}

} // namespace

base::Result<std::string> find_micropython(const std::string& given) {
    if (!given.empty()) {
        return check_given(given);
    }
    std::string tried;
    for (const auto& place : places_beside_this_program()) {
        if (posix::is_executable(place)) {
            return found(place);
        }
        tried += place.string() + ", ";
    }
    if (const auto on_path = posix::find_on_path("micropython"); !on_path.empty()) {
        return found(on_path);
    }
    return base::Error{"MicroPython executable not found: " + tried + "micropython on PATH"};
}

base::Result<std::string> check_directory(const std::string& directory) {
    std::error_code ignored;
    if (!directory.empty() && !fs::is_directory(directory, ignored)) {
        return base::Error{"Working directory does not exist: " + directory};
    }
    return {boost::system::in_place_value, directory};
}

} // namespace mpbridge::app
