#include "cage/file_rules.hpp"

#include "cage/in_child.hpp"
#include "posix/descriptor.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace mpbridge::cage {
namespace {

namespace fs = std::filesystem;
using posix::Descriptor;

// Each of the kernel's stages of Landlock, as an older kernel would have it.
class FileRulesTest : public testing::TestWithParam<int> {
  protected:
    void SetUp() override {
        if (FileRules::kernel_abi() < GetParam()) {
            GTEST_SKIP() << "the kernel's Landlock is of ABI " << FileRules::kernel_abi();
        }
        fs::create_directory(own_);
    }

    template <class Question>
    bool confined(const Question& question, bool network = false) const {
        return in_child([&] {
            const FileRules rules({{.path = own_, .use = Place::Use::change},
                                   {.path = readable_, .use = Place::Use::read},
                                   {.path = directory_.path() / "missing"}},
                                  network, GetParam());
            return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && rules.apply() && question();
        });
    }

    static bool opens(const fs::path& path, int flags) {
        return Descriptor(::open(path.c_str(), flags, 0600)).get() >= 0;
    }

    static bool tcp_is_held_back() {
        const Descriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
                   0 &&
               errno == EACCES;
    }

    test::TemporaryDirectory directory_;
    std::string own_ = directory_.path() / "own";
    fs::path readable_ = directory_.write("readable/file", "text").parent_path();
    fs::path outside_ = directory_.write("outside", "text");
};

TEST_P(FileRulesTest, OwnFilesCanBeChanged) {
    EXPECT_TRUE(confined([this] {
        return opens(own_ + "/new", O_CREAT | O_RDWR) &&
               ::truncate((own_ + "/new").c_str(), 1) == 0 &&
               ::mkdir((own_ + "/folder").c_str(), 0700) == 0 &&
               ::rename((own_ + "/new").c_str(), (own_ + "/folder/new").c_str()) == 0 &&
               ::unlink((own_ + "/folder/new").c_str()) == 0 &&
               ::rmdir((own_ + "/folder").c_str()) == 0;
    }));
}

TEST_P(FileRulesTest, ReadablePlacesCannotBeChanged) {
    EXPECT_TRUE(confined([this] {
        return opens(readable_ / "file", O_RDONLY) && opens(readable_, O_RDONLY | O_DIRECTORY) &&
               !opens(readable_ / "file", O_WRONLY) &&
               !opens(readable_ / "new", O_CREAT | O_RDWR) &&
               ::unlink((readable_ / "file").c_str()) != 0;
    }));
}

TEST_P(FileRulesTest, AllElseCannotBeReached) {
    EXPECT_TRUE(confined([this] {
        return !opens(outside_, O_RDONLY) && !opens(outside_, O_WRONLY) &&
               !opens(directory_.path(), O_RDONLY | O_DIRECTORY) && !opens("/dev/null", O_RDWR) &&
               ::link(outside_.c_str(), (own_ + "/link").c_str()) != 0;
    }));
}

TEST_P(FileRulesTest, LinksLeadNowhere) {
    fs::create_symlink(outside_, own_ + "/link");
    EXPECT_TRUE(confined([this] { return !opens(own_ + "/link", O_RDONLY); }));
}

TEST_P(FileRulesTest, NothingOfOnesOwnIsExecuted) {
    fs::copy_file("/bin/true", own_ + "/true");
    EXPECT_TRUE(confined([this] {
        ::execl((own_ + "/true").c_str(), "true", nullptr);
        return errno == EACCES;
    }));
}

TEST_P(FileRulesTest, TcpIsHeldBackSinceAbi4) {
    EXPECT_EQ(confined(&tcp_is_held_back), GetParam() >= 4);
    EXPECT_FALSE(confined(&tcp_is_held_back, true));
}

TEST_P(FileRulesTest, SignalsAreHeldBackSinceAbi6) {
    const auto parent_is_out_of_reach = [parent = ::getpid()] { return ::kill(parent, 0) != 0; };
    EXPECT_EQ(confined(parent_is_out_of_reach), GetParam() >= 6);
}

INSTANTIATE_TEST_SUITE_P(Abi, FileRulesTest, testing::Range(FileRules::oldest_abi, 8),
                         testing::PrintToStringParamName());

} // namespace
} // namespace mpbridge::cage
