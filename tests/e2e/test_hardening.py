"""The executables are built so that a mistake in them is hard to use, as their ELF files tell."""

import os
import platform
import re
import subprocess

import pytest


@pytest.fixture(params=["MPREMOTE_BRIDGE", "MPREMOTE_ATTACH"])
def executable(request):
    return os.environ[request.param]


def readelf(executable, *options):
    return subprocess.run(["readelf", "-W", *options, executable], capture_output=True, text=True, check=True).stdout


def imported(executable):
    return set(re.findall(r" UND (\w+)", readelf(executable, "--dyn-syms")))


def test_addresses_are_random(executable):
    assert "DYN (Position-Independent Executable file)" in readelf(executable, "-h")


def test_relocations_cannot_be_overwritten(executable):
    assert "GNU_RELRO" in readelf(executable, "-l")
    assert "BIND_NOW" in readelf(executable, "-d")


def test_stack_is_not_executable(executable):
    [stack] = re.findall(r"GNU_STACK .*", readelf(executable, "-l"))
    assert "RWE" not in stack


def test_stack_is_protected(executable):
    assert "__stack_chk_fail" in imported(executable)


def test_library_calls_are_checked(executable):
    assert "__memcpy_chk" in imported(executable)


@pytest.mark.skipif(platform.machine() != "x86_64", reason="an instruction of x86")
def test_indirect_jumps_are_checked(executable):
    code = subprocess.run(["objdump", "-d", "--section=.text", executable], capture_output=True, text=True, check=True)
    starts = [line for line in code.stdout.splitlines() if "endbr64" in line]
    # Some come with the C library's start-up code, all others are ours.
    assert len(starts) > 100
