"""A Keepsum install to measure: its folders, its settings as an environment, and its server as a process."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from keepsum.assemble.install import DEFAULT, open_install
from keepsum.model.access import machine
from keepsum.pipeline import tokens
from keepsum.pipeline.people import OWNER
from keepsum.settings import Settings, load

PACKS = Path(__file__).parent
KEEPSUM = Path(sys.executable).with_name("keepsum")
START = 60.0  # seconds a server may take to answer


@dataclass(frozen=True, kw_only=True)
class Install:
    """A folder with a data directory and, beside it, its keys; `clock` freezes its business time."""

    folder: Path
    clock: str | None = None
    worker: bool = False

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def truth(self) -> Path:
        return self.data / "workspaces" / "default" / "truth.db"

    @property
    def environment(self) -> dict[str, str]:
        """The environment under which every process of the install runs."""
        own = {
            "KEEPSUM_DATA_DIR": str(self.data),
            "KEEPSUM_KEY_DIR": str(self.folder / "keys"),
            "KEEPSUM_PACKS": str(PACKS),
            "KEEPSUM_ENABLED": "pack",
            "KEEPSUM_WORKER": str(self.worker).lower(),
        }
        return plain_environment() | own | ({"KEEPSUM_CLOCK": self.clock} if self.clock else {})

    @property
    def token(self) -> str:
        """The text of an owner's token, made when it is first asked for and kept beside the data."""
        kept = self.folder / "token"
        if not kept.exists():
            with closing(open_install(self.settings())) as install:
                made = tokens.make(install.accounts, machine(DEFAULT), "bench", OWNER, days=None, now=install.clock())
            kept.write_text(made.text)
        return kept.read_text()

    def settings(self) -> Settings:
        """Give the same settings for use in this process."""
        return load(
            data_dir=self.data,
            key_dir=self.folder / "keys",
            packs=PACKS,
            enabled="pack",
            worker=self.worker,
            clock=self.clock,
        )

    def copy(self, folder: Path) -> "Install":
        """Give an install with the same contents: segments are shared, for nobody ever writes to them."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True, copy_function=_copied)
        return Install(folder=folder, clock=self.clock, worker=self.worker)


def plain_environment() -> dict[str, str]:
    """Give this process's environment without settings of Keepsum, and with Python's cache of compiled sources on."""
    return {n: v for n, v in os.environ.items() if not n.startswith("KEEPSUM_") and n != "PYTHONDONTWRITEBYTECODE"}


def _copied(source: str, target: str) -> str:
    if source.endswith(".parquet"):
        os.link(source, target)
        return target
    return str(shutil.copy2(source, target))


def keepsum(install: Install, *arguments: str) -> str:
    """Run a command of the CLI in an install; give what it prints."""
    return succeed([str(KEEPSUM), *arguments], install.environment)


def succeed(command: Sequence[str], environment: dict[str, str] | None = None, folder: Path | None = None) -> str:
    """Run a process to its end and give what it prints; raises with its last words when it fails."""
    done = subprocess.run(command, env=environment, cwd=folder, check=False, capture_output=True, text=True)
    if done.returncode:
        last = (done.stdout + done.stderr).strip()[-2_000:]
        raise RuntimeError(f"{' '.join(command[:6])} ended with {done.returncode}: {last}")
    return done.stdout


def free_port() -> int:
    """Give a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def served(install: Install, command: Iterable[str] = (str(KEEPSUM), "serve")) -> Generator[str]:
    """Serve an install while the block runs; gives its address."""
    port = free_port()
    environment = install.environment | {"KEEPSUM_PORT": str(port)}
    with running(command, environment, f"http://127.0.0.1:{port}", "/health/live", install.folder / "server.log") as at:
        yield at


@contextmanager
def running(command: Iterable[str], environment: dict[str, str], address: str, path: str, log: Path) -> Generator[str]:
    """Run a server as a process while the block runs; gives its address once `path` answers."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as written:
        process = subprocess.Popen(list(command), env=environment, stdout=written, stderr=subprocess.STDOUT)
        try:
            _await(process, address + path, log)
            yield address
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    until = time.monotonic() + START
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError:
            return  # it answers, whatever it says
        except OSError:
            time.sleep(0.05)
    last = log.read_text(encoding="utf-8", errors="replace")[-2_000:]
    raise RuntimeError(f"No answer at {url}: {last}")
