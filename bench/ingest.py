"""How much of what the store can take goes through the whole door: HTTP, checks, redaction, hashes, control."""

import sqlite3
import sys
from dataclasses import dataclass

from bench import outcome
from bench.install import Install, served, succeed
from bench.load import Load, Shape, send
from bench.outcome import Found, Line
from bench.run import Run

TITLE = "durable ingest, 1,000 events a request"
GOAL = 0.30
ROWS = 1_000
CONNECTIONS = 4


@dataclass(frozen=True, kw_only=True)
class Round:
    """One load and the ceiling at the same rows a commit."""

    load: Load
    rows_a_commit: int
    ceiling: float


def measure(run: Run) -> Found:
    """Give the share of the store's ceiling, for events and for events with a free text."""
    rounds = {stream: [_round(run, stream) for _ in range(run.runs)] for stream in ("events", "notes")}
    lines = (
        _line(TITLE, rounds["events"]),
        _line(f"{TITLE}, with a free text", rounds["notes"]),
    )
    return Found(lines=lines, samples=_samples(rounds))


def _samples(rounds: dict[str, list[Round]]) -> dict[str, object]:
    """Give every single value, to be kept."""
    return {
        stream: [
            {"rate": r.load.rate, "p99_ms": r.load.p99_ms, "ceiling": r.ceiling, "rows_a_commit": r.rows_a_commit}
            for r in listed
        ]
        for stream, listed in rounds.items()
    }


def _round(run: Run, stream: str) -> Round:
    """Load a new install, then ask the ceiling for as many rows a commit as the load came to."""
    install = Install(folder=run.folder(f"ingest-{stream}"))
    told = f'"accepted":{ROWS},'
    shape = Shape(batch=ROWS, connections=CONNECTIONS, notes=stream == "notes", told=told, token=install.token)
    with served(install) as address:
        url = f"{address}/v1/streams/{stream}/records"
        send(url, shape, run.sized(2, 1))
        before = _commits(install, stream)
        load = send(url, shape, run.sized(8, 1))
        done = _commits(install, stream) - before
    rows = round(load.good * ROWS / max(done, 1) / ROWS) * ROWS or ROWS
    return Round(load=load, rows_a_commit=rows, ceiling=_ceiling(run, stream, rows))


def _ceiling(run: Run, stream: str, rows: int) -> float:
    install = Install(folder=run.folder(f"ceiling-{stream}"))
    count = max(1, run.sized(400_000, 20_000) // rows)
    command = [sys.executable, "-m", "bench.ceiling", stream, str(rows), str(count)]
    return float(succeed(command, install.environment).split()[-1])


def _commits(install: Install, stream: str) -> int:
    """Give how many transactions brought records: each touches the day of its records once."""
    with sqlite3.connect(f"file:{install.truth}?mode=ro", uri=True) as connection:
        found = connection.execute("SELECT max(touched) FROM stream_days WHERE stream = ?", (stream,)).fetchone()
    return found[0] or 0


def _line(row: str, rounds: list[Round]) -> Line:
    ours, other = (outcome.median(values) for values in zip(*((r.load.rate, r.ceiling) for r in rounds), strict=True))
    share = outcome.median(r.load.rate / r.ceiling for r in rounds)
    rows = outcome.median(r.rows_a_commit for r in rounds)
    return Line(
        row=row,
        ours=outcome.rate(ours),
        other=outcome.rate(other),
        ratio=share,
        goal=f">= {GOAL:.2f} of the store's ceiling",
        met=share >= GOAL,
        note=f"{CONNECTIONS} connections, {rows:,.0f} rows a commit in both, p99 "
        f"{outcome.median(r.load.p99_ms for r in rounds):.0f} ms; no worker beside the server",
    )
