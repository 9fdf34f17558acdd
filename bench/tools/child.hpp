#pragma once

#include <sys/types.h>

#include <functional>

namespace mpbridge::bench {

// A forked process. It is killed at the end of this object, and by the kernel if the one that made
// it dies before.
class Child {
  public:
    // Runs `body` in the child, which ends with it.
    explicit Child(const std::function<void()>& body);
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child();

  private:
    pid_t pid_;
};

} // namespace mpbridge::bench
