#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace mpbridge::cage {

// What a child, which may confine itself for good, answers: true, or false when it ended otherwise.
template <class Question>
bool in_child(const Question& question) {
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::_exit(question() ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    int status = -1;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

} // namespace mpbridge::cage
