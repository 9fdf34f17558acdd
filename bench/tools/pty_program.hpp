#pragma once

#include "posix/descriptor.hpp"
#include "tools/child.hpp"

#include <string>
#include <utility>

namespace mpbridge::bench {

// A program in a raw PTY, with blocking I/O. It ends with this object.
class PtyProgram {
  public:
    explicit PtyProgram(const std::string& program);

    int master() const { return master_.get(); }

  private:
    using Ends = std::pair<posix::Descriptor, posix::Descriptor>; // master and slave

    PtyProgram(const std::string& program, Ends ends);
    static Ends open_pty();
    static void run(const std::string& program, int slave);

    posix::Descriptor master_;
    Child child_;
};

} // namespace mpbridge::bench
