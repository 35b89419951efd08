"""Which days have counted which values of distinct measures, as keyed fingerprints."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete

from keepsum.store.database import fetch
from keepsum.store.tables import distinct_values


def note(connection: Connection, stream: str, field: str, day: int, marks: Iterable[int]) -> tuple[int, int] | None:
    """Put a day's values in place of the ones noted before; when some stand on other days, say how many and one day."""
    mine = (distinct_values.c.stream == stream, distinct_values.c.field == field, distinct_values.c.day == day)
    connection.execute(delete(distinct_values).where(*mine))
    rows = [(stream, field, mark, day) for mark in sorted(marks)]
    if rows:
        connection.exec_driver_sql(
            "INSERT INTO distinct_values (stream, field, fingerprint, day) VALUES (?, ?, ?, ?)", rows
        )
    query = (
        "SELECT count(*), min(other.day) FROM distinct_values AS mine JOIN distinct_values AS other "
        "ON other.stream = mine.stream AND other.field = mine.field AND other.fingerprint = mine.fingerprint "
        "AND other.day <> mine.day WHERE mine.stream = ? AND mine.day = ? AND mine.field = ?"
    )
    count, example = fetch(connection, query, (stream, day, field))[0]
    return (count, example) if count else None


def forget(connection: Connection, stream: str, day: int) -> None:
    """Drop a purged day's values once nothing late is taken any more."""
    connection.execute(delete(distinct_values).where(distinct_values.c.stream == stream, distinct_values.c.day == day))
