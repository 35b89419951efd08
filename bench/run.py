"""One run of the benchmarks: how long and how often, where things are kept, and contestants taking turns."""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Run:
    """`cache` outlives a run (data, environments of peers), `work` does not; both lie on the disk that is measured."""

    runs: int
    quick: bool
    cache: Path
    work: Path

    def sized(self, full: T, quick: T) -> T:
        """Give the full size of something, or the one for a quick run."""
        return quick if self.quick else full

    def folder(self, name: str) -> Path:
        """Give a new empty folder that goes when the run ends."""
        self.work.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.work))


def alternate(runs: int, contestants: Mapping[str, Callable[[], T]]) -> dict[str, list[T]]:
    """Let the contestants take turns, each round in another order; give each one's outcomes."""
    found: dict[str, list[Any]] = {name: [] for name in contestants}
    names = list(contestants)
    for turn in range(runs):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            found[name].append(contestants[name]())
    return found


def keep(made: Path, folder: Path) -> None:
    """Give a finished folder its place in the cache, unless another run was quicker."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        made.rename(folder)
    except OSError:
        if not folder.exists():
            raise
        discard(made)


def discard(folder: Path) -> None:
    """Delete a folder; what another user's process left in it may stay."""
    shutil.rmtree(folder, ignore_errors=True)
