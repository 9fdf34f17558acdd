// A process like any other of the same user: owns things, and counts the signals that reach it.
// Prints what it owns as "key value" and an empty line; then answers each byte of input with the
// count.
#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

static volatile sig_atomic_t felt;

static void count(int number) {
    (void)number;
    ++felt;
}

static void catch_signals(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = count;
    action.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGIO, &action, NULL);
}

int main(void) {
    catch_signals();
    setpgid(0, 0);
    const int memory = shmget(IPC_PRIVATE, 4096, 0600);
    const int messages = msgget(IPC_PRIVATE, 0600);
    const int semaphore = semget(IPC_PRIVATE, 1, 0600);
    char queue[64];
    char spare[80];
    snprintf(queue, sizeof queue, "/mpremote-bridge-victim-%d", getpid());
    snprintf(spare, sizeof spare, "%s-spare", queue);
    mq_close(mq_open(queue, O_RDWR | O_CREAT, 0600, NULL));
    mq_close(mq_open(spare, O_RDWR | O_CREAT, 0600, NULL));
    printf("victim %d\nmemory %d\nmessages %d\nsemaphore %d\nqueue %s\n\n", getpid(), memory,
           messages, semaphore, queue);
    fflush(stdout);
    char byte = 0;
    while (read(0, &byte, 1) == 1) {
        printf("%d\n", (int)felt);
        fflush(stdout);
    }
    shmctl(memory, IPC_RMID, NULL);
    msgctl(messages, IPC_RMID, NULL);
    semctl(semaphore, 0, IPC_RMID);
    mq_unlink(queue);
    mq_unlink(spare);
    return 0;
}
