"""Deleting what is proven: a sealed day past its retention, never anything else.

1. `purging` is in the ledger, durably, before the first delete; the day's keys become fingerprints in the same step.
2. Tail rows and files go; then the manifest forgets them, and control with them: the seal keeps its figures.
3. Only when the log is emptied, so that no byte is left in it, `purged` is in the ledger. Until then it is retried.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from keepsum.engine.days import Calendar
from keepsum.engine.expire import Lost, is_due, kept_from, lost_questions
from keepsum.model.counted import counted
from keepsum.model.day import date_of
from keepsum.model.errors import Conflict, NotFound, Unavailable
from keepsum.model.layout import RollupLayout
from keepsum.model.ledger import Kind
from keepsum.model.stream import Stream
from keepsum.pipeline import move, purge_attached
from keepsum.pipeline.due import NEVER, OFF, Due, blocked, late_until
from keepsum.pipeline.hold import REAPPEARED, hold, holding
from keepsum.store import days, distinct, ledger, manifest, people, records, rollups
from keepsum.store.database import Connection
from keepsum.store.days import DayState
from keepsum.store.scratch import remove_left
from keepsum.store.workspace import Workspace

BATCH = 2_000  # tail rows deleted in one transaction, so that no writer waits long

Advance = Callable[[int, int], None]  # days done, records gone


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a purge would do, and which questions can then be asked no more."""

    due: tuple[Due, ...]
    lost: tuple[Lost, ...]

    @property
    def going(self) -> tuple[Due, ...]:
        """The days that go."""
        return tuple(d for d in self.due if d.blocked is None)

    @property
    def blocked(self) -> tuple[Due, ...]:
        """The days past their deadline that may not go: the compliance figure."""
        return tuple(d for d in self.due if d.blocked not in (None, OFF))

    @property
    def off(self) -> tuple[Due, ...]:
        """The days past their deadline in an application's own database that nobody let Keepsum delete from."""
        return tuple(d for d in self.due if d.blocked == OFF)


@dataclass(frozen=True, kw_only=True)
class Purged:
    """What went, with so many rows of applications' other tables `along`, and what could not."""

    days: int = 0
    records: int = 0
    along: int = 0
    blocked: tuple[Due, ...] = ()
    unfinished: tuple[Due, ...] = field(default=())
    expired: int = 0


@dataclass(frozen=True, kw_only=True)
class Unproven:
    """What went of an unproven day, and the seal whose figures stay; they lack `uncounted` of the records."""

    records: int
    kept: int | None = None
    uncounted: int = 0


def plan(workspace: Workspace, calendar: Calendar, *, now: int) -> Plan:
    """Say which days are past their deadline, which of them go, and what stops being answerable."""
    due = [*_planned(workspace, calendar, now=now), *purge_attached.plan(workspace, calendar, now=now)]
    touched = sorted({d.stream for d in due if d.blocked is None})
    return Plan(due=tuple(due), lost=lost_questions(workspace.catalog, touched))


def _planned(workspace: Workspace, calendar: Calendar, *, now: int) -> list[Due]:
    """Say which days that Keepsum keeps are past their deadline."""
    with workspace.file.read() as connection:
        return [due for stream in _own(workspace) for due in _due(connection, workspace, stream, calendar, now=now)]


