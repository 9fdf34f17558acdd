#include "posix/programs.hpp"

#include <unistd.h>

#include <cstdlib>
#include <sstream>

namespace mpbridge::posix {

namespace fs = std::filesystem;

bool is_executable(const fs::path& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

fs::path find_on_path(const std::string& name) {
    const char* variable = std::getenv("PATH"); // NOLINT(concurrency-mt-unsafe): one thread
    std::istringstream folders(variable != nullptr ? variable : "");
    for (std::string folder; std::getline(folders, folder, ':');) {
        if (!folder.empty() && is_executable(fs::path(folder) / name)) {
            return fs::absolute(fs::path(folder) / name);
        }
    }
    return {};
}

} // namespace mpbridge::posix
