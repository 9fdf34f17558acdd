#include "app/executable.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <vector>

namespace mpbridge::app {

namespace fs = std::filesystem;

namespace {

bool is_executable(const fs::path& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

base::Result<std::string> found(const fs::path& path) {
    return {boost::system::in_place_value, path.string()};
}

base::Result<std::string> check_given(const std::string& given) {
    std::error_code ignored;
    if (!fs::exists(given, ignored)) {
        return base::Error{"MicroPython executable not found: " + given};
    }
    if (!is_executable(given)) {
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

std::vector<fs::path> places_on_path() {
    const char* variable = std::getenv("PATH"); // NOLINT(concurrency-mt-unsafe): one thread
    std::string_view rest = variable != nullptr ? variable : "";
    std::vector<fs::path> places;
    while (!rest.empty()) {
        const auto end = std::min(rest.find(':'), rest.size());
        if (end > 0) {
            places.push_back(fs::absolute(fs::path(rest.substr(0, end)) / "micropython"));
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return places;
}

} // namespace

base::Result<std::string> find_micropython(const std::string& given) {
    if (!given.empty()) {
        return check_given(given);
    }
    std::string tried;
    for (const auto& place : places_beside_this_program()) {
        if (is_executable(place)) {
            return found(place);
        }
        tried += place.string() + ", ";
    }
    for (const auto& place : places_on_path()) {
        if (is_executable(place)) {
            return found(place);
        }
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
