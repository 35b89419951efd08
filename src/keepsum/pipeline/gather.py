"""Reading one day of a stream that lives in an application's own database, from one snapshot of it.

1. The day's rows come over in the order of their keys, a few thousand at a time, and become records in memory: they
   are added up to control and chunks, and what the fold needs of them is kept as numbers. Nothing of them is stored.
2. The database itself groups the same rows; the groups are finished here.
3. Both must come to the same rollups, byte for byte, else the day proves nothing.
"""

from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from keepsum.engine import codes, fold, gathered, verify
from keepsum.engine.arrival import Arrival, Chunks
from keepsum.engine.codes import columns_read, texts_read
from keepsum.engine.columns import values_of
from keepsum.engine.compile import attached as compiled
from keepsum.engine.compile.statement import Statement
from keepsum.engine.folding import Sliced
from keepsum.engine.mapping import tables_read
from keepsum.engine.misread import misread
from keepsum.engine.rolled import Rolled
from keepsum.model.control import Control
from keepsum.model.day import Day
from keepsum.model.errors import Unavailable
from keepsum.model.rollup import Rollup
from keepsum.model.stream import Stream
from keepsum.pipeline.proof import Found, Marks, distinct_columns, marks_of
from keepsum.pipeline.records import control_of
from keepsum.store.homes import catalogs
from keepsum.store.homes.attached import Reading
from keepsum.store.workspace import Workspace

ROWS_AT_ONCE = 10_000
_NARROW = {"slot": pa.int16(), "rank": pa.uint8()}  # what they fit in is an eighth of their column in a layout


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """A day as its rows were read: what they add up to, their rollups, who is behind them, and what they count."""

    found: Found
    rolled: Mapping[str, Rolled]
    folding: Sliced
    marks: Marks


def read(workspace: Workspace, stream: Stream, day: Day, *, unless: Control | None = None) -> Gathered | Found:
    """Read and prove a day; with half of the work only what was found when that adds up to `unless` as before.

    Raises `BAD_ROW` and `KEY_NOT_UNIQUE`, `ROLLUP_DIFFERS`, and `DATABASE_*`.
    """
    # What Arrow lets go of is then there for numpy and Python, which work in turns with it; its own pool would keep it.
    pa.set_memory_pool(pa.system_memory_pool())
    with snapshot(workspace, stream) as reading:
        records = _Records(workspace, stream, day)
        found = _found(workspace, stream, day, reading, records)
        if found.control == unless:
            return found
        return _proven(workspace, day, reading, records, found)


def _found(workspace: Workspace, stream: Stream, day: Day, reading: Reading, records: "_Records") -> Found:
    """Read a day's rows into records, and give what they add up to; who was read is forgotten with it."""
    arrival = arrival_of(workspace, stream, day)
    for _, table in arriving(workspace, stream, day, reading, arrival):
        records.add(table)
    return records.found(arrival.marks)


@contextmanager
def snapshot(workspace: Workspace, stream: Stream, *along: Stream) -> Generator[Reading]:
    """Open one state of a stream's database, whose columns are of the types that its mapping reads.

    So are those of other streams in that database which are read `along` with it. Raises `DATABASE_SCHEMA` for columns
    of other types, as after a change of one, and `DATABASE_*`.
    """
    with workspace.attached[stream.name].snapshot() as reading:
        for one in (stream, *along):
            _refuse_misread(one, reading)
        yield reading


def _refuse_misread(stream: Stream, reading: Reading) -> None:
    types = catalogs.column_types(reading, reading.dialect, sorted(tables_read(stream)))
    faults = [*misread(stream, reading.dialect, types)]
    if faults:
        message = f"The database of stream {stream.name!r} is not what its mapping says: {'; '.join(faults)}."
        raise Unavailable("DATABASE_SCHEMA", message)


def arrival_of(workspace: Workspace, stream: Stream, day: Day) -> Arrival:
    """Give what makes records of a day's rows."""
    return Arrival(stream, workspace.layout(stream), workspace.keys, day)


def arriving(
    workspace: Workspace, stream: Stream, day: Day, reading: Reading, arrival: Arrival | None = None
) -> Iterator[tuple[Sequence[Any], pa.Table]]:
    """Give a day's rows in the order of their keys, some at a time: keys as the database has them, and records.

    Raises `BAD_ROW` and `KEY_NOT_UNIQUE` after the last ones.
    """
    arrival = arrival or arrival_of(workspace, stream, day)
    statement = compiled.rows(stream, workspace.attached[stream.name].dialect, day)
    for columns in reading.columns(statement, ROWS_AT_ONCE):
        yield values_of(columns[0]), arrival.columns(columns)
    arrival.finish()


