"""Rolling up: read an ended day back, prove it against control, roll it twice, and seal what agrees.

1. The records read back must add up to control, row hashes included, and lie within the day; else the day is held.
2. The compiled statement and the plain fold must give the same rows and parts, byte for byte; else it is held.
3. The rows as stored must be the rows that were proven; the seal lists their digest, chained in the ledger.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

import pyarrow as pa

from keepsum.engine import codes, fold, verify
from keepsum.engine.compile import decode
from keepsum.engine.compile.statement import Statement
from keepsum.engine.days import Calendar
from keepsum.engine.folding import Folding
from keepsum.engine.rolled import Rolled
from keepsum.model.counted import counted
from keepsum.model.day import A_DAY, Day
from keepsum.model.errors import ProofFailed
from keepsum.model.layout import RollupLayout
from keepsum.model.rollup import Rollup
from keepsum.model.stream import Stream
from keepsum.pipeline import attached, seal
from keepsum.pipeline.hold import OUTSIDE, hold, holding, refuse_shrunk
from keepsum.pipeline.move import check_all, compact, loose_days, move_day
from keepsum.pipeline.proof import Batch, Outcome, Proven, distinct_columns, ended_days, marks_of
from keepsum.pipeline.records import control_of, filled, together, with_day
from keepsum.store import days, manifest, records, rollups, standing
from keepsum.store.days import DayState
from keepsum.store.manifest import Segment
from keepsum.store.workspace import Workspace

# Few enough that two processes end at about the same time and hold little memory; more at once are no faster.
DAYS_A_BATCH = 10
RECORDS_A_BATCH = 500_000

Advance = Callable[[int, int], None]  # days done, records done


def plan(
    workspace: Workspace,
    calendar: Calendar,
    *,
    now: int,
    first: int | None = None,
    last: int | None = None,
    streams: Iterable[str] | None = None,
) -> list[Batch]:
    """Give the batches of ended days that are not sealed, or not under today's definitions, in order.

    Of streams in an application's own database also those that have to be read again; raises `DATABASE_*`.
    """
    batches: list[Batch] = []
    for stream in workspace.catalog.streams.values():
        if streams is None or stream.name in set(streams):
            is_attached = stream.name in workspace.attached
            planned = _batches_attached if is_attached else _batches
            batches.extend(planned(workspace, stream, calendar, now=now, first=first, last=last))
    return batches


def _batches_attached(
    workspace: Workspace, stream: Stream, calendar: Calendar, *, now: int, first: int | None, last: int | None
) -> Sequence[Batch]:
    return attached.plan(workspace, stream, calendar, now=now, first=first, last=last).batches


def backlog(workspace: Workspace, batches: Sequence[Batch]) -> int:
    """Give how many records the batches are about."""
    names = {batch.stream for batch in batches}
    with workspace.file.read() as connection:
        known = {name: days.states(connection, name) for name in names}
    return sum(known[b.stream][day].control.records for b in batches for day in b.days if day in known[b.stream])


def roll(
    workspace: Workspace,
    calendar: Calendar,
    batches: Sequence[Batch],
    *,
    now: int,
    each: Callable[[Callable[[Batch], Outcome], Sequence[Batch]], Iterator[Outcome]] = map,
    advance: Advance = lambda _days, _records: None,
) -> Outcome:
    """Roll, prove and seal batches; `each` maps a function over them, perhaps on several processes, in any order.

    Days of an application's own database come after the others, one by one: that database has others to serve, too.
    """
    elsewhere = [batch for batch in batches if batch.stream in workspace.attached]
    here = [batch for batch in batches if batch.stream not in workspace.attached]
    own = each(partial(roll_batch, workspace, calendar, now=now), here)
    total = Outcome()
    for outcome in chain(own, attached.roll(workspace, calendar, elsewhere, now=now)):
        total += outcome
        advance(outcome.days, outcome.records)
    return total


def roll_batch(workspace: Workspace, calendar: Calendar, batch: Batch, *, now: int) -> Outcome:
    """Roll, prove and seal the days of one batch; a day that cannot be proven is held, the others go on."""
    stream = workspace.catalog.stream(batch.stream)
    gather, loose = partial(_gather, workspace, stream, now=now), loose_days(workspace, stream, batch.days)
    gathered = (
        holding(workspace, stream, day, partial(gather, day), None, now=now) if day in loose else day
        for day in batch.days
    )
    readable = _read(workspace, stream, calendar, [day for day in gathered if day is not None], now=now)
    held = len(batch.days) - len(readable)
    if not readable:
        return Outcome(held=held)
    try:
        proven = prove(workspace, stream, readable)
        outcome = seal.write(workspace, calendar, proven, now=now)
    except ProofFailed as error:
        if len(readable) > 1:
            alone = (Batch(stream=batch.stream, days=(day,)) for day in readable)
            return sum((roll_batch(workspace, calendar, one, now=now) for one in alone), Outcome(held=held))
        with workspace.file.write() as connection:
            hold(connection, stream.name, next(iter(readable)), error.code, error.message, now=now)
        return Outcome(held=held + 1)
    return outcome + Outcome(held=held)


def _gather(workspace: Workspace, stream: Stream, day: int, *, now: int) -> int:
    """Bring an ended day's records into one file, and give the day."""
    move_day(workspace, stream, day, now=now)
    compact(workspace, stream, day, now=now)
    return day


