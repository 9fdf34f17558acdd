// Everything that could lead to another program, on this machine or another one.
#include "probe.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/un.h>

static int open_socket(int family, int type, int protocol) {
    return closing(socket(family, type, protocol));
}

// -- local ones

static int connect_local(int type, const char* path, int is_abstract) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path + is_abstract, sizeof address.sun_path - 1, "%s", path);
    const socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
                                         (unsigned)is_abstract + strlen(path) + !is_abstract);
    const int end = socket(AF_UNIX, type, 0);
    const int error = end < 0 ? errno : error_of(connect(end, (struct sockaddr*)&address, length));
    close(end);
    return error;
}

DENIED(connect_to_local_socket) { return connect_local(SOCK_STREAM, target("local"), 0); }
DENIED(connect_to_local_datagram_socket) {
    return connect_local(SOCK_DGRAM, target("local_datagram"), 0);
}
DENIED(connect_to_abstract_socket) { return connect_local(SOCK_STREAM, target("abstract"), 1); }
DENIED(bind_local_socket_inside) {
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "local"};
    const int end = socket(AF_UNIX, SOCK_STREAM, 0);
    const int error =
        end < 0 ? errno : error_of(bind(end, (struct sockaddr*)&address, sizeof address));
    close(end);
    return error;
}
DENIED(socket_pair) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) {
        return errno;
    }
    close(ends[1]);
    return closing(ends[0]);
}

// -- networks

static int connect_loopback(int family, int type) {
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    v4.sin_port = v6.sin6_port =
        htons((uint16_t)target_number(family == AF_INET ? "port" : "port6"));
    const int end = socket(family, type, 0);
    if (end < 0) {
        return errno;
    }
    const int error = error_of(family == AF_INET ? connect(end, (struct sockaddr*)&v4, sizeof v4)
                                                 : connect(end, (struct sockaddr*)&v6, sizeof v6));
    close(end);
    return error;
}

NETWORK(connect_by_tcp) { return connect_loopback(AF_INET, SOCK_STREAM); }
NETWORK(connect_by_tcp6) { return connect_loopback(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC); }
NETWORK(connect_by_udp) { return connect_loopback(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC); }
NETWORK(listen_on_a_port) {
    const int end = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int error =
        end < 0 ? errno
                : error_of(bind(end, (struct sockaddr*)&address, sizeof address) ?: listen(end, 1));
    close(end);
    return error;
}

DENIED(raw_socket) { return open_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP); }
DENIED(raw_socket_with_flags) {
    return open_socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMP);
}
DENIED(raw_socket_by_a_number_of_more_bits) {
    return closing((int)syscall(SYS_socket, AF_INET, (1UL << 32U) | SOCK_RAW, IPPROTO_ICMP));
}
DENIED(raw_socket6) { return open_socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6); }
DENIED(packet_socket) { return open_socket(AF_PACKET, SOCK_RAW, 0); }
DENIED(packet_socket_by_its_old_name) { return open_socket(AF_INET, SOCK_PACKET, 0); }
DENIED(netlink_socket) { return open_socket(AF_NETLINK, SOCK_RAW, 0); }
DENIED(vsock_socket) { return open_socket(AF_VSOCK, SOCK_STREAM, 0); }
DENIED(cipher_socket) { return open_socket(AF_ALG, SOCK_SEQPACKET, 0); }
DENIED(local_socket_by_a_number_of_more_bits) {
    return closing((int)syscall(SYS_socket, (1UL << 32U) | AF_UNIX, SOCK_STREAM, 0));
}

// As a pipe can (see processes.c), where there are sockets.
static int let_socket_signal(unsigned long request) {
    int owner = (int)target_number("victim");
    int on = 1;
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in own;
    socklen_t length = sizeof own;
    const int end = socket(AF_INET, SOCK_DGRAM, 0);
    const int error =
        end < 0 ? errno
                : error_of(ioctl(end, request, &owner)
                               ?: ioctl(end, FIOASYNC, &on)
                               ?: bind(end, (const struct sockaddr*)&address, sizeof address)
                               ?: getsockname(end, (struct sockaddr*)&own, &length)
                               ?: sendto(end, "", 1, 0, (struct sockaddr*)&own, length) - 1);
    close(end);
    return error;
}

UNFELT(let_socket_signal_victim) { return let_socket_signal(FIOSETOWN); }
UNFELT(let_socket_signal_victim_by_another_request) { return let_socket_signal(SIOCSPGRP); }

// -- memory, messages and semaphores in common

static int number(const char* key) { return (int)target_number(key); }

DENIED(share_memory) {
    const int id = shmget(IPC_PRIVATE, 4096, 0600);
    return error_of(id) ?: error_of(shmctl(id, IPC_RMID, NULL));
}
DENIED(share_message_queue) {
    const int id = msgget(IPC_PRIVATE, 0600);
    return error_of(id) ?: error_of(msgctl(id, IPC_RMID, NULL));
}
DENIED(share_semaphore) {
    const int id = semget(IPC_PRIVATE, 1, 0600);
    return error_of(id) ?: error_of(semctl(id, 0, IPC_RMID));
}
DENIED(attach_memory_of_victim) {
    void* const memory = shmat(number("memory"), NULL, SHM_RDONLY);
    return memory == (void*)-1 ? errno : error_of(shmdt(memory));
}
DENIED(look_at_memory_of_victim) {
    struct shmid_ds about;
    return error_of(shmctl(number("memory"), IPC_STAT, &about));
}
DENIED(send_message_to_victim) {
    const long message[2] = {1, 0};
    return error_of(msgsnd(number("messages"), message, 1, IPC_NOWAIT));
}
DENIED(take_message_of_victim) {
    long message[2];
    return unless(ENOMSG, msgrcv(number("messages"), message, 1, 2, IPC_NOWAIT));
}
DENIED(change_message_queue_of_victim) {
    struct msqid_ds about;
    return error_of(msgctl(number("messages"), IPC_STAT, &about)
                        ?: msgctl(number("messages"), IPC_SET, &about));
}
DENIED(use_semaphore_of_victim) {
    struct sembuf up = {.sem_op = 1};
    return error_of(semop(number("semaphore"), &up, 1));
}
DENIED(set_semaphore_of_victim) { return error_of(semctl(number("semaphore"), 0, SETVAL, 3)); }
DENIED(open_named_message_queue) { return closing((int)mq_open(target("queue"), O_RDWR)); }
DENIED(create_named_message_queue) {
    const char* name = with(target("queue"), "-new");
    const int error = closing((int)mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, NULL));
    return error != 0 ? error : error_of(mq_unlink(name));
}
DENIED(remove_named_message_queue) { return error_of(mq_unlink(with(target("queue"), "-spare"))); }
