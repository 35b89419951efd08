"""Reading records back: segments and tail as one table, and their control."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import numpy as np
import pyarrow as pa

from keepsum.engine import buckets, control
from keepsum.model.control import Control
from keepsum.model.day import date_of
from keepsum.model.errors import NotFound, Unavailable
from keepsum.model.layout import RecordLayout
from keepsum.model.stream import Stream
from keepsum.store import days, manifest, records
from keepsum.store.database import Connection
from keepsum.store.days import DayState
from keepsum.store.homes.embedded import Damaged
from keepsum.store.manifest import Segment
from keepsum.store.workspace import Workspace

ATTEMPTS = 5  # to read files of which others make one
DAY = pa.field("day", pa.int32(), nullable=False)


def read_day(
    workspace: Workspace,
    connection: Connection,
    layout: RecordLayout,
    state: DayState,
    segments: Sequence[Segment],
    names: Sequence[str] | None = None,
) -> pa.Table:
    """Give a day's records as stored, in arrival order: columns of the layout, no `day`. Raises `Damaged`."""
    newest, _ = records.tail(connection, layout, state.day, state.moved, names)
    return together(workspace, layout, segments, newest, names)


def together(
    workspace: Workspace,
    layout: RecordLayout,
    segments: Sequence[Segment],
    newest: pa.Table,
    names: Sequence[str] | None = None,
) -> pa.Table:
    """Give the records of a day's segments and, behind them, those of its tail. Raises `Damaged`."""
    pieces = [workspace.segments.read(segment, layout, names) for segment in segments]
    if newest.num_rows or not pieces:
        pieces.append(grouped(layout, newest))
    return pieces[0] if len(pieces) == 1 else pa.concat_tables(pieces).unify_dictionaries()


def read_records(
    workspace: Workspace,
    connection: Connection,
    stream: Stream,
    states: Sequence[DayState],
    names: Sequence[str] | None = None,
) -> pa.Table:
    """Give the records of several unpurged days for rolling: `day` first, missing buckets filled in, arrival order.

    `names` limits the columns read. Raises `Damaged` for a segment that is missing or not as written.
    """
    layout = workspace.layout(stream)
    listed = _segments(connection, stream, states)
    tables = [
        with_day(read_day(workspace, connection, layout, state, listed.get(state.day, ()), names), state.day)
        for state in states
    ]
    if not tables:
        tables = [with_day(grouped(layout, layout.schema.empty_table()), 0)]
    return filled(layout, pa.concat_tables(tables).unify_dictionaries())


def with_day(table: pa.Table, day: int) -> pa.Table:
    """Put the day in front of a day's records."""
    return table.add_column(0, DAY, pa.array(np.full(table.num_rows, day, dtype=np.int32)))


def filled(layout: RecordLayout, table: pa.Table) -> pa.Table:
    """Give buckets to records that came in before anybody asked for quantiles of their field."""
    for name in layout.bucketed:
        column = f"b_{name}"
        if column in table.column_names and table.column(column).null_count > table.column(f"f_{name}").null_count:
            values = table.column(f"f_{name}").combine_chunks()
            found = buckets.bucket_of(values.fill_null(0).to_numpy(zero_copy_only=False))
            array = pa.array(found, pa.int64(), mask=values.is_null().to_numpy(zero_copy_only=False))
            table = table.set_column(table.column_names.index(column), column, array)
    return table


def stream_day(
    workspace: Workspace, stream: Stream, day: int, names: Sequence[str], size: int
) -> Iterator[pa.RecordBatch]:
    """Give a day's records in arrival order, so many at a time: these columns of the layout, as plain types.

    What came in by the moment of the call is given, whole. Raises `RECORDS_PURGED` for a day whose records are
    deleted, and `Damaged`.
    """
    layout = workspace.layout(stream)
    for _ in range(ATTEMPTS):
        with workspace.file.read() as connection:
            state = days.state(connection, stream.name, day)
            if state.purge:
                message = f"The records of stream {stream.name!r} of {date_of(day)} are deleted: export later days."
                raise NotFound("RECORDS_PURGED", message)
            listed = manifest.of_day(connection, stream.name, day)
            newest, _last = records.tail(connection, layout, day, state.moved, names)
            try:
                pieces = [workspace.segments.pieces(segment, layout, names, size) for segment in listed]
            except Damaged as error:
                if still_listed(workspace, error):
                    raise
                continue  # its records are in another file by now
        return chain(*pieces, newest.cast(_plain(layout, names)).to_batches(size))
    raise Unavailable("FILES_MOVING", "The files of records were replaced again and again while they were read: retry.")


def _plain(layout: RecordLayout, names: Sequence[str]) -> pa.Schema:
    return pa.schema([field for field in layout.schema if field.name in names])


def control_of(layout: RecordLayout, table: pa.Table, key: bytes) -> Control:
    """Give the control of records as they were read."""
    return control.control_of({name: table.column(name) for name in layout.names}, layout.numbers, key)


def still_listed(workspace: Workspace, error: Damaged) -> bool:
    """Say whether a file that could not be read is still one the manifest counts, not one replaced meanwhile."""
    with workspace.file.read() as connection:
        listed = manifest.of_day(connection, error.segment.stream, error.segment.day)
    return error.segment.file in {segment.file for segment in listed}


def _segments(connection: Connection, stream: Stream, states: Sequence[DayState]) -> Mapping[int, tuple[Segment, ...]]:
    if not states:
        return {}
    numbers = [state.day for state in states]
    return manifest.of_days(connection, stream.name, min(numbers), max(numbers))


def grouped(layout: RecordLayout, table: pa.Table) -> pa.Table:
    """Give the tail's few-valued texts the form that segments have."""
    for place, name in enumerate(table.column_names):
        column = table.column(name)
        if name[2:] in layout.grouped and pa.types.is_string(column.type):
            table = table.set_column(place, name, column.dictionary_encode())
    return table
