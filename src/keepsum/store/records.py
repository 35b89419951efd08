"""The hot tail and the identity of records: which keys a day has seen, and with which row."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.schema import DropTable

from keepsum.model.layout import ARROW, RecordLayout
from keepsum.store import shapes
from keepsum.store.database import driver, fetch, insert_many
from keepsum.store.tables import rejects


def claim(connection: Connection, stream: str, day: int, pairs: Sequence[tuple[str, int]]) -> dict[str, int] | None:
    """Note keys of a day with their row hashes.

    Gives None when all were new and are now noted; otherwise notes nothing and gives the keys of these that
    the day had already, with the row hash they came with then.
    """
    if claim_all(connection, stream, {day: pairs}):
        return None
    return seen(connection, stream, day, [key for key, _ in pairs])


def claim_all(connection: Connection, stream: str, pairs: Mapping[int, Sequence[tuple[str, int]]]) -> bool:
    """Note keys of several days with their row hashes; False, and none noted, unless all were new."""
    raw = driver(connection)
    raw.execute("SAVEPOINT claim")
    fresh = all(_insert_keys(connection, raw, stream, day, mine) for day, mine in pairs.items())
    if not fresh:
        raw.execute("ROLLBACK TO claim")
    raw.execute("RELEASE claim")
    return fresh


def _insert_keys(
    connection: Connection, raw: sqlite3.Connection, stream: str, day: int, pairs: Sequence[tuple[str, int]]
) -> bool:
    """Note keys of one day, in its table, made when it is the first; False if one was there."""
    table = shapes.identities(stream, day)
    into = f'INSERT OR IGNORE INTO "{table.name}" (key, hash)'
    try:
        return insert_many(raw, into, 2, pairs) == len(pairs)
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise
        shapes.create(connection, table)
        return insert_many(raw, into, 2, pairs) == len(pairs)


def seen(connection: Connection, stream: str, day: int, keys: Sequence[str]) -> dict[str, int]:
    """Give those of the keys that a day has, with their row hashes."""
    table = shapes.identities(stream, day)
    if not shapes.exists(connection, table):
        return {}
    statement = f'SELECT key, hash FROM "{table.name}" WHERE key IN (SELECT value FROM json_each(?))'
    return dict(fetch(connection, statement, (json.dumps(keys),)))


def append(
    connection: Connection, layout: RecordLayout, days: Sequence[int], columns: Sequence[Sequence[object]]
) -> int:
    """Append records, given as columns in layout order, to the tail in arrival order; give the last number."""
    stream, count = layout.stream.name, len(days)
    raw = driver(connection)
    last = sequence(connection, stream)
    rows = list(zip(days, range(last + 1, last + 1 + count), *columns, strict=True))
    insert_many(raw, _into_tail(stream, layout.names), len(layout.names) + 2, rows)
    raw.execute(_SEQUENCE, (stream, last + count))
    return last + count


_SEQUENCE = "INSERT INTO sequences VALUES (?, ?) ON CONFLICT (stream) DO UPDATE SET last = excluded.last"


@lru_cache(maxsize=256)
def _into_tail(stream: str, names: Sequence[str]) -> str:
    listed = ", ".join(f'"{name}"' for name in ("day", "seq", *names))
    return f'INSERT INTO "tail_{stream}" ({listed})'


def sequence(connection: Connection, stream: str) -> int:
    """Give the number of the stream's newest record."""
    row = driver(connection).execute("SELECT last FROM sequences WHERE stream = ?", (stream,)).fetchone()
    return row[0] if row else 0


def sequences_of_all(connection: Connection) -> dict[str, int]:
    """Give the number of each stream's newest record, by stream."""
    return dict(driver(connection).execute("SELECT stream, last FROM sequences").fetchall())


def tail(
    connection: Connection, layout: RecordLayout, day: int, after: int, names: Sequence[str] | None = None
) -> tuple[pa.Table, int]:
    """Give the records of a day that are not in segments, in arrival order, and the last one's number."""
    wanted = [c for c in layout.columns if names is None or c.name in names]
    listed = ", ".join(f'"{c.name}"' for c in wanted)
    statement = f'SELECT seq, {listed} FROM "tail_{layout.stream.name}" WHERE day = ? AND seq > ?'
    rows = fetch(connection, statement + " ORDER BY seq", (day, after))
    if not rows:
        return pa.table({c.name: pa.array([], ARROW[c.type]) for c in wanted}), after
    numbers, *columns = zip(*rows, strict=True)
    arrays = {
        c.name: pa.array(_booleans(values) if c.type == "boolean" else values, ARROW[c.type])
        for c, values in zip(wanted, columns, strict=True)
    }
    return pa.table(arrays), numbers[-1]


def tail_days(connection: Connection, stream: str) -> dict[int, tuple[int, int]]:
    """Give the days that have rows in the tail, moved or not, each with how many and the last one's number."""
    query = f'SELECT day, count(*), max(seq) FROM "tail_{stream}" GROUP BY day'
    return {day: (count, last) for day, count, last in connection.exec_driver_sql(query)}


