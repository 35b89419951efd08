"""Days of streams that live in an application's own database: which are read, how one is sealed, how far it came.

1. The database is looked at: from which day on there are rows, and of which sealed days a row changed. Those days are
   touched here, as a late record would touch them, and so are sealed again and cannot be purged until then.
2. Each day that is not sealed, or comes near its deadline, is read and proven from one snapshot.
3. A day whose rows add up to what was sealed stays as it is; another one is sealed, under the control that was found.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from keepsum.engine import clocks, group_values
from keepsum.engine.clocks import Dialect
from keepsum.engine.compile import attached as compiled
from keepsum.engine.days import Calendar
from keepsum.engine.mapping import attached_of
from keepsum.engine.reread import Nearing, days_to_read
from keepsum.model.day import A_DAY
from keepsum.model.errors import Conflict, KeepsumError, ProofFailed, Unavailable
from keepsum.model.layout import RollupLayout
from keepsum.model.stream import Stream
from keepsum.pipeline import gather, recur, seal
from keepsum.pipeline.hold import holding, refuse_shrunk
from keepsum.pipeline.proof import Batch, Found, Outcome, Proven, ended_days
from keepsum.store import attachments, days, rollups, standing
from keepsum.store.database import Connection
from keepsum.store.days import DayState
from keepsum.store.homes.attached import Reading
from keepsum.store.workspace import Workspace

OVERLAP = A_DAY  # before the last look: a transaction may commit long after the time it writes down


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The days to read, one a batch, and how many rows have no time and so are of no day."""

    batches: Sequence[Batch]
    timeless: int = 0


@dataclass(frozen=True, kw_only=True)
class _Looked:
    """What the database says without being read day by day: the first day with rows, and days of changed rows."""

    first: int | None
    timeless: int
    changed: frozenset[int]


def plan(
    workspace: Workspace,
    stream: Stream,
    calendar: Calendar,
    *,
    now: int,
    first: int | None = None,
    last: int | None = None,
) -> Plan:
    """Look for rows that are new or changed, note their days, and say which days are to be read.

    Raises `DATABASE_*` when the database cannot be asked; then nothing is noted.
    """
    looked = _look(workspace, stream, calendar)
    with workspace.file.write() as connection:
        _note(connection, stream, looked, now=now)
    with workspace.file.read() as connection:
        chosen = _chosen(workspace, connection, stream, calendar, now=now)
    wanted = (day for day in chosen if (first is None or day >= first) and (last is None or day <= last))
    return Plan(batches=[Batch(stream=stream.name, days=(day,)) for day in wanted], timeless=looked.timeless)


def roll(workspace: Workspace, calendar: Calendar, batches: Sequence[Batch], *, now: int) -> Iterator[Outcome]:
    """Read, prove and seal the days of batches; of a stream whose database fails the other days are left unread."""
    failed: set[str] = set()
    for batch in batches:
        if batch.stream in failed:
            yield Outcome(unread=len(batch.days))
            continue
        try:
            for day in batch.days:
                yield roll_day(workspace, workspace.catalog.stream(batch.stream), calendar, day, now=now)
        except (Conflict, Unavailable) as error:
            if not is_of_database(error):
                raise
            failed.add(batch.stream)
            yield Outcome(unread=1, unreached=(str(error),))
    for name in {batch.stream for batch in batches} - failed:
        _note_backfill(workspace, workspace.catalog.stream(name), calendar, now=now)


def is_of_database(error: KeepsumError) -> bool:
    """Say whether an error is about reaching or asking a database, which may go better the next time."""
    return error.code.startswith("DATABASE_")


def roll_day(workspace: Workspace, stream: Stream, calendar: Calendar, day: int, *, now: int) -> Outcome:
    """Read, prove and seal one day; when its rows prove nothing it is held. Raises `DATABASE_*`."""
    step = partial(_roll_day, workspace, stream, calendar, day, now=now)
    return holding(workspace, stream, day, step, Outcome(held=1), now=now)


