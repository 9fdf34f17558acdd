"""The fenced code blocks of a Markdown file, with what a comment before one says about its test."""

import re
from dataclasses import dataclass

BLOCK = re.compile(
    r"^(?:<!-- test: (?P<test>[^\n]*?) -->\n\s*)?"
    r"^```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass
class Block:
    file: str
    line: int  # of its first line of text
    language: str
    test: str  # empty: as is usual for the language
    text: str

    @property
    def name(self):
        return f"{self.file}:{self.line}"

    def words(self):
        return self.test.split(" until ")[0].split("beside: ")[0].split()

    def says(self, word):
        return word in self.words()

    def says_any(self, *words):
        return any(map(self.says, words))

    def after(self, word):
        """What stands behind a word up to the next one of this kind, or to the end."""
        found = re.search(rf"\b{word} (.*?)(?= beside: |$)", self.test)
        return found[1] if found else ""

    def commands(self):
        """Its lines, without comments and with continuation lines joined."""
        lines = self.text.replace("\\\n", "").splitlines()
        bare = (re.sub(r"(^|\s{2,})#.*", "", line).strip() for line in lines)
        return [line for line in bare if line]

    def dialogue(self):
        """Of a console: each command with the output below it."""
        parts = re.split(r"^\$ ", self.text, flags=re.MULTILINE)
        assert not parts[0], f"{self.name}: a console begins with a prompt"
        return [part.split("\n", 1) for part in parts[1:]]


def blocks(root, path):
    text = path.read_text(encoding="utf-8")
    return [
        Block(
            str(path.relative_to(root)),
            text.count("\n", 0, found.start("text")) + 1,
            found["language"],
            found["test"] or "",
            found["text"],
        )
        for found in BLOCK.finditer(text)
    ]
