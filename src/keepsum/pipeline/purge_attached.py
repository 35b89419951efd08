"""Deleting what is proven from a database that is not ours, in steps that can be cut off anywhere.

1. The day is read again in one snapshot. Unless every chunk is as it was sealed, the day is proven anew first.
2. `purging` is in the ledger, with the marks of its keys, before the first delete.
3. Chunk by chunk, each in one short transaction: its rows are read by key under lock, are the ones that were sealed,
   and are deleted by those keys, after what belongs to them; all counts agree, or nothing of the chunk is deleted.
4. `purged` is in the ledger when nothing of the day is left. A chunk that changed meanwhile stays, and the day is held.

A row that is gone when a purge goes on after it was cut off counts as gone: what is left and what is gone are what was.
A stream whose table is a child of another stream's goes along with that one, its days proven and purged together.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from keepsum.engine.days import Calendar
from keepsum.engine.expire import is_due
from keepsum.engine.remain import places
from keepsum.model.counted import counted
from keepsum.model.errors import Conflict, ProofFailed, Unavailable
from keepsum.model.layout import RollupLayout
from keepsum.model.ledger import Kind
from keepsum.model.stream import Stream
from keepsum.pipeline import gather, purge_late, purge_proof, recur
from keepsum.pipeline.attached import is_of_database
from keepsum.pipeline.due import OFF, Due, blocked, late_until
from keepsum.pipeline.hold import PARTLY_PURGED, TWO_DAYS, hold
from keepsum.pipeline.purge_proof import Noted, Proof
from keepsum.pipeline.purge_rows import BUSY, Rows, Stays
from keepsum.pipeline.purge_switch import Unit, refuse_reach, unit_of, units
from keepsum.pipeline.recur import Looked
from keepsum.store import days, ledger, records
from keepsum.store.database import Connection
from keepsum.store.days import DayState
from keepsum.store.workspace import Workspace

Advance = Callable[[int, int], None]  # days done, records gone


@dataclass(frozen=True, kw_only=True)
class Gone:
    """What went from applications' own databases; what may not go, and what could not be finished this time."""

    days: tuple[Due, ...] = ()
    blocked: tuple[Due, ...] = ()
    unfinished: tuple[Due, ...] = field(default=())


def plan(workspace: Workspace, calendar: Calendar, *, now: int) -> list[Due]:
    """Say which days of applications' own databases are past their deadline, and which of them may not go."""
    return [due for unit in units(workspace) for due in _due(unit, calendar, now=now)]


def _due(unit: Unit, calendar: Calendar, *, now: int) -> list[Due]:
    with unit.workspace.file.read() as connection:
        states = days.states(connection, unit.stream.name)
        past = {d: s for d, s in states.items() if not s.purge and is_due(d, unit.stream.keep, calendar, now)}
        found = [_judged(unit, connection, state) for state in past.values()]
    if not unit.enabled:
        refused = _refused(unit) if found else None
        # A database that cannot be asked now may be safe.
        detail = None if refused is None or is_of_database(refused) else str(refused)
        return [replace(due, blocked=OFF, detail=detail) for due in found]
    refused = _refused(unit) if any(due.blocked is None for due in found) else None
    if refused is None:
        return found
    return [due if due.blocked else replace(due, blocked=refused.code, detail=refused.message) for due in found]


def _refused(unit: Unit) -> Conflict | Unavailable | None:
    """Give the error of why rows of a unit cannot be deleted at all, if there is one."""
    try:
        refuse_reach(unit)
    except (Conflict, Unavailable) as error:
        return error
    return None


def _judged(unit: Unit, connection: Connection, state: DayState) -> Due:
    """Give a day past its deadline, with what keeps it, or a day of a stream along with it, from going."""
    due = Due(stream=unit.stream.name, day=state.day, records=state.control.records)
    for stream in unit.streams:
        here = {RollupLayout(rollup=rollup).table for rollup in unit.workspace.catalog.rollups_of(stream.name)}
        mine = state if stream is unit.stream else days.state(connection, stream.name, state.day)
        reason = blocked(connection, unit.workspace, mine, here)
        if reason is not None:
            return replace(due, blocked=reason, detail=f"It is about stream {stream.name!r}.")
    return due


