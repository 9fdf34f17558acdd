// The kernel itself: what lets a program see, change or leave what it has been put into.
#include "probe.h"

#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/swap.h>

static const char no_such_path[] = "/no-such-path";
// Memory that nobody has.
static const char* const nowhere = (const char*)8;

// -- file systems and namespaces

DENIED(mount) { return unless(EFAULT, syscall(SYS_mount, nowhere, nowhere, nowhere, 0, NULL)); }
DENIED(unmount) { return unless(ENOENT, syscall(SYS_umount2, no_such_path, 0)); }
DENIED(open_file_system) { return closing((int)syscall(SYS_fsopen, "tmpfs", 0)); }
DENIED(pick_file_system) { return closing((int)syscall(SYS_fspick, AT_FDCWD, "/", 0)); }
DENIED(configure_file_system) {
    return unless(EINVAL, syscall(SYS_fsconfig, -1, 6, NULL, NULL, 0));
}
DENIED(make_mount) { return unless(EBADF, syscall(SYS_fsmount, -1, 0, 0)); }
DENIED(open_tree) { return closing((int)syscall(SYS_open_tree, AT_FDCWD, target("outside"), 0)); }
DENIED(copy_tree) { return closing((int)syscall(SYS_open_tree, AT_FDCWD, target("outside"), 1)); }
DENIED(move_mount) {
    return unless(ENOENT,
                  syscall(SYS_move_mount, AT_FDCWD, no_such_path, AT_FDCWD, no_such_path, 0));
}
DENIED(change_mount) {
    const uint64_t attributes[4] = {1};
    return unless(ENOENT, syscall(SYS_mount_setattr, AT_FDCWD, no_such_path, 0, attributes,
                                  sizeof attributes));
}
DENIED(change_root) { return unless(ENOENT, chroot(no_such_path)); }
DENIED(exchange_root) {
    return unless(ENOENT, syscall(SYS_pivot_root, no_such_path, no_such_path));
}

static int leave_user(void) { return error_of(unshare(CLONE_NEWUSER)); }
static int leave_mounts(void) { return error_of(unshare(CLONE_NEWNS)); }
static int leave_network(void) { return error_of(unshare(CLONE_NEWNET)); }
static int leave_processes(void) { return error_of(unshare(CLONE_NEWPID)); }

DENIED(leave_user_namespace) { return in_child(leave_user); }
DENIED(leave_mount_namespace) { return in_child(leave_mounts); }
DENIED(leave_network_namespace) { return in_child(leave_network); }
DENIED(leave_process_namespace) { return in_child(leave_processes); }
DENIED(enter_namespace) { return unless(EBADF, setns(-1, 0)); }

// -- ways around the filter of system calls

DENIED(set_up_io_uring) {
    uint32_t parameters[30] = {0};
    return closing((int)syscall(SYS_io_uring_setup, 1, parameters));
}
DENIED(enter_io_uring) { return unless(EBADF, syscall(SYS_io_uring_enter, -1, 0, 0, 0, NULL, 0)); }
DENIED(register_io_uring) {
    return unless(EINVAL, syscall(SYS_io_uring_register, -1, 1000, NULL, 0));
}

// The numbers of 32-bit programs mean other calls: 20 is getpid there.
DENIED(call_as_32_bit_program) {
#ifdef __x86_64__
    long result = 20;
    __asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
    return result == getpid() ? 0 : (int)-result;
#else
    return ENOSYS;
#endif
}
DENIED(call_as_x32_program) { return error_of(syscall(0x40000000 | SYS_getpid)); }

// -- parts of the kernel that a board has no use for

DENIED(load_bpf) {
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.map_type = BPF_MAP_TYPE_ARRAY;
    attributes.key_size = attributes.value_size = 4;
    attributes.max_entries = 1;
    return closing((int)syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes));
}
DENIED(count_events_of_victim) {
    struct perf_event_attr attributes = {
        .type = PERF_TYPE_SOFTWARE, .size = sizeof attributes, .config = PERF_COUNT_SW_TASK_CLOCK};
    return closing(
        (int)syscall(SYS_perf_event_open, &attributes, target_number("victim"), -1, -1, 0));
}
DENIED(handle_page_faults) { return closing((int)syscall(SYS_userfaultfd, UFFD_USER_MODE_ONLY)); }
DENIED(find_session_keys) {
    return error_of(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0));
}
DENIED(add_key) {
    return error_of(syscall(SYS_add_key, "user", "prober", "x", 1, KEY_SPEC_PROCESS_KEYRING));
}
DENIED(request_key) {
    return unless(ENOKEY, syscall(SYS_request_key, "user", "prober-has-none", NULL, 0));
}
DENIED(watch_file_systems) { return closing(fanotify_init(FAN_CLASS_NOTIF, O_RDONLY)); }
DENIED(read_kernel_log) {
    char text[64];
    return error_of(syscall(SYS_syslog, 3, text, sizeof text));
}
DENIED(load_module) { return unless(ENOEXEC, syscall(SYS_init_module, NULL, 0UL, "")); }
DENIED(swap) { return unless(ENOENT, swapon(no_such_path, 0)); }
DENIED(rename_machine) { return unless(EINVAL, syscall(SYS_sethostname, nowhere, -1)); }
DENIED(account_for_processes) { return unless(EFAULT, acct(nowhere)); }
DENIED(raise_own_limit) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_MSGQUEUE, &limit) != 0) {
        return errno;
    }
    ++limit.rlim_max;
    return error_of(setrlimit(RLIMIT_MSGQUEUE, &limit));
}
// Of the two limits that allow none, 1 holds for core files that are piped to a program as well.
DENIED(have_core_files) {
    struct rlimit limit;
    return getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_max <= 1 ? EPERM : 0;
}

// -- system calls younger than the filter: the same as the older ones, by other numbers

struct attribute_arguments {
    uint64_t value;
    uint32_t size, flags;
};
struct flag_attributes {
    uint64_t xflags;
    uint32_t extsize, nextents, projid, cowextsize;
};

ABSENT(change_mode_by_fchmodat2) { return error_of(syscall(452, AT_FDCWD, outside(), 0640, 0)); }
ABSENT(list_mounts) { return unless(EFAULT, syscall(458, nowhere, NULL, 0UL, 0)); }
ABSENT(set_attribute_by_setxattrat) {
    const struct attribute_arguments arguments = {(uint64_t)(uintptr_t)"", 0, 0};
    return error_of(
        syscall(463, AT_FDCWD, outside(), 0, "user.prober", &arguments, sizeof arguments));
}
ABSENT(remove_attribute_by_removexattrat) {
    return error_of(syscall(466, AT_FDCWD, outside(), 0, "user.mark"));
}
ABSENT(open_tree_with_attributes) {
    return closing((int)syscall(467, AT_FDCWD, target("outside"), 0, NULL, 0UL));
}
ABSENT(change_flags_by_file_setattr) {
    struct flag_attributes attributes = {0};
    return error_of(syscall(468, AT_FDCWD, outside(), &attributes, sizeof attributes, 0)
                        ?: syscall(469, AT_FDCWD, outside(),
                                   (attributes.xflags |= 0x80, &attributes), sizeof attributes, 0));
}
