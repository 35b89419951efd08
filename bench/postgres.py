"""A PostgreSQL of one's own, as it ships: on the disk that is measured, gone when the run ends."""

import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bench.install import free_port
from bench.machine import runner
from bench.outcome import CannotRun
from bench.run import Run

DEBIAN = Path("/usr/lib/postgresql")
OWNER = "postgres"


@contextmanager
def postgres(run: Run) -> Generator[str]:
    """Start a new cluster while the block runs; gives `host:port`, where the user `postgres` needs no password."""
    programs = _programs()
    folder, owner = run.folder("postgres"), runner("PostgreSQL", OWNER)
    if owner:
        shutil.chown(folder, owner)
    data = folder / "data"
    _as(owner, [str(programs / "initdb"), "-D", str(data), "-U", OWNER, "-A", "trust", "-E", "UTF8"])
    port = free_port()
    options = f"-p {port} -h 127.0.0.1 -k {folder}"
    started = ["-D", str(data), "-l", str(folder / "log"), "-w", "-o", options]
    _as(owner, [str(programs / "pg_ctl"), "start", *started])
    try:
        yield f"127.0.0.1:{port}"
    finally:
        _as(owner, [str(programs / "pg_ctl"), "stop", "-D", str(data), "-m", "fast", "-w"])


def _programs() -> Path:
    found = shutil.which("initdb")
    newest = sorted(DEBIAN.glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    folders = [*([Path(found).resolve().parent] if found else []), *newest]
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise CannotRun("PostgreSQL is not installed (Debian: apt-get install postgresql)")


def _as(owner: str | None, command: list[str]) -> None:
    done = subprocess.run(command, user=owner, check=False, capture_output=True, text=True, cwd="/")
    if done.returncode:
        raise CannotRun(f"PostgreSQL: {Path(command[0]).name}: {(done.stderr or done.stdout).strip()[-300:]}")
