"""New keys for a workspace whose own are gone: what lives is collected anew under them, what is purged stays as it is.

1. The file names the new keys and a new epoch, and the ledger says so.
2. Each living day's records are read, given slot, rank and row hash under the new keys, and written to a new segment;
   the day is then touched, so that it is rolled and sealed again, under the new epoch.
3. Of days whose figures are final nothing late can be recognised any more, so nothing late is taken.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from keepsum.engine import registers
from keepsum.engine.rowhash import hash_rows
from keepsum.model.day import date_of
from keepsum.model.errors import NotFound, ProofFailed
from keepsum.model.layout import RecordLayout
from keepsum.model.stream import Stream
from keepsum.pipeline.records import control_of, read_day
from keepsum.store import days, distinct, manifest, people, records
from keepsum.store.database import Database
from keepsum.store.days import DayState
from keepsum.store.homes.embedded import Damaged
from keepsum.store.keys import Keys
from keepsum.store.manifest import Segment
from keepsum.store.parcel import DATABASE
from keepsum.store.workspace import Workspace, change_keys, upgrade

EVERYTHING = 2**62


def begin(folder: Path, keys: Keys, *, now: int) -> None:
    """Let a workspace's file name new keys, before it is opened with them."""
    file = Database(folder / DATABASE)
    try:
        upgrade(file)
        change_keys(file, keys, now=now)
    finally:
        file.close()


def collect_anew(workspace: Workspace, *, now: int) -> int:
    """Give every living record its hashes under the workspace's keys; give how many days have any.

    Nobody else may work on the workspace. Raises `UNKNOWN_STREAM` when there are records of a stream that no pack of
    it declares, and `CONTROL_DIFFERS` when a day's count or sums are not those that were noted as it was collected.
    """
    with workspace.file.read() as connection:
        strangers = days.streams(connection) - workspace.catalog.streams.keys()
    if strangers:
        message = f"There are records of stream {min(strangers)!r}, which no pack of the workspace declares."
        raise NotFound("UNKNOWN_STREAM", message)
    count = 0
    for stream in workspace.catalog.streams.values():
        for state in _states(workspace, stream):
            if state.purge or state.incomplete is not None:
                _close(workspace, state, now=now)
            if state.purge or not state.control.records:
                continue
            if stream.name in workspace.attached:
                _read_again(workspace, state)
            else:
                _collect_day(workspace, stream, state, now=now)
            count += 1
    return count


def _states(workspace: Workspace, stream: Stream) -> Iterator[DayState]:
    with workspace.file.read() as connection:
        found = list(days.states(connection, stream.name))
        yield from [days.state(connection, stream.name, day) for day in found]


def _close(workspace: Workspace, state: DayState, *, now: int) -> None:
    """Take nothing late of a final day: what is known of its keys was made with keys that are gone."""
    with workspace.file.write() as connection:
        records.forget_fingerprints(connection, state.stream, state.day)
        distinct.forget(connection, state.stream, state.day)
        people.forget(connection, state.stream, state.day)
        days.set_state(connection, state.stream, state.day, late_until=min(state.late_until or now, now) - 1)


def _read_again(workspace: Workspace, state: DayState) -> None:
    """Let a day whose records live in the application's own database be read and sealed again, under the new keys."""
    with workspace.file.write() as connection:
        distinct.forget(connection, state.stream, state.day)
        days.set_state(connection, state.stream, state.day, touched=state.touched + 1)


def _collect_day(workspace: Workspace, stream: Stream, state: DayState, *, now: int) -> None:
    layout = workspace.layout(stream)
    with workspace.file.read() as connection:
        before = manifest.of_day(connection, stream.name, state.day)
        try:
            table = read_day(workspace, connection, layout, state, before)
        except Damaged as error:
            raise ProofFailed("CONTROL_DIFFERS", f"{error}: its day cannot be collected anew.") from error
    table = _rekeyed(layout, table, workspace.keys)
    found = control_of(layout, table, workspace.keys.control)
    # What a held day is held for is a person's to decide, as it was before.
    if state.held is None and (found.records, found.sums) != (state.control.records, state.control.sums):
        message = f"The records of stream {stream.name!r} on {date_of(state.day)} are not those that were collected."
        raise ProofFailed("CONTROL_DIFFERS", message)
    written = workspace.segments.write(layout, state.day, table, found)
    _exchange(workspace, layout, state, table, (written, before), now=now)
    workspace.segments.remove(segment.file for segment in before)


def _rekeyed(layout: RecordLayout, table: pa.Table, keys: Keys) -> pa.Table:
    """Give records their slots and ranks under other keys."""
    if not layout.stream.subject:
        return table
    slots, ranks, nobody = registers.slots_and_ranks(table.column("subject").to_pylist(), keys.epoch)
    for name, values in (("slot", slots), ("rank", ranks)):
        column = pa.array(values.astype(np.int64), pa.int64(), mask=nobody)
        table = table.set_column(table.column_names.index(name), name, column)
    return table


def _exchange(
    workspace: Workspace,
    layout: RecordLayout,
    state: DayState,
    table: pa.Table,
    files: tuple[Segment, tuple[Segment, ...]],
    *,
    now: int,
) -> None:
    """List the new segment in place of the day's old ones and of its tail, with the control and keys it has now."""
    written, before = files
    stream, day = state.stream, state.day
    hashes, _ = hash_rows({name: table.column(name) for name in layout.names}, workspace.keys.control)
    pairs = zip(table.column("key").to_pylist(), hashes.view(np.int64).tolist(), strict=True)
    with workspace.file.write() as connection:
        _, last = records.tail(connection, layout, day, state.moved, ("time",))
        workspace.segments.place(written)
        manifest.withdraw(connection, before)
        manifest.publish(connection, written, now=now)
        while records.drop_tail(connection, stream, day, EVERYTHING, EVERYTHING):
            pass
        days.replace_control(connection, stream, day, written.control)
        records.note_keys_anew(connection, stream, day, pairs)
        distinct.forget(connection, stream, day)
        touched = state.touched + 1
        # The figures of a day that is not whole stay those of its seal.
        final = {} if state.incomplete is None else {"sealed": touched}
        days.set_state(connection, stream, day, moved=last, version=state.version + 1, touched=touched, **final)
