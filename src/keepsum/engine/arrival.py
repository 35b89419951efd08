"""Rows of an attached database as records: columns of the layout in memory, and the chunks that a day is cut into.

Rows come in the order of their keys, batch by batch, and are gone when their batch is. A row that is no record of its
stream holds its day: what is wrong is counted by field, and no value is repeated.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from keepsum.engine import buckets
from keepsum.engine.accept import FORBIDDEN
from keepsum.engine.clocks import instants
from keepsum.engine.columns import Column, each, texts_of, values_of
from keepsum.engine.mapping import BAD, Rows, attached_of, kind_of, mapped, scale_of
from keepsum.engine.redact import Redactor
from keepsum.engine.rowhash import hash_rows
from keepsum.engine.subjects import Subjects
from keepsum.model.counted import counted
from keepsum.model.day import Day
from keepsum.model.errors import ProofFailed
from keepsum.model.layout import ARROW, RecordLayout
from keepsum.model.stream import PUBLIC, Boolean, Choice, Field, Stream, Text

MOST_ROWS = 2_000  # of a chunk
ONE_IN = 1_024  # rows end a chunk on average
_NO_VALUE = "has none"


class Keys(Protocol):
    """What rows, keys and subjects are hashed with."""

    @property
    def control(self) -> bytes: ...  # noqa: D102 - the workspace says what they are

    @property
    def epoch(self) -> bytes: ...  # noqa: D102 - the same


class Arrival:
    """Makes records of one day's rows; `day` is none for rows that were asked for by key, whatever their time."""

    def __init__(
        self, stream: Stream, layout: RecordLayout, keys: Keys, day: Day | None = None, redactor: Redactor | None = None
    ) -> None:
        self._stream, self._layout, self._keys, self._day = stream, layout, keys, day
        self._attached = attached_of(stream)
        self._redactor = redactor or Redactor()
        self._subjects = Subjects(keys.epoch)
        self._faults: Counter[tuple[str, str]] = Counter()
        self._marks: list[NDArray[np.uint64]] = []

    def batch(self, raw: Sequence[Sequence[Any]]) -> pa.Table:
        """Give rows, as the statements `rows` and `keyed` ask for them, in their order and the layout's columns."""
        return self.columns(list(zip(*raw, strict=True))) if raw else self._layout.schema.empty_table()

    def columns(self, read: Sequence[Column]) -> pa.Table:
        """Give the same of rows that come as columns, of one row at least."""
        raw_keys, raw_times, *rest = read
        rows = Rows(self._stream, rest, len(raw_keys))
        columns: dict[str, Any] = {"time": self._times(raw_times), "key": self._key(raw_keys)}
        if self._attached.subject is not None and self._stream.subject:
            columns |= self._subject(rows.column(self._subject_value, "text", 0))
        for field in self._stream.stored:
            columns[f"f_{field.name}"] = self._values(field, rows)
        for name in self._layout.bucketed:
            columns[f"b_{name}"] = _buckets(columns[f"f_{name}"])
        columns |= {column.name: pa.nulls(rows.count) for column in self._layout.retired}
        arrays = [_array(columns[c.name], ARROW[c.type]) for c in self._layout.columns]
        table = pa.Table.from_arrays(arrays, schema=self._layout.schema)
        self._marks.append(marks(table, self._keys))
        return table

    def finish(self) -> None:
        """Raise `BAD_ROW` with how many rows are no records and why, or `KEY_NOT_UNIQUE`; nothing if all are."""
        about = f"stream {self._stream.name!r} in table {self._attached.table!r}"
        if self._faults:
            said = ", ".join(
                f"{name!r} {what} in {count} row{'s' * (count > 1)}"
                for (name, what), count in sorted(self._faults.items())
            )
            raise ProofFailed("BAD_ROW", f"Some rows of {about} are no records: {said}. Nothing of the day was sealed.")
        every = self.marks
        twice = len(every) - len(np.unique(every))
        if twice:
            message = f"{counted(twice, 'rows')} too many of {about} for its keys: choose a key that is unique."
            raise ProofFailed("KEY_NOT_UNIQUE", f"{message} A table that is looked up may have several rows for one.")

    @property
    def marks(self) -> NDArray[np.uint64]:
        """The keyed marks of the rows so far, in their order: what tells them apart."""
        return np.concatenate([np.empty(0, np.uint64), *self._marks])

    @property
    def _subject_value(self) -> Any:
        return mapped(self._attached.subject or "")

    def _times(self, raw: Column) -> NDArray[np.int64]:
        clock = self._attached.time
        name = self._stream.time
        found = instants(clock, raw)
        self._fault(name, "is no time that its clock can read", int(found.malformed.sum()))
        self._fault(name, "is a time that its zone skipped", int(found.skipped.sum()))
        if self._day is not None and self._stream.time_kind == "instant":
            outside = (found.times < self._day.start) | (found.times >= self._day.end)
            outside &= ~(found.malformed | found.skipped)
            self._fault(name, "lies outside the day that the database found it on", int(outside.sum()))
        return found.times

    def _key(self, raw: Column) -> Column:
        texts = texts_of(raw)
        if texts is not None and not texts.null_count and _shortest(texts):
            return texts
        keys = [key_text(value) for value in values_of(raw)]
        nothing = sum(value is None or value == "" for value in keys)
        self._fault(self._stream.key, _NO_VALUE, nothing)
        found = self._checked_texts(self._stream.key, [value or "" for value in keys])
        return [value or "" for value in values_of(found)]

    def _subject(self, read: Column) -> dict[str, Any]:
        subjects = _array(self._checked_texts("subject", read), ARROW["text"])
        _, slots, ranks = self._subjects.columns(subjects)
        return {"subject": subjects, "slot": slots, "rank": ranks}

    def _values(self, field: Field, rows: Rows) -> Column:
        column = rows.column(self._attached.value(field.name), kind_of(field), scale_of(field))
        if field.required:
            self._fault(field.name, _NO_VALUE, _missing(column))
        if isinstance(field, Choice):
            return self._chosen(field, column)
        if isinstance(field, Text):
            texts = self._checked_texts(field.name, column)
            return each(_array(texts, ARROW["text"]), self._redactor.column) if field.exposure is PUBLIC else texts
        what = "is neither true nor false" if isinstance(field, Boolean) else "does not fit its unit and 18 digits"
        return self._without_bad(field.name, what, column)

    def _chosen(self, field: Choice, column: Column) -> Column:
        """Options; a value that is none of them is one fault, whatever else is wrong with it."""
        options = frozenset(field.options)
        texts = texts_of(column)
        if texts is None:
            values = values_of(column)
            found: Column = [value if value in options else None for value in values]
        else:
            found = each(texts, lambda different: [text if text in options else None for text in different])
        self._fault(field.name, "is none of its options", _missing(found) - _missing(column))
        return found

    def _checked_texts(self, name: str, column: Column) -> Column:
        """Texts without those that cannot be kept: no UTF-8, or with a control character that is reserved."""
        clean = texts_of(column)
        if clean is not None:
            return clean
        bad = [text if text is None or text is BAD or _is_utf_8(text) else BAD for text in values_of(column)]
        texts = self._without_bad(name, "is no text", bad)
        forbidden = [text is not None and FORBIDDEN.search(text) is not None for text in texts]
        self._fault(name, "holds a control character between U+0000 and U+0008", sum(forbidden))
        return [None if is_bad else text for text, is_bad in zip(texts, forbidden, strict=True)]

    def _without_bad(self, name: str, what: str, column: Column) -> Column:
        if isinstance(column, pa.Array):
            return column
        bad = sum(value is BAD for value in column)
        self._fault(name, what, bad)
        return [None if value is BAD else value for value in column] if bad else column

    def _fault(self, name: str, what: str, count: int) -> None:
        if count:
            self._faults[name, what] += count


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """Rows that follow each other by key: how many, and the sum of both lanes of their row hashes modulo 2**64."""

    count: int
    hash_a: int
    hash_b: int


