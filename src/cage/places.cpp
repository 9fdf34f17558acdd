#include "cage/places.hpp"

#include "cage/programs.hpp"

#include <algorithm>
#include <array>
#include <fstream>

namespace mpbridge::cage {
namespace {

namespace fs = std::filesystem;
using Use = Place::Use;

// Whole directories, for some libraries are loaded late: libgcc_s when a thread ends.
constexpr std::array system_places{
    "/lib",           "/lib32",           "/lib64",           "/libx32",
    "/usr/lib",       "/usr/lib32",       "/usr/lib64",       "/usr/libx32",
    "/usr/local/lib", "/usr/local/lib64", "/etc/ld.so.cache", "/etc/localtime",
};

constexpr std::array name_service_places{
    "/etc/gai.conf",  "/etc/host.conf",   "/etc/hosts",           "/etc/nsswitch.conf",
    "/etc/protocols", "/etc/resolv.conf", "/etc/services",        "/etc/ssl",
    "/etc/ssl/certs", "/etc/pki",         "/run/systemd/resolve", "/usr/share/ca-certificates",
};

bool is_there(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

// Without links, so that nothing on the way is another directory's to change.
fs::path resolved(const fs::path& path) {
    std::error_code error;
    auto canonical = fs::canonical(path, error);
    return error ? path : canonical;
}

bool is_below(const fs::path& path, const fs::path& directory) {
    const auto [rest, _] =
        std::mismatch(directory.begin(), directory.end(), path.begin(), path.end());
    return rest == directory.end() || (rest->empty() && std::next(rest) == directory.end());
}

bool is_python(const fs::path& program) {
    return program.filename().string().starts_with("python");
}

// Where the Python is that a virtual environment was made with.
fs::path home_of_environment(const fs::path& configuration) {
    std::ifstream lines(configuration);
    const std::string_view key = "home = ";
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(key)) {
            return line.substr(key.size());
        }
    }
    return {};
}

// The modules of a Python whose programs are in `folder`.
std::vector<fs::path> modules_beside(const fs::path& folder) {
    const auto prefix = folder.parent_path();
    const auto configuration = prefix / "pyvenv.cfg";
    if (!is_there(configuration)) {
        return {prefix / "lib", prefix / "lib64"};
    }
    const auto home = home_of_environment(configuration).parent_path();
    return {prefix, home / "lib", home / "lib64"};
}

// Python's own modules, where programs are run by a Python.
std::vector<fs::path> modules_of(const std::vector<fs::path>& programs) {
    std::vector<fs::path> found;
    if (std::none_of(programs.begin(), programs.end(), is_python)) {
        return found;
    }
    for (const auto& program : programs) {
        for (const auto& folder : {program.parent_path(), resolved(program).parent_path()}) {
            const auto modules = modules_beside(folder);
            found.insert(found.end(), modules.begin(), modules.end());
        }
    }
    return found;
}

class Places {
  public:
    void add(const fs::path& path, Use use) {
        if (is_there(path)) {
            const Place place{.path = resolved(path).string(), .use = use};
            if (std::find(all_.begin(), all_.end(), place) == all_.end()) {
                all_.push_back(place);
            }
        }
    }

    template <class Paths>
    void add_all(const Paths& paths, Use use) {
        for (const auto& each : paths) {
            add(each, use);
        }
    }

    const Place* one_below(const fs::path& directory) const {
        const auto found = std::find_if(all_.begin(), all_.end(), [&](const Place& place) {
            return is_below(place.path, directory);
        });
        return found != all_.end() ? &*found : nullptr;
    }

    std::vector<Place> take() { return std::move(all_); }

  private:
    std::vector<Place> all_;
};

} // namespace

base::Result<std::vector<Place>> places_for(const fs::path& executable, const fs::path& directory,
                                            const std::vector<std::string>& more, bool network) {
    Places places;
    const auto programs = programs_behind(executable);
    places.add_all(programs, Use::execute);
    places.add_all(system_places, Use::read);
    places.add_all(modules_of(programs), Use::read);
    if (network) {
        places.add_all(name_service_places, Use::read);
    }
    for (const auto& each : more) {
        std::error_code ignored;
        if (!fs::is_directory(each, ignored)) {
            return base::Error{"Directory for the sandbox does not exist: " + each};
        }
        places.add(each, Use::read);
    }
    const auto own = resolved(directory.empty() ? "." : directory);
    if (const auto* place = places.one_below(own)) {
        return base::Error{"The sandbox needs a working directory of its own: the board may change "
                           "all below " +
                           own.string() + ", and so " + place->path + "; --cwd names another one"};
    }
    auto all = places.take();
    all.push_back({.path = ".", .use = Use::change});
    return {boost::system::in_place_value, std::move(all)};
}

} // namespace mpbridge::cage
