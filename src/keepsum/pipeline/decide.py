"""What a person decides about a held day, written down for good; and what then stands of its figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from keepsum.engine.access import require
from keepsum.engine.days import Calendar
from keepsum.engine.rowhash import hash_rows
from keepsum.model.access import Caller, Permission
from keepsum.model.audit import Kind as Audited
from keepsum.model.control import Control
from keepsum.model.counted import counted
from keepsum.model.day import date_of
from keepsum.model.errors import Conflict, NotFound
from keepsum.model.layout import RecordLayout
from keepsum.model.ledger import Kind
from keepsum.model.stream import Stream
from keepsum.pipeline import audit, correct
from keepsum.pipeline.hold import OUTSIDE, PARTLY_PURGED, REAPPEARED, SHRUNK, TWO_DAYS
from keepsum.pipeline.records import control_of, filled, read_day, with_day
from keepsum.store import days, ledger, manifest, records
from keepsum.store.database import Connection
from keepsum.store.days import DayState
from keepsum.store.homes.embedded import Damaged
from keepsum.store.manifest import Segment
from keepsum.store.workspace import Workspace

_RELEASED: dict[str, object] = {"held": None, "held_detail": None, "held_at": None}


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """What a day was held for, and the seal whose figures stay although its records are no longer whole, if so.

    `uncounted` accepted records came after that seal, are lost too, and are in no figure. `removed` are records that
    lay in a purged day and were never proven.
    """

    held: str
    kept: int | None = None
    uncounted: int = 0
    removed: int = 0


def accept(
    workspace: Workspace, calendar: Calendar, stream: Stream, day: int, reason: str, *, caller: Caller, now: int
) -> Accepted:
    """Let a held day go on, by a caller's decision: the ledger keeps it, and the audit log whose it was.

    1. Where no record is missing, or all live in the application's own database, the day is proven again and may be
       what it was held for.
    2. Where records are missing of which nothing is proven, those that can be read are all there are from now on, and
       the lost ones may be sent again.
    3. Where records are missing that a seal has proven, its figures stay, and are final: what came after it and can
       still be read is booked as a correction, as is what comes later.
    4. Where records lie in a purged day that were never proven, they are deleted; of an application's own database, by
       the next purge. That takes the permission to delete.

    Raises `NOT_PERMITTED`, `NOT_HELD`, `DAY_PURGED` once the purge began, and `FILES_UNKNOWN` when there are files that
    only a person may delete.
    """
    require(caller, Permission.OPERATE)
    with workspace.file.write() as connection:
        state = days.state(connection, stream.name, day)
        if state.purge:
            require(caller, Permission.DELETE)
        _refuse(stream, state)
        said: dict[str, object] = {"held": state.held, "detail": state.held_detail, "reason": reason}
        done = _Decision(workspace, connection, calendar, stream, state, said, now).taken()
    about = {"stream": stream.name, "day": str(date_of(day))}
    audit.record(workspace.control, Audited.DAY_ACCEPTED, caller, about, now=now)
    return done


def _refuse(stream: Stream, state: DayState) -> None:
    """Raise where there is nothing to decide."""
    day = date_of(state.day)
    if state.held is None:
        raise NotFound("NOT_HELD", f"Day {day} of stream {stream.name!r} is not held.")
    if state.purge and state.held not in (REAPPEARED, PARTLY_PURGED):
        raise Conflict("DAY_PURGED", f"Day {day} of stream {stream.name!r} is {state.purge} already.")


@dataclass(frozen=True, kw_only=True)
class _Left:
    """What can still be read of a day, in arrival order, and the segments that cannot."""

    good: Sequence[Segment]
    lost: Sequence[Segment]
    table: pa.Table
    control: Control

    @property
    def listed(self) -> list[list[object]]:
        """The lost segments, as a ledger entry has them."""
        return [[s.file, s.sha256, s.records] for s in self.lost]


@dataclass(frozen=True)
class _Decision:
    """One transaction in which a held day goes on."""

    workspace: Workspace
    connection: Connection
    calendar: Calendar
    stream: Stream
    state: DayState
    said: dict[str, object]
    now: int

    def taken(self) -> Accepted:
        """Do what follows from what the day is held for."""
        state, stream = self.state, self.stream
        is_attached = stream.name in self.workspace.attached
        if state.purge and is_attached:
            return self.let_go()
        if state.held == REAPPEARED:
            return self.remove_unproven()
        if state.held in (SHRUNK, TWO_DAYS, OUTSIDE) or is_attached:
            return self.go_on({})
        left = _left(self.workspace, self.connection, stream, state)
        if _is_proven_lost(self.workspace, self.connection, stream, state, left):
            return self.keep_seal(left)
        return self.go_on(_rebase(self.workspace, self.connection, stream, state, left))

    def go_on(self, changed: dict[str, object]) -> Accepted:
        """Let the day be rolled up and proven again."""
        state, held = self.state, str(self.state.held)
        self._append({**self.said, **changed})
        accepted = ",".join(sorted({*state.accepts, held}))
        self._set(**_RELEASED, accepted=accepted, touched=state.touched + 1)
        return Accepted(held=held)

    def let_go(self) -> Accepted:
        """Let the next purge delete what lies in the day, as it is then: the figures stay as they were sealed."""
        held = str(self.state.held)
        self._append(self.said)
        self._set(**_RELEASED, accepted=",".join(sorted({*self.state.accepts, held})))
        return Accepted(held=held)

    def remove_unproven(self) -> Accepted:
        """Delete the records that lie in a purged day: they count for nothing, and nobody else could."""
        name, day = self.stream.name, self.state.day
        files = self.workspace.segments.of_day(name, day)
        if files:
            many = counted(len(files), "files")
            message = f"Never proven: {many}, such as {files[0]!r}. Take it away, then purge again."
            raise Conflict("FILES_UNKNOWN", message)
        numbers = [number for number, _ in records.tail_keys(self.connection, name, day)]
        removed = records.drop_rows(self.connection, name, day, numbers)
        self._append({**self.said, "removed": removed})
        self._set(**_RELEASED)
        return Accepted(held=str(self.state.held), removed=removed)

    def keep_seal(self, left: _Left) -> Accepted:
        """Let the seal's figures stand; book what came after it and can still be read, unless that was done before."""
        state, connection = self.state, self.connection
        is_first = state.incomplete is None
        sealed = _sealed(connection, state)
        # Records that were collected anew do not say which of them the seal has counted.
        is_known = is_first and sealed["epoch"] == self.workspace.keys.number
        late = _after_seal(self.workspace, connection, self.stream, state, left) if is_known else None
        booked = late.control.records if late else 0
        missing = state.control.records - _records(sealed) - booked
        uncounted = max(missing, 0) if is_first else state.uncounted
        seq = self._append(
            {
                **self.said,
                "kept": state.seal,
                "booked": booked,
                "uncounted": uncounted,
                "control_before": state.control.to_json(),
                "control": left.control.to_json(),
                "lost_segments": left.listed,
            }
        )
        if late is not None and booked:
            correct.book(self.workspace, connection, self.stream, state.day, late, now=self.now, calendar=self.calendar)
        manifest.withdraw(connection, left.lost)
        days.replace_control(connection, self.stream.name, state.day, left.control)
        # What the seal counted may not be counted again, so that all keys stay known, as after a purge.
        pairs = records.keys_of(connection, self.stream.name, state.day)
        marks = ((self.workspace.keys.mark(key), row) for key, row in pairs)
        records.replace_keys(connection, self.stream.name, state.day, marks)
        # A step further, so that who proves the day meanwhile finds it changed.
        touched = state.touched + 1
        self._set(**_RELEASED, accepted=None, touched=touched, sealed=touched, incomplete=seq, uncounted=uncounted)
        return Accepted(held=str(state.held), kept=state.seal, uncounted=uncounted)

    def _append(self, body: dict[str, object]) -> int:
        stream, day = self.stream.name, self.state.day
        return ledger.append(self.connection, Kind.ACCEPTED, body, now=self.now, stream=stream, day=day)

    def _set(self, **values: object) -> None:
        days.set_state(self.connection, self.stream.name, self.state.day, **values)