def purge(workspace: Workspace, calendar: Calendar, *, now: int, advance: Advance) -> Gone:
    """Delete the rows of every day that may go, and finish what was cut off, as far as each database lets it."""
    done: list[Due] = []
    stopped: list[Due] = []
    unfinished: list[Due] = []
    for unit in units(workspace):
        try:
            for due in _purged(unit, calendar, now=now):
                listed = done if due.blocked is None else unfinished if due.blocked in BUSY else stopped
                listed.append(due)
                if due.blocked is None:
                    advance(1, due.records)
        except (Conflict, Unavailable) as error:
            if not is_of_database(error):
                raise
            said = {due.day for due in (*stopped, *unfinished) if due.stream == unit.stream.name}
            waiting = [due for due in _due_begun(unit) if due.day not in said]
            unfinished += [replace(due, blocked=error.code, detail=error.message) for due in waiting]
            if not waiting:
                none = Due(stream=unit.stream.name, day=calendar.number_of(now), records=0)
                unfinished.append(replace(none, blocked=error.code, detail=error.message))
    return Gone(days=tuple(done), blocked=tuple(stopped), unfinished=tuple(unfinished))


def _due_begun(unit: Unit) -> list[Due]:
    """Give the days whose purge has begun and is not finished."""
    with unit.workspace.file.read() as connection:
        states = days.states(connection, unit.stream.name)
    begun = (state for state in states.values() if state.purge == "purging")
    return [Due(stream=unit.stream.name, day=state.day, records=state.control.records) for state in begun]


def _purged(unit: Unit, calendar: Calendar, *, now: int) -> Iterator[Due]:
    """Finish, then begin and finish one day after the other; give each with what came of it."""
    for due in _due_begun(unit):
        refuse_reach_again(unit)
        yield _resumed(unit, calendar, due, now=now)
    if not unit.enabled:
        return
    for due in _due(unit, calendar, now=now):
        yield due if due.blocked is not None else _proven_and_deleted(unit, calendar, due, now=now)
    purge_late.look(unit.workspace, unit.streams, calendar, partial(refuse_reach_again, unit), now=now)


def refuse_reach_again(unit: Unit) -> None:
    """Raise `DATABASE_SCHEMA` where a day's purge has begun and the tables are no longer those it was safe with."""
    try:
        refuse_reach(unit)
    except Conflict as error:
        if is_of_database(error):
            raise
        raise Unavailable("DATABASE_SCHEMA", f"{error.code}: {error.message}") from error


def _proven_and_deleted(unit: Unit, calendar: Calendar, due: Due, *, now: int) -> Due:
    unit.home.rehearse()  # a day that cannot be deleted is not begun
    try:
        proof = purge_proof.read(unit, calendar, due.day)
    except ProofFailed:
        proof = None
    refused = _begin(unit, calendar, due.day, proof, now=now)
    if proof is None or refused is not None:
        return replace(due, blocked=refused)
    return _delete(unit, due, proof.rows[unit.stream.name], now=now)


def _begin(unit: Unit, calendar: Calendar, day: int, proof: Proof | None, *, now: int) -> str | None:
    """Write down that a day is being purged if it is as it was sealed; else say why not, and let it be proven anew."""
    looked: dict[str, Looked] = (
        {} if proof is None else {one.name: _look(unit, proof, one, day) for one in unit.streams}
    )
    with unit.workspace.file.write() as connection:
        states = {one.name: days.state(connection, one.name, day) for one in unit.streams}
        if any(not state.is_sealed or state.held or state.purge for state in states.values()):
            return "NOT_SEALED"
        changed = [s for s in states.values() if proof is None or not proof.is_as_sealed(connection, s)]
        for state in changed:
            days.set_state(connection, state.stream, day, touched=state.touched + 1)
        if changed or proof is None:
            return "ROWS_CHANGED"
        if not proof.is_whole:
            return "UNPROVEN_CHILDREN"
        recurring = partial(recur.hold_recurring, unit.workspace, connection, now=now)
        if any(recurring(state, looked[state.stream]) for state in states.values()):
            return f"HELD_{TWO_DAYS}"
        for state in states.values():
            _write_down(unit, connection, calendar, state, proof, now=now)
    return None


