"""The Debian package that scripts/package makes: its contents and what it says about itself."""

import fcntl
import os
import re
import shutil
import subprocess

import pytest
from support.bridge import REPOSITORY
from support.installed import PROGRAMS, files

DOCS = "usr/share/doc/mpremote-bridge"


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The package, unpacked: its files below `data`, what dpkg reads below `control`. Made once for all workers."""
    if not shutil.which("dpkg-deb"):
        pytest.skip("only Debian and its like make packages")
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "package"
    with open(f"{folder}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            folder.mkdir()
            make_package(folder)
    return folder


def make_package(folder):
    made = subprocess.run(
        [REPOSITORY / "scripts/package", folder], capture_output=True, text=True, check=False, timeout=240
    )
    assert made.returncode == 0, made.stdout + made.stderr
    (deb,) = folder.glob("*.deb")
    assert made.stdout.splitlines()[-1] == str(deb)
    subprocess.run(["dpkg-deb", "-x", deb, folder / "data"], check=True)
    subprocess.run(["dpkg-deb", "-e", deb, folder / "control"], check=True)


def field(package, name):
    text = (package / "control/control").read_text()
    found = re.search(rf"^{name}: (.*)$", text, re.MULTILINE)
    return found.group(1) if found else None


def test_control_file_says_what_it_is(package):
    version = re.search(r"project\(mpremote-bridge VERSION ([\d.]+)", (REPOSITORY / "CMakeLists.txt").read_text())
    assert field(package, "Package") == "mpremote-bridge"
    assert field(package, "Version") == f"{version.group(1)}-1"
    assert field(package, "Section") == "net"
    assert re.fullmatch(r"mpremote-bridge developers <\S+@users\.noreply\.github\.com>", field(package, "Maintainer"))


def test_it_depends_on_the_libraries_it_is_linked_with(package):
    needed = subprocess.run(
        ["readelf", "-d", package / "data/usr/bin/mpremote-bridge"], capture_output=True, text=True, check=True
    ).stdout
    depended = {word.split()[0] for word in field(package, "Depends").split(", ")}
    of_another_name = {"libm": "libc", "libgcc_s": "libgcc-s"}
    libraries = re.findall(r"NEEDED.*\[(\w+)", needed)
    assert "libseccomp" in libraries
    for library in libraries:
        wanted = of_another_name.get(library, library)
        assert any(name.startswith(wanted) for name in depended), library


def test_contents(package):
    found = files(package / "data")
    expected = {f"usr/bin/{program}" for program in PROGRAMS}
    expected |= {f"usr/share/man/man1/{program}.1.gz" for program in PROGRAMS}
    expected |= {f"usr/share/bash-completion/completions/{program}" for program in PROGRAMS}
    expected |= {f"usr/share/fish/vendor_completions.d/{program}.fish" for program in PROGRAMS}
    expected |= {"usr/share/zsh/vendor-completions/_mpremote-bridge", "usr/share/lintian/overrides/mpremote-bridge"}
    expected |= {f"{DOCS}/{name}" for name in ("README.md", "CHANGELOG.md", "copyright")}
    expected |= {f"{DOCS}/{name}" for name in ("changelog.gz", "changelog.Debian.gz")}
    pages = [path.name for path in (REPOSITORY / "docs").iterdir() if path.suffix in (".md", ".svg")]
    expected |= {f"{DOCS}/docs/{name}" for name in pages}
    expected |= {f"{DOCS}/examples/mpremote-bridge.toml", "etc/mpremote-bridge/default.toml"}
    expected |= {f"usr/lib/systemd/system/mpremote-bridge{end}" for end in (
        ".service", "@.service", "-raw.socket", "-rfc2217.socket",
    )}  # fmt: skip
    assert {"missing": sorted(expected - found), "too many": sorted(found - expected)} == {
        "missing": [], "too many": [],
    }  # fmt: skip


def test_programs_are_stripped(package):
    for program in PROGRAMS:
        sections = subprocess.run(
            ["readelf", "-SW", package / "data/usr/bin" / program], capture_output=True, text=True, check=True
        ).stdout
        assert ".dynsym" in sections and ".symtab" not in sections


def test_everything_in_etc_is_a_conffile(package):
    listed = (package / "control/conffiles").read_text().split()
    assert listed == [f"/{path}" for path in files(package / "data") if path.startswith("etc/")]


def test_changelog_is_about_this_version(package):
    text = subprocess.run(
        ["zcat", package / "data" / DOCS / "changelog.Debian.gz"], capture_output=True, text=True, check=True
    ).stdout
    assert text.startswith(f"mpremote-bridge ({field(package, 'Version')}) ")


def test_maintainer_scripts_are_valid_shell(package):
    for script in ("postinst", "prerm", "postrm"):
        subprocess.run(["sh", "-n", package / "control" / script], check=True)
        subprocess.run(["shellcheck", package / "control" / script], check=True)
