// New processes and other processes.
#include "probe.h"

#include <linux/capability.h>
#include <linux/ioprio.h>
#include <linux/kcmp.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>

enum { no_such_signal = 65, no_such_user = 65533 };

// Anything else could mean all processes, or a group.
static pid_t process_named(const char* key) {
    const long pid = target_number(key);
    if (pid <= 1) {
        abort();
    }
    return (pid_t)pid;
}

static pid_t victim(void) { return process_named("victim"); }
static pid_t bridge(void) { return process_named("bridge"); }

// -- new ones

static int end_child(pid_t pid) {
    if (pid == 0) {
        _exit(0);
    }
    if (pid > 0) {
        waitpid(pid, NULL, __WALL);
    }
    return error_of(pid);
}

AGAIN(fork) { return end_child((pid_t)syscall(SYS_fork)); }
AGAIN(vfork) {
    const pid_t pid = vfork();
    return pid == 0 ? (_exit(0), 0) : end_child(pid);
}
AGAIN(clone) { return end_child((pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0)); }
AGAIN(clone_without_signal) { return end_child((pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, 0)); }
AGAIN(clone_by_a_number_of_more_bits) {
    return end_child((pid_t)syscall(SYS_clone, (1UL << 32U) | SIGCHLD, NULL, NULL, NULL, 0));
}
AGAIN(clone_for_the_bridge) {
    return end_child((pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, 0));
}
AGAIN(clone_with_new_user) {
    return end_child((pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, 0));
}
ABSENT(clone3) {
    struct clone_args arguments = {.exit_signal = SIGCHLD};
    return end_child((pid_t)syscall(SYS_clone3, &arguments, sizeof arguments));
}
AGAIN(spawn) {
    char* const argv[] = {"prober", "of a child", NULL};
    pid_t pid = 0;
    // What it runs ends at once, for want of a name of a probe that there is, and of input.
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addclose(&actions, 0);
    const int error = posix_spawn(&pid, "/proc/self/exe", &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error != 0 ? error : end_child(pid);
}

static int copy_of_this_program_in_memory(void) {
    const int from = open("/proc/self/exe", O_RDONLY);
    const int memory = memfd_create("prober", 0);
    char block[65536];
    ssize_t got = 0;
    while ((got = read(from, block, sizeof block)) > 0 &&
           write(memory, block, (size_t)got) == got) {
    }
    close(from);
    return memory;
}

DENIED(fork_after_exec_of_memory) {
    return in_second_life() ? end_child(fork())
                            : run_again(copy_of_this_program_in_memory(), "", AT_EMPTY_PATH);
}
DENIED(read_file_after_exec_of_memory) {
    return in_second_life() ? closing(open(outside(), O_RDONLY))
                            : run_again(copy_of_this_program_in_memory(), "", AT_EMPTY_PATH);
}
DENIED(execute_itself) { return in_second_life() ? 0 : run_again(AT_FDCWD, "/proc/self/exe", 0); }
DENIED(execute_itself_by_path) {
    return in_second_life() ? 0 : run_again_by_path("/proc/self/exe");
}
DENIED(execute_outside) { return in_second_life() ? 0 : run_again(AT_FDCWD, outside(), 0); }
DENIED(execute_readable) { return in_second_life() ? 0 : run_again(AT_FDCWD, readable(), 0); }
DENIED(execute_inside) { return in_second_life() ? 0 : run_again(AT_FDCWD, inside(), 0); }
DENIED(execute_inside_by_descriptor) {
    return in_second_life() ? 0
                            : run_again(open(inside(), O_RDONLY | O_CLOEXEC), "", AT_EMPTY_PATH);
}

// -- the signal at the end of the bridge

DENIED(survive_the_bridge) { return error_of(prctl(PR_SET_PDEATHSIG, 0)); }
DENIED(survive_the_bridge_by_a_number_of_more_bits) {
    return error_of(syscall(SYS_prctl, (1UL << 32U) | PR_SET_PDEATHSIG, 0));
}

static void* run_again_in_thread(void* error) {
    *(int*)error = run_again(AT_FDCWD, "/proc/self/exe", 0);
    return NULL;
}

// A thread has no such signal of its own, and becomes the process when it starts a program.
DENIED(survive_the_bridge_by_exec_in_a_thread) {
    if (in_second_life()) {
        int signal = 0;
        prctl(PR_GET_PDEATHSIG, &signal);
        return signal == SIGKILL ? EPERM : 0;
    }
    pthread_t thread = 0;
    int error = pthread_create(&thread, NULL, run_again_in_thread, &error);
    if (error == 0) {
        pthread_join(thread, NULL);
    }
    return error;
}

// Not to be asked among others: it gives no answer.
PROBE(outlive_the_bridge) {
    signal(SIGHUP, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    if (!in_second_life()) {
        pthread_t thread = 0;
        int error = 0;
        pthread_create(&thread, NULL, run_again_in_thread, &error);
        pthread_join(thread, NULL);
    }
    dprintf(1, "outliving\n");
    while (pause() < 0) {
    }
    return 0;
}

// -- signals to others

static siginfo_t sent_by_this_process(int signal) {
    siginfo_t info = {.si_signo = signal, .si_code = SI_QUEUE};
    info.si_pid = getpid();
    info.si_uid = getuid();
    return info;
}

static int queue_signal(pid_t pid, int signal) {
    siginfo_t info = sent_by_this_process(signal);
    return error_of(syscall(SYS_rt_sigqueueinfo, pid, signal, &info));
}

static int queue_signal_to_thread(pid_t pid, int signal) {
    siginfo_t info = sent_by_this_process(signal);
    return error_of(syscall(SYS_rt_tgsigqueueinfo, pid, pid, signal, &info));
}

static int signal_by_descriptor(int process, int signal) {
    const int error =
        process < 0 ? errno : error_of(syscall(SYS_pidfd_send_signal, process, signal, NULL, 0));
    close(process);
    return error;
}

static int pidfd_of(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

static int directory_of(const char* process) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld", target_number(process));
    return open(path, O_RDONLY | O_DIRECTORY);
}

DENIED(kill_victim) { return error_of(kill(victim(), SIGUSR1)); }
DENIED(kill_victim_by_a_number_of_more_bits) {
    return error_of(syscall(SYS_kill, (1UL << 32U) | (unsigned long)victim(), SIGUSR1));
}
DENIED(kill_group_of_victim) { return error_of(kill(-victim(), SIGUSR1)); }
DENIED(tkill_victim) { return error_of(syscall(SYS_tkill, victim(), SIGUSR1)); }
DENIED(tgkill_victim) { return error_of(syscall(SYS_tgkill, victim(), victim(), SIGUSR1)); }
DENIED(queue_signal_to_victim) { return queue_signal(victim(), SIGUSR1); }
DENIED(queue_signal_to_thread_of_victim) { return queue_signal_to_thread(victim(), SIGUSR1); }
DENIED(signal_victim_by_descriptor) { return signal_by_descriptor(pidfd_of(victim()), SIGUSR1); }
DENIED(signal_victim_by_directory) { return signal_by_descriptor(directory_of("victim"), SIGUSR1); }
DENIED(kill_bridge) { return error_of(kill(bridge(), 0)); }
DENIED(tkill_bridge) { return error_of(syscall(SYS_tkill, bridge(), 0)); }
DENIED(tgkill_bridge) { return error_of(syscall(SYS_tgkill, bridge(), bridge(), 0)); }
DENIED(queue_signal_to_bridge) { return queue_signal(bridge(), 0); }
DENIED(queue_signal_to_thread_of_bridge) { return queue_signal_to_thread(bridge(), 0); }
DENIED(signal_bridge_by_descriptor) { return signal_by_descriptor(pidfd_of(bridge()), 0); }
DENIED(kill_everybody) { return unless(EINVAL, kill(-1, no_such_signal)); }
DENIED(kill_own_group) { return error_of(kill(0, 0)); }

// A pipe that has something to read lets the kernel signal the process that is named as its owner.
static int let_pipe_signal(int (*name_owner)(int)) {
    int ends[2];
    if (pipe(ends) != 0) {
        return errno;
    }
    int error = name_owner(ends[0]);
    if (error == 0) {
        error = error_of(fcntl(ends[0], F_SETFL, O_ASYNC));
    }
    if (error == 0) {
        error = write(ends[1], "", 1) == 1 ? 0 : errno;
    }
    close(ends[0]);
    close(ends[1]);
    return error;
}

static int owned_by_victim(int file) { return error_of(fcntl(file, F_SETOWN, victim())); }
static int owned_by_group_of_victim(int file) { return error_of(fcntl(file, F_SETOWN, -victim())); }
static int owned_by_victim_with_signal(int file) {
    return error_of(fcntl(file, F_SETSIG, SIGUSR1)) ?: owned_by_victim(file);
}
static int owned_by_thread_of_victim(int file) {
    const struct f_owner_ex owner = {.type = F_OWNER_TID, .pid = victim()};
    return error_of(fcntl(file, F_SETOWN_EX, &owner));
}
static int owned_by_a_number_of_more_bits(int file) {
    return error_of(syscall(SYS_fcntl, file, (1UL << 32U) | F_SETOWN, victim()));
}

UNFELT(let_pipe_signal_victim) { return let_pipe_signal(owned_by_victim); }
UNFELT(let_pipe_signal_group_of_victim) { return let_pipe_signal(owned_by_group_of_victim); }
UNFELT(let_pipe_send_victim_another_signal) { return let_pipe_signal(owned_by_victim_with_signal); }
UNFELT(let_pipe_signal_thread_of_victim) { return let_pipe_signal(owned_by_thread_of_victim); }
UNFELT(let_pipe_signal_by_a_number_of_more_bits) {
    return let_pipe_signal(owned_by_a_number_of_more_bits);
}

// -- scheduling and limits of others

DENIED(slow_down_victim) { return error_of(setpriority(PRIO_PROCESS, (id_t)victim(), 5)); }
DENIED(slow_down_bridge) {
    // To what it is.
    const int now = getpriority(PRIO_PROCESS, (id_t)bridge());
    return error_of(setpriority(PRIO_PROCESS, (id_t)bridge(), now));
}
DENIED(slow_down_group) { return error_of(setpriority(PRIO_PGRP, (id_t)victim(), 6)); }
DENIED(slow_down_user) { return unless(ESRCH, setpriority(PRIO_USER, no_such_user, 0)); }
DENIED(slow_down_disk_of_victim) {
    return error_of(syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, victim(),
                            IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 7)));
}
DENIED(slow_down_disk_of_user) {
    return unless(ESRCH, syscall(SYS_ioprio_set, IOPRIO_WHO_USER, no_such_user,
                                 IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 7)));
}
DENIED(bind_victim_to_processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(0, &set);
    return error_of(sched_setaffinity(victim(), sizeof set, &set));
}
DENIED(bind_bridge_to_its_processors) {
    cpu_set_t set;
    const int error = error_of(sched_getaffinity(bridge(), sizeof set, &set));
    return error != 0 ? error : error_of(sched_setaffinity(bridge(), sizeof set, &set));
}
DENIED(set_scheduler_of_victim) {
    const struct sched_param parameter = {0};
    return error_of(sched_setscheduler(victim(), SCHED_BATCH, &parameter));
}
DENIED(set_scheduler_parameters_of_victim) {
    const struct sched_param parameter = {0};
    return error_of(sched_setparam(victim(), &parameter));
}
DENIED(set_scheduler_attributes_of_victim) {
    const struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime, deadline, period;
    } attributes = {.size = 48, .policy = SCHED_BATCH, .nice = 7};
    return error_of(syscall(SYS_sched_setattr, victim(), &attributes, 0));
}
DENIED(limit_victim) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) != 0) {
        return errno;
    }
    limit.rlim_cur = 0;
    return error_of(prlimit(victim(), RLIMIT_CORE, &limit, NULL));
}
DENIED(read_limits_of_bridge) {
    struct rlimit limit;
    return error_of(prlimit(bridge(), RLIMIT_NOFILE, NULL, &limit));
}
DENIED(migrate_pages_of_victim) {
    const unsigned long nodes = 1;
    return error_of(syscall(SYS_migrate_pages, victim(), 2, &nodes, &nodes));
}
DENIED(move_pages_of_victim) {
    return error_of(syscall(SYS_move_pages, victim(), 0, NULL, NULL, NULL, 0));
}

