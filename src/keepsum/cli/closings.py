"""`keepsum closings`: the months whose figures the ledger has, and what changed of them since."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from keepsum.cli.door import opened
from keepsum.cli.moments import instant, shown
from keepsum.cli.screen import Screen, table
from keepsum.model.counted import counted

if TYPE_CHECKING:
    from rich.console import RenderableType

    from keepsum.assemble.system import System
    from keepsum.pipeline.closing import Closing, Waiting
    from keepsum.settings import Settings


def listing(settings: "Settings", screen: Screen) -> None:
    """List closed months: the figures then, every change since, and what was booked later."""
    with opened(settings) as system:
        data, order = _months(system), _order(system)
    screen.show({"months": data}, lambda: _lines(data, order))


def make(settings: "Settings", screen: Screen) -> None:
    """Close every month that is over and proven, as the nightly job does."""
    from keepsum.pipeline.closing import close

    with opened(settings) as system:
        closed, waiting = close(system.workspace, system.calendar(), now=system.clock())
        system.note()
        order = _order(system)
    data = {"closed": [_closed(one) for one in closed], "waiting": [_waiting(one) for one in waiting]}
    screen.show(data, lambda: _made_lines(data, order))


def _months(system: "System") -> list[dict[str, Any]]:
    from keepsum.pipeline.closing import booked_later, closings

    found: dict[tuple[str, int], list[Closing]] = {}
    with system.workspace.file.read() as connection:
        for one in closings(connection):
            found.setdefault((one.rollup, one.first), []).append(one)
        streams = system.catalog.streams
        return [
            {
                **_closed(first),
                "changes": [_change(one) for one in later],
                "booked_later": booked_later(connection, streams[first.stream], last) if last.stream in streams else {},
            }
            for first, *later in found.values()
            for last in (*later[-1:], first)[:1]
        ]


def _closed(one: "Closing") -> dict[str, Any]:
    known = {"rollup": one.rollup, "month": _month(one.first), "entry": one.entry, "closed_at": instant(one.at)}
    return {**known, "figures": dict(one.figures), "units": dict(one.units), "missing": list(one.missing)}


def _change(one: "Closing") -> dict[str, Any]:
    return {"entry": one.entry, "at": instant(one.at), "changed": dict(one.changed), "figures": dict(one.figures)}


def _waiting(one: "Waiting") -> dict[str, Any]:
    return {"rollup": one.rollup, "month": _month(one.first), "days": one.days}


def _month(first: int) -> str:
    from keepsum.model.day import date_of

    return f"{date_of(first):%Y-%m}"


def _order(system: "System") -> list[str]:
    """Give the names of measures in the order of their declarations: an entry has its figures sorted by name."""
    return [measure.name for rollup in system.catalog.rollups.values() if rollup.closes for measure in rollup.measures]


def _lines(months: list[dict[str, Any]], order: list[str]) -> "Iterator[RenderableType]":
    if not months:
        yield "No month is closed yet: keepsum closings make"
    for rollup in dict.fromkeys(month["rollup"] for month in months):
        mine = [month for month in months if month["rollup"] == rollup]
        known = dict.fromkeys(name for month in mine for name in month["figures"])
        names = sorted(known, key=lambda name: order.index(name) if name in order else len(order))
        units = {name: unit for month in mine for name, unit in month["units"].items()}
        headings = (f">{name}, {units[name]}" if units.get(name, name) != name else f">{name}" for name in names)
        rows = (row for month in mine for row in _rows(month, names))
        yield table(("month", "what", "at, UTC", ">entry", *headings), rows, title=rollup)


def _rows(month: dict[str, Any], names: list[str]) -> "Iterator[tuple[object, ...]]":
    yield month["month"], "closed", shown(month["closed_at"]), month["entry"], *_cells(month["figures"], names)
    for one in month["changes"]:
        yield "", "changed by", shown(one["at"]), one["entry"], *_cells(one["changed"], names, sign="+")
    if month["changes"]:
        yield "", "is now", "", "", *_cells(month["changes"][-1]["figures"], names)
    if month["booked_later"]:
        yield "", "booked later", "", "", *_cells(month["booked_later"], names, sign="+")
    if month["missing"]:
        yield "", f"without {counted(len(month['missing']), 'days')}", "", "", *("" for _ in names)


def _cells(figures: dict[str, Decimal], names: Iterable[str], sign: str = "") -> "Iterator[object]":
    yield from (f"{figures[name]:{sign},}" if name in figures else "" for name in names)


def _made_lines(data: dict[str, Any], order: list[str]) -> "Iterator[RenderableType]":
    if data["closed"]:
        yield from _lines([{**one, "changes": [], "booked_later": {}} for one in data["closed"]], order)
    if data["waiting"]:
        rows = ((one["rollup"], one["month"], one["days"]) for one in data["waiting"])
        yield table(("waits: rollup", "month", ">days not proven"), rows)
    if not data["closed"] and not data["waiting"]:
        yield "There is no month to close."
