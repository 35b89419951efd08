"""What proving gives: days whose records equal control and whose rollups came out the same twice."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from keepsum.engine.arrival import Chunk
from keepsum.engine.codes import source_column
from keepsum.engine.days import Calendar
from keepsum.engine.folding import Records
from keepsum.engine.rolled import Rolled
from keepsum.model.control import Control
from keepsum.model.rollup import Distinct, Rollup
from keepsum.model.stream import Stream
from keepsum.store.days import DayState
from keepsum.store.keys import Keys

GRACE = 3_600_000_000  # µs after a day's end before it is rolled

Marks = Mapping[str, NDArray[np.int64]]  # in order, each once


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Days of one stream that are rolled in one go."""

    stream: str
    days: tuple[int, ...]


def ended_days(begin: int | None, calendar: Calendar, *, now: int) -> Iterator[int]:
    """Give the days from the stream's first to the last one that ended long enough ago, also those without records."""
    if begin is not None:
        today = calendar.number_of(now)
        yield from (day for day in range(begin, today) if calendar.day(day).end + GRACE <= now)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of rolling: days sealed, days held, days left because records came in meanwhile, records proven.

    Of streams in an application's own database also the days that were read and are `same` as when they were sealed,
    and the `unread` ones; `unreached` says why, once for each reason.
    """

    sealed: int = 0
    held: int = 0
    left: int = 0
    same: int = 0
    unread: int = 0
    records: int = 0
    unreached: tuple[str, ...] = ()

    @property
    def days(self) -> int:
        """How many days there were."""
        return self.sealed + self.held + self.left + self.same + self.unread

    def __add__(self, other: "Outcome") -> "Outcome":
        """Give both together."""
        return Outcome(
            sealed=self.sealed + other.sealed,
            held=self.held + other.held,
            left=self.left + other.left,
            same=self.same + other.same,
            unread=self.unread + other.unread,
            records=self.records + other.records,
            unreached=tuple(dict.fromkeys((*self.unreached, *other.unreached))),
        )


@dataclass(frozen=True, kw_only=True)
class Found:
    """The records of a day as they were read from an application's own database.

    Those are the chunks that they were cut into, and the marks of their keys.
    """

    control: Control
    chunks: Sequence[Chunk]
    keys: NDArray[np.uint64]


@dataclass(frozen=True, kw_only=True)
class Proven:
    """Several days of one stream: their states as read, each rollup's rows and parts, and who is in them.

    `marks` are, by day and column, the keyed fingerprints of every value that a distinct measure counts. `found` are
    the records of days that Keepsum keeps none of: they say what control is, not the other way round.
    """

    stream: Stream
    states: Mapping[int, DayState]
    rolled: Mapping[str, Rolled]
    folding: Records
    marks: Mapping[int, Marks]
    found: Mapping[int, Found] = field(default_factory=dict[int, Found])

    @staticmethod
    def of_day(table: pa.Table, day: int) -> pa.Table:
        """Give one day's part of a table that has a `day` column."""
        days = table.column("day").to_numpy()
        if len(days) and (days[1:] >= days[:-1]).all():
            begin, end = np.searchsorted(days, [day, day + 1]).tolist()
            return table.slice(begin, end - begin)
        return table.take(pa.array(np.flatnonzero(days == day)))


def distinct_columns(stream: Stream, wanted: Iterable[Rollup]) -> dict[str, str]:
    """Give the fields that distinct measures count values of, each with its column."""
    sources = {m.source for r in wanted for m in r.measures if isinstance(m, Distinct) and m.source}
    return {source: source_column(stream, source) for source in sorted(sources)}


def marks_of(table: pa.Table, columns: Mapping[str, str], keys: Keys) -> Marks:
    """Give the keyed fingerprints of the values of fields, each with its column."""
    values = {source: table.column(column).unique().to_pylist() for source, column in columns.items()}
    marks = {source: [keys.mark(str(v)) for v in found if v is not None] for source, found in values.items()}
    return {source: np.unique(np.array(found, np.int64)) for source, found in marks.items()}
