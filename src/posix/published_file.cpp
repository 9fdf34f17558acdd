#include "posix/published_file.hpp"

#include "posix/descriptor.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <utility>

namespace mpbridge::posix {
namespace {

constexpr mode_t readable_by_all = 0644; // less the umask

// An errno value; 0: it is written.
int write_new(const std::string& path, std::string_view text) {
    ::unlink(path.c_str()); // a sudden end may have left it behind
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                 readable_by_all));
    if (!file) {
        return errno;
    }
    for (auto rest = base::bytes_of(text); !rest.empty();) {
        const auto written = write_some(file.get(), rest);
        if (written.count == 0) {
            return written.error != 0 ? written.error : EIO;
        }
        rest = rest.subspan(written.count);
    }
    return 0;
}

} // namespace

base::Result<PublishedFile> PublishedFile::write(const std::string& path, std::string_view text) {
    std::error_code failure;
    const auto full = std::filesystem::absolute(path, failure).string();
    const auto fresh = full + ".new-" + std::to_string(::getpid());
    auto error = write_new(fresh, text);
    const auto identity = FileIdentity::of(fresh);
    if (error == 0 && ::rename(fresh.c_str(), full.c_str()) != 0) {
        error = errno;
    }
    if (error != 0 || !identity) {
        ::unlink(fresh.c_str());
        return base::system_error("Cannot write " + path, error != 0 ? error : ENOENT);
    }
    return PublishedFile(full, *identity);
}

PublishedFile::PublishedFile(PublishedFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), identity_(other.identity_) {}

PublishedFile::~PublishedFile() {
    if (!path_.empty() && FileIdentity::of(path_) == identity_) {
        ::unlink(path_.c_str());
    }
}

} // namespace mpbridge::posix
