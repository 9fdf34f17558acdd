// The prober stands in MicroPython's place and tries, one probe at a time, what its cage has to
// prevent.
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

// Not every architecture has these; none has a call of this number.
#ifndef SYS_fork
#define SYS_fork -1
#endif
#ifndef SYS_chmod
#define SYS_chmod -1
#endif
#ifndef SYS_utime
#define SYS_utime -1
#endif
#ifndef SYS_utimes
#define SYS_utimes -1
#endif
#ifndef SYS_futimesat
#define SYS_futimesat -1
#endif

// Each gives 0 when it could do what its name says, otherwise the error.
typedef int Probe(void);

void add_probe(const char* name, Probe* probe);

#define PROBE(name)                                                                                \
    static int probe_##name(void);                                                                 \
    __attribute__((constructor)) static void add_##name(void) { add_probe(#name, probe_##name); }  \
    static int probe_##name(void)

// What is expected in a cage. The tests find the probes in these files by these words.
#define DENIED(name) PROBE(name)  // not permitted, and nobody outside feels it
#define UNFELT(name) PROBE(name)  // whatever it is told, nobody outside feels it
#define AGAIN(name) PROBE(name)   // EAGAIN: as if there were no room for another process
#define ABSENT(name) PROBE(name)  // ENOSYS: as on a kernel that does not know it
#define NETWORK(name) PROBE(name) // not permitted, unless the network is
#define NEEDED(name) PROBE(name)  // works: a board cannot do without it

// A value of the file "targets", "" if it is not there.
const char* target(const char* key);
long target_number(const char* key);

// Paths of what there is for this probe alone: outside, in a place to be read, and in the board's
// own directory.
const char* outside(void);
const char* readable(void);
const char* inside(void);
// The same with something added; valid until the next call.
const char* with(const char* path, const char* suffix);

// The error of a call that returns a negative value when it fails; a descriptor it returned is
// closed.
int error_of(long result);
int closing(int descriptor);
// The same for a call that has been given nonsense: this error shows that nothing but the nonsense
// was in its way.
int unless(int wanted, long result);
// Runs it in a child if there can be one, for what would change the prober.
int in_child(Probe* probe);

// Starts the prober anew out of a file, to go on with this probe in its second life. Returns only
// an error.
int run_again(int directory, const char* path, int flags);
int run_again_by_path(const char* path);
int in_second_life(void);
