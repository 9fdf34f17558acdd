"""A room of its own for commands from the documentation: its network has only a loopback interface, where all ports
are free and every host is this one; its processes end with it. Root may make one, or a user who may make namespaces."""

import os
import shutil
import subprocess
import tempfile

import pytest

from .bridge import VENV_BIN, executable
from .waiting import DEADLINE, wait_until

HOSTS = "127.0.0.1 localhost that-host\n::1 localhost\n"
RUNTIME = "/run/user/1000"
MAKE = ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]
ENTER = ["nsenter", "--net", "--mount", "--pid", "--wd=."]


class Room:
    def __init__(self, folder, root):
        """`root`: the repository, as which the folder where commands are run looks."""
        self.folder, self.home = folder / "checkout", folder / "home"
        self.home.mkdir(mode=0o700)
        self._imitate(root)
        (folder / "hosts").write_text(HOSTS)
        own_user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        furnish = f"""ip link set lo up
            mount --bind '{folder}/hosts' /etc/hosts
            mount -t tmpfs none /run && mount -t tmpfs none /var/lib
            mkdir -p {RUNTIME} /run/mpremote-bridge /var/lib/prometheus/node-exporter
            ln -s {RUNTIME}/mpremote-bridge/control.sock /run/mpremote-bridge
            echo made && exec sleep infinity"""
        self.process = subprocess.Popen(
            [*MAKE, *own_user, "sh", "-ec", furnish], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        if self.process.stdout.readline() != "made\n":
            pytest.skip(f"no namespaces can be made here: {self.process.communicate()[1]}")
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as children:
            target = ["--target", children.read().split()[0]]
        self.enter = [*ENTER, *target, *(["--user", "--preserve-credentials"] if own_user else [])]

    def _imitate(self, root):
        """Scripts are run where they are, as they look for the build beside themselves."""
        (self.folder / "scripts").mkdir(parents=True)
        for script in (root / "scripts").iterdir():
            wrapper = self.folder / "scripts" / script.name
            wrapper.write_text(f"#!/bin/sh\nexec '{script}' \"$@\"\n")
            wrapper.chmod(0o755)
        for name in ("build", "docs", "packaging", "python"):
            if (root / name).exists():
                (self.folder / name).symlink_to(root / name)

    def environment(self):
        path = os.pathsep.join([str(VENV_BIN), os.path.dirname(executable()), os.environ["PATH"]])
        return {
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": RUNTIME,
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "PATH": path,
        }

    def start(self, script, **kwargs):
        return subprocess.Popen(
            [*self.enter, "bash", "-eu", "-o", "pipefail", "-c", script],
            cwd=self.folder, env=self.environment(), text=True, stdin=subprocess.DEVNULL, **kwargs,
        )  # fmt: skip

    def run(self, script):
        """Its status and all that it printed. What it started in the background may go on."""
        with tempfile.TemporaryFile("w+") as output:
            process = self.start(script, stdout=output, stderr=output)
            try:
                process.wait(DEADLINE)
            finally:
                process.kill()
            output.seek(0)
            return process.returncode, output.read()

    def wait_until_success(self, script):
        wait_until(lambda: self.run(script)[0] == 0, f"{script} succeeds")

    def leave(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()
        shutil.rmtree(self.folder)
