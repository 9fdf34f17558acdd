#include "cage/places.hpp"

#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>

#include <ostream>

namespace mpbridge::cage {

std::ostream& operator<<(std::ostream& to, const Place& place) {
    return to << place.path << " " << static_cast<int>(place.use);
}

namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;
using Use = Place::Use;

class PlacesTest : public testing::Test {
  protected:
    std::vector<Place> places(const std::filesystem::path& executable, bool network = false) const {
        return places_for(executable, own_, {}, network).value();
    }

    std::string error(const std::filesystem::path& executable,
                      const std::vector<std::string>& more) const {
        const auto found = places_for(executable, own_, more, false);
        return found ? "" : found.error().message;
    }

    test::TemporaryDirectory directory_;
    std::filesystem::path own_ = directory_.write("own/file", "").parent_path();
};

TEST_F(PlacesTest, OfAProgram) {
    const auto shell = std::filesystem::canonical("/bin/sh");
    EXPECT_THAT(places("/bin/sh"),
                IsSupersetOf({Place{".", Use::change}, Place{shell, Use::execute},
                              Place{"/usr/lib", Use::read}}));
    EXPECT_THAT(places("/bin/sh"), Not(Contains(Place{"/etc/hosts", Use::read})));
}

TEST_F(PlacesTest, ForTheNetwork) {
    EXPECT_THAT(places("/bin/sh", true), Contains(Place{"/etc/hosts", Use::read}));
}

TEST_F(PlacesTest, OfAVirtualEnvironment) {
    const auto python = directory_.write("base/bin/python3", "");
    directory_.write("base/lib/module.py", "");
    directory_.write("env/pyvenv.cfg",
                     "version = 3.11\nhome = " + python.parent_path().string() + "\n");
    const auto launcher = (directory_.path() / "env/bin/python").string();
    const auto script = directory_.write("env/bin/micropython", "#!" + launcher + "\n");
    std::filesystem::create_symlink(python, launcher);

    EXPECT_THAT(places(script),
                IsSupersetOf({Place{script, Use::execute}, Place{python, Use::execute},
                              Place{directory_.path() / "env", Use::read},
                              Place{directory_.path() / "base/lib", Use::read}}));
}

TEST_F(PlacesTest, OfAPythonWithoutAnEnvironment) {
    const auto python = directory_.write("base/bin/python3", "");
    const auto modules = directory_.write("base/lib/module.py", "").parent_path();
    const auto script = directory_.write("bin/micropython", "#!" + python.string() + "\n");
    EXPECT_THAT(places(script), Contains(Place{modules, Use::read}));
}

TEST_F(PlacesTest, NothingMayLieWhereTheBoardCouldReplaceIt) {
    EXPECT_THAT(error(directory_.write("own/micropython", ""), {}), HasSubstr("own/micropython"));
    EXPECT_THAT(error("/bin/sh", {own_.string()}), HasSubstr("--cwd"));
    const auto link = directory_.path() / "link";
    std::filesystem::create_directory_symlink(own_, link);
    EXPECT_THAT(error("/bin/sh", {link.string()}), HasSubstr("--cwd"));
    EXPECT_EQ(error("/bin/sh", {directory_.path().string()}), "");
}

TEST_F(PlacesTest, NamesADirectoryThatIsNotThere) {
    EXPECT_THAT(error("/bin/sh", {"/nowhere"}), HasSubstr("/nowhere"));
    EXPECT_THAT(error("/bin/sh", {"/etc/hosts"}), HasSubstr("/etc/hosts"));
}

} // namespace
} // namespace mpbridge::cage