def drop_tail(connection: Connection, stream: str, day: int, upto: int, limit: int) -> int:
    """Delete some tail rows of a day that are in segments (or proven and purged); give how many."""
    statement = (
        f'DELETE FROM "tail_{stream}" WHERE day = ? AND seq IN '
        f'(SELECT seq FROM "tail_{stream}" WHERE day = ? AND seq <= ? ORDER BY seq LIMIT ?)'
    )
    return connection.exec_driver_sql(statement, (day, day, upto, limit)).rowcount


def tail_keys(connection: Connection, stream: str, day: int) -> list[tuple[int, str]]:
    """Give the number and key of a day's tail rows."""
    statement = f'SELECT seq, key FROM "tail_{stream}" WHERE day = ?'
    return [(seq, key) for seq, key in fetch(connection, statement, (day,))]


def drop_rows(connection: Connection, stream: str, day: int, numbers: Sequence[int]) -> int:
    """Delete some tail rows of a day; give how many went."""
    statement = f'DELETE FROM "tail_{stream}" WHERE day = ? AND seq IN (SELECT value FROM json_each(?))'
    return connection.exec_driver_sql(statement, (day, json.dumps(numbers))).rowcount


def note_keys_anew(connection: Connection, stream: str, day: int, pairs: Iterable[tuple[str, int]]) -> None:
    """Put keys with their row hashes in place of all that a day has."""
    table = shapes.identities(stream, day)
    connection.execute(DropTable(table, if_exists=True))
    shapes.create(connection, table)
    driver(connection).executemany(f'INSERT OR IGNORE INTO "{table.name}" (key, hash) VALUES (?, ?)', pairs)


def keys_of(connection: Connection, stream: str, day: int) -> list[tuple[str, int]]:
    """Give all keys of an unpurged day with their row hashes."""
    table = shapes.identities(stream, day)
    if not shapes.exists(connection, table):
        return []
    statement = f'SELECT key, hash FROM "{table.name}"'
    return [(key, known) for key, known in connection.exec_driver_sql(statement)]


def replace_keys(connection: Connection, stream: str, day: int, marks: Iterable[tuple[int, int]]) -> None:
    """Reduce a purged day's keys to fingerprints: from here on a key can be recognised but not read."""
    kept = shapes.purged_identities(stream, day)
    shapes.create(connection, kept)
    rows = list(marks)
    if rows:
        connection.exec_driver_sql(f'INSERT OR IGNORE INTO "{kept.name}" VALUES (?, ?)', rows)
    connection.execute(DropTable(shapes.identities(stream, day), if_exists=True))


def recognise(connection: Connection, stream: str, day: int, fingerprints: Sequence[int]) -> dict[int, int]:
    """Give those of the fingerprints that are of a purged day's keys, with the row hash each came with."""
    kept = shapes.purged_identities(stream, day)
    if not shapes.exists(connection, kept):
        return {}
    statement = f'SELECT * FROM "{kept.name}" WHERE fingerprint IN (SELECT value FROM json_each(?))'
    return dict(fetch(connection, statement, (json.dumps(fingerprints),)))


def fingerprints(connection: Connection, stream: str, day: int) -> NDArray[np.int64]:
    """Give the fingerprints of all keys of a purged day, each once; none when they are gone."""
    kept = shapes.purged_identities(stream, day)
    if not shapes.exists(connection, kept):
        return np.empty(0, np.int64)
    found = driver(connection).execute(f'SELECT fingerprint FROM "{kept.name}"')
    return np.fromiter((mark for (mark,) in found), np.int64)


def add_fingerprints(connection: Connection, stream: str, day: int, marks: Sequence[tuple[int, int]]) -> None:
    """Note the keys of corrections of a purged day, so that each is made once."""
    kept = shapes.purged_identities(stream, day)
    shapes.create(connection, kept)
    connection.exec_driver_sql(f'INSERT INTO "{kept.name}" VALUES (?, ?)', list(marks))


def forget_fingerprints(connection: Connection, stream: str, day: int) -> None:
    """Drop what remained of a purged day's keys."""
    connection.execute(DropTable(shapes.purged_identities(stream, day), if_exists=True))


def count_rejects(connection: Connection, stream: str, day: int, counts: dict[tuple[str, str], int]) -> None:
    """Add up rejected records by field and reason, on the day they came in; never their values."""
    for (field, code), count in counts.items():
        added = insert(rejects).values(stream=stream, day=day, field=field, code=code, count=count)
        total = rejects.c.count + added.excluded.count
        keys = ["stream", "day", "field", "code"]
        connection.execute(added.on_conflict_do_update(index_elements=keys, set_={"count": total}))


def rejects_of(connection: Connection, stream: str, first: int, last: int) -> list[tuple[int, str, str, int]]:
    """Give (day, field, code, count) of what was rejected in a range of days."""
    query = select(rejects.c.day, rejects.c.field, rejects.c.code, rejects.c.count).where(
        rejects.c.stream == stream, rejects.c.day.between(first, last)
    )
    return [tuple(row) for row in connection.execute(query.order_by(*query.selected_columns))]


def _booleans(values: Sequence[object]) -> list[bool | None]:
    return [None if v is None else bool(v) for v in values]
