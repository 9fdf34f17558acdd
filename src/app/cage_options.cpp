#include "app/cage_options.hpp"

#include "app/choice_option.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <optional>

namespace mpbridge::app {
namespace {

const std::string group = "Sandbox options";

CLI::Option* add_limit(CLI::App& app, const std::string& name, std::optional<std::uint64_t>& limit,
                       const std::string& description) {
    return app
        .add_option_function<std::uint64_t>(
            name, [&limit](std::uint64_t most) { limit = most; }, description)
        ->check(CLI::PositiveNumber.description(""))
        ->default_str("the one of this process")
        ->group(group);
}

void add_size_limit(CLI::App& app, const std::string& name, std::optional<std::uint64_t>& limit,
                    const std::string& description) {
    add_limit(app, name, limit, description)->transform(CLI::AsSizeValue(false))->type_name("SIZE");
}

} // namespace

void add_cage_options(CLI::App& app, cage::CageOptions& options) {
    auto* sandbox = app.add_flag("--sandbox", options.sandbox,
                                 "Lock MicroPython in: it can change only what is below its "
                                 "working directory, which is its /, and reach no process and no "
                                 "network")
                        ->disable_flag_override()
                        ->group(group);
    app.add_option("--sandbox-path", options.readable,
                   "A directory that may be read from inside the sandbox, repeatable")
        ->needs(sandbox)
        ->expected(1)
        ->take_all()
        ->allow_extra_args(false)
        ->type_name("DIR")
        ->group(group);
    app.add_flag("--sandbox-net", options.network, "Allow the sandbox IPv4 and IPv6")
        ->needs(sandbox)
        ->disable_flag_override()
        ->group(group);
    add_size_limit(app, "--limit-memory", options.limits.memory,
                   "Most address space of MicroPython (256M)");
    add_size_limit(app, "--limit-file-size", options.limits.file_size,
                   "Largest file that MicroPython may write");
    add_limit(app, "--limit-files", options.limits.files, "Most files open at a time")
        ->type_name("N");
}

} // namespace mpbridge::app
