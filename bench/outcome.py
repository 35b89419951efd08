"""What a measurement found: lines of one table, and the samples behind them."""

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

WIDTH = 150  # characters of a line in a file


class CannotRun(Exception):
    """A measurement lacks something on this machine; the message says what."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the table; `met` is None where there is no goal, or nothing was measured."""

    row: str
    ours: str = ""
    other: str = ""
    ratio: float | None = None
    goal: str = "reported"
    met: bool | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What one measurement found; `samples` are all single values by contestant."""

    lines: tuple[Line, ...]
    samples: Mapping[str, Any] = field(default_factory=dict)


def missing(row: str, why: str) -> Found:
    """Give the line of a row that could not be run."""
    return Found(lines=(Line(row=row, note=f"not run: {why}"),))


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """Give the value that a share of all values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def rate(events: float) -> str:
    return f"{events:,.0f}/s"


def seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.1f} ms"


def keep(folder: Path, name: str, found: Found, machine: Mapping[str, Any]) -> Path:
    """Write what was found, and on which machine, to `<date>-<name>.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{machine['when'][:10]}-{name}.json"
    kept = {"name": name, "machine": machine, "lines": [asdict(line) for line in found.lines], "samples": found.samples}
    path.write_text(json.dumps(kept, indent=1, default=float) + "\n", encoding="utf-8")
    return path


def show(lines: Iterable[Line], console: Console | None = None) -> None:
    """Print the table, and below it what is to be known about its lines."""
    listed = list(lines)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title in ("row", "ours", "other", "ratio", "goal", "met"):
        table.add_column(title, justify="left" if title in {"row", "goal", "met"} else "right", overflow="fold")
    for line in listed:
        table.add_row(line.row, line.ours, line.other, _ratio(line.ratio), line.goal, _met(line.met))
    console = console or printer()
    console.print(table)
    for line in listed:
        if line.note:
            console.print(f"- {line.row}: {line.note}", highlight=False, style="dim", soft_wrap=True)


def printer(*, stderr: bool = False) -> Console:
    """Give what prints a table: as wide as the terminal, or wide enough where there is none."""
    console = Console(stderr=stderr)
    return console if console.is_terminal else Console(stderr=stderr, width=WIDTH)


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _met(value: object) -> str:
    return "" if value is None else "[green]yes[/green]" if value else "[red]no[/red]"