def control_found(workspace: Workspace, stream: Stream, day: Day) -> Control:
    """Give what a day's rows add up to now."""
    layout, total = workspace.layout(stream), Control.zero()
    with snapshot(workspace, stream) as reading:
        for _, table in arriving(workspace, stream, day, reading):
            total += control_of(layout, table, workspace.keys.control)
    return total


def rolled(workspace: Workspace, rollup: Rollup, day: Day, reading: Reading) -> Rolled:
    """Give what the database groups a day's rows to."""
    dialect = workspace.attached[rollup.of.name].dialect
    grouped = compiled.grouped(rollup, dialect, day)
    spread = compiled.spread(rollup, dialect, day)
    spreads = iter(()) if spread is None else reading.columns(spread, ROWS_AT_ONCE)

    def run(statement: Statement, records: pa.Table) -> pa.Table:
        return workspace.engine.run(statement.sql, statement.parameters, {"records": records})

    def groups() -> gathered.Batches:
        return reading.columns(grouped, ROWS_AT_ONCE)

    return gathered.rolled(rollup, groups, spreads, workspace.keys, run, day=day.number)


def _proven(workspace: Workspace, day: Day, reading: Reading, records: "_Records", found: Found) -> Gathered:
    """Roll a day up a second time, where its rows are, and insist on one result."""
    wanted = records.wanted
    folding = Sliced(codes.encode(records.table(), wanted), records.stream)
    results: dict[str, Rolled] = {}
    for rollup in wanted:
        results[rollup.name] = rolled(workspace, rollup, day, reading)
        verify.compare(rollup, results[rollup.name], fold.fold(folding, rollup))
    return Gathered(found=found, rolled=results, folding=folding, marks=records.marks())


class _Records:
    """What proving needs of a day's records: texts that are only told apart become numbers, all others are let go."""

    def __init__(self, workspace: Workspace, stream: Stream, day: Day) -> None:
        self.stream, self.wanted = stream, workspace.catalog.rollups_of(stream.name)
        self._layout, self._keys, self._day = workspace.layout(stream), workspace.keys, day.number
        self._names = sorted(columns_read(self.wanted))
        self._spoken = {f"f_{name}" for name in texts_read(self.wanted)}
        self._counted = distinct_columns(stream, self.wanted)
        self._rows = 0
        self._numbers: defaultdict[str, dict[str, int]] = defaultdict(dict[str, int])
        self._control, self._chunks = Control.zero(), Chunks(self._keys)
        self._pieces: list[pa.Table] = []
        self._marks: dict[str, list[NDArray[np.int64]]] = {source: [] for source in self._counted}

    def add(self, table: pa.Table) -> None:
        """Add up some records, and keep of them what is read."""
        self._control += control_of(self._layout, table, self._keys.control)
        self._chunks.add(table)
        for source, found in marks_of(table, self._counted, self._keys).items():
            self._marks[source].append(found)
        self._pieces.append(self._kept(table))
        self._rows += table.num_rows

    def found(self, keys: NDArray[np.uint64]) -> Found:
        """Give what the records add up to, after the last of them, with the marks of their keys."""
        return Found(control=self._control, chunks=self._chunks.done(), keys=keys)

    def marks(self) -> Marks:
        """Give the fingerprints of what distinct measures count."""
        nothing = np.empty(0, np.int64)
        return {source: np.unique(np.concatenate([nothing, *found])) for source, found in self._marks.items()}

    def table(self) -> pa.Table:
        """Give what is kept of the records, `day` first, and let go of it."""
        pieces = self._pieces or [self._kept(self._layout.schema.empty_table())]
        self._pieces, self._numbers = [], defaultdict(dict[str, int])
        return pa.concat_tables(pieces).unify_dictionaries()

    def _kept(self, table: pa.Table) -> pa.Table:
        kept = {name: self._small(name, table.column(name)) for name in self._names}
        days = pa.array(np.full(table.num_rows, self._day, dtype=np.int32))
        return pa.table({"day": days, **kept})

    def _small(self, name: str, column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
        if name == "key":  # which no two rows of the day have, else it proved nothing
            return pa.array(np.arange(self._rows, self._rows + len(column), dtype=np.int32))
        if not pa.types.is_string(column.type):
            return column.cast(_NARROW.get(name, column.type))
        coded = column.combine_chunks().dictionary_encode()
        if name in self._spoken:
            return coded
        known = self._numbers[name]
        numbers = [known.setdefault(value, len(known)) for value in coded.dictionary.to_pylist()]
        return pa.array(numbers, pa.int32()).take(coded.indices)