class Chunks:
    """Cuts a day's records, in the order of their keys, where their keys say: a row more or less moves one cut.

    A chunk ends with a row whose keyed mark is divisible by 1,024, or with its 2,000th. (Content-defined chunking:
    Muthitacharoen, Chen and Mazieres, LBFS, 2001.)
    """

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._done: list[Chunk] = []
        self._open = Chunk(count=0, hash_a=0, hash_b=0)

    def add(self, table: pa.Table) -> None:
        """Take the next records, in columns of the layout."""
        if not len(table):
            return
        lanes = hash_rows({name: table[name] for name in table.column_names}, self._keys.control)
        begin = 0
        for end in cuts(marks(table, self._keys), self._open.count):
            self._close(lanes, begin, end)
            begin = end
        self._open = _grown(self._open, lanes, begin, len(table))

    def done(self) -> tuple[Chunk, ...]:
        """Give the chunks, the last one too, once all records were taken."""
        return (*self._done, *([self._open] if self._open.count else []))

    def _close(self, lanes: tuple[NDArray[np.uint64], NDArray[np.uint64]], begin: int, end: int) -> None:
        self._done.append(_grown(self._open, lanes, begin, end))
        self._open = Chunk(count=0, hash_a=0, hash_b=0)


def marks(table: pa.Table, keys: Keys) -> NDArray[np.uint64]:
    """The keyed 64-bit mark of each record's key: what cuts chunks, and knows a key again without keeping it."""
    return hash_rows({"key": table["key"]}, keys.control)[0]


