#include "app/cage_options.hpp"

#include "app/option_kinds.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <limits>
#include <optional>

namespace mpbridge::app {
namespace {

const std::string group = "Sandbox options";

CLI::Option* add_limit(CLI::App& app, const std::string& name, std::optional<std::uint64_t>& limit,
                       const std::string& description) {
    // What is larger a configuration file could not say.
    constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();
    return app
        .add_option_function<std::uint64_t>(
            name, [&limit](std::uint64_t most) { limit = most; },
            description + " (default: the limit of this process)")
        ->check(CLI::Range(std::uint64_t{1}, largest).description(""))
        ->group(group);
}

void add_size_limit(CLI::App& app, const std::string& name, std::optional<std::uint64_t>& limit,
                    const std::string& description) {
    add_limit(app, name, limit, description)->transform(CLI::AsSizeValue(false))->type_name("SIZE");
}

} // namespace

void add_cage_options(CLI::App& app, cage::CageOptions& options) {
    auto* sandbox = add_switch(app, "--sandbox", options.sandbox,
                               "Lock MicroPython in: it can change only what is below its working "
                               "directory, which is its /, and reach no process and no network")
                        ->group(group);
    repeatable(app.add_option("--sandbox-path", options.readable,
                              "A directory that may be read from inside the sandbox, repeatable"))
        ->needs(sandbox)
        ->type_name("DIR")
        ->group(group);
    add_switch(app, "--sandbox-net", options.network, "Allow the sandbox IPv4 and IPv6")
        ->needs(sandbox)
        ->group(group);
    add_size_limit(app, "--limit-memory", options.limits.memory,
                   "Most address space of MicroPython, such as 256M");
    add_size_limit(app, "--limit-file-size", options.limits.file_size,
                   "Largest file that MicroPython may write");
    add_limit(app, "--limit-files", options.limits.files, "Most files open at a time")
        ->type_name("N");
}

} // namespace mpbridge::app
