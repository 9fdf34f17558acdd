#include "control/socket_file.hpp"

#include "posix/unix_socket.hpp"

#include <filesystem>
#include <optional>
#include <utility>

namespace mpbridge::control {

namespace fs = std::filesystem;
using boost::asio::local::stream_protocol;
using boost::system::error_code;

namespace {

constexpr std::string_view in_use = "another bridge has it in use";

// Absolute, its folder being there.
base::Result<std::string> full_path(const std::string& path) {
    std::error_code failure;
    const auto wanted = fs::absolute(path, failure);
    if (auto made = posix::make_private_directory(wanted.parent_path().string()); !made) {
        return made.error();
    }
    const auto folder = fs::canonical(wanted.parent_path(), failure);
    if (failure) {
        return base::Error{failure.message()};
    }
    const auto full = (folder / wanted.filename()).string();
    if (full.size() > posix::longest_socket_path) {
        return base::Error{"a socket's path can have " +
                           std::to_string(posix::longest_socket_path) + " characters, not more"};
    }
    return {boost::system::in_place_value, full};
}

// The answer is a name for whoever listens there. Nothing: nobody does.
std::optional<std::string> who_listens(const boost::asio::any_io_executor& executor,
                                       const std::string& path) {
    stream_protocol::socket probe(executor);
    error_code failure;
    probe.open(stream_protocol(), failure);
    probe.native_non_blocking(true, failure); // its queue may be full
    if (probe.connect(stream_protocol::endpoint(path), failure)) {
        const bool nobody = failure == boost::asio::error::connection_refused;
        return nobody ? std::nullopt : std::optional<std::string>(in_use);
    }
    const auto peer = posix::peer_process(probe.native_handle());
    return peer && peer->pid > 0
               ? "the bridge with pid " + std::to_string(peer->pid) + " has it in use"
               : std::string(in_use);
}

// Makes room for a new one.
base::Result<void> remove_stale(const boost::asio::any_io_executor& executor,
                                const std::string& path) {
    std::error_code failure;
    const auto found = fs::symlink_status(path, failure).type();
    if (found == fs::file_type::not_found) {
        return {};
    }
    if (found != fs::file_type::socket) {
        return base::Error{"there is something else with this name"};
    }
    if (const auto living = who_listens(executor, path)) {
        return base::Error{*living};
    }
    fs::remove(path, failure);
    return failure ? base::Result<void>(base::Error{failure.message()}) : base::Result<void>();
}

base::Result<void> bind_and_listen(SocketFile::Acceptor& acceptor, const std::string& path) {
    error_code failure;
    acceptor.open(stream_protocol(), failure);
    if (!failure) {
        posix::restrict_to_owner(acceptor.native_handle());
    }
    if (failure || acceptor.bind(stream_protocol::endpoint(path), failure) ||
        acceptor.listen(boost::asio::socket_base::max_listen_connections, failure)) {
        return base::Error{failure.message()};
    }
    return {};
}

} // namespace

base::Result<SocketFile> SocketFile::listen(Acceptor& acceptor, const std::string& path) {
    const auto refused = [&path](const std::string& reason) {
        return base::Error{"Cannot make the control socket " + path + ": " + reason};
    };
    const auto full = full_path(path);
    if (!full) {
        return refused(full.error().message);
    }
    auto claim = ports::NameClaim::make(acceptor.get_executor(), "control", full.value());
    if (!claim) {
        const auto owner = who_listens(acceptor.get_executor(), full.value());
        return refused(owner.value_or(std::string(in_use)));
    }
    if (auto made = remove_stale(acceptor.get_executor(), full.value()); !made) {
        return refused(made.error().message);
    }
    if (auto made = bind_and_listen(acceptor, full.value()); !made) {
        return refused(made.error().message);
    }
    const auto identity = posix::FileIdentity::of(full.value());
    if (!identity) {
        return refused("it is gone again");
    }
    return SocketFile(full.value(), std::move(*claim), *identity);
}

SocketFile::SocketFile(SocketFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), claim_(std::move(other.claim_)),
      identity_(other.identity_) {}

SocketFile::~SocketFile() {
    if (!path_.empty() && posix::FileIdentity::of(path_) == identity_) {
        std::error_code ignored;
        fs::remove(path_, ignored);
    }
}

} // namespace mpbridge::control
