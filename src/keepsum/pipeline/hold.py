"""Holding a day: what cannot be proven is not sealed and not purged, until a person decides."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from keepsum.engine.rowhash import hash_rows
from keepsum.model.day import date_of
from keepsum.model.errors import Conflict, NotFound, ProofFailed
from keepsum.model.ledger import Kind
from keepsum.model.stream import Stream
from keepsum.pipeline.records import control_of, read_day, still_listed
from keepsum.store import days, ledger, manifest, records
from keepsum.store.database import Connection
from keepsum.store.homes.embedded import Damaged
from keepsum.store.workspace import Workspace

T = TypeVar("T")

SHRUNK, DAMAGED, REAPPEARED, TWO_DAYS = "SHRUNK", "DAMAGED", "REAPPEARED", "KEY_ON_TWO_DAYS"
OUTSIDE = "TIME_OUTSIDE_DAY"


def hold(connection: Connection, stream: str, day: int, code: str, detail: str, *, now: int) -> None:
    """Hold a day for a reason; said again, it is not written again."""
    state = days.state(connection, stream, day)
    if state.held == code and state.held_detail == detail:
        return
    days.set_state(connection, stream, day, held=code, held_detail=detail, held_at=now)
    ledger.append(connection, Kind.HELD, {"reason": code, "detail": detail}, now=now, stream=stream, day=day)


def holding(workspace: Workspace, stream: Stream, day: int, step: Callable[[], T], nothing: T, *, now: int) -> T:
    """Run a step on one day; when its records are damaged or prove nothing, hold the day and give `nothing`."""
    try:
        return step()
    except Damaged as error:
        if still_listed(workspace, error):
            with workspace.file.write() as connection:
                hold(connection, stream.name, day, DAMAGED, str(error), now=now)
    except ProofFailed as error:
        with workspace.file.write() as connection:
            hold(connection, stream.name, day, error.code, error.message, now=now)
    return nothing


def accept(workspace: Workspace, stream: Stream, day: int, reason: str, *, now: int) -> str:
    """Let a held day go on, by a person's decision that the ledger keeps; give what it was held for.

    A damaged day goes on with the records that can still be read: they become its control.
    """
    with workspace.file.write() as connection:
        state = days.state(connection, stream.name, day)
        if state.held is None:
            raise NotFound("NOT_HELD", f"Day {date_of(day)} of stream {stream.name!r} is not held.")
        if state.purge:
            raise Conflict("DAY_PURGED", f"Day {date_of(day)} of stream {stream.name!r} is {state.purge} already.")
        body: dict[str, object] = {"held": state.held, "detail": state.held_detail, "reason": reason}
        if state.held not in (SHRUNK, TWO_DAYS, OUTSIDE):
            body |= _rebase(workspace, connection, stream, state)
        ledger.append(connection, Kind.ACCEPTED, body, now=now, stream=stream.name, day=day)
        days.set_state(
            connection,
            stream.name,
            day,
            held=None,
            held_detail=None,
            held_at=None,
            accepted=",".join(sorted({*state.accepts, state.held})),
            touched=state.touched + 1,
        )
    return state.held


def _rebase(workspace: Workspace, connection: Connection, stream: Stream, state: days.DayState) -> dict[str, object]:
    """Take the records that can be read as all there are, and say what is lost."""
    layout = workspace.layout(stream)
    good: list[manifest.Segment] = []
    lost: list[manifest.Segment] = []
    for segment in manifest.of_day(connection, stream.name, state.day):
        try:
            workspace.segments.check(segment)
            good.append(segment)
        except Damaged:
            lost.append(segment)
    manifest.withdraw(connection, lost)
    table, key = read_day(workspace, connection, layout, state, good), workspace.keys.control
    found = control_of(layout, table, key)
    days.replace_control(connection, stream.name, state.day, found)
    hashes, _ = hash_rows({name: table.column(name) for name in layout.names}, key)
    # What is lost may be sent again, so it must not be known any more.
    pairs = zip(table.column("key").to_pylist(), hashes.view(np.int64).tolist(), strict=True)
    records.note_keys_anew(connection, stream.name, state.day, pairs)
    return {
        "control_before": state.control.to_json(),
        "control": found.to_json(),
        "lost_segments": [[s.file, s.sha256, s.records] for s in lost],
    }
