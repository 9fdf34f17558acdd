"""What `cmake --install` puts where, and that it works there."""

import re
import subprocess

import pytest
from support import repl
from support.bridge import REPOSITORY
from support.installed import PROGRAMS, files, install

DOCUMENTS = {"README.md", "CHANGELOG.md", "LICENSE"}
UNITS = {
    "mpremote-bridge.service", "mpremote-bridge@.service", "mpremote-bridge-raw.socket",
    "mpremote-bridge-rfc2217.socket",
}  # fmt: skip


def expected():
    pages = {f"docs/{path.name}" for path in (REPOSITORY / "docs").iterdir() if path.suffix in (".md", ".svg")}
    everything = {f"bin/{program}" for program in PROGRAMS}
    everything |= {f"share/man/man1/{program}.1" for program in PROGRAMS}
    everything |= {f"share/bash-completion/completions/{program}" for program in PROGRAMS}
    everything |= {f"share/fish/vendor_completions.d/{program}.fish" for program in PROGRAMS}
    everything |= {"share/zsh/site-functions/_mpremote-bridge"}
    everything |= {f"share/doc/mpremote-bridge/{name}" for name in DOCUMENTS | pages}
    everything |= {"share/doc/mpremote-bridge/examples/mpremote-bridge.toml"}
    everything |= {f"lib/systemd/system/{unit}" for unit in UNITS}
    return everything


@pytest.mark.parametrize("prefix", ["/usr", "/usr/local"])
def test_every_file_has_its_place(tmp_path, prefix):
    install(tmp_path, prefix)
    installed = files(tmp_path / prefix.lstrip("/"))
    assert {"missing": sorted(expected() - installed), "too many": sorted(installed - expected())} == {
        "missing": [], "too many": [],
    }  # fmt: skip
    assert len(files(tmp_path)) == len(installed), "nothing lies beside the prefix"


@pytest.mark.parametrize("prefix", ["/usr", "/opt/bridge"])
def test_units_start_the_installed_program(tmp_path, prefix):
    folder = install(tmp_path, prefix) / "lib/systemd/system"
    services = [unit for unit in UNITS if unit.endswith(".service")]
    for unit in services:
        starts = re.findall(r"^ExecStart=(\S+)", (folder / unit).read_text(), re.MULTILINE)
        assert starts == [f"{prefix}/bin/mpremote-bridge"], unit


def test_links_of_installed_documents_lead_to_installed_files(tmp_path):
    folder = install(tmp_path, "/usr") / "share/doc/mpremote-bridge"
    # Contributing, and the pytest plugin, are for those who have the repository.
    repository_alone = ("CONTRIBUTING.md", "python/")
    broken = [
        (str(page.relative_to(folder)), link)
        for page in folder.rglob("*.md")
        for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
        if not link.removeprefix("../").startswith(repository_alone) and not (page.parent / link).exists()
    ]
    assert not broken


def test_installed_programs_run_and_name_their_version(tmp_path):
    for program in PROGRAMS:
        binary = install(tmp_path, "/usr") / "bin" / program
        said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout
        assert re.fullmatch(rf"{program} \d+\.\d+\.\d+\n", said)


def test_installed_bridge_serves(start_bridge, tmp_path):
    bridge = start_bridge(binary=install(tmp_path, "/usr") / "bin/mpremote-bridge")
    assert repl.banner(bridge.connect_raw())
