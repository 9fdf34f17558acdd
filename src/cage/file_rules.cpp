#include "cage/file_rules.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <utility>

namespace mpbridge::cage {
namespace {

// As <linux/landlock.h> of the newest ABI used here has them; older headers lack some.
constexpr std::uint64_t truncate = 1U << 14U;             // ABI 3
constexpr std::uint64_t control_devices = 1U << 15U;      // ABI 5
constexpr std::uint64_t bind_and_connect_tcp = 3;         // ABI 4
constexpr std::uint64_t abstract_sockets_and_signals = 3; // ABI 6

struct Attributes {
    std::uint64_t files = 0;
    std::uint64_t network = 0;
    std::uint64_t scoped = 0;
};

constexpr std::uint64_t read_rights = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t execute_rights = read_rights | LANDLOCK_ACCESS_FS_EXECUTE;
// Neither executing, nor making devices, sockets, links and FIFOs: traps for who looks in from
// outside.
constexpr std::uint64_t change_rights =
    read_rights | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
    LANDLOCK_ACCESS_FS_REFER | truncate;
constexpr std::uint64_t rights_of_a_file = LANDLOCK_ACCESS_FS_READ_FILE |
                                           LANDLOCK_ACCESS_FS_WRITE_FILE |
                                           LANDLOCK_ACCESS_FS_EXECUTE | truncate;

constexpr std::uint64_t held_back_files(int abi) {
    constexpr std::uint64_t since_abi_2 = (LANDLOCK_ACCESS_FS_REFER << 1U) - 1;
    return since_abi_2 | (abi >= 3 ? truncate : 0) | (abi >= 5 ? control_devices : 0);
}

std::size_t known_size(int abi) {
    if (abi >= 6) {
        return sizeof(Attributes);
    }
    return abi >= 4 ? offsetof(Attributes, scoped) : offsetof(Attributes, network);
}

std::uint64_t rights(Place::Use use) {
    switch (use) {
    case Place::Use::read:
        return read_rights;
    case Place::Use::execute:
        return execute_rights;
    case Place::Use::change:
        break;
    }
    return change_rights;
}

bool has_no_place(int error) { return error == ENOENT || error == ENOTDIR; }

bool allow(int ruleset, const Place& place, std::uint64_t held_back) {
    const int target = ::open(place.path.c_str(), O_PATH | O_CLOEXEC);
    if (target < 0) {
        return has_no_place(errno);
    }
    struct stat status{};
    bool allowed = ::fstat(target, &status) == 0;
    if (allowed) {
        landlock_path_beneath_attr rule{};
        rule.parent_fd = target;
        rule.allowed_access = rights(place.use) & held_back &
                              (S_ISDIR(status.st_mode) ? ~std::uint64_t{0} : rights_of_a_file);
        allowed =
            ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
    }
    const int error = errno;
    ::close(target);
    errno = error;
    return allowed;
}

} // namespace

int FileRules::kernel_abi() {
    const auto version =
        ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return std::max(0, static_cast<int>(version));
}

FileRules::FileRules(std::vector<Place> places, bool network, int abi)
    : places_(std::move(places)), network_(network), abi_(abi) {}

bool FileRules::apply() const noexcept {
    const Attributes attributes{.files = held_back_files(abi_),
                                .network = network_ ? 0 : bind_and_connect_tcp,
                                .scoped = abstract_sockets_and_signals};
    const auto ruleset =
        static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, known_size(abi_), 0));
    return ruleset >= 0 &&
           std::all_of(
               places_.begin(), places_.end(),
               [&](const Place& place) { return allow(ruleset, place, attributes.files); }) &&
           ::syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
}

} // namespace mpbridge::cage