def purge(
    workspace: Workspace, calendar: Calendar, *, now: int, advance: Advance = lambda _days, _records: None
) -> Purged:
    """Delete the records of every day that may go, finish what a crash left half done, and expire old rollups.

    Raises `CLOCK_BEHIND` when the clock is behind the ledger's last entry: then nothing is deleted at all.
    """
    _refuse_a_clock_behind(workspace, now=now)
    _tidy(workspace)
    deleted = _again(workspace, now=now)
    planned = _planned(workspace, calendar, now=now)
    blocked_here = [due for due in planned if due.blocked is not None]
    for due in blocked_here:
        _hold_damaged(workspace, due, now=now)
    for due in (due for due in planned if due.blocked is None):
        if _begin(workspace, calendar, due, now=now):
            _delete(workspace, due.stream, due.day)
            deleted.append(due)
            advance(1, due.records)
    done = _finish(workspace, deleted, now=now)
    elsewhere = purge_attached.purge(workspace, calendar, now=now, advance=advance)
    _forget_fingerprints(workspace, now=now)
    return Purged(
        days=len(done) + len(elsewhere.days),
        records=sum(due.records for due in (*done, *elsewhere.days)),
        along=sum(due.along for due in elsewhere.days),
        blocked=(*blocked_here, *elsewhere.blocked),
        unfinished=(*(due for due in deleted if due not in done), *elsewhere.unfinished),
        expired=_expire(workspace, calendar, now=now),
    )


def purge_unproven(
    workspace: Workspace, calendar: Calendar, stream: Stream, day: int, reason: str, *, now: int
) -> Unproven:
    """Delete a day that cannot be proven, by a person's decision that the ledger keeps.

    Figures that a seal has proven stay, and answers say so where they lack records that came after it. Raises
    `NOT_DUE` before the day's deadline, and what `purge_attached.purge_unproven` does.
    """
    _refuse_a_clock_behind(workspace, now=now)
    _tidy(workspace)
    with workspace.file.read() as connection:
        state = days.state(connection, stream.name, day)
    if state.purge == "purged" or not state.touched:
        raise NotFound("NO_RECORDS", f"Day {date_of(day)} of stream {stream.name!r} has no records to delete.")
    if not is_due(day, stream.keep, calendar, now):
        raise Conflict("NOT_DUE", f"Day {date_of(day)} of stream {stream.name!r} is not past its retention yet.")
    if stream.name in workspace.attached:
        count = purge_attached.purge_unproven(workspace, calendar, stream, day, reason, now=now)
        return _unproven(workspace, stream, day, count)
    due = Due(stream=stream.name, day=day, records=state.control.records)
    _begin(workspace, calendar, due, now=now, reason=reason)
    _delete(workspace, stream.name, day)
    if not _finish(workspace, [due], now=now):
        message = "The records are deleted, but a reader kept the log from being emptied; run the purge again."
        raise Unavailable("PURGE_UNFINISHED", message)
    return _unproven(workspace, stream, day, state.control.records)


def _unproven(workspace: Workspace, stream: Stream, day: int, count: int) -> Unproven:
    with workspace.file.read() as connection:
        after = days.state(connection, stream.name, day)
    return Unproven(records=count, kept=after.seal, uncounted=after.uncounted)


def _own(workspace: Workspace) -> list[Stream]:
    """Give the streams whose records Keepsum keeps; what lives in an application's own database stays there."""
    return [stream for name, stream in workspace.catalog.streams.items() if name not in workspace.attached]


def _due(
    connection: Connection, workspace: Workspace, stream: Stream, calendar: Calendar, *, now: int
) -> Iterator[Due]:
    tables = {RollupLayout(rollup=r).table for r in workspace.catalog.rollups_of(stream.name)}
    for day, state in days.states(connection, stream.name).items():
        if state.purge or not is_due(day, stream.keep, calendar, now):
            continue
        reason = blocked(connection, workspace, state, tables)
        yield Due(stream=stream.name, day=day, records=state.control.records, blocked=reason)


def _tidy(workspace: Workspace) -> None:
    """Delete what crashes left, wherever it lies: it may be of days that are purged now."""
    move.sweep(workspace)
    remove_left(workspace.segments.scratch.parent)


def _hold_damaged(workspace: Workspace, due: Due, *, now: int) -> None:
    """Hold a day whose records are found to be damaged only now that they are to go."""
    with workspace.file.read() as connection:
        listed = manifest.of_day(connection, due.stream, due.day)
    step = partial(move.check_all, workspace, listed)
    holding(workspace, workspace.catalog.stream(due.stream), due.day, step, None, now=now)


