"""What group commit costs single events: against the same route when it keeps nothing, and whether any is lost."""

import sqlite3
import sys
from dataclasses import dataclass, replace

from bench import outcome
from bench.install import Install, served
from bench.load import Load, Shape, send
from bench.outcome import Found, Line
from bench.run import Run, alternate

TITLE = "single events on 64 connections"
GOAL, SLOWEST = 0.60, 50.0
SHAPE = Shape(batch=1, connections=64, told='"accepted":1,')


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A load, how many events were acknowledged in all, and how many of them are not there once the server is gone."""

    load: Load
    acknowledged: int
    lost: int


def measure(run: Run) -> Found:
    """Give the share of the route that keeps nothing, the slowest percent, and what was lost."""
    rounds = alternate(run.runs, {"keeps": lambda: _kept(run), "acknowledges": lambda: _acknowledged(run)})
    ours, other = (outcome.median(kept.load.rate for kept in listed) for listed in rounds.values())
    share = outcome.median(
        a.load.rate / b.load.rate for a, b in zip(rounds["keeps"], rounds["acknowledges"], strict=True)
    )
    slowest = outcome.median(kept.load.p99_ms for kept in rounds["keeps"])
    acknowledged = sum(kept.acknowledged for kept in rounds["keeps"])
    lost = sum(kept.lost for kept in rounds["keeps"])
    line = Line(
        row=TITLE,
        ours=outcome.rate(ours),
        other=outcome.rate(other),
        ratio=share,
        goal=f">= {GOAL:.2f} of the route without rows, p99 < {SLOWEST:.0f} ms, none lost",
        met=share >= GOAL and slowest < SLOWEST and not lost,
        note=f"p99 {slowest:.1f} ms, {lost} lost of {acknowledged:,} acknowledged",
    )
    return Found(lines=(line,), samples={name: [vars(k.load) for k in listed] for name, listed in rounds.items()})


def _kept(run: Run) -> Kept:
    install = Install(folder=run.folder("singles"))
    with served(install) as address:
        load, acknowledged = _loads(run, install, address)
    return Kept(load=load, acknowledged=acknowledged, lost=max(0, acknowledged - _records(install)))


def _acknowledged(run: Run) -> Kept:
    install = Install(folder=run.folder("acknowledge"))
    with served(install, [sys.executable, "-m", "bench.acknowledge"]) as address:
        load, acknowledged = _loads(run, install, address)
    if _records(install):
        raise RuntimeError("The route that is to keep nothing kept records, so it is nothing to compare with.")
    return Kept(load=load, acknowledged=acknowledged, lost=0)


def _loads(run: Run, install: Install, address: str) -> tuple[Load, int]:
    """Give the load after a short one to warm up, and how many events both had acknowledged."""
    url, shape = f"{address}/v1/streams/events/records", replace(SHAPE, token=install.token)
    warm = send(url, shape, run.sized(2, 1))
    load = send(url, shape, run.sized(8, 1))
    return load, warm.good + load.good


def _records(install: Install) -> int:
    with sqlite3.connect(f"file:{install.truth}?mode=ro", uri=True) as connection:
        return connection.execute("SELECT count(*) FROM tail_events").fetchone()[0]