def _roll_day(workspace: Workspace, stream: Stream, calendar: Calendar, day: int, *, now: int) -> Outcome:
    with workspace.file.read() as connection:
        state = days.state(connection, stream.name, day)
        is_covered = day in _covered(workspace, connection, stream)
    if state.purge or state.incomplete is not None:
        return Outcome(left=1)
    # Rows that are as they were sealed leave nothing to do, unless the day waits for a seal for another reason.
    is_standing = state.seal is not None and is_covered and state.held is None and not state.accepted
    found = gather.read(workspace, stream, calendar.day(day), unless=state.control if is_standing else None)
    if isinstance(found, Found):
        return _unchanged(workspace, stream, state, found, now=now)
    refuse_shrunk(stream, state, found.found.control.records)
    proven = Proven(
        stream=stream,
        states={day: state},
        rolled=found.rolled,
        folding=found.folding,
        marks={day: found.marks},
        found={day: found.found},
    )
    return seal.write(workspace, calendar, proven, now=now)


def _unchanged(workspace: Workspace, stream: Stream, state: DayState, found: Found, *, now: int) -> Outcome:
    """Let a day that was touched stand under the seal it has: what changed of its rows is in no record.

    A row of it may have come from a day whose purge had not begun when this one was sealed.
    """
    looked = recur.look(workspace, stream, state.day, found.keys)
    if state.is_sealed and not len(looked.twice):
        return Outcome(same=1)
    with workspace.file.write() as connection:
        current = days.state(connection, state.stream, state.day)
        if (current.touched, current.seal, current.purge, current.held) != (state.touched, state.seal, None, None):
            return Outcome(left=1)
        if recur.hold_recurring(workspace, connection, current, looked, now=now):
            return Outcome(held=1)
        days.set_state(connection, state.stream, state.day, sealed=state.touched)
    return Outcome(same=1)


def _look(workspace: Workspace, stream: Stream, calendar: Calendar) -> _Looked:
    """Ask the database what can be asked cheaply."""
    database, mapping = workspace.attached[stream.name], attached_of(stream)
    # When a row was added says nothing of one that was added late, or is gone.
    recounts = mapping.changed is None or mapping.changed == mapping.time
    with workspace.file.read() as connection:
        known = attachments.of(connection, stream.name)
        sealed = [s for s in days.states(connection, stream.name).values() if s.is_sealed and _is_open(s)]
        states = days.states_of(connection, stream.name, [s.day for s in sealed]) if recounts else {}
    since = None if known is None or known.changes_seen is None else known.changes_seen - OVERLAP
    with gather.snapshot(workspace, stream) as reading:
        first, timeless = extent(reading, stream, database.dialect, calendar)
        if recounts:
            changed = _recounted(workspace, stream, calendar, reading, states)
        else:
            changed = _changed(reading, stream, database.dialect, calendar, since)
    return _Looked(first=first, timeless=timeless, changed=frozenset(changed))


def extent(reading: Reading, stream: Stream, dialect: Dialect, calendar: Calendar) -> tuple[int | None, int]:
    """Give the first day that has rows, if there is one, and how many rows have no time."""
    earliest, timeless = reading.row(compiled.extent(stream, dialect))
    if earliest is None:
        return None, int(timeless or 0)
    found = _days_of(stream, calendar, [earliest])
    if not found:
        message = (
            f"The first time of stream {stream.name!r} in its database is none that its clock reads: compare both."
        )
        raise Unavailable("DATABASE_SCHEMA", message)
    return min(found), int(timeless or 0)


def _changed(reading: Reading, stream: Stream, dialect: Dialect, calendar: Calendar, since: int | None) -> set[int]:
    """Give the days of rows that changed since an instant; the first time all days are read anyway."""
    statement = None if since is None else compiled.changes(stream, dialect, since)
    if statement is None:
        return set()
    found: set[int] = set()
    for rows in reading.stream(statement):
        found |= _days_of(stream, calendar, [row[0] for row in rows if row[0] is not None])
    return found