def _refuse_a_clock_behind(workspace: Workspace, *, now: int) -> None:
    with workspace.file.read() as connection:
        seq, _, at = ledger.head(connection)
    if now < at:
        message = (
            f"The clock is {(at - now) // 1_000_000} s behind ledger entry {seq}: set it right; nothing is purged."
        )
        raise Unavailable("CLOCK_BEHIND", message)


def _begin(workspace: Workspace, calendar: Calendar, due: Due, *, now: int, reason: str | None = None) -> bool:
    """Write down that a day is being purged, unless it was touched or held since it was planned."""
    stream = workspace.catalog.stream(due.stream)
    with workspace.file.write() as connection:
        state = days.state(connection, due.stream, due.day)
        if state.purge or (reason is None and (not state.is_sealed or state.held)):
            return False
        segments = manifest.of_day(connection, due.stream, due.day)
        body: dict[str, object] = {
            "records": state.control.records,
            "seal": state.seal if state.is_sealed else None,
            "segments": [[s.file, s.sha256, s.records] for s in segments],
        }
        if reason is not None:
            body |= {"unproven": state.held or "NOT_SEALED", "reason": reason, "control": state.control.to_json()}
        short = _short(state)
        if short:
            body |= {"kept": state.seal, "uncounted": short}
        seq = ledger.append(connection, Kind.PURGING, body, now=now, stream=due.stream, day=due.day)
        if short and state.incomplete is None:
            values = {"sealed": state.touched, "incomplete": seq, "uncounted": short}
            days.set_state(connection, due.stream, due.day, **values)
        pairs = records.keys_of(connection, due.stream, due.day)
        marks = ((workspace.keys.mark(key), row) for key, row in pairs)
        records.replace_keys(connection, due.stream, due.day, marks)
        # Where nothing late was taken before, nothing is now: whoever ended that had no keys to recognise it with.
        until = state.late_until or late_until(stream, calendar, now=now)
        days.set_state(
            connection,
            due.stream,
            due.day,
            purge="purging",
            purged_at=now,
            late_until=until,
            held=None,
            held_detail=None,
            held_at=None,
        )
    return True


def _short(state: DayState) -> int:
    """Give how many accepted records the figures of a day's seal lack; without a seal there are none to lack any."""
    if state.seal is None or state.is_sealed:
        return state.uncounted
    return max(state.control.records - (state.sealed_records or 0), 0)


def _delete(workspace: Workspace, stream: str, day: int) -> None:
    """Take a purging day's records away; can be repeated, by another process too."""
    while True:
        with workspace.file.write() as connection:
            if records.drop_tail(connection, stream, day, NEVER, BATCH) < BATCH:
                break
    with workspace.file.write() as connection:
        # Who was cut off here before had withdrawn the files but not yet removed them.
        files = {name for name, _ in _purged_files(connection, stream, day)}
        manifest.withdraw(connection, manifest.of_day(connection, stream, day))
        days.forget_control(connection, stream, day)
    workspace.segments.remove(sorted(files))


def _purged_files(connection: Connection, stream: str, day: int) -> Iterator[tuple[str, str]]:
    """Give name and SHA-256 of every file that a purge of the day was about, or that was given up before."""
    for kind, listed in ((Kind.PURGING, "segments"), (Kind.ACCEPTED, "lost_segments")):
        for entry in ledger.entries(connection, stream=stream, day=day, kind=kind):
            body: Any = entry.body
            yield from ((name, digest) for name, digest, _ in body.get(listed, ()))


def _again(workspace: Workspace, *, now: int) -> list[Due]:
    """Delete again what is left of days whose purge was cut off, and what came back into purged ones."""
    deleted: list[Due] = []
    for stream in _own(workspace):
        with workspace.file.read() as connection:
            states = days.states(connection, stream.name)
            waiting = records.tail_days(connection, stream.name)
        for day, state in states.items():
            if state.purge == "purging":
                _delete(workspace, stream.name, day)
                deleted.append(Due(stream=stream.name, day=day, records=state.control.records))
            elif state.purge == "purged":
                is_there = day in waiting or bool(workspace.segments.of_day(stream.name, day))
                if is_there or state.held:
                    _reappeared(workspace, stream, day, now=now)
    return deleted


