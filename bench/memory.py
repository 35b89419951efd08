"""How much memory a process and its children hold at most: their proportional set size, looked at again and again."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
EVERY = 0.05  # seconds between two looks


@dataclass
class Peak:
    """The most that was seen, in bytes."""

    bytes: int = 0


@contextmanager
def watched(pid: int) -> Generator[Peak]:
    """Give the peak of a process and all its descendants, shared pages counted once, while the block runs."""
    peak, stop = Peak(), threading.Event()

    def look() -> None:
        while not stop.wait(EVERY):
            peak.bytes = max(peak.bytes, sum(_held(process) for process in _family(pid)))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()


def of_process(what: str) -> int:
    """Give the bytes that this process holds now (`VmRSS`), or held at most (`VmHWM`).

    What the kernel tells of a process's resources begins with its parent's, which may have done much more.
    """
    lines = (PROC / "self" / "status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1_024 for line in lines if line.startswith(f"{what}:"))


def _family(pid: int) -> list[int]:
    """Give a process and its descendants."""
    found = [pid]
    for process in found:
        for task in (PROC / str(process) / "task").glob("*/children"):
            found.extend(int(child) for child in _text(task).split())
    return found


def _held(pid: int) -> int:
    lines = _text(PROC / str(pid) / "smaps_rollup").splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""  # it ended meanwhile