// -- memory and descriptors of others

DENIED(attach_to_victim) {
    if (ptrace(PTRACE_ATTACH, victim(), NULL, NULL) != 0) {
        return errno;
    }
    waitpid(victim(), NULL, __WALL);
    return error_of(ptrace(PTRACE_DETACH, victim(), NULL, NULL));
}
DENIED(seize_victim) {
    if (ptrace(PTRACE_SEIZE, victim(), NULL, NULL) != 0) {
        return errno;
    }
    ptrace(PTRACE_INTERRUPT, victim(), NULL, NULL);
    waitpid(victim(), NULL, __WALL);
    return error_of(ptrace(PTRACE_DETACH, victim(), NULL, NULL));
}
// Where no process has memory: reaching for it is enough.
static char* const nowhere = (char*)8;

static int move_memory(long call, pid_t pid) {
    char byte = 0;
    const struct iovec here = {&byte, 1};
    const struct iovec there = {nowhere, 1};
    return unless(EFAULT, syscall(call, pid, &here, 1, &there, 1, 0));
}

DENIED(read_memory_of_victim) { return move_memory(SYS_process_vm_readv, victim()); }
DENIED(write_to_memory_of_victim) { return move_memory(SYS_process_vm_writev, victim()); }
DENIED(read_from_memory_of_bridge) { return move_memory(SYS_process_vm_readv, bridge()); }

