"""One day rolled up by a process from cold: start, read, roll, prove, seal, end; against one run of dbt and SQLMesh."""

import datetime as dt
import time
from collections.abc import Callable

from bench import dbt, outcome, sqlmesh, year
from bench.collected import collected
from bench.install import Install, keepsum
from bench.outcome import CannotRun, Found, Line
from bench.run import Run, alternate

TITLE = "one day's roll-up as a process"
GOAL = 4.0


def measure(run: Run) -> Found:
    """Give how many times faster it is than the faster of the others."""
    data = year.make(run, *run.sized((year.FULL, year.DAYS), (60_000, 12)))
    ours = _Ours(collected(run, data).copy(run.folder("day")), data)
    others, missing = _others(run, data)
    contestants = {"ours": ours.roll, **others}
    alternate(1, contestants)  # compiled sources and files are there from now on, for everybody
    took = alternate(run.runs, contestants)
    middle = {name: outcome.median(seconds) for name, seconds in took.items()}
    fastest = min((name for name in others), key=lambda name: middle[name], default=None)
    ratio = middle[fastest] / middle["ours"] if fastest else None
    said = [f"{name} {outcome.seconds(middle[name])}" for name in others] + missing
    line = Line(
        row=TITLE,
        ours=outcome.seconds(middle["ours"]),
        other=outcome.seconds(middle[fastest]) if fastest else "",
        ratio=ratio,
        goal=f">= {GOAL:.0f} times faster than dbt or SQLMesh",
        met=None if ratio is None else ratio >= GOAL,
        note=f"{'; '.join(said)}; ours from cold, with proof and seal",
    )
    return Found(lines=(line,), samples=took)


class _Ours:
    """Rolls another day each time, from the last backwards: a day that is sealed has nothing left to do."""

    def __init__(self, install: Install, data: year.Year) -> None:
        self._install = install
        self._next = year.FIRST + dt.timedelta(days=data.days - 1)

    def roll(self) -> float:
        day, self._next = str(self._next), self._next - dt.timedelta(days=1)
        begin = time.perf_counter()
        keepsum(self._install, "roll", "--from", day, "--to", day)
        return time.perf_counter() - begin


def _others(run: Run, data: year.Year) -> tuple[dict[str, Callable[[], float]], list[str]]:
    """Give the contestants that can be run, and why the others cannot."""
    day = str(year.FIRST + dt.timedelta(days=data.days - 1))
    found: dict[str, Callable[[], float]] = {}
    missing: list[str] = []
    for name, prepare in (("dbt", dbt.one_day), ("SQLMesh", sqlmesh.one_day)):
        try:
            roll = prepare(run, data)
        except CannotRun as error:
            missing.append(f"{name} not run: {error}")
        else:
            found[name] = lambda roll=roll: roll(day)
    return found, missing
