"""Days of an attached stream in tests: read row by row and folded, added up by the database, and both compared."""

from dataclasses import dataclass

import pyarrow as pa
from tests.rolls import run

from keepsum.engine.arrival import Arrival, Chunk, Chunks
from keepsum.engine.codes import encode
from keepsum.engine.compile import attached
from keepsum.engine.days import interval
from keepsum.engine.fold import fold
from keepsum.engine.folding import Folding
from keepsum.engine.gathered import rolled
from keepsum.model.catalog import Catalog, Pack
from keepsum.model.day import Day, day_number
from keepsum.model.layout import RecordLayout, record_layout
from keepsum.model.rollup import Rollup
from keepsum.model.stream import Stream
from keepsum.store.homes.attached import AttachedDatabase, Reading


@dataclass(frozen=True, kw_only=True)
class Keys:
    control: bytes = bytes(range(32))
    epoch: bytes = bytes(range(32, 64))


KEYS = Keys()


def day_of(date, zone="UTC") -> Day:
    return interval(day_number(date), zone)


def layout_of(stream: Stream, *rollups: Rollup) -> RecordLayout:
    return record_layout(Catalog((Pack("shop", streams=(stream,), rollups=rollups),)), stream)


def arrived(
    reading: Reading, stream: Stream, layout: RecordLayout, day: Day, *, size: int = 2_000
) -> tuple[pa.Table, tuple[Chunk, ...]]:
    """The records of a day and their chunks, read in lists of some rows."""
    arrival, chunks = Arrival(stream, layout, KEYS, day), Chunks(KEYS)
    tables = [layout.schema.empty_table()]
    dialect = reading.dialect
    for columns in reading.columns(attached.rows(stream, dialect, day), size):
        tables.append(arrival.columns(columns))
        chunks.add(tables[-1])
    arrival.finish()
    return pa.concat_tables(tables), chunks.done()


def folded(rollup: Rollup, records: pa.Table, day: Day):
    """What the fold makes of a day's records."""
    numbered = records.add_column(0, "day", pa.array([day.number] * len(records), pa.int32()))
    return fold(Folding(encode(numbered, [rollup]), rollup.of), rollup)


def gathered(reading: Reading, rollup: Rollup, day: Day, *, size: int = 2_000):
    """What the database and the second half make of a day."""
    dialect = reading.dialect
    spread = attached.spread(rollup, dialect, day)
    groups = list(reading.columns(attached.grouped(rollup, dialect, day), size))
    values = [] if spread is None else list(reading.columns(spread, size))
    return rolled(rollup, lambda: groups, values, KEYS, run, day=day.number, at_once=3)


def both(database, rollup: Rollup, day: Day, *, size: int = 2_000):
    """A day by the statements and by the fold, from one snapshot."""
    with AttachedDatabase(database.url).snapshot() as reading:
        records, _ = arrived(reading, rollup.of, layout_of(rollup.of, rollup), day, size=size)
        return gathered(reading, rollup, day, size=size), folded(rollup, records, day)
