// Files and directories outside, and what must not come into being inside.
#include "probe.h"

#include <dirent.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <termios.h>

static int list(const char* path) {
    DIR* directory = opendir(path);
    if (directory == NULL) {
        return errno;
    }
    errno = 0;
    const int error = readdir(directory) == NULL ? errno : 0;
    closedir(directory);
    return error;
}

static int open_target(const char* name, int flags) { return closing(open(target(name), flags)); }

static int open_of_process(const char* process, const char* name, int flags) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/%s", target_number(process), name);
    return closing(open(path, flags));
}

// -- reading

DENIED(read_file) { return closing(open(outside(), O_RDONLY)); }
DENIED(read_password_file) { return closing(open("/etc/passwd", O_RDONLY)); }

DENIED(read_by_openat2) {
    struct open_how how = {.flags = O_RDONLY};
    return closing((int)syscall(SYS_openat2, AT_FDCWD, outside(), &how, sizeof how));
}

DENIED(read_from_a_held_directory) {
    const int directory = open(target("outside"), O_PATH | O_DIRECTORY);
    if (directory < 0) {
        return errno;
    }
    const int error = closing(openat(directory, "read_from_a_held_directory", O_RDONLY));
    close(directory);
    return error;
}

DENIED(read_in_a_new_working_directory) {
    const int before = open(".", O_PATH | O_DIRECTORY);
    int error = error_of(chdir(target("outside")));
    if (error == 0) {
        error = closing(open("read_in_a_new_working_directory", O_RDONLY));
        error = fchdir(before) == 0 ? error : errno;
    }
    close(before);
    return error;
}

DENIED(read_through_proc) {
    const int held = open(outside(), O_PATH);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", held);
    const int error = held < 0 ? errno : closing(open(path, O_RDONLY));
    close(held);
    return error;
}

DENIED(read_through_the_root_of_the_process) {
    char path[8192];
    snprintf(path, sizeof path, "/proc/self/root%s", outside());
    return closing(open(path, O_RDONLY));
}

DENIED(read_through_a_symbolic_link) {
    const int error = error_of(symlink(outside(), with(inside(), ".link")));
    return error != 0 ? error : closing(open(with(inside(), ".link"), O_RDONLY));
}

DENIED(read_by_handle) {
    union {
        struct file_handle handle;
        char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
    } file = {.handle.handle_bytes = MAX_HANDLE_SZ};
    int mount = 0;
    if (name_to_handle_at(AT_FDCWD, outside(), &file.handle, &mount, 0) != 0) {
        return errno;
    }
    const int here = open(".", O_RDONLY | O_DIRECTORY);
    const int error = closing(open_by_handle_at(here, &file.handle, O_RDONLY));
    close(here);
    return error;
}

DENIED(list_directory) { return list(target("outside")); }
DENIED(list_root) { return list("/"); }
DENIED(list_processes) { return list("/proc"); }
DENIED(read_environment_of_the_bridge) { return open_of_process("bridge", "environ", O_RDONLY); }
DENIED(read_memory_of_the_bridge) { return open_of_process("bridge", "mem", O_RDONLY); }
DENIED(read_command_line_of_the_bridge) { return open_of_process("bridge", "cmdline", O_RDONLY); }
DENIED(list_descriptors_of_the_bridge) { return open_of_process("bridge", "fd", O_RDONLY); }
DENIED(write_memory_of_a_process) { return open_of_process("victim", "mem", O_RDWR); }
DENIED(choose_a_process_to_die) { return open_of_process("victim", "oom_score_adj", O_RDWR); }
DENIED(watch_directory) {
    const int watcher = inotify_init1(IN_CLOEXEC);
    const int error = error_of(inotify_add_watch(watcher, target("outside"), IN_OPEN));
    close(watcher);
    return error;
}

// -- writing

DENIED(write_file) { return closing(open(outside(), O_WRONLY)); }
DENIED(append_to_file) { return closing(open(outside(), O_WRONLY | O_APPEND)); }
DENIED(write_readable_file) { return closing(open(readable(), O_WRONLY)); }
DENIED(truncate_file) { return error_of(truncate(outside(), 0)); }
DENIED(truncate_readable_file) { return error_of(truncate(readable(), 0)); }
DENIED(truncate_while_opening) { return closing(open(outside(), O_RDONLY | O_TRUNC)); }
DENIED(truncate_readable_while_opening) { return closing(open(readable(), O_RDONLY | O_TRUNC)); }
DENIED(truncate_readable_by_openat2) {
    struct open_how how = {.flags = O_RDONLY | O_TRUNC};
    return closing((int)syscall(SYS_openat2, AT_FDCWD, readable(), &how, sizeof how));
}
DENIED(create_file) {
    return closing(open(with(outside(), ".new"), O_WRONLY | O_CREAT | O_EXCL, 0600));
}
DENIED(create_file_among_readable) {
    return closing(open(with(readable(), ".new"), O_WRONLY | O_CREAT | O_EXCL, 0600));
}
DENIED(create_file_without_name) {
    return closing(open(target("outside"), O_TMPFILE | O_WRONLY, 0600));
}
DENIED(create_shared_memory_file) {
    char name[64];
    snprintf(name, sizeof name, "/mpremote-bridge-prober-%d", getpid());
    const int error = closing(shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600));
    shm_unlink(name);
    return error;
}

