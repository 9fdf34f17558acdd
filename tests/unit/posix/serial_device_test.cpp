#include "posix/serial_device.hpp"

#include "posix/serial_device_fixture.hpp"

#include <gtest/gtest.h>

#include <sys/file.h>
#include <sys/stat.h>

#include <filesystem>
#include <set>
#include <string>

namespace mpbridge::posix {
namespace {

struct stat status_of(const SerialDevice& device) {
    struct stat status{};
    EXPECT_EQ(::stat(device.path().c_str(), &status), 0);
    return status;
}

// The descriptors of this process; those that an exec would leave open only.
std::set<std::string> inheritable_descriptors() {
    std::set<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        const auto name = entry.path().filename().string();
        if ((::fcntl(std::stoi(name), F_GETFD) & FD_CLOEXEC) == 0) {
            all.insert(name);
        }
    }
    return all;
}

long descriptor_count() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return std::distance(begin(all), end(all));
}

TEST_F(SerialDeviceTest, IsADeviceThatCanBeOpened) {
    EXPECT_TRUE(device_.path().starts_with("/dev/pts/"));
    EXPECT_TRUE(S_ISCHR(status_of(device_).st_mode));
    EXPECT_TRUE(open_as_program());
    EXPECT_TRUE(device_.is_usable());
}

