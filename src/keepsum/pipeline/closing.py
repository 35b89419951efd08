"""Closing months: their figures become an entry of the ledger, and so does every change of them afterwards.

1. A month is closed once it is over and each day that its stream has of it is proven, or purged.
2. Its figures are those on basis `booked`: of its own days, and of the corrections that were booked in it.
3. Where a day of a closed month is sealed again with other figures, the month is closed again in the same transaction,
   with what changed. So what the tables add up to is always what the month's newest entry says.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from keepsum.engine import numbers
from keepsum.engine.days import Calendar, periods
from keepsum.engine.expire import is_due
from keepsum.model.catalog import restored
from keepsum.model.day import Grain, date_of
from keepsum.model.layout import RollupLayout, measure_columns
from keepsum.model.ledger import Entry, Kind
from keepsum.model.rollup import Measure, Rollup, Sum
from keepsum.model.stream import Number, Stream
from keepsum.store import days, ledger, rollups
from keepsum.store.database import Connection
from keepsum.store.standing import begun
from keepsum.store.workspace import Workspace

Figures = Mapping[str, Decimal]
_END = rollups.ALWAYS[1]


@dataclass(frozen=True, kw_only=True)
class Closing:
    """One entry about a month: its figures by measure, their units, and what changed since the entry `before`.

    `missing` are the days of the month, as dates, that were purged before anything of them was proven.
    """

    entry: int
    hash: str
    at: int
    stream: str
    rollup: str
    first: int
    figures: Figures
    units: Mapping[str, str]
    missing: tuple[str, ...]
    before: int | None = None
    changed: Figures

    @property
    def last(self) -> int:
        """The month's last day."""
        return _month(self.first)[1]


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A month that is over and cannot be closed, because so many of its days are not proven."""

    rollup: str
    first: int
    days: int


@dataclass(frozen=True, kw_only=True)
class _Sums:
    figures: Figures
    units: Mapping[str, str]
    missing: tuple[str, ...]


def close(workspace: Workspace, calendar: Calendar, *, now: int) -> tuple[list[Closing], list[Waiting]]:
    """Close every month that can be; give the new closings, and the months that are over and have to wait."""
    closed: list[Closing] = []
    waiting: list[Waiting] = []
    with workspace.file.write() as connection:
        for rollup in workspace.catalog.rollups.values():
            for first, last in _over(connection, rollup, calendar, now=now) if rollup.closes else ():
                unproven = _unproven(connection, rollup.of, first, last)
                if unproven:
                    waiting.append(Waiting(rollup=rollup.name, first=first, days=unproven))
                else:
                    closed.append(_write(connection, rollup.of, rollup.name, first, None, now=now))
    return closed, waiting


def close_again(connection: Connection, stream: Stream, touched: Iterable[int], *, now: int) -> None:
    """Chain anew what closed months come to, after figures of these days were written."""
    for first in sorted({_month(day)[0] for day in touched}):
        for before in _newest(_of_month(connection, stream, first)):
            found = _sums(connection, stream, before.rollup, first)
            changed = (found.figures, found.missing) != (before.figures, before.missing)
            if changed and set(found.missing) <= set(before.missing):
                _write(connection, stream, before.rollup, first, before, now=now)


def closings(connection: Connection) -> Iterator[Closing]:
    """Give every closing there is, oldest first."""
    yield from map(closing_of, ledger.entries(connection, kind=Kind.CLOSED))


def listed(connection: Connection, streams: Iterable[str], first: int, last: int) -> list[dict[str, object]]:
    """Give which entries closed the months of a range, the newest of each, without their figures."""
    return [
        {"month": f"{date_of(one.first):%Y-%m}", "rollup": one.rollup, "entry": one.entry, "hash": one.hash}
        for one in standing(connection, streams, first, last)
    ]


def standing(connection: Connection, streams: Iterable[str], first: int, last: int) -> list[Closing]:
    """Give the newest closing of each month of a range, in the order of rollups and months."""
    named = set(streams)
    mine = (one for one in closings(connection) if one.stream in named and first <= one.last and one.first <= last)
    newest = {(one.rollup, one.first): one for one in mine}
    return [one for _, one in sorted(newest.items())]


def booked_later(connection: Connection, stream: Stream, closing: Closing) -> Figures:
    """Give the corrections of a month's days that were booked after it: they are in no figure of the month."""
    layouts = _layouts(connection, stream, closing.rollup)
    found = _totals(connection, layouts, (closing.first, closing.last), (closing.last + 1, _END))
    return {name: value for name, value in found.items() if name in closing.figures and value}


