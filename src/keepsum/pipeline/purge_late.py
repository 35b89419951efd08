"""What comes into purged days of an application's own database: new rows, and rows that were gone already.

1. While `late` lasts a new row is booked as a correction, once; its mark is noted in the same transaction.
2. A row whose mark and content are noted came back, or was booked just now: it is deleted again, as it is noted.
3. A row with a noted mark and other content, one that another day counts, and one that comes when `late` is over are
   not in the day's figures: they hold it until a person accepts that they go.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from keepsum.engine.arrival import MOST_ROWS, marks
from keepsum.engine.compile.kin import lines
from keepsum.engine.days import Calendar
from keepsum.engine.mapping import attached_of
from keepsum.model.counted import counted
from keepsum.model.ledger import Kind
from keepsum.model.stream import Stream
from keepsum.pipeline import correct, gather, recur
from keepsum.pipeline.attached import extent
from keepsum.pipeline.hold import REAPPEARED, hold, holding
from keepsum.pipeline.purge_rows import Home, Piece, Rows, Stays, together
from keepsum.pipeline.records import control_of, filled, with_day
from keepsum.store import days, ledger, records
from keepsum.store.database import Connection
from keepsum.store.days import DayState
from keepsum.store.workspace import Workspace

FEW = 100  # rows that go together where nobody counted how many children they have


@dataclass(frozen=True, kw_only=True)
class _Found:
    """Rows of a purged day: those noted as they are, new ones with their records, and those that are neither."""

    same: Rows
    new: Rows
    other: Rows
    records: pa.Table


def look(
    workspace: Workspace, streams: Sequence[Stream], calendar: Calendar, check: Callable[[], None], *, now: int
) -> int:
    """Deal with what lies in purged days of streams that are purged together; give how many rows went.

    All are booked before any is deleted, for rows of one may go with rows of another; `check` raises where nothing may
    be deleted. A day with a row that is no record is held, and keeps no other waiting. Raises `DATABASE_*`.
    """
    childless = frozenset(attached_of(stream).table for stream in streams)
    homes = [Home(workspace, stream, _children(stream) & childless) for stream in streams]
    waiting = [(home, day) for home in homes for day in _days(home, calendar)]

    def alone(home: Home, day: int, step: Callable[[], int]) -> int:
        return holding(workspace, home.stream, day, step, 0, now=now)

    booked = [alone(home, day, partial(_book, home, calendar, day, now=now)) for home, day in waiting]
    if waiting:
        check()
    return sum(
        alone(home, day, partial(_delete, home, day, calendar, new, now=now))
        for (home, day), new in zip(waiting, booked, strict=True)
    )


def _children(stream: Stream) -> frozenset[str]:
    return frozenset(line[-1].table for line in lines(attached_of(stream)))


def _days(home: Home, calendar: Calendar) -> Iterator[int]:
    """Give the purged days that can have rows, and those held because they had."""
    with home.workspace.file.read() as connection:
        states = days.states(connection, home.stream.name)
    purged = {day: state for day, state in states.items() if state.purge == "purged"}
    if not purged:
        return
    with gather.snapshot(home.workspace, home.stream) as reading:
        first, _ = extent(reading, home.stream, home.database.dialect, calendar)
    for day, state in purged.items():
        if state.held or (first is not None and first <= day):
            yield day


def _read(home: Home, calendar: Calendar, day: int, state: DayState) -> _Found:
    """Sort the rows of a day out, by what is noted of its keys."""
    layout, keys = home.layout, home.workspace.keys
    found: list[tuple[Rows, pa.Table, Any]] = []
    with gather.snapshot(home.workspace, home.stream) as reading:
        for raw, table in gather.arriving(home.workspace, home.stream, calendar.day(day), reading):
            rows = home.rows(raw, table)
            with home.workspace.file.read() as connection:
                wanted = marks(table, keys).view(np.int64).tolist()
                known = records.recognise(connection, state.stream, day, wanted)
            noted = np.array([mark in known for mark in wanted], np.bool_)
            same = np.array([known.get(mark) == lane for mark, lane in rows.noted()], np.bool_)
            found.append((rows, table, np.where(noted, np.where(same, 0, 2), 1)))
    fresh = together(rows.where(sorts == 1) for rows, _, sorts in found)
    moved = recur.look(home.workspace, home.stream, day, fresh.marks).twice
    for rows, _, sorts in found:
        sorts[(sorts == 1) & np.isin(rows.marks.view(np.int64), moved)] = 2
    news = [table.filter(pa.array(sorts == 1)) for _, table, sorts in found]
    return _Found(
        same=together(rows.where(sorts == 0) for rows, _, sorts in found),
        new=together(rows.where(sorts == 1) for rows, _, sorts in found),
        other=together(rows.where(sorts == 2) for rows, _, sorts in found),
        records=pa.concat_tables([layout.schema.empty_table(), *news]),
    )


def _book(home: Home, calendar: Calendar, day: int, *, now: int) -> int:
    """Book the new rows of a day as corrections, and note their marks, while its time for that lasts; give how many."""
    stream, keys = home.stream, home.workspace.keys
    with home.workspace.file.read() as connection:
        state = days.state(connection, stream.name, day)
    found = _read(home, calendar, day, state) if _takes_late(state, now) else None
    if found is None or not len(found.new):
        return 0
    people = found.records.column("subject").unique().to_pylist() if stream.subject else ()
    late = correct.Late(
        table=filled(home.layout, with_day(found.records, day)),
        control=control_of(home.layout, found.records, keys.control),
        marks=found.new.noted(),
        people={keys.mark(person) for person in people if person is not None},
    )
    with home.workspace.file.write() as connection:
        current = days.state(connection, stream.name, day)
        noted = records.recognise(connection, stream.name, day, [mark for mark, _ in late.marks])
        if not _takes_late(current, now) or noted:  # somebody else was here meanwhile
            return 0
        correct.book(home.workspace, connection, stream, day, late, now=now, calendar=calendar)
    return len(found.new)


def _takes_late(state: DayState, now: int) -> bool:
    return state.purge == "purged" and state.late_until is not None and now <= state.late_until


def _delete(home: Home, day: int, calendar: Calendar, booked: int, *, now: int) -> int:
    """Delete what is noted of a day, and what a person let go; hold the day while anything else lies there."""
    with home.workspace.file.read() as connection:
        state = days.state(connection, home.stream.name, day)
    found = _read(home, calendar, day, state)
    accepted = REAPPEARED in state.accepts
    going = together([found.same, found.new, found.other]) if accepted else found.same
    left = 0 if accepted else len(found.new) + len(found.other)
    if len(going) or left or state.held or accepted:
        with home.workspace.file.write() as connection:
            _say(connection, state, len(going), booked, left, now=now)
    most = FEW if home.lines else MOST_ROWS
    pieces = (going.piece(begin, min(begin + most, len(going))) for begin in range(0, len(going), most))
    stays = sum(_stays(home, piece) for piece in pieces)
    if accepted and not stays:
        with home.workspace.file.write() as connection:
            days.set_state(connection, home.stream.name, day, accepted=None)
    return len(going) - stays


def _say(connection: Connection, state: DayState, going: int, booked: int, left: int, *, now: int) -> None:
    """Chain what was found in a purged day, before anything of it is deleted."""
    name, day = state.stream, state.day
    if going:
        body = {"records": max(going - booked, 0), "corrected": booked, "left": left}
        ledger.append(connection, Kind.REAPPEARED, body, now=now, stream=name, day=day)
    if left:
        detail = (
            f"{counted(left, 'rows')} of the application's database in a purged day that its figures do not count: "
            f"changed after the proof, moved there off a day that counts it, or come when the time for that was over. "
            f"Take away what lies there, or let it be deleted."
        )
        hold(connection, name, day, REAPPEARED, detail, now=now)
    else:
        days.set_state(connection, name, day, held=None, held_detail=None, held_at=None)


def _stays(home: Home, piece: Piece) -> int:
    """Delete the rows of a piece, and give how many stay because they changed since they were read."""
    try:
        home.delete(piece)
    except Stays:
        return len(piece.keys)
    return 0