static int with_pidfd(pid_t pid, int wanted, long (*use)(int)) {
    const int process = pidfd_of(pid);
    const int error = process < 0 ? errno : unless(wanted, use(process));
    close(process);
    return error;
}

static long get_descriptor(int process) {
    const long got = syscall(SYS_pidfd_getfd, process, 0, 0);
    if (got >= 0) {
        close((int)got);
    }
    return got;
}
static long advise(int process) {
    const struct iovec nothing = {0};
    return syscall(SYS_process_madvise, process, &nothing, 1, 21 /* MADV_PAGEOUT */, 0);
}
static long release_memory(int process) { return syscall(SYS_process_mrelease, process, 0); }
static long enter_namespaces(int process) {
    return syscall(SYS_setns, process, 0x40000000 /* CLONE_NEWNET */);
}

DENIED(take_descriptor_of_victim) { return with_pidfd(victim(), 0, get_descriptor); }
DENIED(take_descriptor_of_bridge) { return with_pidfd(bridge(), 0, get_descriptor); }
DENIED(advise_about_memory_of_victim) { return with_pidfd(victim(), 0, advise); }
DENIED(release_memory_of_victim) { return with_pidfd(victim(), EINVAL, release_memory); }
DENIED(enter_namespaces_of_victim) { return with_pidfd(victim(), 0, enter_namespaces); }
DENIED(compare_with_bridge) {
    return error_of(syscall(SYS_kcmp, bridge(), getpid(), KCMP_VM, 0, 0) < 0 ? -1 : 0);
}
DENIED(find_robust_list_of_victim) {
    void* head = NULL;
    size_t length = 0;
    return error_of(syscall(SYS_get_robust_list, victim(), &head, &length));
}

// -- more rights

static int change_user(void) { return error_of(syscall(SYS_setresuid, 65533, 65533, 65533)); }
static int change_group(void) { return error_of(syscall(SYS_setresgid, 65533, 65533, 65533)); }
static int leave_groups(void) { return error_of(syscall(SYS_setgroups, 0, NULL)); }

DENIED(change_user) { return in_child(change_user); }
DENIED(change_group) { return in_child(change_group); }
DENIED(leave_groups) { return in_child(leave_groups); }

static int has_more_than_allowed(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &header, data) != 0) {
        return errno;
    }
    const uint32_t permitted = data[0].permitted & ~(1U << CAP_DAC_OVERRIDE);
    return permitted == 0 && data[1].permitted == 0 ? EPERM : 0;
}

DENIED(have_capabilities) { return has_more_than_allowed(); }
DENIED(have_capabilities_after_exec) {
    return in_second_life() ? has_more_than_allowed() : run_again(AT_FDCWD, "/proc/self/exe", 0);
}
DENIED(get_privileges_by_exec) { return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? EPERM : 0; }
