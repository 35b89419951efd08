"""Installs with much in them, made once for each state of the sources and kept in the cache: collected, or purged."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import duckdb

from bench import machine
from bench.install import Install, keepsum
from bench.run import Run, discard, keep
from bench.year import Year
from keepsum.assemble.install import open_system
from keepsum.assemble.system import System
from keepsum.pipeline import move
from keepsum.pipeline.collect import Collector, Receipt

NEW_YEAR = "2026-01-02T12:00:00Z"  # all of the year has ended, nothing is past its retention of 30 days but its start
LATER = "2026-03-15T12:00:00Z"  # all of the year is past its retention
LINES = 10_000  # records handed over at once
UNDER_WAY = 3  # batches handed over and not yet durable
TOLD = "collected.json"


def collected(run: Run, year: Year) -> Install:
    """Give an install that has collected a year by the product's own collector, and moved all of it into segments."""

    def fill(install: Install) -> None:
        begin = time.perf_counter()
        collect(install, _days(install, year, "events"))
        how = {"records": year.rows, "seconds": time.perf_counter() - begin, "load_before": os.getloadavg()}
        (install.folder / TOLD).write_text(json.dumps(how), encoding="utf-8")

    return cached(run, _name(year), NEW_YEAR, fill)


def told(install: Install) -> dict[str, Any]:
    """Give how long the collecting took when it was done."""
    return json.loads((install.folder / TOLD).read_text(encoding="utf-8"))


def purged(run: Run, year: Year, stream: str = "events") -> Install:
    """Give an install that has collected, rolled and sealed a year, and then purged all its records."""

    def fill(install: Install) -> None:
        if stream == "events" and (run.cache / f"{_name(year)}-{_sources()}").exists():
            collected(run, year).copy(install.folder)
        else:
            collect(install, _days(install, year, stream))
        keepsum(install, "roll")
        keepsum(install, "purge")

    return cached(run, f"purged-{stream}-{year.rows}-{year.days}", LATER, fill)


def _name(year: Year) -> str:
    return f"collected-{year.rows}-{year.days}"


def cached(run: Run, name: str, clock: str, fill: Callable[[Install], None], kind: type[Install] = Install) -> Install:
    """Give the install for today's sources, filled when it is not there; those of other sources go."""
    folder = run.cache / f"{name}-{_sources()}"
    for other in run.cache.glob(f"{name}-*"):
        if other != folder:
            discard(other)
    if not folder.exists():
        filling = kind(folder=run.folder(name), clock=clock)
        fill(filling)
        keep(filling.folder, folder)
    return kind(folder=folder, clock=clock)


def _sources() -> str:
    """Give a hash of everything that decides what an install holds."""
    digest = hashlib.sha256()
    for folder in (
        "src/keepsum/model",
        "src/keepsum/engine",
        "src/keepsum/store",
        "src/keepsum/pipeline",
        "src/keepsum/packs/wallet",
        "bench/pack",
    ):
        for path in sorted((machine.ROOT / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def collect(install: Install, days: Iterable[Mapping[str, Iterable[bytes]]]) -> None:
    """Collect bodies of records, by stream, and move those of each day into segments before the next."""
    system = open_system(install.settings())
    collector = Collector(system.workspace, clock=system.clock)
    try:
        for day in days:
            for stream, bodies in day.items():
                _hand_over(system, collector, stream, bodies)
            move.move(system.workspace, system.calendar(), now=system.clock())
        system.workspace.file.truncate()
    finally:
        collector.close()
        system.note()
        system.close()


def _days(install: Install, year: Year, stream: str) -> Iterator[dict[str, Iterator[bytes]]]:
    return ({stream: _bodies(file, install.folder / "day.ndjson")} for file in year.files)


def _hand_over(system: System, collector: Collector, stream: str, bodies: Iterable[bytes]) -> None:
    """Hand bodies over, a few ahead of those that are durable; all their records have to be new and good."""
    waiting: list[tuple[Future[Receipt], int]] = []
    for body in bodies:
        checked = collector.intake(stream).decode(body, lines=True, now=system.clock())
        waiting.append((collector.submit(stream, checked), checked.received))
        if len(waiting) > UNDER_WAY:
            _kept(*waiting.pop(0))
    for one in waiting:
        _kept(*one)


def _kept(future: "Future[Receipt]", count: int) -> None:
    if future.result().accepted != count:
        raise RuntimeError(f"Of {count} records {future.result().accepted} were accepted.")


def _bodies(file: Path, scratch: Path) -> Iterator[bytes]:
    """Give a day's events as lines of JSON, some thousands at once."""
    timed = "SELECT * REPLACE (strftime(ts, '%Y-%m-%dT%H:%M:%S.%fZ') AS ts) FROM read_parquet($1)"
    duckdb.execute(f"COPY ({timed}) TO $2 (FORMAT json)", [str(file), str(scratch)])
    lines = scratch.read_bytes().splitlines(keepends=True)
    scratch.unlink()
    for begin in range(0, len(lines), LINES):
        yield b"".join(lines[begin : begin + LINES])
