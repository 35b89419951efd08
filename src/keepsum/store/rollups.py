"""Rolled rows: written by day and generation, read back for proof, and asked."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, Table, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from keepsum.model.catalog import definition, definition_hash
from keepsum.model.layout import RollupLayout
from keepsum.model.ledger import canonical
from keepsum.model.rollup import Rollup
from keepsum.model.stream import FOREVER, Duration
from keepsum.store import shapes
from keepsum.store.database import driver, fetch, insert_many
from keepsum.store.tables import generations, published, rolled

Rows = list[tuple[Any, ...]]
DROPPED = "dropped"  # shown once, under a definition that another replaced
_SUFFIXES = ("", shapes.PARTS, shapes.ATOMS)  # the tables of one generation
ALWAYS = (-(10**7), 10**7)  # a range of days that holds all there are
_OWN = "day IN (SELECT value FROM json_each(?)) AND booked = day"


@dataclass(frozen=True, kw_only=True)
class Generation:
    """One definition of a rollup that has (or had) a table; the newest has the highest id."""

    id: int
    rollup: str
    stream: str
    table: str
    definition_hash: str
    definition: str
    keep: Duration
    made_at: int


@dataclass(frozen=True, kw_only=True)
class Covered:
    """One generation's figures of one day: under which seal, with which digests."""

    table: str
    day: int
    seal: int
    rows: int
    content: str
    parts: str


@dataclass(frozen=True, kw_only=True)
class Published:
    """What guarded callers are shown of one day of one generation."""

    table: str
    day: int
    state: str
    at: int
    k: int
    people: int
    largest: int
    seen: tuple[int, ...]


def declare(connection: Connection, rollup: Rollup, *, now: int) -> None:
    """Give a rollup's definition its tables, once, and note how long figures of all its definitions are kept."""
    layout = RollupLayout(rollup=rollup)
    shapes.create(connection, shapes.rows(layout), shapes.parts(layout), shapes.atoms(layout))
    values = {
        "rollup": rollup.name,
        "stream": rollup.of.name,
        "table_name": layout.table,
        "definition_hash": definition_hash(rollup),
        "definition": canonical(definition(rollup)),
        "created_at": now,
    }
    kept = rollup.keep or FOREVER
    keep = {"keep_days": kept.days, "keep_months": kept.months}
    connection.execute(insert(generations).values(**values, **keep).on_conflict_do_nothing())
    mine = (generations.c.rollup == rollup.name, generations.c.stream == rollup.of.name)
    connection.execute(update(generations).where(*mine).values(keep))


def forget_unused(connection: Connection, stream: str, wanted: Collection[Rollup]) -> None:
    """Drop the generations of a stream that cover no day and are not declared any more, tables and all."""
    declared = {RollupLayout(rollup=rollup).table for rollup in wanted}
    for generation in known(connection, stream):
        if generation.table not in declared and not coverage(connection, generation.table, *ALWAYS):
            connection.execute(delete(generations).where(generations.c.id == generation.id))
            for suffix in _SUFFIXES:
                connection.exec_driver_sql(f'DROP TABLE IF EXISTS "{generation.table}{suffix}"')


def known(connection: Connection, stream: str | None = None) -> list[Generation]:
    """Give all generations, the newest last."""
    query = select(generations).order_by(generations.c.id)
    if stream is not None:
        query = query.where(generations.c.stream == stream)
    return [
        Generation(
            id=r.id,
            rollup=r.rollup,
            stream=r.stream,
            table=r.table_name,
            definition_hash=r.definition_hash,
            definition=r.definition,
            keep=Duration(days=r.keep_days, months=r.keep_months),
            made_at=r.created_at,
        )
        for r in connection.execute(query)
    ]


def lines(table: Table, rolled: pa.Table, **same: int) -> Rows:
    """Give the rows, parts or atoms of days' own records as they stand in their table: all columns, in its order.

    `same` are columns with one value in all of them.
    """
    columns = {name: rolled.column(name).to_pylist() for name in rolled.column_names}
    columns |= {name: [value] * rolled.num_rows for name, value in same.items()} | {"booked": columns["day"]}
    return list(zip(*(columns[c.name] for c in table.columns), strict=True))


def of_days(table: Table, rows: Rows, days: Collection[int]) -> Rows:
    """Give those of a table's rows that are of these days."""
    place = table.columns.keys().index("day")
    return [row for row in rows if row[place] in days]


def replace(connection: Connection, table: Table, days: Collection[int], rows: Rows) -> None:
    """Put these rows in place of what a table has of these days' own records; corrections stay."""
    connection.exec_driver_sql(f'DELETE FROM "{table.name}" WHERE {_OWN}', (json.dumps(list(days)),))
    names = ", ".join(f'"{c.name}"' for c in table.columns)
    insert_many(driver(connection), f'INSERT INTO "{table.name}" ({names})', len(table.columns), rows)


