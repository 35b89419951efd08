"""`keepsum query`: a question, and its answer with what it is worth."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from keepsum.cli.days import From, To
from keepsum.cli.door import opened
from keepsum.cli.screen import Screen, cell, table
from keepsum.model.counted import counted
from keepsum.model.errors import Invalid

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from keepsum.assemble.system import System
    from keepsum.model.answer import Answer, Column, Labels
    from keepsum.settings import Settings

NUMBERS = ("metric", "comparison", "error")


def query(  # noqa: PLR0913 -- questions have as many parts
    settings: "Settings",
    screen: Screen,
    *,
    metrics: Annotated[list[str], Argument(help="What to ask for, by name.", metavar="METRIC")],
    by: Annotated[list[str] | None, Option(help="A dimension to split by; for more repeat it or use commas.")] = None,
    grain: Annotated[str, Option(help="day, week, month, quarter, year or all.")] = "all",
    first: From = None,
    to: To = None,
    where: Annotated[
        list[str] | None,
        Option(help="Only these: country=France; repeat for more values or dimensions.", metavar="DIM=VALUE"),
    ] = None,
    order: Annotated[str | None, Option(help="Sort by this column; with - in front the largest first.")] = None,
    top: Annotated[int | None, Option(help="So many groups, the rest as (other).")] = None,
    compare: Annotated[str | None, Option(help="previous: beside the same length of time before.")] = None,
    totals: Annotated[bool, Option("--totals", help="A row with everything.")] = False,
    basis: Annotated[
        str, Option(help="origin restates days by corrections, booked counts them on the day they were booked.")
    ] = "origin",
    guarded: Annotated[bool, Option("--guarded", help="As callers see it who may not see small groups.")] = False,
    explain: Annotated[bool, Option("--explain", help="Say where each figure came from.")] = False,
) -> None:
    """Ask for metrics; by default over all days there are, up to today."""
    with opened(settings) as system:
        begin, end = _range(system, first, to)
        asked = {
            "metrics": ",".join(metrics),
            "by": ",".join(by or []),
            "grain": grain,
            "from": begin,
            "to": end,
            "where": filters(where or []),
            "order": order,
            "top": top,
            "compare": compare,
            "totals": totals,
            "basis": basis,
            "guarded": guarded,
            "explain": explain,
        }
        found = _ask(system, asked)
    screen.show(_data(found), lambda: answer_lines(found, grain))


def _ask(system: "System", asked: dict[str, Any]) -> "Answer":
    from keepsum.model.access import machine
    from keepsum.pipeline.answer import answer
    from keepsum.pipeline.ask import query_of

    caller = machine(system.workspace.identity.id)
    return answer(system.workspace, query_of(asked), caller=caller, now=system.clock())


def _range(system: "System", first: str | None, to: str | None) -> tuple[str, str]:
    from keepsum.model.day import date_of
    from keepsum.pipeline.survey import first_day

    today = system.calendar().number_of(system.clock())
    begin = first_day(system.workspace) if first is None else None
    return first or str(date_of(today if begin is None else begin)), to or str(date_of(today))


def filters(given: list[str]) -> dict[str, list[str | None]]:
    """Give filters by dimension; nothing after the = is records without a value. Raises `BAD_FILTER`."""
    found: dict[str, list[str | None]] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise Invalid("BAD_FILTER", f"The filter {text!r} is not of the form DIMENSION=VALUE.")
        found.setdefault(name, []).append(value or None)
    return found


def _data(found: "Answer") -> object:
    from msgspec import Raw

    from keepsum.pipeline.ask import to_json

    return Raw(to_json(found))


def answer_lines(found: "Answer", grain: str) -> "Iterator[RenderableType]":
    """Draw an answer: its rows, and below them what they are."""
    yield answer_table(found, grain)
    yield f"[dim]{' · '.join(_said(found.labels))}[/]"
    if found.explain:
        told = found.explain
        for heading, items in (("access", told.access), ("route", told.routes), ("refusal", told.refusals)):
            if items:
                names = list(dict.fromkeys(name for item in items for name in item))
                rows = ((_plain(item.get(name)) for name in names) for item in items)
                yield table([f"{heading}: {names[0]}", *names[1:]], ([*row] for row in rows))
        read = "" if found.explain.rows_read is None else f"{counted(found.explain.rows_read, 'rows')} read; "
        spent = ", ".join(f"{step} {seconds * 1000:.1f} ms" for step, seconds in found.explain.seconds.items())
        yield f"[dim]{read}{spent}[/]"


def _plain(value: object) -> object:
    if value is None or isinstance(value, (int, Decimal)):
        return value
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] -- any value has a text
    return str(value)


def answer_table(found: "Answer", grain: str) -> "Table":
    """Draw the rows of an answer; numbers end in one line, an estimate has its error beside it."""
    rows = [
        [_shown(value, column, grain) for value, column in zip(row, found.columns, strict=True)] for row in found.rows
    ]
    drawn = table([_heading(column) for column in found.columns], rows)
    if found.totals is not None:
        names = ("total", *[""] * len(found.columns))
        values = (
            n if c.kind not in NUMBERS else v for n, v, c in zip(names, found.totals, found.columns, strict=False)
        )
        drawn.add_section()
        drawn.add_row(*map(cell, values), style="bold")
    return drawn


def _heading(column: "Column") -> str:
    if column.kind not in NUMBERS:
        return column.name
    name = "±" if column.kind == "error" else column.name.replace(":previous", ", before")
    own = column.unit and column.unit != column.name and column.kind == "metric"
    return f">{name}, {column.unit}" if own else f">{name}"


def _shown(value: object, column: "Column", grain: str) -> object:
    """Give a cell as people write it: a month without its first day, and a word for records without a value."""
    match column.kind:
        case "time" if isinstance(value, str) and grain in PERIODS:
            return PERIODS[grain](value)
        case "dimension" if value is None:
            return "(none)"
        case _:
            return value


PERIODS: Mapping[str, Callable[[str], str]] = {
    "month": lambda date: date[:7],
    "quarter": lambda date: f"{date[:4]} Q{(int(date[5:7]) + 2) // 3}",
    "year": lambda date: date[:4],
}


def _said(labels: "Labels") -> "Iterator[str]":
    errors = ", ".join(f"{name} ± {error:.1%}" for name, error in labels.error.items())
    yield "exact" if labels.exact else f"estimate: {errors}" if errors else "estimate"
    yield "final" if labels.final else "provisional: some days may still change"
    missing = labels.coverage.missing
    listed = f" ({', '.join(missing[:5])}{' ...' if len(missing) > 5 else ''})" if missing else ""
    yield f"{counted(labels.coverage.days, 'days')}, {len(missing):,} missing{listed}"
    if labels.guarded:
        yield "guarded, small groups hidden" if labels.suppressed else "guarded, nothing hidden"
    yield f"from {', '.join(f'{name} {n:,}' for name, n in labels.sources.items() if n) or 'nothing'}"
    if labels.basis != "origin":
        yield f"basis {labels.basis}"
    yield from labels.notes