// Opened for neither reading nor writing, but for what needs neither.
enum { neither = O_ACCMODE };

DENIED(truncate_opened_for_neither) { return closing(open(outside(), neither | O_TRUNC)); }
DENIED(truncate_readable_opened_for_neither) {
    return closing(open(readable(), neither | O_TRUNC));
}

DENIED(create_file_without_name_opened_for_neither) {
    return closing(open(target("outside"), O_TMPFILE | neither, 0600));
}
// A program of the bridge's user that anybody on the machine could run as that user.
DENIED(make_program_that_changes_the_user) {
    const int file = open(with(inside(), ".new"), O_WRONLY | O_CREAT | O_EXCL, 04755);
    struct stat about = {0};
    const int error = file < 0                                              ? errno
                      : write(file, "#", 1) < 0 || fstat(file, &about) != 0 ? errno
                                                                            : 0;
    close(file);
    return error != 0 ? error : (about.st_mode & S_ISUID) != 0 ? 0 : EPERM;
}

// -- directories

DENIED(make_directory) { return error_of(mkdir(with(outside(), ".new"), 0700)); }
DENIED(make_symbolic_link) { return error_of(symlink("anywhere", with(outside(), ".new"))); }
DENIED(make_fifo) { return error_of(mkfifo(with(outside(), ".new"), 0600)); }
DENIED(remove_file) { return error_of(unlink(outside())); }
DENIED(remove_readable_file) { return error_of(unlink(readable())); }
DENIED(remove_directory) { return error_of(rmdir(with(outside(), ".directory"))); }
DENIED(link_from_outside) { return error_of(link(outside(), with(inside(), ".new"))); }
DENIED(link_from_readable) { return error_of(link(readable(), with(inside(), ".new"))); }
DENIED(link_to_outside) { return error_of(link(inside(), with(outside(), ".new"))); }
DENIED(link_held_file) {
    const int held = open(outside(), O_PATH);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", held);
    const int error =
        held < 0
            ? errno
            : error_of(linkat(AT_FDCWD, path, AT_FDCWD, with(inside(), ".new"), AT_SYMLINK_FOLLOW));
    close(held);
    return error;
}
DENIED(move_from_outside) { return error_of(rename(outside(), with(inside(), ".new"))); }
DENIED(move_from_readable) { return error_of(rename(readable(), with(inside(), ".new"))); }
DENIED(move_to_outside) { return error_of(rename(inside(), with(outside(), ".new"))); }
DENIED(exchange_with_outside) {
    return error_of(renameat2(AT_FDCWD, outside(), AT_FDCWD, inside(), RENAME_EXCHANGE));
}

// -- devices and terminals

DENIED(make_character_device) {
    return error_of(mknod(with(inside(), ".new"), S_IFCHR | 0600, makedev(1, 3)));
}
DENIED(make_block_device) {
    return error_of(mknod(with(inside(), ".new"), S_IFBLK | 0600, makedev(7, 255)));
}
DENIED(open_null_device) { return closing(open("/dev/null", O_RDWR)); }
DENIED(open_terminal_of_others) { return open_target("terminal", O_RDWR | O_NOCTTY); }
DENIED(open_new_terminal) { return closing(open("/dev/ptmx", O_RDWR | O_NOCTTY)); }
DENIED(open_new_terminal_for_neither) { return closing(open("/dev/ptmx", neither | O_NOCTTY)); }
DENIED(push_input_into_the_terminal) { return error_of(ioctl(0, TIOCSTI, "\n")); }
DENIED(push_input_by_a_number_of_more_bits) {
    return error_of(syscall(SYS_ioctl, 0, (1UL << 32U) | TIOCSTI, "\n"));
}

// -- attributes, by path and by a descriptor that can only be read

static int on_readable(int (*change)(int)) {
    const int file = open(readable(), O_RDONLY);
    const int error = file < 0 ? errno : error_of(change(file));
    close(file);
    return error;
}