def _left(workspace: Workspace, connection: Connection, stream: Stream, state: DayState) -> _Left:
    layout = workspace.layout(stream)
    good: list[Segment] = []
    lost: list[Segment] = []
    for segment in manifest.of_day(connection, stream.name, state.day):
        try:
            workspace.segments.check(segment)
            good.append(segment)
        except Damaged:
            lost.append(segment)
    table = read_day(workspace, connection, layout, state, good)
    return _Left(good=good, lost=lost, table=table, control=control_of(layout, table, workspace.keys.control))


def _sealed(connection: Connection, state: DayState) -> dict[str, Any]:
    """Give what the day's seal says."""
    entry = ledger.entry(connection, state.seal or 0)
    assert entry is not None  # noqa: S101 - whoever asks knows that the day has a seal
    return dict(entry.body)


def _records(sealed: dict[str, Any]) -> int:
    return Control.from_json(sealed["control"]).records


def _is_proven_lost(workspace: Workspace, connection: Connection, stream: Stream, state: DayState, left: _Left) -> bool:
    """Say whether what can be read lacks records that a seal has proven: they came first, so they must stand first."""
    if state.seal is None:
        return False
    if state.incomplete is not None:
        return True
    sealed = _sealed(connection, state)
    control = Control.from_json(sealed["control"])
    first = left.table.slice(0, control.records)
    found = control_of(workspace.layout(stream), first, workspace.keys.control)
    if sealed["epoch"] != workspace.keys.number:
        # Row hashes under keys that are gone compare with nothing: count and sums must do, as when the new keys came.
        return (found.records, found.sums) != (control.records, control.sums)
    return found != control