def _recounted(
    workspace: Workspace, stream: Stream, calendar: Calendar, reading: Reading, states: Mapping[int, DayState]
) -> set[int]:
    """Give the sealed days that no longer have as many rows, or the same sums, where no column says what changed."""
    dialect = workspace.attached[stream.name].dialect
    found: set[int] = set()
    for day, state in states.items():
        count, *sums = reading.row(compiled.tally(stream, dialect, calendar.day(day)))
        try:
            totals = [group_values.whole(total) or 0 for total in sums]
        except ProofFailed:
            found.add(day)  # a row of it is no record any more: reading the day says which field, and holds it
            continue
        named = dict(zip((f"f_{field.name}" for field in stream.numbers), totals, strict=True))
        if (int(count), named) != (state.control.records, state.control.sums):
            found.add(day)
    return found


def _days_of(stream: Stream, calendar: Calendar, raw: Sequence[object]) -> set[int]:
    """Give the days of times as the database has them; what is no time is found when its day is read."""
    found = clocks.instants(attached_of(stream).time, raw)
    good = found.times[~(found.malformed | found.skipped)]
    if stream.time_kind == "date":
        return set(np.unique(good // A_DAY).tolist())
    return set(np.unique(calendar.numbers_of(good)).tolist())


def _note(connection: Connection, stream: Stream, looked: _Looked, *, now: int) -> None:
    """Write down what was looked at, and touch the sealed days of which rows changed."""
    known = attachments.of(connection, stream.name)
    first = min((day for day in (looked.first, known and known.first_day) if day is not None), default=None)
    # Of a table that never had a row nothing is left to be sealed.
    backfilled = now if first is None and (known is None or known.backfilled_at is None) else None
    noted = {"first_day": first, "changes_seen": now} | ({} if backfilled is None else {"backfilled_at": backfilled})
    attachments.change(connection, stream.name, **noted)
    for day, state in days.states(connection, stream.name).items():
        if day in looked.changed and state.is_sealed and _is_open(state):
            days.set_state(connection, stream.name, day, touched=state.touched + 1)


def _is_open(state: DayState) -> bool:
    """Whether a day's figures may still change."""
    return not state.purge and state.incomplete is None


def _chosen(workspace: Workspace, connection: Connection, stream: Stream, calendar: Calendar, *, now: int) -> list[int]:
    states = days.states(connection, stream.name)
    covered = _covered(workspace, connection, stream)
    known = attachments.of(connection, stream.name)
    purges = known is not None and known.purge_enabled_at is not None
    return days_to_read(
        ended(connection, stream, calendar, now=now),
        settled={day for day, s in states.items() if s.is_sealed and not s.held and day in covered},
        final={day for day, s in states.items() if not _is_open(s)},
        nearing=Nearing(keep=stream.keep, before=stream.reread, purges=purges),
        calendar=calendar,
        now=now,
    )


def ended(connection: Connection, stream: Stream, calendar: Calendar, *, now: int) -> Iterable[int]:
    """Give the stream's days that ended, from its first."""
    return ended_days(standing.begun(connection, stream), calendar, now=now)


def _covered(workspace: Workspace, connection: Connection, stream: Stream) -> frozenset[int]:
    """Give the days that all of today's rollups have figures of."""
    tables = [RollupLayout(rollup=rollup).table for rollup in workspace.catalog.rollups_of(stream.name)]
    found = frozenset(days.states(connection, stream.name))
    for table in tables:
        found &= rollups.coverage(connection, table, *rollups.ALWAYS).keys()
    return found


def _note_backfill(workspace: Workspace, stream: Stream, calendar: Calendar, *, now: int) -> None:
    """Write down when every ended day is sealed for the first time: from then on a person may let rows be purged."""
    with workspace.file.write() as connection:
        known = attachments.of(connection, stream.name)
        if known is None or known.backfilled_at is not None or known.first_day is None:
            return
        states = days.states(connection, stream.name)
        settled = {day for day, state in states.items() if state.is_settled}
        if settled.issuperset(ended(connection, stream, calendar, now=now)):
            attachments.change(connection, stream.name, backfilled_at=now)
