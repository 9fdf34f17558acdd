#include "cage/programs.hpp"

#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>

namespace mpbridge::cage {
namespace {

using std::filesystem::path;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class ProgramsTest : public testing::Test {
  protected:
    test::TemporaryDirectory directory_;
};

TEST_F(ProgramsTest, OfAnElfFileItsInterpreter) {
    const auto found = programs_behind("/bin/sh");
    ASSERT_THAT(found, SizeIs(2));
    EXPECT_THAT(found.back().string(), HasSubstr("/ld"));
}

TEST_F(ProgramsTest, OfAScriptWhatItsFirstLineNames) {
    const auto inner = directory_.write("inner", "#! /nowhere/at-all -x\n");
    const auto outer = directory_.write("outer", "#!" + inner.string() + " argument\nmore\n");
    EXPECT_THAT(programs_behind(outer), ElementsAre(outer, inner, "/nowhere/at-all"));
}

TEST_F(ProgramsTest, OfEnvWhatItFinds) {
    const auto script = directory_.write("script", "#!/usr/bin/env sh\n");
    EXPECT_THAT(programs_behind(script), Contains(testing::Property(&path::filename, "sh")));
    EXPECT_THAT(programs_behind(script), Contains("/usr/bin/env"));
}

TEST_F(ProgramsTest, OfPipsLauncherForLongPaths) {
    const auto python = directory_.write("a folder/python", "not ELF");
    const auto script = directory_.write("script", "#!/nowhere/sh\n'''exec' \"" + python.string() +
                                                       "\" \"$0\" \"$@\"\n' '''\n");
    EXPECT_THAT(programs_behind(script), ElementsAre(script, "/nowhere/sh", python));
}

TEST_F(ProgramsTest, AreLaunchedAtOnceWhereAnotherProgramWouldDoIt) {
    const auto plain = directory_.write("plain", "#!/bin/sh -x\n").string();
    EXPECT_THAT(launcher_of(plain), testing::IsEmpty());
    EXPECT_THAT(launcher_of("/bin/sh"), testing::IsEmpty());

    const auto shell = launcher_of(directory_.write("env", "#!/usr/bin/env sh\n"));
    ASSERT_THAT(shell, SizeIs(1));
    EXPECT_THAT(shell[0], testing::EndsWith("/sh"));
    EXPECT_THAT(launcher_of(directory_.write("split", "#!/usr/bin/env -S sh -e -u\n")),
                ElementsAre(shell[0], "-e", "-u"));

    const auto python = directory_.write("python", "not a script").string();
    const auto pips =
        directory_.write("pips", "#!/bin/sh\n'''exec' " + python + " \"$0\" \"$@\"\n' '''\n");
    EXPECT_THAT(launcher_of(pips), ElementsAre(python));
    EXPECT_THAT(launcher_of(directory_.write("nested", "#!" + pips.string() + " -v\n")),
                ElementsAre(python, pips.string(), "-v"));
    EXPECT_THAT(launcher_of(directory_.write("nothing", "#!/usr/bin/env\n")), testing::IsEmpty());
}

TEST_F(ProgramsTest, RoundsEnd) {
    const auto script = directory_.path() / "script";
    directory_.write("script", "#!" + script.string() + "\n");
    EXPECT_THAT(programs_behind(script), testing::Each(script));
}

TEST_F(ProgramsTest, WhatIsNoProgramIsAlone) {
    for (const std::string content : {"", "#!", "#!\n", "#! \n\n", "\177ELF", "text"}) {
        const auto file = directory_.write("file", content);
        EXPECT_THAT(programs_behind(file), ElementsAre(file)) << content;
    }
    EXPECT_THAT(programs_behind("/nowhere"), ElementsAre("/nowhere"));
}

} // namespace
} // namespace mpbridge::cage
