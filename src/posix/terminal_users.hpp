#pragma once

#include <sys/stat.h>

namespace mpbridge::posix {

// The processes that have a terminal open.
class TerminalUsers {
  public:
    explicit TerminalUsers(int terminal);

    // Kills all but the calling one, and but those it may not look at. Looks at every process there
    // is, so it takes its time.
    void kill() const;

  private:
    // Not by its name: in another mount namespace that is another terminal's.
    struct stat terminal_{};
};

} // namespace mpbridge::posix
