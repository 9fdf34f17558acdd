#include "tools/child.hpp"

#include "tools/io.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <exception>

namespace mpbridge::bench {

namespace {

[[noreturn]] void run(const std::function<void()>& body) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    try {
        body();
    } catch (const std::exception&) {
        ::_exit(1);
    }
    ::_exit(0);
}

} // namespace

Child::Child(const std::function<void()>& body) : pid_(::fork()) {
    if (pid_ < 0) {
        throw_errno("fork");
    }
    if (pid_ == 0) {
        run(body);
    }
}

Child::~Child() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

} // namespace mpbridge::bench
