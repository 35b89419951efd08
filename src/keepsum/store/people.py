"""Who is behind a purged day's corrections, as keyed fingerprints, until nothing late is taken any more."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from keepsum.store.tables import correction_people as table


def note(connection: Connection, stream: str, day: int, marks: Iterable[int]) -> int:
    """Note people, and give how many different ones are behind the day's corrections."""
    rows = [{"stream": stream, "day": day, "fingerprint": mark} for mark in marks]
    if rows:
        connection.execute(insert(table).on_conflict_do_nothing(), rows)
    return connection.execute(select(func.count()).where(table.c.stream == stream, table.c.day == day)).scalar_one()


def forget(connection: Connection, stream: str, day: int) -> None:
    """Drop what is known of them."""
    connection.execute(delete(table).where(table.c.stream == stream, table.c.day == day))
