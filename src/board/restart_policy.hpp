#pragma once

#include <chrono>

namespace mpbridge::board {

// How long to wait before the next start of a process that ended: not at all, unless it ends (or
// fails to start) again and again before it was of any use; then longer and longer, up to 5 s.
class RestartPolicy {
  public:
    using Duration = std::chrono::milliseconds;

    // `useful`: it came to a prompt, or ran for some time.
    Duration ended(bool useful);

    // What failed before is forgotten.
    void succeeded() { failures_ = 0; }

    static bool ran_for_some_time(std::chrono::steady_clock::duration lived) {
        return lived >= std::chrono::seconds(1);
    }

  private:
    int failures_ = 0;
};

} // namespace mpbridge::board