def check(connection: Connection, streams: Mapping[str, Stream]) -> Iterator[tuple[str, str]]:
    """Compare closings with what the tables add up to; give (where, what is wrong)."""
    newest: dict[tuple[str, str, int], Closing] = {}
    for one in closings(connection):
        key = one.stream, one.rollup, one.first
        if not _follows(newest.get(key), one):
            yield _where(one), f"entry {one.entry} does not add up with the closing before it"
        newest[key] = one
    for one in newest.values():
        if one.stream not in streams:
            continue
        there = _sums(connection, streams[one.stream], one.rollup, one.first)
        # Days that expired, or whose rollup is declared no more, are in no table: other checks know which may be gone.
        if set(there.missing) <= set(one.missing) and (there.figures, there.missing) != (one.figures, one.missing):
            yield _where(one), f"its figures are not those of entry {one.entry}"


def _where(closing: Closing) -> str:
    return f"{closing.rollup}, {date_of(closing.first):%Y-%m}"


def closing_of(entry: Entry) -> Closing:
    """Give a closing as its entry says it."""
    body: Any = entry.body
    return Closing(
        entry=entry.seq,
        hash=entry.hash,
        at=entry.at,
        stream=str(entry.stream),
        rollup=body["rollup"],
        first=int(entry.day or 0),
        figures={name: Decimal(text) for name, text in body["figures"].items()},
        units=body["units"],
        missing=tuple(body["missing"]),
        before=body["before"],
        changed={name: Decimal(text) for name, text in body["changed"].items()},
    )


def _month(day: int) -> tuple[int, int]:
    ((first, last),) = periods(day, day, Grain.MONTH)
    return first, last


def _over(connection: Connection, rollup: Rollup, calendar: Calendar, *, now: int) -> Iterator[tuple[int, int]]:
    """Give the months that are over, not closed, and whose figures are still kept."""
    begin, today = begun(connection, rollup.of), calendar.number_of(now)
    known = {one.first for one in map(closing_of, ledger.entries(connection, stream=rollup.of.name, kind=Kind.CLOSED))
             if one.rollup == rollup.name}  # fmt: skip
    for first, last in periods(begin, today, Grain.MONTH) if begin is not None else ():
        is_kept = rollup.keep is None or not is_due(first, rollup.keep, calendar, now)
        if last < today and first not in known and is_kept:
            yield first, last


def _unproven(connection: Connection, stream: Stream, first: int, last: int) -> int:
    """Give how many days of a month are not proven, from the stream's first on."""
    states = days.states(connection, stream.name, first, last)
    begin = begun(connection, stream) or first
    settled = {day for day, state in states.items() if state.is_settled}
    return len({*range(max(first, begin), last + 1)} - settled)


def _write(
    connection: Connection, stream: Stream, rollup: str, first: int, before: Closing | None, *, now: int
) -> Closing:
    found = _sums(connection, stream, rollup, first)
    body: dict[str, object] = {
        "rollup": rollup,
        "month": f"{date_of(first):%Y-%m}",
        "figures": _said(found.figures),
        "units": dict(found.units),
        "missing": list(found.missing),
        "before": None if before is None else before.entry,
        "changed": {} if before is None else _said(_less(found.figures, before.figures)),
    }
    seq = ledger.append(connection, Kind.CLOSED, body, now=now, stream=stream.name, day=first)
    (entry,) = ledger.entries(connection, after=seq - 1, limit=1)
    return closing_of(entry)


