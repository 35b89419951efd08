"""Exporting a million records of four days, as a file of each format: how fast, and how much memory it takes."""

import json
import subprocess
import sys
from typing import Any, get_args

from bench import outcome, year
from bench.collected import collected
from bench.install import Install
from bench.outcome import Found, Line
from bench.run import Run, alternate, discard
from keepsum.model.export import Format

TITLE = "export of a million records"
FULL, DAYS = 1_000_000, 4
GOAL, MEMORY = 50_000, 300  # rows a second, MB above the idle process


def measure(run: Run) -> Found:
    """Give rows a second and memory of each format."""
    data = year.make(run, *run.sized((FULL, DAYS), (2_000, 2)))
    install = collected(run, data)
    contestants = {form: lambda form=form: _exported(run, install, form, data.rows) for form in get_args(Format)}
    rounds = alternate(run.runs, contestants)
    return Found(lines=tuple(_line(form, rounds[form]) for form in contestants), samples=rounds)


def _line(form: str, found: list[dict[str, Any]]) -> Line:
    rate = outcome.median(one["rows"] / one["seconds"] for one in found)
    above = max(one["peak"] - one["idle"] for one in found) / 1e6
    return Line(
        row=f"{TITLE}, {form}",
        ours=f"{outcome.rate(rate)}, {above:.0f} MB",
        goal=f">= {GOAL:,} rows/s, < {MEMORY} MB",
        met=rate >= GOAL and above < MEMORY,
        note=f"{found[0]['bytes'] / 1e6:.0f} MB of file; memory is the process's most, less what it had before",
    )


def _exported(run: Run, install: Install, form: str, rows: int) -> dict[str, Any]:
    """Export from a copy of the collected install in a process of its own."""
    copied = install.copy(run.folder("exporting"))
    environment = copied.environment | {"KEEPSUM_EXPORT_ROWS": str(rows)}
    command = [sys.executable, "-m", "bench.export_once", form]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    discard(copied.folder)
    found = json.loads(done.stdout)
    if found["rows"] != rows:
        raise RuntimeError(f"The export is not whole: {found}")
    return found
