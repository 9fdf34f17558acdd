"""Every command in the documentation works as it stands there.

A comment before a block, `<!-- test: ... -->`, says how it is to be tried where that is not plain:

    alone                  no bridge is running meanwhile
    alike                  what is shown may differ in numbers, paths and spaces
    fails                  the status is not 0
    serves [until COMMAND] each line stays until it is ended; it works when COMMAND does, or when it listens
    types                  each line is a terminal: what is typed there reaches the REPL
    beside: COMMANDS       these are run first
    elsewhere: REASON      cannot be tried here

A file's first block of TOML is there as bridge.toml.
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
# "sh" is what other programs are started with; scripts/bench --features does that.
NOT_COMMANDS = ("", "ini", "json", "mermaid", "sh", "text", "yaml")
# What the documentation says is running while its commands are used.
BRIDGE = "mpremote-bridge -vv -H localhost --pty-link ~/board --cwd ~"
LISTENS = "ss -Hltn | grep -q ."


def ids(block):
    return block.name


def tried(*languages, word=None):
    """Blocks that say this word, or no word that changes what is done."""
    of_language = [block for block in BLOCKS if block.language in languages and not block.test.startswith("elsewhere:")]
    return [block for block in of_language if block.says(word) or not word and not block.says_any("serves", "types")]


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


def run(block, room, script):
    """What it prints; its status has to be as the block says."""
    configurations = [each.text for each in BLOCKS if each.file == block.file and each.language == "toml"]
    (room.folder / "bridge.toml").write_text("".join(configurations[:1]))
    status, output = room.run(f"{block.after('beside:') or ':'}\n{script}")
    assert (status != 0) == block.says("fails"), output
    return output


def without_what_changes(text):
    paths_gone = re.sub(r"(/[\w.~-]+)+", "/", text)
    return re.sub(r"\s+", "", re.sub(r"\d+", "0", paths_gone))


def agrees(shown, output, alike):
    """Whether it is what is shown, where "..." stands for anything and the end of lines does not count."""
    if alike:
        shown, output = map(without_what_changes, (shown, output))
    pattern = re.escape(shown.rstrip()).replace(re.escape("..."), ".*")
    return re.fullmatch(pattern, output.replace("\r", "").rstrip(), re.DOTALL)


def exec_last(command):
    """The last of `a && b` becomes the shell that runs it."""
    *first, last = command.split(" && ")
    return " && ".join([*first, f"exec {last}"])


def test_links_lead_somewhere():
    for file in FILES:
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", file.read_text(encoding="utf-8")):
            assert (file.parent / target).exists(), f"{file}: {target}"


def test_all_blocks_are_of_a_known_kind():
    assert BLOCKS
    for block in BLOCKS:
        assert block.language in TRIED + NOT_COMMANDS, block.name
        elsewhere = block.language in NOT_COMMANDS or block.test.startswith("elsewhere: ")
        assert elsewhere or not re.search(r"\b(sudo|apt|apt-get|docker|podman)\b", block.text), block.name
        known = {"", "alone", "alike", "fails", "serves", "types"}
        assert elsewhere or known.issuperset(block.words()), block.name


@pytest.fixture
def place(request, room):
    """Where the commands of a block are run."""
    return room if request.node.callspec.params["block"].says("alone") else request.getfixturevalue("board")


@pytest.mark.parametrize("block", tried("bash"), ids=ids)
def test_commands(place, block):
    run(block, place, block.text)


@pytest.mark.parametrize("block", tried("console"), ids=ids)
def test_dialogues(place, block):
    for command, shown in block.dialogue():
        output = run(block, place, command)
        assert agrees(shown, output, block.says("alike")), f"$ {command}\n{output}\n--- and not\n{shown}"


@pytest.mark.parametrize("block", tried("python"), ids=ids)
def test_python(board, block):
    (board.folder / "block.py").write_text(block.text)
    run(block, board, "python block.py")


@pytest.mark.parametrize("block", tried("toml"), ids=ids)
def test_configuration(room, block):
    (room.folder / "block.toml").write_text(block.text)
    run(block, room, "mpremote-bridge --config block.toml --print-config")


@pytest.mark.parametrize("block", tried("nft"), ids=ids)
def test_firewall_rules(room, block):
    (room.folder / "block.nft").write_text(block.text)
    run(block, room, "PATH=$PATH:/usr/sbin nft --file block.nft")


@pytest.mark.parametrize("block", tried("bash", word="serves"), ids=ids)
def test_commands_that_serve(room, block):
    if "mpremote-attach" in block.text:
        room.start("mpremote-bridge -H localhost --no-pty")
        room.wait_until_success(LISTENS)
    run(block, room, ":")
    for command in block.commands():
        with open(room.home / "output", "w+", encoding="utf-8") as output:
            process = room.start(f"echo $$ >~/pid; {exec_last(command)}", stdout=output, stderr=output)
            room.wait_until_success(block.after("until") or LISTENS)
            room.run("kill -INT $(cat ~/pid)")
            status = process.wait(DEADLINE)
            output.seek(0)
            assert status == 0, output.read()


TYPED = [(block, command) for block in tried("bash", word="types") for command in block.commands()]


@pytest.mark.parametrize("command", [command for _, command in TYPED], ids=[f"{b.name}-{c.split()[0]}" for b, c in TYPED])
def test_terminals(board, command):
    words = [*board.enter, "bash", "-c", command]
    with pexpect.spawn(words[0], words[1:], cwd=board.folder, env=board.environment(), encoding="utf-8") as terminal:
        answers = (terminal.send("6*7\r") and terminal.expect(["\n42", pexpect.TIMEOUT], timeout=2) for _ in range(20))
        assert 0 in answers, terminal.before
