#include "cage/call_filter.hpp"

#include "cage/denied_calls.hpp"
#include "posix/descriptor.hpp"

#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <memory>
#include <string>

namespace mpbridge::cage {
namespace {

struct Release {
    void operator()(void* context) const { ::seccomp_release(context); }
};
using Context = std::unique_ptr<void, Release>;

// libseccomp's functions return 0 or a negated errno value.
base::Error seccomp_error(const std::string& what, int result) {
    return base::system_error("Cannot make the filter of system calls: " + what, -result);
}

base::Result<void> deny(const Context& context, const DeniedCall& call) {
    const int number = ::seccomp_syscall_resolve_name(call.name);
    const int result =
        number == __NR_SCMP_ERROR
            ? -ENOSYS
            : ::seccomp_rule_add_array(
                  context.get(), SCMP_ACT_ERRNO(static_cast<unsigned int>(call.error)), number,
                  static_cast<unsigned int>(call.when.size()), call.when.data());
    if (result != 0) {
        return seccomp_error(call.name, result);
    }
    return {};
}

base::Result<Context> make_context(const std::vector<DeniedCall>& calls) {
    Context context(::seccomp_init(SCMP_ACT_ALLOW));
    if (context == nullptr) {
        return seccomp_error("seccomp_init", -ENOMEM);
    }
    // Calls in the manner of another architecture have other numbers.
    ::seccomp_attr_set(context.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    // A binary tree; reads and writes come often.
    ::seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
    for (const auto& call : calls) {
        if (auto denied = deny(context, call); !denied) {
            return denied.error();
        }
    }
    return {boost::system::in_place_value, std::move(context)};
}

base::Result<std::vector<sock_filter>> exported(const Context& context) {
    const posix::Descriptor file(::memfd_create("filter", MFD_CLOEXEC));
    const int result = file ? ::seccomp_export_bpf(context.get(), file.get()) : -errno;
    if (result != 0) {
        return seccomp_error("export", result);
    }
    struct stat status{};
    ::fstat(file.get(), &status);
    const auto size = static_cast<std::size_t>(status.st_size);
    std::vector<sock_filter> program(size / sizeof(sock_filter));
    if (::pread(file.get(), program.data(), size, 0) != status.st_size) {
        return seccomp_error("read", -errno);
    }
    return {boost::system::in_place_value, std::move(program)};
}

using Program = std::vector<sock_filter>;

void append(Program& program, const Program& more) {
    program.insert(program.end(), more.begin(), more.end());
}

// A call too new to be known here does not exist; so for calls of x32, which have high numbers.
Program newer_calls() {
    return {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, newest_known_call, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    };
}

// Behind newer_calls(), which has loaded the number. libseccomp cannot say "none but these".
Program controls() {
    const auto& allowed = allowed_controls();
    constexpr auto little_endian = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    constexpr auto request = offsetof(seccomp_data, args[1]) + (little_endian ? 0 : 4);
    auto left = static_cast<std::uint8_t>(allowed.size());
    Program program{
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, static_cast<std::uint8_t>(left + 2)),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, request),
    };
    for (const auto control : allowed) {
        program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, control, left, 0));
        --left;
    }
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOTTY));
    return program;
}

} // namespace

base::Result<CallFilter> CallFilter::make(bool network, std::uint64_t exec_key) {
    const auto context = make_context(denied_calls(network, exec_key));
    if (!context) {
        return context.error();
    }
    const auto program = exported(context.value());
    if (!program) {
        return program.error();
    }
    auto whole = newer_calls();
    append(whole, controls());
    append(whole, program.value());
    if (whole.size() > BPF_MAXINSNS) {
        return seccomp_error("size", -E2BIG);
    }
    return CallFilter(std::move(whole));
}

bool CallFilter::apply() const noexcept {
    std::array<sock_filter, BPF_MAXINSNS> instructions{};
    std::copy(program_.begin(), program_.end(), instructions.begin());
    for (auto& each : instructions) {
        if (each.k == own_pid) {
            each.k = static_cast<std::uint32_t>(::getpid());
        }
    }
    const sock_fprog program{.len = static_cast<unsigned short>(program_.size()),
                             .filter = instructions.data()};
    return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

} // namespace mpbridge::cage
