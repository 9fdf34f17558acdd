// lacking WHAT PROGRAM [ARGUMENT...]: runs a program as on a kernel that has no Landlock
// ("landlock"), has it but does not use it ("landlock-off"), has only this version of it
// ("landlock=N"), or has no seccomp filters ("seccomp").
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { create_ruleset = 444, ask_for_version = 1 };

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)
#define GIVE(what) BPF_STMT(BPF_RET | BPF_K, what)
#define PROGRAM(filter) {sizeof(filter) / sizeof *(filter), filter}

_Noreturn static void fail(const char* what) {
    perror(what);
    exit(125);
}

static int install(struct sock_fprog program, unsigned flags) {
    prctl(PR_SET_NO_NEW_PRIVS, geteuid() != 0, 0, 0, 0);
    const int result = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    if (result < 0) {
        fail("seccomp");
    }
    return result;
}

static void without_landlock(unsigned error) {
    struct sock_filter filter[] = {
        LOAD(nr),
        UNLESS(create_ruleset, 1),
        GIVE(SECCOMP_RET_ERRNO | error),
        GIVE(SECCOMP_RET_ALLOW),
    };
    install((struct sock_fprog)PROGRAM(filter), 0);
}

static void without_seccomp(void) {
    struct sock_filter filter[] = {
        LOAD(nr),
        UNLESS(SYS_seccomp, 1),
        GIVE(SECCOMP_RET_ERRNO | EINVAL),
        UNLESS(SYS_prctl, 3),
        LOAD(args[0]),
        UNLESS(PR_SET_SECCOMP, 1),
        GIVE(SECCOMP_RET_ERRNO | EINVAL),
        GIVE(SECCOMP_RET_ALLOW),
    };
    install((struct sock_fprog)PROGRAM(filter), 0);
}

// -- another version of Landlock: somebody outside answers the question for it

static void send_descriptor(int to, int descriptor) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec text = {"", 1};
    struct msghdr message = {.msg_iov = &text,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    struct cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    if (sendmsg(to, &message, 0) != 1) {
        fail("sendmsg");
    }
}

static int receive_descriptor(int from) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    char byte = 0;
    struct iovec text = {&byte, 1};
    struct msghdr message = {.msg_iov = &text,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    int descriptor = -1;
    if (recvmsg(from, &message, 0) != 1 || CMSG_FIRSTHDR(&message) == NULL) {
        fail("recvmsg");
    }
    memcpy(&descriptor, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof descriptor);
    return descriptor;
}

// Until nobody is left who could ask.
static void answer_questions(int listener, int version) {
    struct pollfd ready = {.fd = listener, .events = POLLIN};
    while (poll(&ready, 1, -1) == 1 && (ready.revents & POLLIN) != 0) {
        struct seccomp_notif question;
        memset(&question, 0, sizeof question);
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &question) == 0) {
            struct seccomp_notif_resp answer = {.id = question.id, .val = version};
            ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
        }
    }
}

static void with_landlock_version(int version) {
    struct sock_filter filter[] = {
        LOAD(nr),
        UNLESS(create_ruleset, 3),
        LOAD(args[2]),
        UNLESS(ask_for_version, 1),
        GIVE(SECCOMP_RET_USER_NOTIF),
        GIVE(SECCOMP_RET_ALLOW),
    };
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        fail("socketpair");
    }
    const pid_t between = fork();
    if (between == 0) {
        // No child of the program that is to be run.
        if (fork() == 0) {
            close(ends[0]);
            setsid();
            const int listener = receive_descriptor(ends[1]);
            for (int number = 0; number < 3; ++number) {
                close(number);
            }
            answer_questions(listener, version);
        }
        _exit(0);
    }
    waitpid(between, NULL, 0);
    const int listener =
        install((struct sock_fprog)PROGRAM(filter), SECCOMP_FILTER_FLAG_NEW_LISTENER);
    send_descriptor(ends[0], listener);
    close(listener);
}

int main(int argc, char** argv) {
    if (argc < 3) {
        return 125;
    }
    const char* const what = argv[1];
    if (strcmp(what, "landlock") == 0) {
        without_landlock(ENOSYS);
    } else if (strcmp(what, "landlock-off") == 0) {
        without_landlock(EOPNOTSUPP);
    } else if (strncmp(what, "landlock=", 9) == 0) {
        with_landlock_version((int)strtol(what + 9, NULL, 10));
    } else if (strcmp(what, "seccomp") == 0) {
        without_seccomp();
    } else {
        return 125;
    }
    execv(argv[2], argv + 2);
    fail(argv[2]);
}
