"""How many days stand at once, as plain tuples and sets: what an answer has to know before it reads any figure."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection

from keepsum.model.day import day_number
from keepsum.model.stream import Stream
from keepsum.store import attachments, rollups

DAMAGED = "DAMAGED"

_FLAGS = (
    "touched > 0",
    "coalesce(sealed = touched, 0)",
    "purge IS NOT NULL",
    "held",
    "incomplete IS NOT NULL",
    "uncounted > 0",
)
_LENGTH = len(_FLAGS)
_NUMBERED = ", ".join(str(place + 1) for place in range(_LENGTH))


@dataclass(frozen=True, kw_only=True)
class Stood:
    """The days of a stream in a range, sorted into sets.

    `damaged` days have no records to read, or not all; `short` ones lack accepted records in their figures.
    """

    noted: frozenset[int]
    collected: frozenset[int]
    sealed: frozenset[int]
    purged: frozenset[int]
    damaged: frozenset[int]
    short: frozenset[int]


def begun(connection: Connection, stream: Stream) -> int | None:
    """Give a stream's first day: as `begin` does, or of a row that lies in an application's own database."""
    known = attachments.known(connection)
    firsts = (known[name].first_day for name in covering(stream) if name in known)
    return min((day for day in (*firsts, begin(connection, stream)) if day is not None), default=None)


def begin(connection: Connection, stream: Stream) -> int | None:
    """Give the first day that a stream covers: of a record of it, or of what it is covered with, or a declared one."""
    earliest = "SELECT day FROM stream_days WHERE stream = ? AND touched > 0 ORDER BY day LIMIT 1"
    found = [connection.exec_driver_sql(earliest, (name,)).scalar() for name in covering(stream)]
    declared = day_number(stream.start) if stream.start else None
    return min((day for day in (*found, declared) if day is not None), default=None)


def covering(stream: Stream) -> tuple[str, ...]:
    """Give the streams whose first day is a stream's, too: itself, and the one it is covered with."""
    return (stream.name,) if stream.covered_with is None else (stream.name, stream.covered_with)


def stood(connection: Connection, stream: str, first: int, last: int) -> Stood:
    """Give how the days of a range stand."""
    groups = _groups(connection, stream, first, last)
    return Stood(
        noted=_union(days for _, days in groups),
        collected=_union(days for flags, days in groups if flags[0]),
        sealed=_union(days for flags, days in groups if flags[1]),
        purged=_union(days for flags, days in groups if flags[2]),
        damaged=_union(days for flags, days in groups if flags[3] == DAMAGED or flags[4]),
        short=_union(days for flags, days in groups if flags[5]),
    )


def _groups(connection: Connection, stream: str, first: int, last: int) -> list[tuple[Any, Any]]:
    """The days of a range by what is known of them, as ranges where they follow each other: most days of a year do."""
    where = "FROM stream_days WHERE stream = ? AND day BETWEEN ? AND ?"
    parameters = (stream, first, last)
    statement = f"SELECT {', '.join(_FLAGS)}, min(day), max(day), count(*) {where} GROUP BY {_NUMBERED}"
    found: list[Any] = rollups.run(connection, statement, parameters)
    if all(_follow(*row[_LENGTH:]) for row in found):
        return [(row[:_LENGTH], range(row[_LENGTH], row[_LENGTH + 1] + 1)) for row in found]
    rows: list[Any] = rollups.run(connection, f"SELECT {', '.join(_FLAGS)}, day {where}", parameters)
    return [(row[:_LENGTH], row[_LENGTH:]) for row in rows]


def covered(connection: Connection, table: str, first: int, last: int) -> frozenset[int]:
    """Give the days of a range that a generation has proven figures of."""
    where = "FROM rolled WHERE table_name = ? AND day BETWEEN ? AND ?"
    parameters = (table, first, last)
    ((low, high, count),) = rollups.run(connection, f"SELECT min(day), max(day), count(*) {where}", parameters)
    if _follow(low, high, count):
        return frozenset(range(low, high + 1)) if count else frozenset()
    rows: list[Any] = rollups.run(connection, f"SELECT day {where}", parameters)
    return frozenset(row[0] for row in rows)


class ShownDay(NamedTuple):
    """What guarded callers are shown of a day: its state, and the day at which its figures stand."""

    day: int
    state: str
    at: int


def published(connection: Connection, table: str, first: int, last: int) -> tuple[ShownDay, ...]:
    """Give what is published of a range of days of a generation."""
    statement = "SELECT day, state, at FROM published WHERE table_name = ? AND day BETWEEN ? AND ? AND state <> ?"
    rows: list[Any] = rollups.run(connection, statement, (table, first, last, rollups.DROPPED))
    return tuple(ShownDay(*row) for row in rows)


def corrections(connection: Connection, stream: str) -> frozenset[tuple[int, int]]:
    """Give every (day, booked day) of a stream's corrections."""
    statement = (
        "SELECT DISTINCT day, json_extract(body, '$.booked') FROM ledger WHERE stream = ? AND kind = 'corrected'"
    )
    rows: list[Any] = rollups.run(connection, statement, (stream,))
    return frozenset((row[0], row[1]) for row in rows)


def _follow(low: int | None, high: int | None, count: int) -> bool:
    """Whether so many days between two fill what is between them."""
    return low is None or high is None or high - low + 1 == count


def _union(days: Any) -> frozenset[int]:
    return frozenset[int]().union(*days)
