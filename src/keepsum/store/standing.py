"""How many days stand at once, as plain tuples and sets: what an answer has to know before it reads any figure."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from keepsum.store import rollups

DAMAGED = "DAMAGED"


@dataclass(frozen=True, kw_only=True)
class Stood:
    """The days of a stream in a range, sorted into sets; `first` is the first day of all that ever had a record."""

    first: int | None
    noted: frozenset[int]
    collected: frozenset[int]
    sealed: frozenset[int]
    purged: frozenset[int]
    damaged: frozenset[int]


def stood(connection: Connection, stream: str, first: int, last: int) -> Stood:
    """Give how the days of a range stand."""
    statement = "SELECT day, touched > 0, sealed = touched, purge IS NOT NULL, held FROM stream_days WHERE stream = ?"
    rows: list[Any] = rollups.run(connection, statement + " AND day BETWEEN ? AND ?", (stream, first, last))
    earliest = "SELECT day FROM stream_days WHERE stream = ? AND touched > 0 ORDER BY day LIMIT 1"
    return Stood(
        first=connection.exec_driver_sql(earliest, (stream,)).scalar(),
        noted=frozenset(r[0] for r in rows),
        collected=frozenset(r[0] for r in rows if r[1]),
        sealed=frozenset(r[0] for r in rows if r[2]),
        purged=frozenset(r[0] for r in rows if r[3]),
        damaged=frozenset(r[0] for r in rows if r[4] == DAMAGED),
    )


def covered(connection: Connection, table: str, first: int, last: int) -> frozenset[int]:
    """Give the days of a range that a generation has proven figures of."""
    statement = "SELECT day FROM rolled WHERE table_name = ? AND day BETWEEN ? AND ?"
    rows: list[Any] = rollups.run(connection, statement, (table, first, last))
    return frozenset(row[0] for row in rows)


@dataclass(frozen=True, kw_only=True)
class ShownDay:
    """What guarded callers are shown of a day: its state, and the day at which its figures stand."""

    day: int
    state: str
    at: int


def published(connection: Connection, table: str, first: int, last: int) -> tuple[ShownDay, ...]:
    """Give what is published of a range of days of a generation."""
    statement = "SELECT day, state, at FROM published WHERE table_name = ? AND day BETWEEN ? AND ?"
    rows: list[Any] = rollups.run(connection, statement, (table, first, last))
    return tuple(ShownDay(day=r[0], state=r[1], at=r[2]) for r in rows)


def corrections(connection: Connection, stream: str) -> frozenset[tuple[int, int]]:
    """Give every (day, booked day) of a stream's corrections."""
    statement = (
        "SELECT DISTINCT day, json_extract(body, '$.booked') FROM ledger WHERE stream = ? AND kind = 'corrected'"
    )
    rows: list[Any] = rollups.run(connection, statement, (stream,))
    return frozenset((row[0], row[1]) for row in rows)
