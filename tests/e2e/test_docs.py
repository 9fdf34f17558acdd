"""Every command in the documentation works as it stands there.

A comment before a block, `<!-- test: ... -->`, says how it is to be tried where that is not plain:

    alone                  no bridge is running meanwhile
    serves [until COMMAND] each line stays until it is ended; it works when COMMAND does, or when it listens
    types                  each line is a terminal: what is typed there reaches the REPL
    elsewhere: REASON      cannot be tried here
"""

import re

import pexpect
import pytest
from support.bridge import REPOSITORY
from support.markdown import blocks
from support.room import Room
from support.waiting import DEADLINE

FILES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md")), *REPOSITORY.glob("python/README.md")]
BLOCKS = [block for file in FILES for block in blocks(REPOSITORY, file)]
TRIED = ("bash", "console", "python", "toml", "nft")
NOT_COMMANDS = ("", "c", "cpp", "diff", "ini", "json", "mermaid", "text", "yaml")
# What the documentation says is running while its commands are used.
BRIDGE = "mpremote-bridge -vv -H localhost --pty-link ~/board --cwd ~"
LISTENS = "ss -Hltn | grep -q ."


def ids(block):
    return block.name


def chosen(*languages, tests=("",)):
    return [block for block in BLOCKS if block.language in languages and block.test.split(" ")[0] in tests]


@pytest.fixture
def room(tmp_path):
    made = Room(tmp_path, REPOSITORY)
    yield made
    made.leave()


@pytest.fixture
def board(room):
    """The room, with a bridge in it that is ready."""
    with open(room.home / "bridge.log", "w+", encoding="utf-8") as log:
        room.start(BRIDGE, stderr=log)
        room.wait_until_success("grep -q Ready ~/bridge.log")
    (room.folder / "main.py").write_text("print('main')\n")
    return room


def succeeds(room, script):
    status, output = room.run(script)
    assert status == 0, output
    return output


def exec_last(command):
    """The last of `a && b` becomes the shell that runs it."""
    *first, last = command.split(" && ")
    return " && ".join([*first, f"exec {last}"])


def agrees(shown, output):
    """Whether it is what is shown, where "..." stands for anything and the end of lines does not count."""
    pattern = re.escape(shown.rstrip()).replace(re.escape("..."), ".*")
    return re.fullmatch(pattern, output.replace("\r", "").rstrip(), re.DOTALL)


def test_links_lead_somewhere():
    for file in FILES:
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", file.read_text(encoding="utf-8")):
            assert (file.parent / target).exists(), f"{file}: {target}"


def test_all_blocks_are_of_a_known_kind():
    assert BLOCKS
    for block in BLOCKS:
        assert block.language in TRIED + NOT_COMMANDS, block.name
        word = block.test.split(" ")[0]
        assert word in ("", "alone", "serves", "types", "elsewhere:"), block.name
        assert word == "elsewhere:" or not re.search(r"\b(sudo|apt|apt-get|docker|podman)\b", block.text), block.name


@pytest.mark.parametrize("block", chosen("bash"), ids=ids)
def test_commands(board, block):
    succeeds(board, block.text)


@pytest.mark.parametrize("block", chosen("bash", tests=("alone",)), ids=ids)
def test_commands_without_a_bridge(room, block):
    succeeds(room, block.text)


@pytest.mark.parametrize("block", chosen("console"), ids=ids)
def test_dialogues(board, block):
    for command, shown in block.dialogue():
        output = succeeds(board, command)
        assert agrees(shown, output), f"$ {command}\n{output}\n--- and not\n{shown}"


@pytest.mark.parametrize("block", chosen("python"), ids=ids)
def test_python(board, block):
    (board.folder / "block.py").write_text(block.text)
    succeeds(board, "python block.py")


@pytest.mark.parametrize("block", chosen("toml"), ids=ids)
def test_configuration(room, block):
    (room.folder / "block.toml").write_text(block.text)
    succeeds(room, "mpremote-bridge --config block.toml --print-config")


@pytest.mark.parametrize("block", chosen("nft"), ids=ids)
def test_firewall_rules(room, block):
    (room.folder / "block.nft").write_text(block.text)
    succeeds(room, "PATH=$PATH:/usr/sbin nft --file block.nft")


@pytest.mark.parametrize("block", chosen("bash", tests=("serves",)), ids=ids)
def test_commands_that_serve(room, block):
    until = block.test.removeprefix("serves").strip().removeprefix("until ")
    needs_board = until and "mpremote-attach" in block.text
    if needs_board:
        room.start("mpremote-bridge -H localhost --no-pty")
        room.wait_until_success(LISTENS)
    for command in block.commands():
        with open(room.home / "output", "w+", encoding="utf-8") as output:
            process = room.start(f"echo $$ >~/pid; {exec_last(command)}", stdout=output, stderr=output)
            room.wait_until_success(until or LISTENS)
            succeeds(room, "kill -INT $(cat ~/pid)")
            status = process.wait(DEADLINE)
            output.seek(0)
            assert status == 0, output.read()


TYPED = [(block, command) for block in chosen("bash", tests=("types",)) for command in block.commands()]


@pytest.mark.parametrize("command", [command for _, command in TYPED], ids=[f"{b.name}-{c.split()[0]}" for b, c in TYPED])
def test_terminals(board, command):
    words = [*board.enter, "bash", "-c", command]
    with pexpect.spawn(words[0], words[1:], cwd=board.folder, env=board.environment(), encoding="utf-8") as terminal:
        answers = (terminal.send("6*7\r") and terminal.expect(["\n42", pexpect.TIMEOUT], timeout=2) for _ in range(20))
        assert 0 in answers, terminal.before