def standing(connection: Connection, table: Table, days: Collection[int]) -> Rows:
    """Give what a table has of these days' own records: all columns, in the order of its key."""
    names, keys = (", ".join(f'"{c.name}"' for c in columns) for columns in (table.columns, table.primary_key))
    statement = f'SELECT {names} FROM "{table.name}" WHERE {_OWN} ORDER BY {keys}'
    return fetch(connection, statement, (json.dumps(list(days)),))


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Write rows over the ones with the same key."""
    keys = [c.name for c in table.primary_key]
    statement = insert(table)
    values = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in keys}
    if rows:
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=values), list(rows))


def row(connection: Connection, table: Table, key: Mapping[str, object]) -> dict[str, Any] | None:
    """Give the row of a typed table that has a key."""
    found = connection.execute(select(table).where(*(table.c[n] == v for n, v in key.items()))).one_or_none()
    return None if found is None else {c.name: value for c, value in zip(table.columns, found, strict=True)}


def dimension_values(
    connection: Connection, generation: Generation, day: int, dimensions: Sequence[str]
) -> dict[str, list[str]]:
    """Give the values that a generation has of a day, by field, the reserved ones among them."""
    found: dict[str, list[str]] = {}
    for name in dimensions:
        statement = f'SELECT DISTINCT "{name}" FROM "{generation.table}" WHERE day = ?'
        found[name[2:]] = [value for (value,) in fetch(connection, statement, (day,))]
    return found


def read_rows(connection: Connection, layout: RollupLayout, day: int, booked: int) -> Rows:
    """Give a day's rows as they stand, columns `day, d_*, values`, sorted by dimensions."""
    names = ("day", *layout.dimensions, *(c.name for c in layout.values))
    return _read(connection, shapes.rows(layout), names, layout.dimensions, day, booked)


def read_parts(connection: Connection, layout: RollupLayout, day: int, booked: int) -> Rows:
    """Give a day's parts as they stand, columns `measure, at, d_*, day, value, data`, sorted by the first of them."""
    keys = ("measure", "at", *layout.dimensions)
    return _read(connection, shapes.parts(layout), (*keys, "day", "value", "data"), keys, day, booked)


def read_atoms(connection: Connection, layout: RollupLayout, day: int, booked: int) -> Rows:
    """Give a day's atoms as published, columns `day, d_*, values`, sorted by dimensions."""
    names = ("day", *layout.dimensions, *(c.name for c in layout.atom_values))
    return _read(connection, shapes.atoms(layout), names, layout.dimensions, day, booked)


def booked_days(connection: Connection, layout: RollupLayout) -> dict[tuple[int, int], frozenset[int]]:
    """Give every (day, booked) that a generation has any rows or parts of, with the epochs of these."""
    found: dict[tuple[int, int], frozenset[int]] = {}
    for table in (shapes.rows(layout), shapes.parts(layout)):
        for day, booked, epoch in connection.execute(select(table.c.day, table.c.booked, table.c.epoch).distinct()):
            found[day, booked] = found.get((day, booked), frozenset()) | {epoch}
    return found


def booked_of(connection: Connection, layout: RollupLayout, day: int) -> set[tuple[int, int]]:
    """Give every (day, booked) of one day that a generation has any rows or parts of."""
    tables = (shapes.rows(layout), shapes.parts(layout))
    found = (connection.execute(select(table.c.booked).where(table.c.day == day).distinct()) for table in tables)
    return {(day, booked) for rows in found for (booked,) in rows}


def definition_digest(text: str) -> str:
    """Give the hash of a definition as it is stored."""
    return hashlib.sha256(text.encode()).hexdigest()


def cover(connection: Connection, covered: Iterable[Covered]) -> None:
    """Note under which seals generations cover days."""
    every = ({**vars(one), "table_name": one.table} for one in covered)
    upsert(connection, rolled, [{c.name: one[c.name] for c in rolled.columns} for one in every])


def coverage(connection: Connection, table: str, first: int, last: int) -> dict[int, Covered]:
    """Give the days of a range that a generation covers."""
    query = select(rolled).where(rolled.c.table_name == table, rolled.c.day.between(first, last))
    return {
        r.day: Covered(table=table, day=r.day, seal=r.seal, rows=r.rows, content=r.content, parts=r.parts)
        for r in connection.execute(query)
    }


def covered_days(connection: Connection, stream: str) -> dict[str, int]:
    """Give how many days each generation of a stream covers, by its table; those that cover none are left out."""
    mine = select(generations.c.table_name).where(generations.c.stream == stream)
    query = select(rolled.c.table_name, func.count()).where(rolled.c.table_name.in_(mine))
    rows: list[Any] = [*connection.execute(query.group_by(rolled.c.table_name))]
    return dict(rows)


