"""What interactive shells offer when Tab is pressed, with the completions of an installation and nothing else."""

import os
import re
import subprocess

import pexpect

from .waiting import DEADLINE

# A bash that is asked as readline asks it: the completion is found by the program's name.
_BASH = """
source /usr/share/bash-completion/bash_completion
COMP_LINE="$1" COMP_POINT=${#1}
read -ra COMP_WORDS <<<"$1"
[[ $1 != *' ' ]] || COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_completion_loader "${COMP_WORDS[0]}"
read -ra specification < <(complete -p "${COMP_WORDS[0]}")
for ((i = 0; i < ${#specification[@]}; ++i)); do
    if [[ ${specification[i]} == -F ]]; then
        "${specification[i + 1]}" "${COMP_WORDS[0]}" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    fi
done
printf '%s\\n' "${COMPREPLY[@]}"
"""

_ZSH = (
    "PS1='READY> '; unset zle_bracketed_paste; fpath=({folder} $fpath); autoload -Uz compinit; compinit -D -u; "
    "LISTMAX=0; setopt noautomenu nobeep; cd {cwd}; print set'up'"
)


def _environment(prefix, home):
    return {
        "HOME": str(home),
        "PATH": f"{prefix}/bin:{os.environ['PATH']}",
        "TERM": "dumb",
        "LC_ALL": "C.UTF-8",
        "XDG_DATA_DIRS": f"{prefix}/share:/usr/share",
    }


def _run(command, prefix, cwd):
    result = subprocess.run(
        command, env=_environment(prefix, cwd.parent), cwd=cwd, capture_output=True, text=True, timeout=DEADLINE,
        stdin=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    assert not result.stderr, result.stderr
    return result.stdout.splitlines()


def bash(prefix, line, cwd):
    return {word for word in _run(["bash", "--norc", "-c", _BASH, "bash", line], prefix, cwd) if word}


def fish(prefix, line, cwd):
    offered = _run(["fish", "-c", "complete -C $argv[1]", line], prefix, cwd)
    # With `--option=` in front of a value.
    return {re.sub("^--[^=]*=", "", word.split("\t")[0]) for word in offered}


def zsh(prefix, line, cwd):
    """The words of the list that zsh shows, so there have to be two of them at least."""
    shell = pexpect.spawn(
        "zsh", ["-f", "-i"], env=_environment(prefix, cwd.parent), dimensions=(200, 300), encoding="utf-8",
        timeout=DEADLINE,
    )  # fmt: skip
    try:
        shell.sendline(_ZSH.format(folder=prefix / "share/zsh/site-functions", cwd=cwd))
        shell.expect_exact("setup\r\n")
        shell.expect_exact("READY> ")
        shell.send(line + "\t")
        shell.expect_exact(line)
        shell.expect_exact("READY> " + line)
        listed = [row.split(" -- ")[0] for row in shell.before.splitlines()]
        return {word for row in listed for word in row.split()}
    finally:
        shell.close(force=True)


SHELLS = {"bash": bash, "fish": fish, "zsh": zsh}
