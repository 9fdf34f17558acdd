#include "ports/device_port.hpp"

namespace mpbridge::ports {

base::Result<std::unique_ptr<DevicePort>>
DevicePort::open(const boost::asio::any_io_executor& executor, const DeviceOptions& options) {
    std::unique_ptr<DevicePort> port(new DevicePort(executor, options));
    if (!options.link.empty()) {
        auto link = DeviceLink::claim(executor, options.link);
        if (!link) {
            return link.error();
        }
        port->link_.emplace(std::move(link.value()));
    }
    if (auto made = port->remake(); !made) {
        return made.error();
    }
    if (auto published = port->publish(); !published) {
        return published.error();
    }
    return port;
}

base::Result<void> DevicePort::remake() {
    auto device = posix::SerialDevice::open(options_.access);
    if (!device) {
        return device.error();
    }
    if (present_) {
        cancel();
    }
    present_ = std::make_unique<Present>(executor_, std::move(device.value()));
    return {};
}

base::Result<void> DevicePort::publish() {
    const auto& path = present_->device.path();
    auto pointed = link_ ? link_->point_to(path) : base::Result<void>();
    options_.announce(path);
    return pointed;
}

std::string DevicePort::description() const {
    const auto& path = present_->device.path();
    return link_ ? path + " (" + link_->path() + ")" : path;
}

void DevicePort::close() {
    cancel();
    link_.reset();
    present_.reset();
}

// All waiting ends.
void DevicePort::cancel() {
    present_->master.cancel();
    present_->news.cancel();
}

} // namespace mpbridge::ports