def _look(unit: Unit, proof: Proof, stream: Stream, day: int) -> Looked:
    return recur.look(unit.workspace, stream, day, proof.rows[stream.name].marks)


def _write_down(
    unit: Unit,
    connection: Connection,
    calendar: Calendar,
    state: DayState,
    proof: Proof,
    *,
    now: int,
    reason: str | None = None,
) -> None:
    """Chain the intention to purge a day, with what belongs to each of its chunks, and note the marks of its keys."""
    rows, stream = proof.rows[state.stream], unit.workspace.catalog.stream(state.stream)
    body: dict[str, object] = {"records": len(rows), "seal": state.seal if state.is_sealed else None, "segments": []}
    if state.stream == unit.stream.name:
        body |= proof.said(chunks=reason is not None)
    else:
        body["along"] = unit.stream.name
    if reason is not None:
        body |= _unproven(state, rows, reason)
    ledger.append(connection, Kind.PURGING, body, now=now, stream=state.stream, day=state.day)
    records.replace_keys(connection, state.stream, state.day, rows.noted())
    until = state.late_until or late_until(stream, calendar, now=now)
    released = {"held": None, "held_detail": None, "held_at": None}
    days.set_state(connection, state.stream, state.day, purge="purging", purged_at=now, late_until=until, **released)


def _resumed(unit: Unit, calendar: Calendar, due: Due, *, now: int) -> Due:
    """Go on with a day whose purge was cut off, or kept back chunks: with what is left of the rows that were noted."""
    try:
        with gather.snapshot(unit.workspace, unit.stream, *unit.along) as reading:
            there = unit.home.read(reading, calendar.day(due.day))
    except ProofFailed as error:
        with unit.workspace.file.write() as connection:
            hold(connection, unit.stream.name, due.day, error.code, error.message, now=now)
        return replace(due, blocked=f"HELD_{error.code}", detail=error.message)
    with unit.workspace.file.read() as connection:
        known = records.recognise(connection, unit.stream.name, due.day, there.marks.view(np.int64).tolist())
    chosen = np.isin(there.marks.view(np.int64), np.fromiter(known, np.int64, len(known)))
    return _delete(unit, due, there.where(chosen), now=now)


def _delete(unit: Unit, due: Due, left: Rows, *, now: int) -> Due:
    """Delete what is left of a day, chunk by chunk, and write down what came of it."""
    with unit.workspace.file.read() as connection:
        state = days.state(connection, unit.stream.name, due.day)
        noted = purge_proof.noted(connection, state)
    pieces, accepted = list(left.pieces(noted.halvings)), PARTLY_PURGED in state.accepts
    stays: list[int] = []
    busy: Conflict | None = None
    for piece, place in zip(pieces, places(noted.chunks, [piece.chunk for piece in pieces]), strict=True):
        # What a person let go goes as it is now.
        expected = piece if accepted or place is None else replace(piece, kin=noted.kin(place))
        try:
            if place is None and not accepted:
                raise Stays
            unit.home.delete(expected, once=busy is not None)
        except Stays:
            stays.append(len(piece.keys))
        except Conflict as error:
            if error.code not in BUSY:
                raise
            busy = error  # the others of the day go all the same
    if busy is not None:
        return replace(due, blocked=busy.code, detail=busy.message)
    return _conclude(unit, due, noted, stays, now=now)