def _less(new: Figures, old: Figures) -> Figures:
    """Give by how much figures differ from older ones, where they do."""
    grown = {name: value - old.get(name, Decimal(0)) for name, value in new.items()}
    return {name: value for name, value in grown.items() if value}


def _said(figures: Figures) -> dict[str, str]:
    return {name: f"{value:f}" for name, value in figures.items()}


def _of_month(connection: Connection, stream: Stream, first: int) -> Iterator[Closing]:
    yield from map(closing_of, ledger.entries(connection, stream=stream.name, day=first, kind=Kind.CLOSED))


def _newest(found: Iterable[Closing]) -> Iterable[Closing]:
    return {one.rollup: one for one in found}.values()


def _follows(before: Closing | None, one: Closing) -> bool:
    """Whether an entry changes by what it says what the one before said."""
    if before is None:
        return one.before is None and not one.changed
    names = one.figures.keys()
    grown = {name: before.figures.get(name, 0) + one.changed.get(name, 0) for name in names}
    return one.before == before.entry and grown == one.figures


def _sums(connection: Connection, stream: Stream, rollup: str, first: int) -> _Sums:
    """Give what the tables add up to for a month."""
    month = _month(first)
    begin, layouts = begun(connection, stream) or first, _layouts(connection, stream, rollup)
    covered = [rollups.coverage(connection, layout.table, *month).keys() for layout in layouts]
    missing = set(range(max(first, begin), month[1] + 1)).difference(*covered)
    here = [layout for layout, listed in zip(layouts, covered, strict=True) if listed]
    # Where a definition changed within a month, only what both have has a figure.
    known = set[str]().union(*_names(here)).intersection(*_names(here))
    figures = _totals(connection, layouts, rollups.ALWAYS, month)
    return _Sums(
        figures={name: value for name, value in figures.items() if name in known},
        units={measure.name: unit for layout in here for measure, unit in _units(layout) if measure.name in known},
        missing=tuple(str(date_of(day)) for day in sorted(missing)),
    )


def _names(layouts: Iterable[RollupLayout]) -> list[set[str]]:
    return [{measure.name for measure in layout.summed} for layout in layouts]


def _totals(
    connection: Connection, layouts: Iterable[RollupLayout], of: tuple[int, int], booked: tuple[int, int]
) -> Figures:
    """Add up counts and sums over tables: of rows of some days that were booked on some days."""
    found: dict[str, Decimal] = {}
    for layout in layouts:
        names = [column.name for measure in layout.summed for column in measure_columns(measure)]
        sums = iter(rollups.totals(connection, layout.table, names, of=of, booked=booked))
        for measure in layout.summed:
            limbs = [next(sums) for _ in measure_columns(measure)]
            value = numbers.join(*limbs) if isinstance(measure, Sum) else limbs[0]
            amount = numbers.amount(value, _scale(layout, measure))
            found[measure.name] = found.get(measure.name, Decimal(0)) + amount
    return found


def _layouts(connection: Connection, stream: Stream, rollup: str) -> list[RollupLayout]:
    """Give the tables of all definitions that a rollup had."""
    mine = (one for one in rollups.known(connection, stream.name) if one.rollup == rollup)
    return [RollupLayout(rollup=restored(rollup, one.definition, stream), name=one.table) for one in mine]


def _scale(layout: RollupLayout, measure: Measure) -> int:
    field = _measured(layout, measure)
    return 0 if field is None else field.scale


def _units(layout: RollupLayout) -> Iterator[tuple[Measure, str]]:
    for measure in layout.summed:
        field = _measured(layout, measure)
        if field is not None and field.unit:
            yield measure, field.unit


def _measured(layout: RollupLayout, measure: Measure) -> Number | None:
    source = measure.source if isinstance(measure, Sum) else None
    field = None if source is None else layout.rollup.of.field(source)
    return field if isinstance(field, Number) else None
