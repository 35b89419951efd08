"""A day of an application's own database as it is read again before it goes, and what the ledger notes of it.

All streams of a unit are read in one snapshot. The rows of the leading one are cut into slices, each deleted in one
transaction: the chunks that were sealed, or shorter ones where so much belongs to them that its locks would last.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from keepsum.engine.arrival import MOST_ROWS, Chunk, key_text, marks
from keepsum.engine.compile import attached as compiled
from keepsum.engine.compile.kin import kin
from keepsum.engine.days import Calendar
from keepsum.model.ledger import Kind
from keepsum.pipeline import gather
from keepsum.pipeline.purge_rows import Home, Kin, Piece, Rows
from keepsum.pipeline.purge_switch import Unit
from keepsum.store import ledger
from keepsum.store.database import Connection
from keepsum.store.days import DayState
from keepsum.store.homes.attached import Reading

MOST_AT_ONCE = 4_000  # rows that one transaction deletes, children among them
FINEST = 7  # halvings: some 15 rows


@dataclass(frozen=True, kw_only=True)
class Proof:
    """A day as it was read: rows by stream, the slices in which they go, and whether all that goes along was proven."""

    rows: Mapping[str, Rows]
    slices: Sequence[Piece]
    halvings: int
    is_whole: bool

    def is_as_sealed(self, connection: Connection, state: DayState) -> bool:
        """Whether the rows of a stream are the ones that its day was sealed with."""
        return sealed_chunks(connection, state) == [piece.chunk for piece in self.rows[state.stream].pieces()]

    def said(self, *, chunks: bool = False) -> dict[str, object]:
        """Give what the ledger notes of the slices: what belongs to each, and their sums where no seal has them."""
        names = self.slices[0].kin or {} if self.slices else {}
        children = {name: [_listed(piece, name) for piece in self.slices] for name in names}
        said: dict[str, object] = {"children": children}
        if self.halvings:
            said["halvings"] = self.halvings
        if chunks or self.halvings:
            said["chunks"] = [[one.chunk.count, str(one.chunk.hash_a), str(one.chunk.hash_b)] for one in self.slices]
        return said


def _listed(piece: Piece, name: str) -> list[object]:
    one = (piece.kin or {})[name]
    return [one.rows, str(one.hash)]


@dataclass(frozen=True, kw_only=True)
class Noted:
    """What the ledger noted when the purge of a day began: how many rows there were, and the slices they go in."""

    records: int
    halvings: int
    chunks: Sequence[Chunk]
    children: Mapping[str, Sequence[Kin]]

    @property
    def along(self) -> int:
        """How many rows of other tables belonged to all slices."""
        return sum(one.rows for listed in self.children.values() for one in listed)

    def kin(self, place: int) -> dict[str, Kin]:
        """Give what belonged to a slice."""
        return {name: listed[place] for name, listed in self.children.items()}


def read(unit: Unit, calendar: Calendar, day: int) -> Proof:
    """Read a day of all streams of a unit, and what belongs to its rows; raises what `Home.read` does."""
    interval = calendar.day(day)
    with gather.snapshot(unit.workspace, unit.stream, *unit.along) as reading:
        rows = {one.name: Home(unit.workspace, one).read(reading, interval) for one in unit.streams}
        halvings, slices = _slices(unit.home, reading, rows[unit.stream.name])
        is_whole = all(
            _is_all_that_goes(unit.home, reading, slices, Home(unit.workspace, one), rows[one.name])
            for one in unit.along
        )
    return Proof(rows=rows, slices=slices, halvings=halvings, is_whole=is_whole)


def _slices(home: Home, reading: Reading, rows: Rows) -> tuple[int, list[Piece]]:
    """Give rows in slices, each with what belongs to it, and how often chunks were halved for that."""
    halvings, slices = 0, _with_kin(home, reading, rows, 0)
    while halvings < FINEST and max(map(_weight, slices), default=0) > MOST_AT_ONCE:
        halvings += 1
        slices = _with_kin(home, reading, rows, halvings)
    return halvings, slices


def _with_kin(home: Home, reading: Reading, rows: Rows, halvings: int) -> list[Piece]:
    return [replace(piece, kin=home.kin(reading, piece.keys)) for piece in rows.pieces(halvings)]


def _weight(piece: Piece) -> int:
    return len(piece.keys) + sum(one.rows for one in (piece.kin or {}).values())


def _is_all_that_goes(home: Home, reading: Reading, slices: Sequence[Piece], other: Home, rows: Rows) -> bool:
    """Say whether the records of another stream that go along are the ones of its day, and no more.

    A row may go along that is no record of that stream, because of its `where`.
    """
    keys, attached = list(_going(home, reading, slices, other)), other.attached
    texts = [text if isinstance(text := key_text(key), str) else "" for key in keys]
    going = marks(pa.table({"key": pa.array(texts, pa.string())}), home.workspace.keys)
    if not np.isin(rows.marks, going).all():
        return False
    beyond = [keys[place] for place in np.flatnonzero(~np.isin(going, rows.marks)).tolist()]
    if not attached.where:
        return not beyond
    batches = (beyond[begin : begin + MOST_ROWS] for begin in range(0, len(beyond), MOST_ROWS))
    asked = (compiled.keyed(other.stream, other.database.dialect, batch) for batch in batches)
    return not any(found for one in asked for found in reading.stream(one))


def _going(home: Home, reading: Reading, slices: Sequence[Piece], other: Home) -> Iterator[Any]:
    """Give the keys of another stream's rows that go along with rows."""
    table, key = other.attached.table, other.attached.key
    for piece in slices:
        for line in home.lines:
            if line[-1].table == table:
                statement = kin(home.attached, line, home.database.dialect, piece.keys, column=key)
                yield from (row[0] for found in reading.stream(statement) for row in found)


def sealed_chunks(connection: Connection, state: DayState) -> list[Chunk]:
    """Give the chunks that a day was sealed with."""
    entry = ledger.entry(connection, state.seal or 0)
    body: Any = {} if entry is None else entry.body
    return _chunks(body.get("chunks", ()))


def noted(connection: Connection, state: DayState) -> Noted:
    """Give what was noted when the purge of a day began, the last time."""
    *_, entry = ledger.entries(connection, stream=state.stream, day=state.day, kind=Kind.PURGING)
    body: Any = entry.body
    return Noted(
        records=int(body["records"]),
        halvings=int(body.get("halvings", 0)),
        chunks=_chunks(body["chunks"]) if "chunks" in body else sealed_chunks(connection, state),
        children={
            name: [Kin(rows=int(rows), hash=int(total)) for rows, total in listed]
            for name, listed in body["children"].items()
        },
    )


def _chunks(listed: Sequence[Sequence[Any]]) -> list[Chunk]:
    return [Chunk(count=int(count), hash_a=int(a), hash_b=int(b)) for count, a, b in listed]
