#pragma once

#include "base/error.hpp"
#include "posix/file_identity.hpp"

#include <string>
#include <string_view>

namespace mpbridge::posix {

// A file that tells others something as long as this object lives. Removed with it, if it is still
// its own.
class PublishedFile {
  public:
    // There is no moment in which others could read a part of it. Replaces what has this name.
    static base::Result<PublishedFile> write(const std::string& path, std::string_view text);

    PublishedFile(PublishedFile&& other) noexcept;
    PublishedFile& operator=(PublishedFile&&) = delete;
    PublishedFile(const PublishedFile&) = delete;
    PublishedFile& operator=(const PublishedFile&) = delete;
    ~PublishedFile();

  private:
    PublishedFile(std::string path, FileIdentity identity)
        : path_(std::move(path)), identity_(identity) {}

    std::string path_; // absolute; empty: moved from
    FileIdentity identity_;
};

} // namespace mpbridge::posix