def covering(connection: Connection, stream: str, day: int) -> list[tuple[Generation, Covered]]:
    """Give every generation that covers a day, the newest last."""
    found = ((g, coverage(connection, g.table, day, day)) for g in known(connection, stream))
    return [(g, covered[day]) for g, covered in found if day in covered]


def uncover(connection: Connection, generation: Generation, day: int) -> None:
    """Take a day's figures out of a generation that newer definitions replace.

    That something of it was shown, and with how many people, is kept: nobody must find it out by subtracting.
    """
    for suffix in _SUFFIXES:
        connection.exec_driver_sql(f'DELETE FROM "{generation.table}{suffix}" WHERE day = ?', (day,))
    connection.execute(delete(rolled).where(rolled.c.table_name == generation.table, rolled.c.day == day))
    mine = (published.c.table_name == generation.table, published.c.day == day)
    connection.execute(delete(published).where(*mine, published.c.state == "withheld"))
    connection.execute(update(published).where(*mine).values(state=DROPPED))


def publish(connection: Connection, shown: Iterable[Published]) -> None:
    """Fix what guarded callers are shown of days."""
    every = ({**vars(one), "table_name": one.table, "seen": json.dumps(one.seen)} for one in shown)
    upsert(connection, published, [{c.name: one[c.name] for c in published.columns} for one in every])


def publications(connection: Connection, table: str, first: int, last: int) -> dict[int, Published]:
    """Give what is published of a range of days."""
    query = select(published).where(published.c.table_name == table, published.c.day.between(first, last))
    return {
        r.day: Published(
            table=table,
            day=r.day,
            state=r.state,
            at=r.at,
            k=r.k,
            people=r.people,
            largest=r.largest,
            seen=tuple(json.loads(r.seen)),
        )
        for r in connection.execute(query.order_by(published.c.day))
    }


def atom_days(connection: Connection, layout: RollupLayout) -> set[tuple[int, int]]:
    """Give every (day, booked) that anything is shown of."""
    table = shapes.atoms(layout)
    return {(day, booked) for day, booked in connection.execute(select(table.c.day, table.c.booked).distinct())}


def booked_rows(connection: Connection, layout: RollupLayout, day: int) -> list[dict[str, Any]]:
    """Give the rows of a day's corrections."""
    return _corrections(connection, shapes.rows(layout), day)


def booked_atoms(connection: Connection, layout: RollupLayout, day: int) -> list[dict[str, Any]]:
    """Give what is shown of a day's corrections."""
    return _corrections(connection, shapes.atoms(layout), day)


def show(connection: Connection, layout: RollupLayout, atom: Mapping[str, object]) -> None:
    """Put one atom in place of the one with its key."""
    upsert(connection, shapes.atoms(layout), [atom])


def totals(
    connection: Connection, table: str, names: Sequence[str], *, of: tuple[int, int], booked: tuple[int, int]
) -> tuple[int, ...]:
    """Add up columns over the rows of some days that were booked on some days; what has no value adds nothing."""
    sums = ", ".join(f'coalesce(SUM("{name}"), 0)' for name in names)
    statement = f'SELECT {sums} FROM "{table}" WHERE day BETWEEN ? AND ? AND booked BETWEEN ? AND ?'
    (row,) = fetch(connection, statement, (*of, *booked))
    return row


def run(connection: Connection, sql: str, parameters: Sequence[object]) -> Rows:
    """Run a compiled statement over rolled rows."""
    return fetch(connection, sql, tuple(parameters))


def expire(connection: Connection, generation: Generation, before: int) -> int:
    """Delete a generation's figures of days before one; give how many days went."""
    for suffix in _SUFFIXES:
        connection.exec_driver_sql(f'DELETE FROM "{generation.table}{suffix}" WHERE day < ?', (before,))
    mine = published.c.table_name == generation.table
    connection.execute(delete(published).where(mine, published.c.day < before))
    gone = connection.execute(delete(rolled).where(rolled.c.table_name == generation.table, rolled.c.day < before))
    return gone.rowcount


def _corrections(connection: Connection, table: Table, day: int) -> list[dict[str, Any]]:
    names = [c.name for c in table.columns]
    found = connection.execute(select(table).where(table.c.day == day, table.c.booked != day))
    return [dict(zip(names, row, strict=True)) for row in found]


def _read(
    connection: Connection, table: Table, names: Sequence[str], keys: Sequence[str], day: int, booked: int
) -> Rows:
    listed, order = (", ".join(f'"{n}"' for n in part) for part in (names, (*keys, "day")))
    statement = f'SELECT {listed} FROM "{table.name}" WHERE day = ? AND booked = ? ORDER BY {order}'
    return fetch(connection, statement, (day, booked))