def cuts(found: NDArray[np.uint64], before: int = 0, *, halvings: int = 0) -> Iterable[int]:
    """After which rows a chunk ends, by their marks, when the open one has so many rows already.

    Each of the `halvings` makes chunks half as long; one row is the least.
    """
    one_in, most = max(ONE_IN >> halvings, 1), max(MOST_ROWS >> halvings, 1)
    ends = iter((np.flatnonzero(found % np.uint64(one_in) == 0) + 1).tolist())
    start, end = -before, next(ends, None)
    while True:
        full = start + most
        if end is not None and end <= full:
            start = end
            end = next(ends, None)
        elif full <= len(found):
            start = full
        else:
            return
        yield start


def _grown(chunk: Chunk, lanes: tuple[NDArray[np.uint64], NDArray[np.uint64]], begin: int, end: int) -> Chunk:
    hash_a, hash_b = (int(lane[begin:end].sum(dtype=np.uint64)) for lane in lanes)
    return Chunk(
        count=chunk.count + end - begin,
        hash_a=(chunk.hash_a + hash_a) % 2**64,
        hash_b=(chunk.hash_b + hash_b) % 2**64,
    )


def key_text(value: Any) -> Any:
    """A key as a text: the same for the same row, whichever way its database writes it."""
    match value:
        case None | str():
            return value
        case bool() | float():
            return BAD
        case bytes():
            return value.hex()
        case Decimal():
            return str(int(value)) if value == value.to_integral_value() else BAD
        case _:
            return str(value)


def _is_utf_8(text: str) -> bool:
    """Say whether a text can be written; SQLite's bytes that are none became surrogates, which cannot."""
    try:
        text.encode()
    except UnicodeError:
        return False
    return True


def _shortest(texts: pa.Array) -> int:
    """How many bytes the shortest text has."""
    return int(pc.min(pc.binary_length(texts)).as_py())


def _missing(column: Column) -> int:
    return column.null_count if isinstance(column, pa.Array) else sum(value is None for value in column)


def _array(column: Any, kind: pa.DataType) -> pa.Array:
    return column.cast(kind) if isinstance(column, pa.Array) else pa.array(column, kind)


def _buckets(column: Column) -> pa.Array:
    values = _array(column, ARROW["integer"])
    found = buckets.bucket_of(values.fill_null(0).to_numpy())
    return pa.array(found.astype(np.int64), mask=~values.is_valid().to_numpy(zero_copy_only=False))
