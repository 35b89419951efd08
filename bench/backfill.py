"""Rolling up a year that was collected, proof and seal of every day included, against the bare group-by.

Beside it: what other tools need for the same groups, what collecting took, and how much memory was held.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import dbt, memory, outcome, plain, sqlmesh, year
from bench.collected import collected, told
from bench.install import Install
from bench.outcome import CannotRun, Found, Line
from bench.run import Run, alternate, discard

TITLE = "backfill of a year of 10 M events, proven and sealed"
GOAL, AIM = 6.0, 5.0
MEMORY = 2.0  # GB


@dataclass(frozen=True, kw_only=True)
class Rolled:
    """One backfill: its seconds, and the most memory that its processes held."""

    seconds: float
    peak: int = 0


def measure(run: Run) -> Found:
    """Give how many times the group-by's time it takes, the memory, the others' times and the collecting."""
    data = year.make(run, *run.sized((year.FULL, year.DAYS), (60_000, 12)))
    install = collected(run, data)
    bare = plain.Plain(plain.load(data, "plain", Path(sys.executable)))
    bare.group()
    contestants = {"ours": lambda: _rolled(run, install, data), "duckdb": lambda: Rolled(seconds=bare.group())}
    rounds = alternate(run.runs, contestants)
    bare.close()
    peers = [_peer(run, data, name, full) for name, full in (("dbt", dbt.full), ("SQLMesh", sqlmesh.full))]
    lines = (*_lines(rounds), *(line for line, _ in peers), _collecting(told(install)))
    samples = {name: [vars(rolled) for rolled in listed] for name, listed in rounds.items()}
    return Found(lines=lines, samples={**samples, **{line.row: took for line, took in peers}})


def _lines(rounds: Mapping[str, Sequence[Rolled]]) -> tuple[Line, Line]:
    ours, duckdb = (outcome.median(rolled.seconds for rolled in rounds[name]) for name in ("ours", "duckdb"))
    peak = max(rolled.peak for rolled in rounds["ours"]) / 1e9
    time = Line(
        row=TITLE,
        ours=outcome.seconds(ours),
        other=outcome.seconds(duckdb),
        ratio=ours / duckdb,
        goal=f"<= {GOAL:.0f} times DuckDB's group-by (aim {AIM:.0f})",
        met=ours / duckdb <= GOAL,
        note="the other is plain DuckDB from its own table on two threads: count, sum, exact people and exact p95 of "
        "the same groups; ours reads collected segments and rolls `daily` of bench/pack",
    )
    most = Line(row="backfill: most memory", ours=f"{peak:.2f} GB", goal=f"< {MEMORY:.0f} GB", met=peak < MEMORY)
    return time, most


def _collecting(how: Mapping[str, Any]) -> Line:
    return Line(
        row="backfill: our collecting",
        ours=outcome.rate(how["records"] / how["seconds"]),
        note=f"{how['seconds']:.0f} s for {how['records']:,} records of random keys through one collector, moved into "
        f"segments; load average before: {how['load_before'][0]:.1f}",
    )


def _rolled(run: Run, install: Install, data: year.Year) -> Rolled:
    """Roll a copy of the collected install in a process of its own."""
    copied = install.copy(run.folder("backfill"))
    command = [sys.executable, "-m", "bench.rolling"]
    process = subprocess.Popen(command, env=copied.environment, stdout=subprocess.PIPE, text=True)
    with memory.watched(process.pid) as peak:
        said = process.communicate()[0]
    discard(copied.folder)
    if process.returncode:
        raise RuntimeError("The backfill broke.")
    done = json.loads(said)
    if done["records"] != data.rows or done["held"]:
        raise RuntimeError(f"The backfill is not whole: {done}")
    return Rolled(seconds=done["seconds"], peak=peak.bytes)


def _peer(run: Run, data: year.Year, name: str, full: Callable[[Run, year.Year], float]) -> tuple[Line, list[float]]:
    """Give another tool's whole run over the year as a process, or why there is none."""
    row = f"backfill: {name}"
    try:
        took = [full(run, data) for _ in range(run.runs)]
    except CannotRun as error:
        return Line(row=row, note=f"not run: {error}"), []
    return Line(
        row=row, other=outcome.seconds(outcome.median(took)), note="as a process, from DuckDB's own table"
    ), took