def _reappeared(workspace: Workspace, stream: Stream, day: int, *, now: int) -> None:
    """Purge again what came back into a purged day: the files and keys that were proven then, nothing else.

    What was never proven holds the day, until it is gone.
    """
    with workspace.file.write() as connection:
        proven = {digest for _, digest in _purged_files(connection, stream.name, day)}
        files = workspace.segments.of_day(stream.name, day)
        known = [name for name in files if workspace.segments.digest(name) in proven]
        rows = _reappeared_rows(workspace, connection, stream, day)
        unknown = len(files) - len(known)
        if known or rows:
            body = {"files": len(known), "records": rows, "unknown_files": unknown}
            ledger.append(connection, Kind.REAPPEARED, body, now=now, stream=stream.name, day=day)
        left, _ = records.tail_days(connection, stream.name).get(day, (0, 0))
        if unknown or left:
            lying = f"{counted(unknown, 'files')} and {counted(left, 'records')}"
            detail = f"In a purged day, and never proven: {lying}. Take them away."
            hold(connection, stream.name, day, REAPPEARED, detail, now=now)
        else:
            days.set_state(connection, stream.name, day, held=None, held_detail=None, held_at=None)
    workspace.segments.remove(known)


def _reappeared_rows(workspace: Workspace, connection: Connection, stream: Stream, day: int) -> int:
    """Delete tail rows of a purged day whose keys it is known to have had."""
    marks = {seq: workspace.keys.mark(key) for seq, key in records.tail_keys(connection, stream.name, day)}
    known = records.recognise(connection, stream.name, day, list(marks.values()))
    return records.drop_rows(connection, stream.name, day, [seq for seq, mark in marks.items() if mark in known])


def _finish(workspace: Workspace, deleted: Sequence[Due], *, now: int) -> list[Due]:
    """Empty the log and write down which of the deleted days are purged, all of them or, for now, none."""
    if not deleted or not workspace.file.truncate():
        return []
    with workspace.file.write() as connection:
        for due in deleted:
            if days.state(connection, due.stream, due.day).purge == "purging":  # nobody else finished it meanwhile
                ledger.append(connection, Kind.PURGED, {}, now=now, stream=due.stream, day=due.day)
                days.set_state(connection, due.stream, due.day, purge="purged")
    return list(deleted)


def _forget_fingerprints(workspace: Workspace, *, now: int) -> None:
    """Drop what remained of purged days' keys, values and people once nothing late is taken any more."""
    with workspace.file.read() as connection:
        over = [
            (name, day)
            for name in workspace.catalog.streams
            for day, state in days.states(connection, name).items()
            if state.purge == "purged" and state.late_until is not None and state.late_until < now
        ]
    for stream, day in over:
        with workspace.file.write() as connection:
            records.forget_fingerprints(connection, stream, day)
            distinct.forget(connection, stream, day)
            people.forget(connection, stream, day)
            days.set_state(connection, stream, day, late_until=None)


def _expire(workspace: Workspace, calendar: Calendar, *, now: int) -> int:
    """Delete rollup rows past their own retention, whether or not they are declared still; give how many days went."""
    with workspace.file.read() as connection:
        known = rollups.known(connection)
    gone = 0
    for generation in known:
        first = kept_from(generation.keep, calendar, now)
        if first is None:
            continue
        with workspace.file.write() as connection:
            count = rollups.expire(connection, generation, first)
            if count:
                body = {"table": generation.table, "before": first, "days": count}
                ledger.append(connection, Kind.EXPIRED, body, now=now, stream=generation.stream)
            gone += count
    return gone
