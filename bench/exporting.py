"""Exporting a million records of four days, as a file of each format: how fast, and how much memory it takes."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from bench import outcome, year
from bench.collected import collected
from bench.install import Install, plain_environment
from bench.outcome import Found, Line
from bench.run import Run, alternate, discard
from keepsum.model.export import FORMATS

TITLE = "export of a million records"
FULL, DAYS = 1_000_000, 4
GOAL, MEMORY = 50_000, 300  # rows a second, MB above the idle process
SHARE = {"xlsx": 10}  # of the rows, one in so many for the plain way that would take minutes; its rate stays
WAYS = {"csv": "csv.writer", "json": "json.dumps", "xlsx": "openpyxl, write-only", "parquet": "pyarrow"}


def measure(run: Run) -> Found:
    """Give rows a second and memory of each format, beside those of a script that reads a table and writes a file."""
    data = year.make(run, *run.sized((FULL, DAYS), (2_000, 2)))
    install, tables = collected(run, data), run.folder("tables")
    contestants = {form: partial(_exported, run, install, form, data.rows) for form in FORMATS}
    for form in FORMATS:
        rows = data.rows // SHARE.get(form, 1)
        table = _table(tables / f"{rows}.db", data, rows)
        contestants[f"plain {form}"] = partial(_written, form, table, tables / f"file.{form}", rows)
    rounds = alternate(run.runs, contestants)
    return Found(lines=tuple(_line(form, rounds[form], rounds[f"plain {form}"]) for form in FORMATS), samples=rounds)


def _line(form: str, found: list[dict[str, Any]], plain: list[dict[str, Any]]) -> Line:
    ours, other = _rate(found), _rate(plain)
    above = _above(found)
    size = found[0]["bytes"] / 1e6
    share = f", 1 in {SHARE[form]} rows" if form in SHARE else ""
    note = f"{size:.0f} MB of file; memory is the most of the process, less what it had before"
    return Line(
        row=f"{TITLE}, {form}",
        ours=f"{outcome.rate(ours)}, {above:.0f} MB",
        other=f"{outcome.rate(other)}, {_above(plain):.0f} MB",
        ratio=ours / other,
        goal=f">= {GOAL:,} rows/s, < {MEMORY} MB",
        met=ours >= GOAL and above < MEMORY,
        note=f"{note}; beside it {WAYS[form]} on SQLite{share}",
    )


def _rate(found: list[dict[str, Any]]) -> float:
    return outcome.median(one["rows"] / one["seconds"] for one in found)


def _above(found: list[dict[str, Any]]) -> float:
    return max(one["peak"] - one["idle"] for one in found) / 1e6


def _table(path: Path, data: year.Year, rows: int) -> Path:
    """Give an application's own file with so many of the events in a table, as it would keep them."""
    if path.exists():
        return path
    told = "strftime(ts, '%Y-%m-%dT%H:%M:%S.%fZ') AS ts"
    found = duckdb.execute(f"SELECT * REPLACE ({told}) FROM read_parquet(?) ORDER BY ts LIMIT ?", [data.pattern, rows])
    names = [name for name, *_ in found.description or ()]
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"CREATE TABLE events ({', '.join(names)})")
        while some := found.fetchmany(100_000):
            connection.executemany(f"INSERT INTO events VALUES ({', '.join('?' * len(names))})", some)
        connection.execute("CREATE INDEX events_by_time ON events (ts)")
        connection.commit()
    return path


def _exported(run: Run, install: Install, form: str, rows: int) -> dict[str, Any]:
    """Export from a copy of the collected install in a process of its own."""
    copied = install.copy(run.folder("exporting"))
    environment = copied.environment | {"KEEPSUM_EXPORT_ROWS": str(rows)}
    found = _said(["bench.export_once", form], environment, rows)
    discard(copied.folder)
    return found


def _written(form: str, table: Path, target: Path, rows: int) -> dict[str, Any]:
    """Let a script write the rows of a table, in a process of its own."""
    found = _said(["bench.export_plain", form, str(table), str(target)], plain_environment(), rows)
    target.unlink()
    return found


def _said(module: list[str], environment: dict[str, str], rows: int) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-m", *module], env=environment, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    if found["rows"] != rows:
        raise RuntimeError(f"The export is not whole: {found}")
    return found
