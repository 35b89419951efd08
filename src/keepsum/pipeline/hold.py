"""Holding a day: what cannot be proven is not sealed and not purged, until a person decides."""

from collections.abc import Callable
from typing import TypeVar

from keepsum.model.errors import ProofFailed
from keepsum.model.ledger import Kind
from keepsum.model.stream import Stream
from keepsum.pipeline.records import still_listed
from keepsum.store import days, ledger
from keepsum.store.database import Connection
from keepsum.store.days import DayState
from keepsum.store.homes.embedded import Damaged
from keepsum.store.workspace import Workspace

T = TypeVar("T")

SHRUNK, DAMAGED, REAPPEARED, TWO_DAYS = "SHRUNK", "DAMAGED", "REAPPEARED", "KEY_ON_TWO_DAYS"
OUTSIDE, PARTLY_PURGED = "TIME_OUTSIDE_DAY", "PARTLY_PURGED"


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


def refuse_shrunk(stream: Stream, state: DayState, found: int) -> None:
    """Raise `SHRUNK` when records are gone that nobody let go; who accepted that some are lost, accepted fewer."""
    before = state.sealed_records
    if before is not None and found < before and not stream.shrinks and not state.accepts - {TWO_DAYS, OUTSIDE}:
        raise ProofFailed(SHRUNK, f"The day was sealed with {before} records and has {found} now.")
