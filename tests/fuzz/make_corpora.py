#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets, as corpus/TARGET/seed-NAME beside this file.

They are the vectors of the unit tests, in the form that each target reads (its run() says it).
Other files in the corpora are left alone: cases that fuzzing has found.
"""

from pathlib import Path

WORDS = {
    "IAC": 255, "DONT": 254, "DO": 253, "WONT": 252, "WILL": 251, "SB": 250, "GA": 249, "EL": 248,
    "EC": 247, "AYT": 246, "AO": 245, "IP": 244, "BRK": 243, "DM": 242, "NOP": 241, "SE": 240,
    "EOR": 239, "ABORT": 238, "SUSP": 237, "EOF": 236, "BINARY": 0, "ECHO": 1, "SGA": 3, "TM": 6,
    "TTYPE": 24, "NAWS": 31, "LINEMODE": 34, "COM-PORT": 44, "CR": 13, "LF": 10, "NUL": 0,
}  # fmt: skip


def wire(script: str) -> bytes:
    """Bytes from a line of words: names of telnet, decimal numbers, and 'text'."""
    parts = []
    for word in script.split():
        if word in WORDS:
            parts.append(bytes([WORDS[word]]))
        elif word.startswith("'"):
            parts.append(word[1:-1].encode())
        else:
            parts.append(bytes([int(word)]))
    return b"".join(parts)


def sb(content: str) -> str:
    return f" IAC SB COM-PORT {content} IAC SE "


NOWHERE = bytes([0])
UNSTRETCHED = bytes([0, 0, 0])


def cut(*sizes: int) -> bytes:
    return bytes([len(sizes), *(size - 1 for size in sizes)])


def stretch(begin: int, length: int, times: int) -> bytes:
    return bytes([begin, length - 1, 191 + times // 16])


def stream(script: str, flags: int = 0, cuts: bytes = NOWHERE, part: bytes = UNSTRETCHED) -> bytes:
    return bytes([flags]) + cuts + part + wire(script)


BINARY, CR_LF = 1, 2

TELNET_DECODER = {
    "data": stream("'abc' CR LF 'd' CR NUL 'e' CR 'f' LF", cuts=cut(1)),
    "data-binary": stream("'abc' CR LF 'd' CR NUL 'e' IAC IAC 'f'", BINARY, cut(2, 3)),
    "data-two-bytes": stream("'abc' CR LF 'd' CR NUL 'e' CR 'f' LF", CR_LF, cut(2)),
    "commands": stream("'a' IAC NOP 'b' IAC BRK IAC EOF IAC AYT IAC IAC CR IAC NOP LF", 0, cut(3, 1)),
    "changes-to-binary": stream("CR NUL IAC WILL BINARY CR NUL IAC WONT BINARY CR LF 'a'", 0, cut(5)),
    "subnegotiations": stream("IAC SB 44 1 IAC IAC 2 IAC SE 'a' IAC SB IAC IAC IAC SE", 0, cut(4)),
    "malformed": stream("IAC 5 IAC SE IAC SB IAC SE IAC SB 44 'ab' IAC WILL 1 'c'", 0, cut(2)),
    "oversized": stream("IAC SB 44 'x' IAC SE 'after'", 0, cut(200, 100), stretch(3, 1, 1024)),
    "dense-escapes": stream("'a' IAC IAC CR LF CR NUL 'b'", 0, cut(100, 7), stretch(1, 6, 800)),
    "long-data": stream("'a' CR LF 'bcdefgh'", 0, cut(120), stretch(0, 8, 400)),
}  # fmt: skip


def data(text: bytes) -> bytes:
    return bytes([len(text) << 2]) + text


TOGGLE = bytes([3])
MANY = 63 << 2  # steps

TELNET_ROUND_TRIP = {
    "nvt": bytes([MANY]) + cut(1) + data(wire("'a' CR 'b' IAC CR LF 'c' CR NUL")) + data(b"\r") + data(b"x"),
    "nvt-two-bytes": bytes([MANY | CR_LF]) + cut(2) + data(wire("'a' CR LF LF CR CR NUL IAC")),
    "toggles": bytes([MANY]) + cut(3) + data(b"a\r") + TOGGLE + data(b"\n\r\0") + TOGGLE + data(b"\n"),
    "messages": bytes([MANY]) + cut(2, 1) + data(b"a\r") + wire("2 44 6 1") + wire("13 44 1 IAC 3") + data(b"\nb"),
    "long": bytes([0]) + cut(100, 60) + stretch(1, 4, 1000) + wire("'a' IAC CR 'b' IAC 'c'"),
}  # fmt: skip

STARTED, AFTER_CR = 1, 2
AGREED = "IAC DO ECHO IAC DO SGA IAC WILL SGA IAC DO BINARY IAC WILL BINARY IAC DO COM-PORT IAC WILL COM-PORT "
SETTINGS = sb("1 0 1 194 0") + sb("2 8") + sb("3 1") + sb("4 1")

RFC2217_SERVER = {
    "pyserial": stream(AGREED + SETTINGS + sb("5 1") + sb("5 8") + sb("5 11") + sb("12 1"), STARTED, cut(5, 9)),
    "pyserial-first": stream("IAC DO ECHO IAC WILL SGA IAC DO SGA IAC DO COM-PORT IAC WILL COM-PORT" + SETTINGS),
    "telnet": stream(
        "IAC DO ECHO IAC DO SGA IAC WILL SGA IAC DO BINARY IAC WILL BINARY IAC DONT COM-PORT IAC WONT COM-PORT"
        " 'print(1)' CR IAC IP IAC DO TM IAC DM IAC AO IAC EOF", STARTED, cut(1)),
    "are-you-there": stream("IAC AYT IAC AYT", AFTER_CR),
    "controls": stream("".join(sb(f"5 {value}") for value in (0, 5, 4, 6, 7, 9, 10, 12, 13, 19, 20)), 0, cut(6)),
    "polls": stream(sb("6") + sb("7") + sb("7 0") + sb("10 IAC IAC") + sb("11 IAC IAC") + sb("6") + sb("11 0") + sb("7")),
    "signatures": stream(sb("0") + sb("0 'a' IAC IAC 'b'") + sb("0"), 0, cut(4)),
    "flow": stream(AGREED + sb("8") + "'a'" + sb("9") + sb("12 2") + sb("12 3") + sb("12 4") + "IAC BRK"),
    "malformed": stream(sb("13") + sb("101 0") + sb("1 1 2 3") + sb("3 1 1") + "IAC SB COM-PORT IAC SE IAC SB 99 1 IAC SE"),
    "oversized": stream("IAC SB COM-PORT 0 'x' IAC SE 'a'", STARTED, cut(130), stretch(4, 1, 1024)),
    "refusals": stream("IAC WILL 24 IAC DO 24 IAC WONT 24 IAC DO LINEMODE IAC WILL NAWS IAC DONT BINARY", STARTED, cut(2)),
}  # fmt: skip

WITH_LINE = 2
PYSERIAL_OFFERS = "IAC WILL ECHO IAC WILL SGA IAC DO BINARY IAC WILL COM-PORT "
PYSERIAL_ANSWERS = "IAC DO SGA IAC WILL BINARY IAC DO COM-PORT " + sb("107 187") + sb("107 176")
SER2NET_OFFERS = "IAC WILL SGA IAC DO SGA IAC WILL ECHO IAC DONT ECHO IAC DO BINARY IAC WILL BINARY "
ANSWERS = sb("101 0 1 194 0") + sb("102 8") + sb("103 1") + sb("104 1")
LINE = bytes([STARTED | WITH_LINE, 255, 255, 255, 255, 7, 2, 1])

RFC2217_CLIENT = {
    "pyserial": stream(PYSERIAL_OFFERS + PYSERIAL_ANSWERS + ANSWERS + "CR LF CR NUL IAC IAC", STARTED, cut(7)),
    "ser2net": stream(SER2NET_OFFERS + "IAC DO COM-PORT IAC DO SGA" + sb("107 0") + ANSWERS, STARTED, cut(4, 1)),
    "ser2net-refuses": stream(SER2NET_OFFERS + "IAC DONT COM-PORT 'a' CR NUL", STARTED, cut(2)),
    "no-telnet": stream("'MicroPython' CR LF '>>>' 32", STARTED),
    "refuses-all": stream("IAC DONT SGA IAC WONT SGA IAC DONT BINARY IAC WONT BINARY IAC DONT COM-PORT 'a' CR NUL 'b'", STARTED, cut(3)),
    "suspends": stream("IAC DO COM-PORT" + sb("108") + ANSWERS + sb("109") + sb("108") + "IAC DONT COM-PORT", STARTED, cut(5)),
    "other-line": LINE + cut(8) + UNSTRETCHED + wire("IAC DO COM-PORT" + sb("101 IAC IAC IAC IAC 0 0") + sb("102 8") + sb("100")),
    "malformed": stream(sb("99") + sb("113") + sb("101 1 2 3") + sb("107") + sb("5 0") + "IAC SB COM-PORT IAC SE IAC 5", STARTED),
    "oversized": stream("IAC SB COM-PORT 100 'x' IAC SE 'a'", STARTED, cut(130), stretch(4, 1, 1024)),
}  # fmt: skip

RAW, AUTO_POLICY, RAW_POLICY, CRLF_POLICY, PROMPTED = 1, 0 << 1, 1 << 1, 2 << 1, 8


def prints(text: bytes, executing: bool = False) -> bytes:
    return bytes([len(text) << 3 | executing << 2]) + text


def types(text: bytes) -> bytes:
    return bytes([len(text) << 3 | 2]) + text


def stock(number: int, executing: bool = False) -> bytes:
    return bytes([number << 3 | executing << 2 | 1])


def key(number: int) -> bytes:
    return bytes([number << 3 | 3])


START, PROMPT, ENTER_RAW, LEAVE_RAW, RAW_PROMPT, PASTE_HEADER, OK, RAW_END = map(stock, range(8))
CTRL_A, CTRL_B, PASTE = map(key, range(3))
GIVE_UP = key(5)
MOUNT_MESSAGE = stock(11)
RAW_SESSION = CTRL_A + ENTER_RAW + types(b"print(1)\x04") + OK + prints(b"1\n") + RAW_END + CTRL_B + LEAVE_RAW

REPL = {
    f"{what}-{name}": bytes([policy | flags]) + cut(1 + number, 3) + steps
    for number, (name, policy) in enumerate([("auto", AUTO_POLICY), ("raw", RAW_POLICY), ("crlf", CRLF_POLICY)])
    for what, flags, steps in (
        ("session", 0, START + types(b"print(9)\r") + prints(b"9\n") + PROMPT + RAW_SESSION),
        ("text", PROMPTED, prints(b"a\nb\r\nc\r\r\n") + PROMPT + CTRL_A + ENTER_RAW + prints(b"x\n") + CTRL_B + LEAVE_RAW),
        ("paste", PROMPTED, CTRL_A + ENTER_RAW + PASTE + PASTE_HEADER + prints(b"\x04" b"7\n", True) + RAW_END),
        ("reentry", RAW, prints(b"hello\r\n") + START + ENTER_RAW + OK + RAW_END),
    )
}  # fmt: skip
REPL |= {
    "gives-up": bytes([RAW]) + cut(2) + prints(b"hello\nMicroPy") + GIVE_UP + prints(b"thon\r\n>>> "),
    "data-as-commands": bytes([PROMPTED]) + cut(4) + types(b"\x01\x02") + stock(2, True) + prints(b"\n>>> ") + CTRL_A + ENTER_RAW,
    "no-micropython": bytes([AUTO_POLICY]) + cut(5) + CTRL_A + CTRL_B + prints(b"login:\n\x00 >>> \n\x18\nx\n"),
    "mount": bytes([PROMPTED]) + cut(1) + MOUNT_MESSAGE + prints(b"\x01\n") + PROMPT + prints(b"1\n") + PROMPT,
}  # fmt: skip


def command_line(*words: str) -> bytes:
    return b"".join(word.encode() + b"\0" for word in words)


OPTIONS = {
    "none": b"",
    "ports": command_line("-p", "3000", "--socket-port=3001", "-H", "localhost", "-vvv"),
    "same-ports": command_line("-p", "0", "-s", "0"),
    "free-ports": command_line("-p", "auto", "--socket-port=auto", "--once", "--log-format", "json"),
    "config": command_line("--config", "/dev/null", "--print-config", "--verbose=2", "--no-pty=false"),
    "policies": command_line("--interrupt", "always", "--newline=crlf", "--on-break", "reset", "--no-pty"),
    "sizes": command_line("--replay", "64K", "--standby", "16", "--busy-poll", "10000"),
    "pty": command_line("--pty-link", "/dev/board", "--pty-mode", "660", "--pty-group", "dialout"),
    "micropython": command_line("-OO", "-X", "heapsize=4M", "--cwd", "/", "--mp-verbose", "/my/micropython"),
    "arguments": command_line("--micropython-args", "-i -c 'print(1)' \"a b\"", "--micropython-args=-X emit=native"),
    "code": command_line("-O", "-O", "--micropython-args", "-v -O2 -X app.py -i app.py"),
    "no-code": command_line("--mp-verbose", "--micropython-args=-i -X", "--micropython-args", "'' \"a\\\"b"),
    "quotes": command_line("--micropython-args", "'a b'c \"d\" `e f` 'g", "-X", "", "-X", "emit=native", "--mp-verbose"),
    "access": command_line("--allow", "10.0.0.0/8", "--allow=::1", "--max-pending", "1024"),
    "wrong": command_line("--port", "65536", "--no-such", "--", "a", "b"),
    "help": command_line("--help", "-V"),
    "attach": command_line("rfc2217://[::1]:2217", "--keep", "--data-bits", "7", "--parity", "even", "-v"),
    "attach-socket": command_line("--once", "--pty-mode=0777", "socket://board"),
}  # fmt: skip


def op(kind: int, size: int, content: bytes = b"") -> bytes:
    return bytes([kind | (size - 1) << 3]) + content


def type_in(text: bytes) -> bytes:
    return op(0, len(text), text)


def print_out(text: bytes) -> bytes:
    return op(1, len(text), text)


TO_SERVER, TO_CLIENT, READ, BAUD = op(2, 20), op(3, 20), op(4, 32), op(5, 9)
TYPE_MANY, PRINT_MANY, CHANGE = op(6, 32, b"\xff"), op(7, 31, b"\xff"), op(7, 4)
OPEN = (TO_SERVER + TO_CLIENT) * 6

SESSION = {
    "typed-early": type_in(b"a\r\n\r\0\xff") + print_out(b">>> \xff") + OPEN + READ,
    "both-ways": OPEN + type_in(b"print(1)\r") + BAUD + TO_SERVER + READ + print_out(b"1\r\n\xff\r\0") + TO_CLIENT,
    "two-clients": OPEN + type_in(b"\x01\x02\xff") + print_out(b"a\r") + CHANGE + print_out(b"\nb") + OPEN + type_in(b"c"),
    "floods": OPEN + (TYPE_MANY + TO_SERVER + PRINT_MANY + TO_CLIENT) * 3 + CHANGE + TYPE_MANY + OPEN + READ,
    "one-by-one": (op(2, 1) + op(3, 1)) * 60 + type_in(b"\xff\xf4\r") + print_out(b"\xff\xf1\r\0"),
}

CORPORA = {
    "telnet_decoder": TELNET_DECODER,
    "telnet_round_trip": TELNET_ROUND_TRIP,
    "rfc2217_server": RFC2217_SERVER,
    "rfc2217_client": RFC2217_CLIENT,
    "repl": REPL,
    "options": OPTIONS,
    "session": SESSION,
}


def main() -> None:
    for target, seeds in CORPORA.items():
        folder = Path(__file__).parent / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("seed-*"):
            old.unlink()
        for name, content in seeds.items():
            (folder / f"seed-{name}").write_bytes(content)


if __name__ == "__main__":
    main()
