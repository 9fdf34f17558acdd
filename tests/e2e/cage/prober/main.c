// Reads the names of probes, a line each, and answers with the name and the error.
#include "probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { most_probes = 512, longest = 4096 };

static struct {
    const char* name;
    Probe* probe;
} probes[most_probes];
static int count;

static char targets[longest];
static const char* current = "";
static int second_life;

void add_probe(const char* name, Probe* probe) {
    if (count == most_probes) {
        abort();
    }
    probes[count].name = name;
    probes[count++].probe = probe;
}

const char* target(const char* key) {
    static char value[longest];
    const size_t length = strlen(key);
    for (const char* line = targets; *line != '\0'; line += strcspn(line, "\n") + 1) {
        if (strncmp(line, key, length) == 0 && line[length] == ' ') {
            const char* start = line + length + 1;
            snprintf(value, sizeof value, "%.*s", (int)strcspn(start, "\n"), start);
            return value;
        }
    }
    return "";
}

long target_number(const char* key) { return strtol(target(key), NULL, 10); }

static const char* in_directory(char* path, const char* directory) {
    snprintf(path, longest, "%s/%s", directory, current);
    return path;
}

const char* outside(void) {
    static char path[longest];
    return in_directory(path, target("outside"));
}

const char* readable(void) {
    static char path[longest];
    return in_directory(path, target("readable"));
}

const char* inside(void) {
    static char path[longest];
    return in_directory(path, ".");
}

const char* with(const char* path, const char* suffix) {
    static char longer[2 * longest];
    snprintf(longer, sizeof longer, "%s%s", path, suffix);
    return longer;
}

int error_of(long result) { return result < 0 ? errno : 0; }

int closing(int descriptor) {
    if (descriptor < 0) {
        return errno;
    }
    close(descriptor);
    return 0;
}

int unless(int wanted, long result) {
    const int error = error_of(result);
    return error == wanted ? 0 : error;
}

int in_child(Probe* probe) {
    const pid_t pid = fork();
    if (pid < 0) {
        return probe();
    }
    if (pid == 0) {
        _exit(probe());
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

int run_again(int directory, const char* path, int flags) {
    char* const argv[] = {"prober", "again", (char*)current, NULL};
    return error_of(syscall(SYS_execveat, directory, path, argv, environ, flags));
}

int run_again_by_path(const char* path) {
    char* const argv[] = {"prober", "again", (char*)current, NULL};
    return error_of(execve(path, argv, environ));
}

int in_second_life(void) { return second_life; }

static void read_targets(void) {
    const int file = open("targets", O_RDONLY);
    if (file < 0 || read(file, targets, sizeof targets - 1) < 0) {
        perror("targets");
        exit(1);
    }
    close(file);
}

static void answer(const char* name) {
    current = name;
    for (int index = 0; index < count; ++index) {
        if (strcmp(probes[index].name, name) == 0) {
            dprintf(1, "%s %d\n", name, probes[index].probe());
            return;
        }
    }
    dprintf(1, "%s unknown\n", name);
}

// Byte by byte, so that nothing is lost when a probe starts another program.
static int read_line(char* line, size_t size) {
    size_t length = 0;
    char byte = 0;
    while (read(0, &byte, 1) == 1) {
        if (byte == '\n') {
            line[length] = '\0';
            return 1;
        }
        if (length + 1 < size) {
            line[length++] = byte;
        }
    }
    return 0;
}

int main(int argc, char** argv) {
    read_targets();
    // Any other argument is meant for a MicroPython.
    if (argc == 3 && strcmp(argv[1], "again") == 0) {
        second_life = 1;
        answer(argv[2]);
        second_life = 0;
    } else {
        dprintf(1, "ready\n");
    }
    char name[longest];
    while (read_line(name, sizeof name) && strcmp(name, "restart") != 0) {
        if (*name != '\0') {
            answer(name);
        }
    }
    return 0;
}
