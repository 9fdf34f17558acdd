#pragma once

#include "base/error.hpp"
#include "board/watch.hpp"
#include "ports/device_link.hpp"
#include "posix/serial_device.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace mpbridge::ports {

struct DeviceOptions {
    std::string link; // empty: none
    posix::DeviceAccess access;

    // Called with the device's path when it is there, and again when it is made anew.
    std::function<void(const std::string& path)> announce = [](const std::string&) {};
};

// A serial device and its link. The device can be made anew; the link is the stable name.
class DevicePort {
  public:
    static base::Result<std::unique_ptr<DevicePort>>
    open(const boost::asio::any_io_executor& executor, const DeviceOptions& options);

    // Valid until remake().
    posix::SerialDevice& device() { return present_->device; }
    board::Watch& master() { return present_->master; }
    board::Watch& news() { return present_->news; }

    // Whoever has the device open sees the end of file. If no new one is to be had, the present one
    // stays.
    base::Result<void> remake();

    // Has the link lead to the present device, and announces it; to be done after remake(). Also
    // without the link it is announced.
    base::Result<void> publish();

    // "/dev/pts/5", or with a link "/dev/pts/5 (/tmp/board)"
    std::string description() const;

    const std::string& path() const { return present_->device.path(); }

    // Absolute. Empty: none.
    std::string link() const { return link_ ? link_->path() : std::string(); }

    // Removes the device and its link; no more is to be asked then.
    void close();

  private:
    struct Present {
        posix::SerialDevice device;
        board::Watch master;
        board::Watch news;

        Present(const boost::asio::any_io_executor& executor, posix::SerialDevice opened)
            : device(std::move(opened)), master(executor, device.master()),
              news(executor, device.news()) {}
    };

    DevicePort(boost::asio::any_io_executor executor, DeviceOptions options)
        : executor_(std::move(executor)), options_(std::move(options)) {}

    void cancel();

    boost::asio::any_io_executor executor_;
    DeviceOptions options_;
    std::unique_ptr<Present> present_;
    std::optional<DeviceLink> link_;
};

} // namespace mpbridge::ports
