"""The pages as tests read them: their code blocks, what a block should print, and a shell that runs them.

A block of `sh` is run. A block of `python` whose first line names a file is written there, or behind what is there. A
block of `text` right behind a block of `sh` is what that prints: `...` stands for any text, on a line of its own for
any lines. A comment before a block says what is special about it: `<!-- not run: why -->`, or `<!-- exit 1 -->`.
"""

import contextlib
import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from keepsum.cli import run

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(
    r"(?:^<!-- (?P<note>[^\n]*) -->\n+)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)
FILE = re.compile(r"# (?P<name>[\w./-]+\.\w+)(?P<more> continued)?\n")
PATIENCE = 60.0  # seconds for a server to start
PORT = "8001"


@dataclass(frozen=True, kw_only=True)
class Block:
    """One code block: `expected` is what it prints, None where the page does not say."""

    page: str
    line: int
    language: str
    text: str
    note: str = ""
    expected: str | None = None

    @property
    def exit_code(self) -> int:
        """Which code the last command ends with."""
        return int(self.note.removeprefix("exit ")) if self.note.startswith("exit ") else 0

    @property
    def is_file(self) -> bool:
        """Whether the block is a file, or more of one."""
        return self.language == "python" and FILE.match(self.text) is not None

    def write(self) -> None:
        """Put the block where its first line says."""
        named = FILE.match(self.text)
        assert named is not None
        path = Path(named["name"])
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if named["more"] else "w", encoding="utf-8") as file:
            file.write(self.text)


def blocks(page: Path) -> list[Block]:
    """Give the code blocks of a page in order."""
    text = page.read_text(encoding="utf-8")
    found = list(BLOCK.finditer(text))
    name = page.relative_to(ROOT).as_posix()
    given: list[Block] = []
    for place, one in enumerate(found):
        after = found[place + 1] if place + 1 < len(found) else None
        follows = after is not None and after["language"] == "text" and not text[one.end() : after.start()].strip()
        given.append(
            Block(
                page=name,
                line=text.count("\n", 0, one.start("language")) + 1,
                language=one["language"],
                text=one["text"],
                note=one["note"] or "",
                expected=after["text"] if after and follows and one["language"] == "sh" else None,
            )
        )
    return given


def differs(expected: str, printed: str) -> bool:
    """Say whether something else was printed than a page says."""
    pattern = "".join(map(_pattern, _trimmed(expected).splitlines()))
    return re.fullmatch(pattern, _trimmed(printed) + "\n") is None


def _pattern(line: str) -> str:
    if line.strip() == "...":
        return r"(?:[^\n]*\n)*"
    return re.escape(line).replace(re.escape("..."), r"[^\n]*") + r"\n"


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


class Shell:
    """A shell in a folder: `keepsum` runs in this process, its server in another, everything else in bash."""

    def __init__(self, folder: Path, monkeypatch) -> None:
        self._patch = monkeypatch
        self._port = _free_port()
        self._servers: list[subprocess.Popen[bytes]] = []
        for name in [name for name in os.environ if name.startswith("KEEPSUM_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
        monkeypatch.setenv("HOME", str(folder))
        monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / ".config"))
        monkeypatch.chdir(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_) -> None:
        for server in self._servers:
            server.send_signal(signal.SIGINT)
        for server in self._servers:
            server.wait(PATIENCE)

    def run(self, text: str) -> tuple[int, str]:
        """Run the commands of a block and give the last one's exit code and all that was printed."""
        code, printed = 0, io.StringIO()
        for command in _commands(text.replace(PORT, self._port)):
            code = self._one(command, printed)
        return code, printed.getvalue().replace(self._port, PORT)

    def _one(self, command: str, printed: io.StringIO) -> int:
        if command.startswith("cd "):
            self._patch.chdir(_expanded(command[3:])[0])
            return 0
        if command.startswith("export "):
            name, _, value = command[7:].partition("=")
            self._patch.setenv(name, _expanded(value)[0])
            return 0
        if command.startswith("keepsum serve") and command.endswith("&"):
            self._serve(_expanded(command[:-1])[1:])
            return 0
        if command.startswith("keepsum ") and "|" not in command:
            line, _, target = command.partition(" > ")
            if target:
                with Path(_expanded(target)[0]).open("w") as file:
                    return _keepsum(_expanded(line)[1:], file)
            return _keepsum(_expanded(line)[1:], printed)
        done = subprocess.run(
            ["bash", "-c", command], check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        printed.write(done.stdout)
        return done.returncode

    def _serve(self, arguments: list[str]) -> None:
        with Path("server.log").open("ab") as log:
            command = [sys.executable, "-m", "keepsum.cli", *arguments, "--port", self._port]
            self._servers.append(subprocess.Popen(command, stdout=log, stderr=log))
        until = time.monotonic() + PATIENCE
        while not _answers(self._port):
            assert self._servers[-1].poll() is None, Path("server.log").read_text()
            assert time.monotonic() < until, Path("server.log").read_text()
            time.sleep(0.05)


def _keepsum(arguments: list[str], to) -> int:
    with contextlib.redirect_stdout(to), contextlib.redirect_stderr(to):
        return run(arguments)


def _commands(text: str) -> list[str]:
    """The commands of a block: lines, or more of them up to the end of a quotation or of a text between two marks."""
    found: list[str] = []
    lines = iter(text.replace("\\\n", "").splitlines())
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        command, mark = line, re.search(r"<<'?(\w+)'?", line)
        while command.count("'") % 2 or (mark and not command.endswith("\n" + mark[1])):
            command += "\n" + next(lines)
        found.append(command)
    return found


def _expanded(words: str) -> list[str]:
    """Words as bash takes them apart and fills in."""
    done = subprocess.run(["bash", "-c", f"printf '%s\\0' {words}"], capture_output=True, text=True, check=True)
    return done.stdout.split("\0")[:-1]


def _free_port() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])


def _answers(port: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=5):
        return True
    return False


def runs(block: Block) -> bool:
    """Say whether a block can be run here."""
    return (
        block.language == "sh"
        and not block.note.startswith("not run")
        and ("curl " not in block.text or shutil.which("curl") is not None)
    )
