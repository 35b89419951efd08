"""What has become of each day of each stream, and the control of its records."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, or_, select, update
from sqlalchemy.dialects.sqlite import insert

from keepsum.model.control import Control
from keepsum.model.day import Day
from keepsum.store.tables import control_sums, days, stream_days

LIMB = 10**9
NOTHING = Control()


@dataclass(frozen=True, kw_only=True)
class DayState:
    """One day of one stream; `control` without its sums unless they were asked for.

    `incomplete` is the ledger entry by which a person let the seal's figures stand although its records are no longer
    whole; `uncounted` of the accepted records are in no figure then. `steps` has each k that held before today's, with
    how many records there were when it ended.
    """

    stream: str
    day: int
    control: Control = NOTHING
    touched: int = 0
    sealed: int | None = None
    seal: int | None = None
    sealed_records: int | None = None
    moved: int = 0
    version: int = 0
    held: str | None = None
    held_detail: str | None = None
    held_at: int | None = None
    accepted: str | None = None
    purge: Literal["purging", "purged"] | None = None
    purged_at: int | None = None
    late_until: int | None = None
    incomplete: int | None = None
    uncounted: int = 0
    steps: tuple[tuple[int, int], ...] = ()

    @property
    def accepts(self) -> frozenset[str]:
        """What a person let the day go on with since it was sealed last."""
        return frozenset(self.accepted.split(",")) if self.accepted else frozenset()

    @property
    def is_sealed(self) -> bool:
        """Whether the seal is about all records of the day."""
        return self.sealed is not None and self.sealed == self.touched

    @property
    def status(self) -> str:
        """The one word people see: purged, purging, held, sealed, touched (again), or open."""
        if self.purge:
            return self.purge
        if self.held:
            return "held"
        if self.is_sealed:
            return "sealed"
        return "open" if self.sealed is None else "touched"

    @property
    def is_settled(self) -> bool:
        """Whether the day is proven, or its purge has begun: nothing is left to do before it may go."""
        return self.status in ("sealed", "purging", "purged")


def state(connection: Connection, stream: str, day: int) -> DayState:
    """Give one day with its sums; a day nobody wrote about is an open one without records."""
    row = connection.execute(select(stream_days).where(_is(stream, day))).one_or_none()
    if row is None:
        return DayState(stream=stream, day=day)
    return _state(row, sums(connection, stream, (day,)).get(day, {}))


def states_of(connection: Connection, stream: str, wanted: Collection[int]) -> dict[int, DayState]:
    """Give these days with their sums, in this order; those that nobody wrote about, too."""
    totals = sums(connection, stream, wanted)
    rows = connection.execute(select(stream_days).where(stream_days.c.stream == stream, stream_days.c.day.in_(wanted)))
    known = {row.day: _state(row, totals.get(row.day, {})) for row in rows}
    return {day: known.get(day) or DayState(stream=stream, day=day) for day in wanted}


def states(
    connection: Connection, stream: str, first: int | None = None, last: int | None = None
) -> dict[int, DayState]:
    """Give the written days of a stream within a range, without sums."""
    query = select(stream_days).where(stream_days.c.stream == stream).order_by(stream_days.c.day)
    if first is not None:
        query = query.where(stream_days.c.day >= first)
    if last is not None:
        query = query.where(stream_days.c.day <= last)
    return {row.day: _state(row, {}) for row in connection.execute(query)}


def sums(connection: Connection, stream: str, wanted: Iterable[int]) -> dict[int, dict[str, int]]:
    """Give the exact control sums of days, by day and column."""
    found: dict[int, dict[str, int]] = {}
    query = select(control_sums).where(control_sums.c.stream == stream, control_sums.c.day.in_(list(wanted)))
    for row in connection.execute(query):
        found.setdefault(row.day, {})[row.field] = row.hi * LIMB + row.lo
    return found


def replace_control(connection: Connection, stream: str, day: int, control: Control) -> None:
    """Put another control in place of a day's, by a person's decision."""
    lanes = {"hash_a": str(control.hash_a), "hash_b": str(control.hash_b)}
    set_state(connection, stream, day, records=control.records, **lanes)
    forget_control(connection, stream, day)
    limbs = {name: divmod(total, LIMB) for name, total in control.sums.items()}
    rows = [{"stream": stream, "day": day, "field": name, "hi": hi, "lo": lo} for name, (hi, lo) in limbs.items()]
    if rows:
        connection.execute(control_sums.insert(), rows)


def set_state(connection: Connection, stream: str, day: int, **values: object) -> None:
    """Write some columns of a day, making its row when it is the first thing known of it."""
    changed = connection.execute(update(stream_days).where(_is(stream, day)).values(**values))
    if changed.rowcount == 0:
        connection.execute(stream_days.insert().values(stream=stream, day=day, **values))


def forget_control(connection: Connection, stream: str, day: int) -> None:
    """Drop the sums of a day whose records are gone; the seal in the ledger keeps them."""
    connection.execute(delete(control_sums).where(control_sums.c.stream == stream, control_sums.c.day == day))


def has_any(connection: Connection, stream: str) -> bool:
    """Say whether a stream ever had a record or a seal."""
    is_known = or_(stream_days.c.touched > 0, stream_days.c.seal.is_not(None))
    query = select(stream_days.c.day).where(stream_days.c.stream == stream, is_known).limit(1)
    return connection.execute(query).first() is not None


def is_counted(connection: Connection, stream: str) -> bool:
    """Say whether a seal has counted any record of a stream."""
    query = select(stream_days.c.day).where(stream_days.c.stream == stream, stream_days.c.sealed_records > 0).limit(1)
    return connection.execute(query).first() is not None


def last_purged(connection: Connection, stream: str) -> int | None:
    """Give the last day of a stream whose records are deleted, or being deleted; None while none is."""
    gone = and_(stream_days.c.stream == stream, stream_days.c.purge.is_not(None))
    return connection.execute(select(func.max(stream_days.c.day)).where(gone)).scalar_one()


def touch_sealed(connection: Connection, stream: str) -> None:
    """Let every sealed day of a stream that is not being purged be proven and sealed again."""
    is_sealed = and_(stream_days.c.sealed == stream_days.c.touched, stream_days.c.incomplete.is_(None))
    mine = and_(stream_days.c.stream == stream, stream_days.c.purge.is_(None), is_sealed)
    connection.execute(update(stream_days).where(mine).values(touched=stream_days.c.touched + 1))


def note_steps(connection: Connection, k: int) -> None:
    """Note of every day with living records how many may have been shown in steps of the k that ends now."""
    told = func.json_insert(func.coalesce(stream_days.c.steps, "[]"), "$[#]", func.json_array(stream_days.c.records, k))
    living = and_(stream_days.c.records > 0, stream_days.c.purge.is_(None))
    connection.execute(update(stream_days).where(living).values(steps=told))


def streams(connection: Connection) -> set[str]:
    """Give the streams that have living records."""
    query = select(stream_days.c.stream).where(stream_days.c.records > 0, stream_days.c.purge.is_(None))
    return set(connection.execute(query.distinct()).scalars())


def known(connection: Connection) -> list[Day]:
    """Give every day interval that was ever written down."""
    return [
        Day(number=r.number, zone=r.zone, tzdata=r.tzdata, start=r.start_us, end=r.end_us)
        for r in connection.execute(select(days).order_by(days.c.number))
    ]


def interval(connection: Connection, day: int) -> Day | None:
    """Give the interval of a day as it was written down."""
    r = connection.execute(select(days).where(days.c.number == day)).one_or_none()
    return None if r is None else Day(number=r.number, zone=r.zone, tzdata=r.tzdata, start=r.start_us, end=r.end_us)


def write_down(connection: Connection, intervals: Iterable[Day]) -> None:
    """Write day intervals down for good; one that is already there stays as it is."""
    rows = [
        {"number": d.number, "zone": d.zone, "tzdata": d.tzdata, "start_us": d.start, "end_us": d.end}
        for d in intervals
    ]
    if rows:
        connection.execute(insert(days).on_conflict_do_nothing(), rows)


def _is(stream: str, day: int) -> ColumnElement[bool]:
    return and_(stream_days.c.stream == stream, stream_days.c.day == day)


def _state(row: Row[tuple[object, ...]], totals: Mapping[str, int]) -> DayState:
    values: dict[str, Any] = dict(zip(stream_days.columns.keys(), row, strict=True))
    control = Control(
        records=values.pop("records"),
        hash_a=int(values.pop("hash_a")),
        hash_b=int(values.pop("hash_b")),
        sums=totals,
    )
    steps = tuple((records, k) for records, k in json.loads(values.pop("steps") or "[]"))
    return DayState(control=control, steps=steps, **values)
