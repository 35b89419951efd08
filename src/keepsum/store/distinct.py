"""Which days have counted which values of distinct measures, as keyed fingerprints."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, select

from keepsum.store.database import fetch
from keepsum.store.tables import distinct_values

# Two days that have a value in common, of which a person has not accepted that both count it.
_RECURRING = (
    "FROM distinct_values AS mine JOIN distinct_values AS other "
    "ON other.stream = mine.stream AND other.field = mine.field AND other.fingerprint = mine.fingerprint "
    "AND other.day <> mine.day WHERE mine.stream = ? AND mine.field = ? AND mine.day = ? "
    "AND NOT (mine.accepted AND other.accepted)"
)


def note(connection: Connection, stream: str, field: str, day: int, marks: Iterable[int]) -> tuple[int, int] | None:
    """Put a day's values in place of the ones noted before; when some stand on other days, say how many and one day.

    What was accepted of a value stays so.
    """
    may_recur = accepted(connection, stream, field, day)
    mine = (distinct_values.c.stream == stream, distinct_values.c.field == field, distinct_values.c.day == day)
    connection.execute(delete(distinct_values).where(*mine))
    rows = [(stream, field, mark, day, mark in may_recur) for mark in sorted(marks)]
    if rows:
        connection.exec_driver_sql(
            "INSERT INTO distinct_values (stream, field, fingerprint, day, accepted) VALUES (?, ?, ?, ?, ?)", rows
        )
    found = f"SELECT count(DISTINCT mine.fingerprint), min(other.day) {_RECURRING}"
    count, example = fetch(connection, found, (stream, field, day))[0]
    return (count, example) if count else None


def accept(connection: Connection, stream: str, field: str, day: int) -> None:
    """Accept, for all days that have them, that values of a day recur."""
    listed = f"SELECT mine.fingerprint {_RECURRING}"
    connection.exec_driver_sql(
        f"UPDATE distinct_values SET accepted = 1 WHERE stream = ? AND field = ? AND fingerprint IN ({listed})",
        (stream, field, stream, field, day),
    )


def accepted(connection: Connection, stream: str, field: str, day: int) -> set[int]:
    """Give the values of a day that may recur on others."""
    mine = (distinct_values.c.stream == stream, distinct_values.c.field == field, distinct_values.c.day == day)
    query = select(distinct_values.c.fingerprint).where(*mine, distinct_values.c.accepted)
    return set(connection.execute(query).scalars())


def note_accepted(connection: Connection, stream: str, field: str, day: int, marks: Iterable[int]) -> None:
    """Note values of a day that may recur on others, although nobody noted them before."""
    rows = [{"stream": stream, "field": field, "fingerprint": mark, "day": day, "accepted": True} for mark in marks]
    connection.execute(distinct_values.insert(), rows)


def forget(connection: Connection, stream: str, day: int) -> None:
    """Drop a purged day's values once nothing late is taken any more."""
    connection.execute(delete(distinct_values).where(distinct_values.c.stream == stream, distinct_values.c.day == day))
