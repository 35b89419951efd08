"""What a result depends on: the machine, the versions, and how busy it was before."""

import datetime as dt
import os
import platform
import pwd
import sqlite3
import statistics
import subprocess
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.outcome import CannotRun

PACKAGES = ("keepsum", "duckdb", "pyarrow", "numpy", "sqlalchemy", "msgspec", "fastapi", "uvicorn", "uvloop")
ROOT = Path(__file__).parents[1]


def facts() -> dict[str, Any]:
    """Give what is worth knowing about this machine, now."""
    return {
        "when": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "load_before": os.getloadavg(),
        "cores": os.cpu_count(),
        "cpu": _line("/proc/cpuinfo", "model name"),
        "memory": _line("/proc/meminfo", "MemTotal"),
        "system": platform.platform(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "packages": {name: _version(name) for name in PACKAGES},
        "commit": _commit(),
    }


def fdatasync(folder: Path, times: int = 200) -> float:
    """Give the median seconds in which the disk makes 8 KiB durable: what no durable commit can beat."""
    took: list[float] = []
    path = folder / "fdatasync"
    with path.open("wb", buffering=0) as file:
        for _ in range(times):
            file.write(b"x" * 8_192)
            begin = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - begin)
    path.unlink()
    return statistics.median(took)


def runner(program: str, owner: str) -> str | None:
    """Give who runs a server that refuses root, none where we are not root ourselves; raises `CannotRun`."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(owner).pw_name
    except KeyError:
        raise CannotRun(f"{program} does not run as root, and there is no user {owner!r}") from None


def _line(path: str, name: str) -> str:
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _commit() -> str:
    """The commit that is measured; the results that a run writes beside the sources do not make it another."""
    changed = _git("status", "--porcelain", "--", ".", ":!bench/results")
    return _git("describe", "--always") + ("-dirty" if changed else "")


def _git(*arguments: str) -> str:
    asked = subprocess.run(["git", *arguments], cwd=ROOT, check=False, capture_output=True, text=True)
    return asked.stdout.strip()