def _batches(
    workspace: Workspace, stream: Stream, calendar: Calendar, *, now: int, first: int | None, last: int | None
) -> Iterator[Batch]:
    with workspace.file.read() as connection:
        states = days.states(connection, stream.name)
        begin = standing.begin(connection, stream)
        tables = [RollupLayout(rollup=r).table for r in workspace.catalog.rollups_of(stream.name)]
        covered = [rollups.coverage(connection, table, -(10**7), 10**7) for table in tables]
    chosen: list[int] = []
    size = 0
    for day in ended_days(begin, calendar, now=now):
        state = states.get(day, DayState(stream=stream.name, day=day))
        wanted = (first is None or day >= first) and (last is None or day <= last)
        done = state.is_sealed and all(day in table for table in covered)
        if not wanted or done or state.purge or state.incomplete is not None:
            continue
        if chosen and (len(chosen) == DAYS_A_BATCH or size + state.control.records > RECORDS_A_BATCH):
            yield Batch(stream=stream.name, days=tuple(chosen))
            chosen, size = [], 0
        chosen.append(day)
        size += state.control.records
    if chosen:
        yield Batch(stream=stream.name, days=tuple(chosen))


def _read(
    workspace: Workspace, stream: Stream, calendar: Calendar, wanted: Sequence[int], *, now: int
) -> dict[int, tuple[DayState, pa.Table]]:
    """Read days back and compare each with control; hold those that differ or have shrunk, and leave them out."""
    if not wanted:
        return {}
    standing = _standing(workspace, stream, wanted)
    steps = {day: partial(_read_one, workspace, stream, calendar.day(day), standing[day]) for day in wanted}
    found = {day: holding(workspace, stream, day, step, None, now=now) for day, step in steps.items()}
    return {day: one for day, one in found.items() if one is not None}


@dataclass(frozen=True, kw_only=True)
class _Standing:
    """How a day stands at one moment: its records are those of the segments and of the tail."""

    state: DayState
    segments: Sequence[Segment]
    tail: pa.Table


def _standing(workspace: Workspace, stream: Stream, wanted: Sequence[int]) -> dict[int, _Standing]:
    """Give how days stand, all at the same moment."""
    layout = workspace.layout(stream)
    with workspace.file.read() as connection:
        states = days.states_of(connection, stream.name, wanted)
        listed = manifest.of_days(connection, stream.name, min(wanted), max(wanted))
        tails = {day: records.tail(connection, layout, day, state.moved)[0] for day, state in states.items()}
    return {day: _Standing(state=states[day], segments=listed.get(day, ()), tail=tails[day]) for day in wanted}


def _read_one(
    workspace: Workspace, stream: Stream, interval: Day, standing: _Standing
) -> tuple[DayState, pa.Table] | None:
    """Give a day as it stands and its records, or nothing when its figures became final since it was planned."""
    state, layout = standing.state, workspace.layout(stream)
    if state.incomplete is not None:
        return None
    table = together(workspace, layout, standing.segments, standing.tail)
    found = control_of(layout, table, workspace.keys.control)
    if found != state.control:
        check_all(workspace, standing.segments)
        accepted = counted(state.control.records, "records")
        message = (
            f"Stream {stream.name!r} accepted {accepted} of this day, but the {found.records} "
            f"that can be read do not add up to the same control."
        )
        raise ProofFailed("CONTROL_DIFFERS", message)
    if OUTSIDE not in state.accepts:
        _refuse_strangers(stream, interval, table)
    refuse_shrunk(stream, state, found.records)
    return state, table


def _refuse_strangers(stream: Stream, interval: Day, table: pa.Table) -> None:
    """Raise `TIME_OUTSIDE_DAY` unless all records lie within the day's interval, as it was written down."""
    times = table.column("time").to_numpy()
    first, end = interval.start, interval.end
    if stream.time_kind == "date":
        first, end = interval.number * A_DAY, interval.number * A_DAY + 1
    strangers = int(((times < first) | (times >= end)).sum())
    if strangers:
        many = counted(strangers, "records")
        message = f"Outside the day's interval: {many} of stream {stream.name!r}."
        raise ProofFailed(OUTSIDE, message)


def prove(workspace: Workspace, stream: Stream, readable: Mapping[int, tuple[DayState, pa.Table]]) -> Proven:
    """Compute every rollup twice, by the statement and by the fold, and insist on one result."""
    layout = workspace.layout(stream)
    tables = [with_day(table, day) for day, (_, table) in readable.items()]
    records = filled(layout, pa.concat_tables(tables).unify_dictionaries())
    wanted = workspace.catalog.rollups_of(stream.name)
    coded = codes.encode(records, wanted)
    folding = Folding(coded, stream)
    columns = distinct_columns(stream, wanted)
    return Proven(
        stream=stream,
        states={day: state for day, (state, _) in readable.items()},
        rolled={rollup.name: _rolled(workspace, rollup, coded, folding) for rollup in wanted},
        folding=folding,
        marks={day: marks_of(Proven.of_day(records, day), columns, workspace.keys) for day in readable},
    )


def _rolled(workspace: Workspace, rollup: Rollup, coded: codes.Coded, folding: Folding) -> Rolled:
    def run(statement: Statement, records: pa.Table) -> pa.Table:
        return workspace.engine.run(statement.sql, statement.parameters, {"records": records})

    computed = decode.rolled(rollup, coded, run)
    verify.compare(rollup, computed, fold.fold(folding, rollup))
    return computed
