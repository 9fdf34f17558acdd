#include "cage/cage.hpp"

#include "cage/environment.hpp"
#include "cage/places.hpp"
#include "cage/privileges.hpp"
#include "cage/programs.hpp"

#include <linux/seccomp.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <utility>

namespace mpbridge::cage {
namespace {

class Limited : public posix::ChildSetup {
  public:
    explicit Limited(const Limits& limits) : limits_(limits) {}

    const char* apply() const noexcept override {
        return limits_.apply() ? nullptr : "limit its resources";
    }

  private:
    Limits limits_;
};

class Caged : public posix::ChildSetup {
  public:
    Caged(FileRules files, CallFilter calls, std::uint64_t exec_key, const Limits& limits)
        : files_(std::move(files)), calls_(std::move(calls)), exec_key_(exec_key), limits_(limits) {
    }

    const char* apply() const noexcept override {
        if (!drop_privileges()) {
            return "drop its privileges";
        }
        // The rules open files, which the limits may not allow any more.
        if (!files_.apply()) {
            return "confine its files with Landlock";
        }
        if (const auto* failed = limits_.apply()) {
            return failed;
        }
        return calls_.apply() ? nullptr : "filter its system calls with seccomp";
    }

    std::uint64_t exec_key() const noexcept override { return exec_key_; }

  private:
    FileRules files_;
    CallFilter calls_;
    std::uint64_t exec_key_;
    Limited limits_;
};

bool kernel_has_seccomp_filters() {
    const unsigned int action = SECCOMP_RET_KILL_PROCESS;
    return ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

base::Result<void> check_kernel() {
    if (FileRules::kernel_abi() < FileRules::oldest_abi) {
        return base::Error{"--sandbox needs Landlock of ABI 2 or newer (Linux 5.19, with landlock "
                           "in its list of security modules), which this kernel lacks"};
    }
    if (!kernel_has_seccomp_filters()) {
        return base::Error{"--sandbox needs seccomp filters, which this kernel lacks"};
    }
    return {};
}

base::Result<std::shared_ptr<Caged>> make_cage(const posix::Command& command,
                                               const CageOptions& options) {
    if (const auto checked = check_kernel(); !checked) {
        return checked.error();
    }
    auto places =
        places_for(command.executable, command.directory, options.readable, options.network);
    if (!places) {
        return places.error();
    }
    std::uint64_t exec_key = 0;
    if (::getrandom(&exec_key, sizeof exec_key, 0) != sizeof exec_key) {
        return base::system_error("Cannot get random numbers", errno);
    }
    auto calls = CallFilter::make(options.network, exec_key);
    if (!calls) {
        return calls.error();
    }
    return std::make_shared<Caged>(FileRules(std::move(places.value()), options.network),
                                   std::move(calls.value()), exec_key, options.limits);
}

} // namespace

base::Result<void> confine(posix::Command& command, const CageOptions& options) {
    if (!options.sandbox) {
        if (options.limits.any()) {
            command.setup = std::make_shared<Limited>(options.limits);
        }
        return {};
    }
    auto cage = make_cage(command, options);
    if (!cage) {
        return cage.error();
    }
    command.setup = std::move(cage.value());
    command.launcher = launcher_of(command.executable);
    command.environment = clean_environment(environ);
    return {};
}

} // namespace mpbridge::cage