def _after_seal(
    workspace: Workspace, connection: Connection, stream: Stream, state: DayState, left: _Left
) -> correct.Late:
    """Give the records that came after the day's seal and can be read: those in no segment that it lists."""
    layout = workspace.layout(stream)
    sealed = {(file, digest) for file, digest, _ in _sealed(connection, state)["segments"]}
    later = [segment for segment in left.good if (segment.file, segment.sha256) not in sealed]
    table, mark = read_day(workspace, connection, layout, state, later), workspace.keys.mark
    people = table.column("subject").unique().to_pylist() if stream.subject else ()
    return correct.Late(
        table=filled(layout, with_day(table, state.day)),
        control=control_of(layout, table, workspace.keys.control),
        marks=[(mark(key), row) for key, row in _pairs(workspace, layout, table)],
        people={mark(person) for person in people if person is not None},
    )


def _rebase(
    workspace: Workspace, connection: Connection, stream: Stream, state: DayState, left: _Left
) -> dict[str, object]:
    """Take the records that can be read as all there are, and say what is lost."""
    manifest.withdraw(connection, left.lost)
    days.replace_control(connection, stream.name, state.day, left.control)
    # What is lost may be sent again, so it must not be known any more.
    pairs = _pairs(workspace, workspace.layout(stream), left.table)
    records.note_keys_anew(connection, stream.name, state.day, pairs)
    return {
        "control_before": state.control.to_json(),
        "control": left.control.to_json(),
        "lost_segments": left.listed,
    }


def _pairs(workspace: Workspace, layout: RecordLayout, table: pa.Table) -> list[tuple[str, int]]:
    """Give the keys of records with their row hashes."""
    hashes, _ = hash_rows({name: table.column(name) for name in layout.names}, workspace.keys.control)
    return list(zip(table.column("key").to_pylist(), hashes.view(np.int64).tolist(), strict=True))
