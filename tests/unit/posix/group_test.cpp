#include "posix/group.hpp"

#include <gtest/gtest.h>

#include <grp.h>

namespace mpbridge::posix {
namespace {

TEST(GroupId, IsThatOfTheName) { EXPECT_EQ(group_id("root").value(), 0U); }

TEST(GroupId, IsThatOfAnyNameThereIs) {
    // NOLINTBEGIN(concurrency-mt-unsafe): there is no other thread
    ::setgrent();
    while (const auto* group = ::getgrent()) {
        const auto expected = group->gr_gid;
        EXPECT_EQ(group_id(std::string(group->gr_name)).value(), expected);
    }
    ::endgrent();
    // NOLINTEND(concurrency-mt-unsafe)
}

TEST(GroupId, IsTheNumberWhetherThereIsSuchAGroupOrNot) {
    EXPECT_EQ(group_id("0").value(), 0U);
    EXPECT_EQ(group_id("54321").value(), 54'321U);
    EXPECT_EQ(group_id("4294967294").value(), 4'294'967'294U);
}

TEST(GroupId, IsNoneForAnUnknownName) {
    const auto unknown = group_id("no such group");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().message, "There is no group no such group");
}

TEST(GroupId, IsNoneForWhatIsNotANumberOfAGroup) {
    for (const auto* name : {"", "-1", "+1", " 1", "1 ", "12x", "0x10", "4294967295", "4294967296",
                             "99999999999999999999"}) {
        EXPECT_FALSE(group_id(name)) << name;
    }
}

} // namespace
} // namespace mpbridge::posix
