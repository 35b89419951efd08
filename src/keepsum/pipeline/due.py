"""A day past its deadline, and what keeps its records from going."""

from dataclasses import dataclass

from keepsum.engine.days import Calendar
from keepsum.engine.expire import shifted
from keepsum.model.stream import FOREVER, Stream
from keepsum.pipeline.hold import DAMAGED
from keepsum.store import manifest, rollups
from keepsum.store.database import Connection
from keepsum.store.days import DayState
from keepsum.store.homes.embedded import Damaged
from keepsum.store.workspace import Workspace

OFF = "PURGE_OFF"
NEVER = 2**62


@dataclass(frozen=True, kw_only=True)
class Due:
    """A day past its deadline: it goes, or `blocked` says by name why it may not, and `detail` what that is about.

    With the records of a day that is gone went so many rows of other tables `along`.
    """

    stream: str
    day: int
    records: int
    along: int = 0
    blocked: str | None = None
    detail: str | None = None


def blocked(connection: Connection, workspace: Workspace, state: DayState, tables: set[str]) -> str | None:
    """Say why a day past its deadline may not go; `tables` are those of its rollups as they are declared today."""
    if state.held:
        return f"HELD_{state.held}"
    if not state.is_sealed:
        return "NOT_SEALED"
    # What is no longer whole is never rolled again: its older figures are all there will be.
    if state.incomplete is None and not tables <= {
        g.table for g, _ in rollups.covering(connection, state.stream, state.day)
    }:
        return "NOT_ROLLED"
    for segment in manifest.of_day(connection, state.stream, state.day):
        try:
            workspace.segments.check(segment)
        except Damaged:
            return f"HELD_{DAMAGED}"
    return None


def late_until(stream: Stream, calendar: Calendar, *, now: int) -> int:
    """Give until when new records of a day that is purged now are taken as corrections."""
    last = shifted(calendar.number_of(now), stream.late)
    if last is None or stream.late == FOREVER:
        return NEVER
    today = calendar.day(calendar.number_of(now))
    return calendar.day(last).start + (now - today.start)
