"""How far a workspace has come from its first records to yesterday."""

from collections.abc import Iterator
from dataclasses import dataclass

from keepsum.engine.days import Calendar
from keepsum.pipeline.attached import ended
from keepsum.store import days
from keepsum.store.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Backfill:
    """One stream: its first and its last ended day, how many there are, and how many of them are proven or purged."""

    stream: str
    first: int | None
    last: int | None
    days: int
    settled: int


def backfills(workspace: Workspace, calendar: Calendar, *, now: int) -> Iterator[Backfill]:
    """Give how far each stream has come; one without any record has nothing to do."""
    with workspace.file.read() as connection:
        for name, stream in workspace.catalog.streams.items():
            every = [*ended(connection, stream, calendar, now=now)]
            settled = {day for day, state in days.states(connection, name).items() if state.is_settled}
            yield Backfill(
                stream=name,
                first=every[0] if every else None,
                last=every[-1] if every else None,
                days=len(every),
                settled=len(settled.intersection(every)),
            )
