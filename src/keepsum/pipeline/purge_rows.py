"""The rows of one day in an application's own database: read in one snapshot, and deleted in short transactions.

A transaction takes one chunk: it reads the rows by key under lock, makes sure that they are the expected ones, deletes
what belongs to them and then them, and commits only if every count is the one that was read.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from keepsum.engine.arrival import Arrival, Chunk, cuts, marks
from keepsum.engine.compile import attached as compiled
from keepsum.engine.compile.kin import Line, kin, kin_deleted, lines
from keepsum.engine.control import hash_rows
from keepsum.engine.mapping import attached_of
from keepsum.model.day import Day
from keepsum.model.errors import Conflict, ProofFailed
from keepsum.model.layout import RecordLayout
from keepsum.model.stream import Stream
from keepsum.pipeline import gather
from keepsum.store.homes.attached import AttachedDatabase, Changing, Reading
from keepsum.store.workspace import Workspace

TRIES = 3  # for a chunk whose rows somebody else holds
MOST_REST = 0.2  # seconds
_BUSY = ("DATABASE_LOCKED", "DATABASE_DEADLOCK")

Words = NDArray[np.uint64]


@dataclass(frozen=True, kw_only=True)
class Kin:
    """The rows of one child table that belong to a chunk: how many, and the sum of their fingerprints modulo 2**64."""

    rows: int
    hash: int


KinOf = Mapping[str, Kin]  # by the names of the tables down a line


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A day's rows in the order of their keys: keys as the database has them, their marks, both lanes of row hashes."""

    keys: Sequence[Any]
    marks: Words
    lanes: tuple[Words, Words]

    @classmethod
    def none(cls) -> Self:
        """No rows."""
        empty = np.empty(0, np.uint64)
        return cls(keys=(), marks=empty, lanes=(empty, empty))

    def __len__(self) -> int:
        return len(self.keys)

    def where(self, chosen: NDArray[np.bool_]) -> Self:
        """Give some of the rows."""
        keys = [self.keys[place] for place in np.flatnonzero(chosen).tolist()]
        return type(self)(keys=keys, marks=self.marks[chosen], lanes=(self.lanes[0][chosen], self.lanes[1][chosen]))

    def pieces(self) -> Iterator["Piece"]:
        """Give the chunks that the rows are cut into, with their keys."""
        ends = [*cuts(self.marks)]
        bounds = [0, *ends, *([len(self)] if not ends or ends[-1] < len(self) else [])]
        for begin, end in pairwise(bounds):
            hash_a, hash_b = (int(lane[begin:end].sum(dtype=np.uint64)) for lane in self.lanes)
            chunk = Chunk(count=end - begin, hash_a=hash_a, hash_b=hash_b)
            yield Piece(keys=self.keys[begin:end], chunk=chunk)

    def noted(self) -> list[tuple[int, int]]:
        """Give the marks of keys with the first lane of the row hashes, as they are kept of a purged day."""
        return list(zip(self.marks.view(np.int64).tolist(), self.lanes[0].view(np.int64).tolist(), strict=True))


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Rows that are deleted together, and what they have to add up to; `kin` where children are to be as they were."""

    keys: Sequence[Any]
    chunk: Chunk
    kin: KinOf | None = None


class Stays(Exception):
    """A chunk is not what it was, so nothing of it is deleted."""


@dataclass(frozen=True)
class Home:
    """One stream's rows in its database; `childless` are tables that must have no more rows where rows go."""

    workspace: Workspace
    stream: Stream
    childless: frozenset[str] = frozenset()

    @property
    def database(self) -> AttachedDatabase:
        """The database that the rows live in."""
        return self.workspace.attached[self.stream.name]

    @property
    def layout(self) -> RecordLayout:
        """The columns of the records that rows become."""
        return self.workspace.layout(self.stream)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The children, in the order in which they go."""
        return lines(attached_of(self.stream))

    def read(self, reading: Reading, day: Day) -> Rows:
        """Give a day's rows; raises `BAD_ROW`, `KEY_NOT_UNIQUE` and `DATABASE_*`."""
        arriving = gather.arriving(self.workspace, self.stream, day, reading)
        return together([self.rows(keys, table) for keys, table in arriving])

    def rows(self, keys: Sequence[Any], table: pa.Table) -> Rows:
        """Give rows by the records they became."""
        lanes = hash_rows({name: table[name] for name in table.column_names}, self.workspace.keys.control)
        return Rows(keys=keys, marks=marks(table, self.workspace.keys), lanes=lanes)

    def kin(self, reading: Reading, keys: Sequence[Any], *, lock: bool = False) -> dict[str, Kin]:
        """Give what belongs to rows, by child."""
        return {named(line): self._kin(reading, line, keys, lock=lock) for line in self.lines}

    def _kin(self, reading: Reading, line: Line, keys: Sequence[Any], *, lock: bool) -> Kin:
        count = total = 0
        statement = kin(attached_of(self.stream), line, self.database.dialect, keys, lock=lock)
        for rows in reading.stream(statement):
            count += len(rows)
            total += sum(_fingerprint(row, self.workspace.keys.control) for row in rows)
        return Kin(rows=count, hash=total % 2**64)

    def delete(self, piece: Piece) -> int:
        """Delete the rows of a piece, and give how many; raises `Stays` when they are not as expected, `DATABASE_*`.

        Waits as long as it held the rows, so that others get their turn; tries again where they came first.
        """
        attached, dialect = attached_of(self.stream), self.database.dialect
        # Made before, so that no row is locked meanwhile.
        asked = compiled.keyed(self.stream, dialect, piece.keys, lock=True)
        told = compiled.deleted(dialect, attached.table, attached.key, piece.keys)
        for tried in range(1, TRIES + 1):
            begun = time.monotonic()
            try:
                with self.database.change() as changing:
                    self._compare(piece, [row for rows in changing.stream(asked) for row in rows])
                    self._delete_kin(changing, piece)
                    if changing.execute(told) != len(piece.keys):
                        raise Stays
                return len(piece.keys)
            except Conflict as error:
                if error.code == "DATABASE_REFUSED":
                    raise Stays from error
                if error.code not in _BUSY or tried == TRIES:
                    raise
            finally:
                time.sleep(min(time.monotonic() - begun, MOST_REST))
        raise AssertionError  # the last try returns or raises

    def _compare(self, piece: Piece, raw: Sequence[Any]) -> None:
        """Raise `Stays` unless rows that were read under lock are those of a piece."""
        arrival = Arrival(self.stream, self.layout, self.workspace.keys)
        table = arrival.batch(raw)
        try:
            arrival.finish()  # a value that cannot be kept became none, and would pass for the none that was proven
        except ProofFailed as error:
            raise Stays from error
        if _added(self.rows([row[0] for row in raw], table)) != piece.chunk:
            raise Stays

    def _delete_kin(self, changing: Changing, piece: Piece) -> None:
        """Delete what belongs to the rows of a piece; raises `Stays` when it is not what was proven."""
        there = self.kin(changing, piece.keys, lock=True)
        if any(there[named(line)].rows for line in self.lines if line[-1].table in self.childless):
            raise Stays
        if piece.kin is not None and piece.kin != there:
            raise Stays
        for line in self.lines:
            count = there[named(line)].rows
            statement = kin_deleted(attached_of(self.stream), line, self.database.dialect, piece.keys)
            if count and changing.execute(statement) != count:
                raise Stays


def named(line: Line) -> str:
    """Give what a line of children is called: its tables from above."""
    return "/".join(child.table for child in line)


def together(rows: Iterable[Rows]) -> Rows:
    """Give several rows as one, in their order."""
    listed = [Rows.none(), *rows]
    join = np.concatenate
    return Rows(
        keys=[key for one in listed for key in one.keys],
        marks=join([one.marks for one in listed]),
        lanes=(join([one.lanes[0] for one in listed]), join([one.lanes[1] for one in listed])),
    )


def _added(rows: Rows) -> Chunk:
    hash_a, hash_b = (int(lane.sum(dtype=np.uint64)) for lane in rows.lanes)
    return Chunk(count=len(rows), hash_a=hash_a, hash_b=hash_b)


def _fingerprint(row: Sequence[Any], key: bytes) -> int:
    """Give the keyed fingerprint of a row of another table, whatever its columns are."""
    digest = blake2b(repr(tuple(row)).encode(), digest_size=8, key=key).digest()
    return int.from_bytes(digest, "little")