static int on_held(int (*change)(int)) {
    const int file = open(outside(), O_PATH);
    const int error = file < 0 ? errno : error_of(change(file));
    close(file);
    return error;
}

static const struct timespec moments[2] = {{.tv_sec = 1}, {.tv_sec = 2}};
static const struct timeval moments_us[2] = {{.tv_sec = 1}, {.tv_sec = 2}};

static int change_mode(int file) { return fchmod(file, 0640); }
static int change_owner(int file) { return fchown(file, getuid(), getgid()); }
static int change_owner_of_held(int file) {
    return fchownat(file, "", getuid(), getgid(), AT_EMPTY_PATH);
}
static int change_times(int file) { return futimens(file, moments); }
static int change_times_of_held(int file) { return utimensat(file, "", moments, AT_EMPTY_PATH); }
static int change_flags_by(unsigned long more_bits, int file) {
    int flags = 0;
    if (ioctl(file, FS_IOC_GETFLAGS, &flags) != 0) {
        return -1;
    }
    flags |= FS_NODUMP_FL;
    return (int)syscall(SYS_ioctl, file, more_bits | FS_IOC_SETFLAGS, &flags);
}
static int change_flags(int file) { return change_flags_by(0, file); }
static int change_flags_by_more_bits(int file) { return change_flags_by(1UL << 32U, file); }
static int change_extended_flags(int file) {
    struct fsxattr attributes;
    if (ioctl(file, FS_IOC_FSGETXATTR, &attributes) != 0) {
        return -1;
    }
    attributes.fsx_xflags |= FS_XFLAG_NODUMP;
    return ioctl(file, FS_IOC_FSSETXATTR, &attributes);
}
static int opened_for_neither(const char* path, int (*use)(int)) {
    const int file = open(path, neither | O_NOCTTY);
    const int error = file < 0 ? errno : error_of(use(file));
    close(file);
    return error;
}
static int set_terminal(int file) {
    struct termios settings;
    return tcgetattr(file, &settings) != 0 ? -1 : tcsetattr(file, TCSANOW, &settings);
}
static int set_attribute(int file) { return fsetxattr(file, "user.prober", "", 0, 0); }
static int take_lease(int file) { return fcntl(file, F_SETLEASE, F_RDLCK); }

DENIED(change_mode) { return error_of(syscall(SYS_chmod, outside(), 0640)); }
DENIED(change_mode_by_fchmodat) {
    return error_of(syscall(SYS_fchmodat, AT_FDCWD, outside(), 0640));
}
DENIED(change_mode_of_readable_file) { return on_readable(change_mode); }
DENIED(change_owner) { return error_of(chown(outside(), getuid(), getgid())); }
DENIED(change_owner_by_lchown) { return error_of(lchown(outside(), getuid(), getgid())); }
DENIED(change_owner_of_readable_file) { return on_readable(change_owner); }
DENIED(change_owner_of_held_file) { return on_held(change_owner_of_held); }
DENIED(change_times) { return error_of(utimensat(AT_FDCWD, outside(), moments, 0)); }
DENIED(change_times_by_utime) { return error_of(syscall(SYS_utime, outside(), NULL)); }
DENIED(change_times_by_utimes) { return error_of(syscall(SYS_utimes, outside(), moments_us)); }
DENIED(change_times_by_futimesat) {
    return error_of(syscall(SYS_futimesat, AT_FDCWD, outside(), moments_us));
}
DENIED(change_times_of_readable_file) { return on_readable(change_times); }
DENIED(change_times_of_held_file) { return on_held(change_times_of_held); }
DENIED(change_flags_of_readable_file) { return on_readable(change_flags); }
DENIED(change_flags_by_a_number_of_more_bits) { return on_readable(change_flags_by_more_bits); }
DENIED(change_extended_flags_of_readable_file) { return on_readable(change_extended_flags); }
DENIED(take_lease_of_readable_file) { return on_readable(take_lease); }
DENIED(set_attribute) { return error_of(setxattr(outside(), "user.prober", "", 0, 0)); }
DENIED(set_attribute_by_lsetxattr) {
    return error_of(lsetxattr(outside(), "user.prober", "", 0, 0));
}
DENIED(set_attribute_of_readable_file) { return on_readable(set_attribute); }
DENIED(remove_attribute) { return error_of(removexattr(outside(), "user.mark")); }
DENIED(remove_attribute_by_lremovexattr) { return error_of(lremovexattr(outside(), "user.mark")); }
DENIED(change_flags_opened_for_neither) { return opened_for_neither(outside(), change_flags); }
DENIED(set_terminal_of_others) { return opened_for_neither(target("terminal"), set_terminal); }
