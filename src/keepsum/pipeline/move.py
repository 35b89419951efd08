"""The mover: takes records from the tail into segments, reads back what it wrote, and only then lets go of them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import pyarrow as pa

from keepsum.engine.days import Calendar
from keepsum.model.control import Control
from keepsum.model.day import date_of
from keepsum.model.errors import ProofFailed
from keepsum.model.layout import RecordLayout
from keepsum.model.stream import Stream
from keepsum.pipeline.hold import holding
from keepsum.pipeline.records import control_of
from keepsum.store import days, manifest, records
from keepsum.store.days import DayState
from keepsum.store.homes.embedded import Damaged
from keepsum.store.manifest import Segment
from keepsum.store.workspace import Workspace

FULL = 50_000  # records of an open day in the tail before they are moved
BATCH = 2_000  # tail rows deleted in one transaction, so that no writer waits long

Advance = Callable[[int, int], None]  # days done, records moved


def move(workspace: Workspace, calendar: Calendar, *, now: int, advance: Advance = lambda _days, _records: None) -> int:
    """Move every ended day whole, and the days still open whose tail is full; give how many records moved."""
    today = calendar.number_of(now)
    moved = 0
    for stream in workspace.catalog.streams.values():
        for day, waiting in _waiting(workspace, stream):
            if day < today or waiting >= FULL:
                step = partial(move_day, workspace, stream, day, now=now)
                count = holding(workspace, stream, day, step, 0, now=now)
                moved += count
                advance(1, count)
    return moved


def move_day(workspace: Workspace, stream: Stream, day: int, *, now: int) -> int:
    """Put a day's tail into a segment; give how many records that were."""
    layout = workspace.layout(stream)
    with workspace.file.read() as connection:
        state = days.state(connection, stream.name, day)
        table, last = records.tail(connection, layout, day, state.moved)
        before = manifest.of_day(connection, stream.name, day)
    if table.num_rows and not state.purge:
        written = _write(workspace, layout, day, table, state.control - added(before))
        try:
            if not _publish(workspace, written, state, last, now=now):
                return 0
        finally:
            workspace.segments.discard(written)  # once it is placed, there is nothing to discard
    _drop(workspace, stream.name, day)
    return table.num_rows


def _waiting(workspace: Workspace, stream: Stream) -> Iterator[tuple[int, int]]:
    """Give the days that have rows in the tail, with how many."""
    with workspace.file.read() as connection:
        found = records.tail_days(connection, stream.name)
    yield from ((day, count) for day, (count, _) in found.items())


def loose_days(workspace: Workspace, stream: Stream, wanted: Sequence[int]) -> set[int]:
    """Give those of the days whose records are not all in one file."""
    with workspace.file.read() as connection:
        tailed = records.tail_days(connection, stream.name)
        listed = manifest.of_days(connection, stream.name, min(wanted, default=0), max(wanted, default=0))
    return {day for day in wanted if day in tailed or len(listed.get(day, ())) > 1}


def added(segments: Sequence[Segment]) -> Control:
    """Give the control of segments together, as noted when they were written."""
    return sum((s.control for s in segments), Control())


def _write(workspace: Workspace, layout: RecordLayout, day: int, table: pa.Table, expected: Control) -> Segment:
    """Write records, read them back, and compare what the file holds with what control says they are."""
    home, key = workspace.segments, workspace.keys.control
    written = home.write(layout, day, table, expected)
    try:
        if control_of(layout, home.read(written, layout, placed=False), key) == expected:
            return written
        reason = "do not add up to control"
    except Damaged:
        reason = "cannot be read back"
    home.discard(written)
    message = (
        f"The {expected.records} records of stream {layout.stream.name!r} written to a new segment of {date_of(day)} "
        f"{reason}; they stay where they were."
    )
    raise ProofFailed("CONTROL_DIFFERS", message)


def _publish(workspace: Workspace, written: Segment, state: DayState, last: int, *, now: int) -> bool:
    """List the segment unless another process moved the day meanwhile."""
    with workspace.file.write() as connection:
        current = days.state(connection, written.stream, written.day)
        if current.moved != state.moved or current.purge:
            return False
        workspace.segments.place(written)
        manifest.publish(connection, written, now=now)
        days.set_state(connection, written.stream, written.day, moved=last, version=current.version + 1)
    return True


def _drop(workspace: Workspace, stream: str, day: int) -> None:
    """Delete the tail rows that segments hold, a few at a time."""
    with workspace.file.read() as connection:
        moved = days.state(connection, stream, day).moved
    while moved:
        with workspace.file.write() as connection:
            if records.drop_tail(connection, stream, day, moved, BATCH) < BATCH:
                return


def compact(workspace: Workspace, stream: Stream, day: int, *, now: int) -> None:
    """Bring an ended day's segments together in one file; the old ones go once the manifest no longer lists them."""
    layout = workspace.layout(stream)
    with workspace.file.read() as connection:
        state = days.state(connection, stream.name, day)
        before = manifest.of_day(connection, stream.name, day)
    if len(before) < 2:
        return
    tables = [workspace.segments.read(segment, layout) for segment in before]
    whole = pa.concat_tables(tables).unify_dictionaries()
    try:
        written = _write(workspace, layout, day, whole, added(before))
    except ProofFailed:
        check_all(workspace, before)
        raise
    try:
        if _replace(workspace, written, before, state, now=now):
            workspace.segments.remove(s.file for s in before)
    finally:
        workspace.segments.discard(written)


def check_all(workspace: Workspace, segments: Iterable[Segment]) -> None:
    """Raise `Damaged` when the bytes of one of the segments are not the ones that were proven."""
    for segment in segments:
        workspace.segments.check(segment)


def _replace(workspace: Workspace, written: Segment, before: Sequence[Segment], state: DayState, *, now: int) -> bool:
    """List one segment in place of others unless the day's segments changed meanwhile."""
    with workspace.file.write() as connection:
        current = days.state(connection, written.stream, written.day)
        if current.version != state.version or current.purge:
            return False
        workspace.segments.place(written)
        manifest.withdraw(connection, before)
        manifest.publish(connection, written, now=now)
        days.set_state(connection, written.stream, written.day, version=current.version + 1)
    return True


def sweep(workspace: Workspace) -> int:
    """Delete files that no manifest lists: what a crash left between writing a file and counting it.

    What lies in a purged day is left to the purge, which writes down what it finds there.
    """
    with workspace.file.lock.held(), workspace.file.read() as connection:
        listed = {segment.file for segment in manifest.everything(connection)}
        purged = {
            workspace.segments.folder_of(name, day)
            for name in workspace.catalog.streams
            for day, state in days.states(connection, name).items()
            if state.purge == "purged"
        }
        unlisted = (name for name in workspace.segments.listing() if name not in listed)
        orphans = [name for name in unlisted if name.rpartition("/")[0] not in purged]
        workspace.segments.remove(orphans)
    return len(orphans)