def _conclude(unit: Unit, due: Due, noted: Noted, stays: Sequence[int], *, now: int) -> Due:
    """Write down that a day is purged, or how much of it stays; what is gone and what is left are what was."""
    was, left, name, day = noted.records, sum(stays), unit.stream.name, due.day
    figures: dict[str, object] = {"was": was, "gone": was - left, "left": left}
    with unit.workspace.file.write() as connection:
        state = days.state(connection, name, day)
        if state.purge != "purging":
            return due
        if not left:
            for one in unit.streams:
                _conclude_one(connection, one, day, figures if one is unit.stream else {}, now=now)
            return replace(due, along=noted.along)
        detail = (
            f"{counted(left, 'rows')} of {was:,} stay in the application's database, {counted(len(stays), 'chunks')} "
            f"no longer as sealed, or held by something there. Figures stay as sealed. Put the rows back, or accept."
        )
        if (state.held, state.held_detail) != (PARTLY_PURGED, detail):
            ledger.append(connection, Kind.PARTLY_PURGED, figures, now=now, stream=name, day=day)
        hold(connection, name, day, PARTLY_PURGED, detail, now=now)
    return replace(due, blocked=f"HELD_{PARTLY_PURGED}", detail=detail)


def _conclude_one(connection: Connection, stream: Stream, day: int, figures: Mapping[str, object], *, now: int) -> None:
    ledger.append(connection, Kind.PURGED, figures, now=now, stream=stream.name, day=day)
    days.forget_control(connection, stream.name, day)
    released: dict[str, object] = {"held": None, "held_detail": None, "held_at": None, "accepted": None}
    days.set_state(connection, stream.name, day, purge="purged", **released)


def purge_unproven(workspace: Workspace, calendar: Calendar, stream: Stream, day: int, reason: str, *, now: int) -> int:
    """Delete a day that cannot be proven, as its rows are now, by a person's decision; give how many rows went.

    Raises `PURGE_OFF` before rows of the stream may be purged at all, `PARTLY_PURGED` when some changed meanwhile, and
    what `refuse_reach` does.
    """
    unit = unit_of(workspace, stream)
    _refuse_off(unit)
    unit.home.rehearse()
    refuse_reach(unit)
    proof = purge_proof.read(unit, calendar, day)
    due = Due(stream=stream.name, day=day, records=len(proof.rows[stream.name]))
    with workspace.file.write() as connection:
        for one in unit.streams:
            state = days.state(connection, one.name, day)
            _write_down(unit, connection, calendar, state, proof, now=now, reason=reason)
            _let_stand(connection, state, proof.rows[one.name])
    found = _delete(unit, due, proof.rows[stream.name], now=now)
    if found.blocked is not None:
        raise Conflict(PARTLY_PURGED, found.detail or "")
    return due.records


def _refuse_off(unit: Unit) -> None:
    if not unit.enabled:
        name = unit.stream.name
        raise Conflict(OFF, f"Nobody let rows of stream {name!r} be purged yet: `keepsum purge --enable {name}`.")


def _unproven(state: DayState, rows: Rows, reason: str) -> dict[str, object]:
    """Give what the ledger says of a day that goes without a proof: why, and what its seal lacks of it."""
    said: dict[str, object] = {"unproven": state.held or "NOT_SEALED", "reason": reason}
    short = _short(state, rows)
    return said | ({"kept": state.seal, "uncounted": short} if short else {})


def _short(state: DayState, rows: Rows) -> int:
    """Give how many rows the figures of a day's seal lack; without a seal there are none to lack any."""
    return 0 if state.seal is None else max(len(rows) - (state.sealed_records or 0), 0)


def _let_stand(connection: Connection, state: DayState, rows: Rows) -> None:
    """Let the figures of a day's seal stand, and say what they lack."""
    short = _short(state, rows)
    seq, _, _ = ledger.head(connection)
    if short and state.incomplete is None:
        values = {"sealed": state.touched, "incomplete": seq, "uncounted": short}
        days.set_state(connection, state.stream, state.day, **values)
