#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mpbridge::cage {

// A file, or a directory with all below it, and what may be done there. One that does not exist
// gives no right.
struct Place {
    enum class Use : std::uint8_t { read, execute, change }; // execute and change include read

    std::string path;
    Use use = Use::read;

    bool operator==(const Place&) const = default;
};

// Landlock: no file is reached but those of the places given (landlock(7)). What the kernel can
// hold back beyond files is held back too: TCP unless `network` (ABI 4), device controls (ABI 5),
// abstract sockets and signals to processes outside (ABI 6).
class FileRules {
  public:
    static constexpr int oldest_abi = 2; // without it files cannot be moved between directories

    // The kernel's, 0 when it has no Landlock.
    static int kernel_abi();

    // `abi`: at most this much of Landlock, at least oldest_abi.
    FileRules(std::vector<Place> places, bool network, int abi = kernel_abi());

    // For the calling thread and its children, for good; no_new_privs must be set. False with
    // errno set. Async-signal-safe. Descriptors that are open keep their rights.
    bool apply() const noexcept;

  private:
    std::vector<Place> places_;
    bool network_;
    int abi_;
};

} // namespace mpbridge::cage
