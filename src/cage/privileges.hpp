#pragma once

namespace mpbridge::cage {

// Of the calling process and what it executes, for good: no set-user-ID programs, no core files,
// and no capabilities but, for root, the one by which any file's mode is overridden: which files
// these are is for FileRules to say. False with errno set. Async-signal-safe.
bool drop_privileges() noexcept;

} // namespace mpbridge::cage
