"""The man pages: what mandoc says about them, and that they tell of the options that there are."""

import re
import subprocess

import pytest
from support.bridge import REPOSITORY
from support.installed import PROGRAMS, option_names, options

SECTIONS = [
    "NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES", "SEE ALSO",
]  # fmt: skip


def page(program):
    return REPOSITORY / f"packaging/man/{program}.1"


def documented(program):
    """The options that stand in OPTIONS, each with all its names."""
    text = page(program).read_text()
    part = text[text.index(".Sh OPTIONS") : text.index(".Sh ENVIRONMENT")]
    items = re.findall(r"^\.It Fl (.*)$", part, re.MULTILINE)
    return [tuple("-" + name for name in item.split(" Ar ")[0].split(" , ")) for item in items]


@pytest.mark.parametrize("program", PROGRAMS)
def test_mandoc_finds_nothing_wrong(program):
    result = subprocess.run(
        ["mandoc", "-Tlint", "-W", "warning", page(program)], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout) == (0, "")


@pytest.mark.parametrize("program", PROGRAMS)
def test_page_has_all_sections(program):
    assert re.findall(r"^\.Sh (.*)$", page(program).read_text(), re.MULTILINE) == SECTIONS


@pytest.mark.parametrize("program", PROGRAMS)
def test_page_names_exactly_the_options_of_help(program):
    described = {name for names in documented(program) for name in names}
    helped = option_names(program)
    assert {"not in the page": sorted(helped - described), "only in the page": sorted(described - helped)} == {
        "not in the page": [], "only in the page": [],
    }  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS)
def test_page_has_the_order_of_help(program):
    in_both = set(documented(program)) & set(options(program))
    of_page, of_help = ([names for names in each if names in in_both] for each in (documented(program), options(program)))
    assert in_both
    assert of_page == of_help