TEST_F(SerialDeviceTest, StartsRawWith115200Baud) {
    const auto settings = settings_of(open_as_program().get());
    EXPECT_EQ(settings.c_iflag, 0U);
    EXPECT_EQ(settings.c_oflag, 0U);
    EXPECT_EQ(settings.c_lflag, static_cast<tcflag_t>(EXTPROC));
    EXPECT_EQ(settings.c_cc[VMIN], 1);
    EXPECT_EQ(settings.c_cc[VTIME], 0);
    EXPECT_EQ(settings.c_ispeed, 115'200U);
    EXPECT_EQ(device_.line_state(), (LineState{.baud_rate = 115'200}));
}

TEST_F(SerialDeviceTest, ChangesNoByteEitherWay) {
    std::string all_bytes;
    for (int byte = 0; byte < 256; ++byte) {
        all_bytes += static_cast<char>(byte);
    }
    const auto program = open_as_program();
    write_output(all_bytes);
    EXPECT_EQ(read_all(program.get()), all_bytes);
    EXPECT_EQ(write_some(program.get(), base::bytes_of(all_bytes)).count, all_bytes.size());
    EXPECT_EQ(receive().data, all_bytes);
}

TEST_F(SerialDeviceTest, KeepsWhatIsWrittenWhileNobodyHasItOpen) {
    write_output("early");
    EXPECT_EQ(read_all(open_as_program().get()), "early");
}

TEST(SerialDevice, HasTheModeAskedForWhateverTheUmask) {
    for (const mode_t mode : {0600U, 0666U, 0640U, 0U}) {
        const auto umask_before = ::umask(0777);
        const auto device = SerialDevice::open({.mode = mode, .group = {}});
        ::umask(umask_before);
        EXPECT_EQ(status_of(device.value()).st_mode & 07777U, mode);
    }
}

TEST(SerialDevice, BelongsToTheCallerUnlessAskedOtherwise) {
    const auto device = SerialDevice::open({}).value();
    EXPECT_EQ(status_of(device).st_mode & 07777U, 0600U);
    EXPECT_EQ(status_of(device).st_uid, ::geteuid());
    EXPECT_EQ(status_of(device).st_gid, ::getegid());
}

TEST(SerialDevice, BelongsToTheGroupAskedFor) {
    const bool any_group = ::geteuid() == 0;
    const gid_t group = any_group ? 12'345 : ::getegid();
    const auto device = SerialDevice::open({.mode = 0660, .group = group}).value();
    EXPECT_EQ(status_of(device).st_gid, group);
    EXPECT_EQ(status_of(device).st_mode & 07777U, 0660U);
}

TEST(SerialDevice, CannotBeGivenToAForeignGroup) {
    const WithoutPrivileges unprivileged;
    const auto device = SerialDevice::open({.group = 12'345});
    ASSERT_FALSE(device);
    EXPECT_TRUE(device.error().message.ends_with(" to group 12345: Operation not permitted"))
        << device.error().message;
}

TEST(SerialDevice, LeavesNoDescriptorToOtherPrograms) {
    const auto before = inheritable_descriptors();
    auto device = SerialDevice::open({}).value();
    EXPECT_EQ(inheritable_descriptors(), before);
    device.is_open(); // opens one anew
    EXPECT_EQ(inheritable_descriptors(), before);
}

TEST(SerialDevice, ClosesAllItsDescriptors) {
    const auto before = descriptor_count();
    {
        auto device = SerialDevice::open({}).value();
        device.is_open();
        EXPECT_EQ(descriptor_count(), before + 3);
        const auto moved = std::move(device);
        EXPECT_EQ(descriptor_count(), before + 3);
    }
    EXPECT_EQ(descriptor_count(), before);
}

TEST_F(SerialDeviceTest, TellsWhetherOutputIsUnread) {
    const auto program = open_as_program();
    EXPECT_FALSE(device_.has_unread_output());
    write_output("ab");
    EXPECT_TRUE(device_.has_unread_output());
    base::Bytes one(1);
    EXPECT_EQ(read_some(program.get(), one).count, 1U);
    EXPECT_TRUE(device_.has_unread_output());
    EXPECT_EQ(read_some(program.get(), one).count, 1U);
    EXPECT_FALSE(device_.has_unread_output());
}

// Such a program is not woken by less.
TEST_F(SerialDeviceTest, TellsOfUnreadOutputThatIsLessThanAProgramWaitsFor) {
    const auto program = open_as_program();
    auto settings = settings_of(program.get());
    settings.c_cc[VMIN] = 10;
    set(program.get(), settings);
    write_output("less");
    EXPECT_TRUE(device_.has_unread_output());
}

TEST_F(SerialDeviceTest, DropsUnreadOutput) {
    const auto program = open_as_program();
    write_output("dropped");
    device_.drop_unread_output();
    EXPECT_FALSE(device_.has_unread_output());
    write_output("kept");
    EXPECT_EQ(read_all(program.get()), "kept");
}

TEST_F(SerialDeviceTest, DropsNoInputWithTheOutput) {
    const auto program = open_as_program();
    write_some(program.get(), base::bytes_of("input"));
    device_.drop_unread_output();
    EXPECT_EQ(receive().data, "input");
}

class SerialDeviceLockTest : public SerialDeviceTest {
  protected:
    static bool lock_as_program(const Descriptor& program) {
        return ::flock(program.get(), LOCK_EX | LOCK_NB) == 0;
    }
};

TEST_F(SerialDeviceLockTest, KeepsProgramsThatLockItOut) {
    const auto program = open_as_program();
    ASSERT_TRUE(device_.lock());
    EXPECT_FALSE(lock_as_program(program));
    EXPECT_TRUE(is_exclusive(program.get()));
    device_.unlock();
    EXPECT_TRUE(lock_as_program(program));
    EXPECT_FALSE(is_exclusive(program.get()));
}

TEST_F(SerialDeviceLockTest, KeepsOutAllThatAreNotRoot) {
    const WithoutPrivileges unprivileged;
    ASSERT_TRUE(device_.lock());
    EXPECT_FALSE(open_as_program());
    EXPECT_EQ(errno, EBUSY);
    device_.unlock();
    EXPECT_TRUE(open_as_program());
}

TEST_F(SerialDeviceLockTest, FailsWhileAProgramHoldsIt) {
    auto program = open_as_program();
    ASSERT_TRUE(lock_as_program(program));
    EXPECT_FALSE(device_.lock());
    EXPECT_FALSE(is_exclusive(program.get()));
    program.reset();
    EXPECT_TRUE(device_.lock());
}

TEST_F(SerialDeviceLockTest, FailsWhileAProgramSharesIt) {
    const auto program = open_as_program();
    ASSERT_EQ(::flock(program.get(), LOCK_SH | LOCK_NB), 0);
    EXPECT_FALSE(device_.lock());
}

TEST_F(SerialDeviceLockTest, CanBeTakenAgain) {
    EXPECT_TRUE(device_.lock());
    EXPECT_TRUE(device_.lock());
    device_.unlock();
    EXPECT_TRUE(device_.lock());
}

TEST_F(SerialDeviceLockTest, CausesNoNews) {
    device_.lock();
    device_.unlock();
    EXPECT_FALSE(is_readable(device_.news()));
}

TEST_F(SerialDeviceLockTest, LeavesOpenDevicesUsable) {
    const auto program = open_as_program();
    ASSERT_TRUE(device_.lock());
    write_output("output");
    EXPECT_EQ(read_all(program.get()), "output");
}

} // namespace
} // namespace mpbridge::posix
