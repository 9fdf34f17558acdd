#pragma once

#include "base/error.hpp"
#include "ports/name_claim.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <string>

namespace mpbridge::ports {

// A symbolic link with a stable name to a device that has none. Removed with this object, if it is
// still its own.
class DeviceLink {
  public:
    // Claims the name `path`: fails when another process of this kind uses it now, or when there is
    // something else than a link to a PTY that one may have left behind.
    static base::Result<DeviceLink> claim(const boost::asio::any_io_executor& executor,
                                          const std::string& path);

    DeviceLink(DeviceLink&& other) noexcept;
    DeviceLink& operator=(DeviceLink&&) = delete;
    DeviceLink(const DeviceLink&) = delete;
    DeviceLink& operator=(const DeviceLink&) = delete;
    ~DeviceLink();

    const std::string& path() const { return path_; }

    // Makes it point to this device. There is no moment without the link.
    base::Result<void> point_to(const std::string& device);

  private:
    DeviceLink(std::string path, NameClaim claim)
        : path_(std::move(path)), claim_(std::move(claim)) {}

    std::string path_; // absolute
    std::string device_;
    NameClaim claim_;
};

} // namespace mpbridge::ports
