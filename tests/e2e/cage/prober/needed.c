// What has to work in the cage too.
#include "probe.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>

static void* change(void* value) {
    *(int*)value = 42;
    return NULL;
}

NEEDED(start_thread) {
    pthread_t thread = 0;
    int value = 0;
    const int error = pthread_create(&thread, NULL, change, &value);
    return error != 0 ? error : pthread_join(thread, NULL) ?: value == 42 ? 0 : EIO;
}
NEEDED(end_with_the_bridge) {
    int signal_then = 0;
    return error_of(prctl(PR_GET_PDEATHSIG, &signal_then)) ?: signal_then == SIGKILL ? 0 : EINVAL;
}
NEEDED(read_what_is_readable) { return closing(open(readable(), O_RDONLY)); }
NEEDED(list_what_is_readable) { return closing(open(target("readable"), O_RDONLY | O_DIRECTORY)); }
NEEDED(list_own_directory) { return closing(open(".", O_RDONLY | O_DIRECTORY)); }
NEEDED(write_and_read_back) {
    char text[5] = "";
    const int file = open(with(inside(), ".new"), O_RDWR | O_CREAT | O_TRUNC, 0600);
    const int error = write(file, "text", 4) == 4 && pread(file, text, 4, 0) == 4 ? 0 : errno;
    close(file);
    return error != 0 ? error : strcmp(text, "text") == 0 ? 0 : EIO;
}
NEEDED(truncate_own_file) { return closing(open(inside(), O_WRONLY | O_TRUNC)); }
NEEDED(truncate_own_file_by_descriptor) {
    const int file = open(inside(), O_RDWR);
    const int error = error_of(ftruncate(file, 1));
    close(file);
    return error;
}
NEEDED(make_and_remove_directory) {
    return error_of(mkdir(with(inside(), ".new"), 0700) ?: rmdir(with(inside(), ".new")));
}
NEEDED(move_to_another_directory) {
    return error_of(mkdir("below", 0700) ?: rename(inside(), "below/moved"));
}
NEEDED(remove_own_file) { return error_of(unlink(inside())); }
NEEDED(map_memory) {
    void* const memory =
        mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? errno : error_of(munmap(memory, 1 << 20));
}
// MicroPython's native code emitter writes code and runs it.
NEEDED(map_code) {
    void* const memory =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? errno : error_of(munmap(memory, 4096));
}
NEEDED(signal_itself) {
    signal(SIGUSR1, SIG_IGN);
    return raise(SIGUSR1) == 0 ? 0 : errno;
}
NEEDED(set_terminal) {
    struct termios settings;
    return error_of(tcgetattr(0, &settings) ?: tcsetattr(0, TCSANOW, &settings));
}
NEEDED(get_random_bytes) {
    char bytes[8];
    return getrandom(bytes, sizeof bytes, 0) == sizeof bytes ? 0 : errno;
}
NEEDED(sleep) {
    const struct timespec moment = {.tv_nsec = 1};
    return error_of(nanosleep(&moment, NULL));
}
NEEDED(pipe) {
    int ends[2];
    if (pipe(ends) != 0) {
        return errno;
    }
    close(ends[1]);
    return closing(ends[0]);
}
