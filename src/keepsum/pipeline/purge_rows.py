"""The rows of one day in an application's own database: read in one snapshot, and deleted in short transactions.

A transaction takes one chunk: it reads the rows by key under lock, makes sure that they are the expected ones, deletes
what belongs to them and then them, and commits only if every count is the one that was read.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise, starmap
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from keepsum.engine.arrival import MOST_ROWS, Arrival, Chunk, cuts, marks
from keepsum.engine.compile import attached as compiled
from keepsum.engine.compile.kin import Line, above, kin, lines
from keepsum.engine.compile.mapped import Statement
from keepsum.engine.control import hash_rows
from keepsum.engine.mapping import attached_of
from keepsum.model.attached import Attached
from keepsum.model.day import Day
from keepsum.model.errors import Conflict, ProofFailed
from keepsum.model.layout import RecordLayout
from keepsum.model.stream import Stream
from keepsum.pipeline import gather
from keepsum.store.homes.attached import AttachedDatabase, Changing, Reading
from keepsum.store.workspace import Workspace

TRIES = 6  # for a chunk whose rows somebody else holds
BUSY_REST = 0.25  # seconds between two tries, in which nothing is held
MOST_REST = 0.2  # seconds
BUSY = ("DATABASE_LOCKED", "DATABASE_DEADLOCK")

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

    def pieces(self, halvings: int = 0) -> Iterator["Piece"]:
        """Give the chunks that the rows are cut into, with their keys; `halvings` as for `cuts`."""
        bounds = [0, *cuts(self.marks, halvings=halvings)]
        if bounds[-1] < len(self):
            bounds.append(len(self))
        return starmap(self.piece, pairwise(bounds))

    def piece(self, begin: int, end: int) -> "Piece":
        """Give the rows from one place up to another, and what they add up to."""
        hash_a, hash_b = (int(lane[begin:end].sum(dtype=np.uint64)) for lane in self.lanes)
        return Piece(keys=self.keys[begin:end], chunk=Chunk(count=end - begin, hash_a=hash_a, hash_b=hash_b))

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
    def attached(self) -> Attached:
        """The mapping of the stream."""
        return attached_of(self.stream)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The children, in the order in which they go."""
        return lines(self.attached)

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
        statement = kin(self.attached, line, self.database.dialect, keys, lock=lock)
        for rows in reading.stream(statement):
            count += len(rows)
            total += sum(_fingerprint(row, self.workspace.keys.control) for row in rows)
        return Kin(rows=count, hash=total % 2**64)

    def delete(self, piece: Piece, *, once: bool = False) -> int:
        """Delete the rows of a piece, and give how many; raises `Stays` when they are not as expected, `DATABASE_*`.

        Waits as long as it held the rows, so that others get their turn; tries again, unless `once`, where others came
        first.
        """
        tries = 1 if once else TRIES
        for tried in range(1, tries + 1):
            begun = time.monotonic()
            try:
                self._delete(piece)
            except Conflict as error:
                if error.code == "DATABASE_REFUSED":
                    raise Stays from error
                if error.code not in BUSY or tried == tries:
                    raise
                time.sleep(BUSY_REST)
            else:
                return len(piece.keys)
            finally:
                time.sleep(min(time.monotonic() - begun, MOST_REST))
        raise AssertionError  # the last try returns or raises

    def rehearse(self) -> None:
        """Carry out all statements of a delete for no row: raises `DATABASE_*` where there are no rights to them."""
        nothing = (None,)
        dialect = self.database.dialect
        with self.database.change() as changing:
            if dialect != "sqlite":
                _read(changing, compiled.locked(self.stream, dialect, nothing))
            self.kin(changing, nothing, lock=True)
            for table, column in (*((line[-1].table, line[-1].on[1]) for line in self.lines), self._own):
                changing.execute(compiled.deleted(dialect, table, column, nothing))

    @property
    def _own(self) -> tuple[str, str]:
        return self.attached.table, self.attached.key

    def _delete(self, piece: Piece) -> None:
        dialect = self.database.dialect
        # Made before, so that no row is locked meanwhile.
        locked = compiled.locked(self.stream, dialect, piece.keys)
        asked = compiled.keyed(self.stream, dialect, piece.keys)
        told = compiled.deleted(dialect, *self._own, piece.keys)
        with self.database.change() as changing:
            if dialect != "sqlite":  # which lets nobody else write from here on anyway
                _read(changing, locked)
            self._compare(piece, _read(changing, asked))
            self._delete_kin(changing, piece)
            if changing.execute(told) != len(piece.keys):
                raise Stays

    def _compare(self, piece: Piece, raw: Sequence[Any]) -> None:
        """Raise `Stays` unless rows that were read under lock are those of a piece."""
        arrival = Arrival(self.stream, self.layout, self.workspace.keys)
        table = arrival.batch(raw)
        try:
            arrival.finish()  # a value that cannot be kept became none, and would pass for the none that was proven
        except ProofFailed as error:
            raise Stays from error
        if self.rows([row[0] for row in raw], table).piece(0, len(raw)).chunk != piece.chunk:
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
            if count and self._delete_line(changing, line, piece.keys) != count:
                raise Stays

    def _delete_line(self, changing: Changing, line: Line, keys: Sequence[Any]) -> int:
        """Delete the child rows at the end of a line that belong to rows, and give how many."""
        dialect, child = self.database.dialect, line[-1]
        asked = above(self.attached, line, dialect, keys)
        # By values: MariaDB reads the whole table for a delete whose rows another table names.
        found = keys if asked is None else list({row[0] for row in _read(changing, asked)} - {None})
        batches = (found[begin : begin + MOST_ROWS] for begin in range(0, len(found), MOST_ROWS))
        return sum(changing.execute(compiled.deleted(dialect, child.table, child.on[1], batch)) for batch in batches)


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


def _read(reading: Reading, statement: Statement) -> list[Any]:
    return [row for rows in reading.stream(statement) for row in rows]


def _fingerprint(row: Sequence[Any], key: bytes) -> int:
    """Give the keyed fingerprint of a row of another table, whatever its columns are."""
    digest = blake2b(repr(tuple(row)).encode(), digest_size=8, key=key).digest()
    return int.from_bytes(digest, "little")
