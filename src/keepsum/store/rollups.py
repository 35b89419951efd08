"""Rolled rows: written by day and generation, read back for proof, and asked."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, Table, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from keepsum.model.catalog import definition, definition_hash
from keepsum.model.layout import RollupLayout
from keepsum.model.ledger import canonical
from keepsum.model.rollup import Rollup
from keepsum.store import shapes
from keepsum.store.database import fetch
from keepsum.store.tables import generations, published, rolled

Rows = list[tuple[Any, ...]]
DROPPED = "dropped"  # shown once, under a definition that another replaced
ALWAYS = (-(10**7), 10**7)  # a range of days that holds all there are


@dataclass(frozen=True, kw_only=True)
class Generation:
    """One definition of a rollup that has (or had) a table; the newest has the highest id."""

    id: int
    rollup: str
    stream: str
    table: str
    definition_hash: str
    definition: str


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
    """Give a rollup's definition its tables, once."""
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
    connection.execute(insert(generations).values(values).on_conflict_do_nothing())


def forget_unused(connection: Connection, stream: str, wanted: Collection[Rollup]) -> None:
    """Drop the generations of a stream that cover no day and are not declared any more, tables and all."""
    declared = {RollupLayout(rollup=rollup).table for rollup in wanted}
    for generation in known(connection, stream):
        if generation.table not in declared and not coverage(connection, generation.table, *ALWAYS):
            connection.execute(delete(generations).where(generations.c.id == generation.id))
            for suffix in ("", shapes.PARTS, shapes.ATOMS):
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
        )
        for r in connection.execute(query)
    ]


def replace(
    connection: Connection, layout: RollupLayout, day: int, rows: pa.Table, parts: pa.Table, *, epoch: int
) -> None:
    """Put a day's rows and parts, of an epoch, in place of what the generation had of its records; corrections stay."""
    main, at_grains = shapes.rows(layout), shapes.parts(layout)
    for table in (main, at_grains):
        connection.execute(delete(table).where(table.c.day == day, table.c.booked == day))
    _insert(connection, main, rows, {"epoch": epoch, "booked": day})
    _insert(connection, at_grains, parts, {"epoch": epoch, "booked": day})


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


def replace_atoms(connection: Connection, layout: RollupLayout, day: int, atoms: pa.Table) -> None:
    """Put a day's atoms in place of the published ones."""
    table = shapes.atoms(layout)
    connection.execute(delete(table).where(table.c.day == day, table.c.booked == day))
    _insert(connection, table, atoms, {"booked": day})


def booked_days(connection: Connection, layout: RollupLayout) -> dict[tuple[int, int], frozenset[int]]:
    """Give every (day, booked) that a generation has any rows or parts of, with the epochs of these."""
    found: dict[tuple[int, int], frozenset[int]] = {}
    for table in (shapes.rows(layout), shapes.parts(layout)):
        for day, booked, epoch in connection.execute(select(table.c.day, table.c.booked, table.c.epoch).distinct()):
            found[day, booked] = found.get((day, booked), frozenset()) | {epoch}
    return found


def definition_digest(text: str) -> str:
    """Give the hash of a definition as it is stored."""
    return hashlib.sha256(text.encode()).hexdigest()


def cover(connection: Connection, covered: Covered) -> None:
    """Note under which seal a generation covers a day."""
    values = {
        "table_name": covered.table,
        "day": covered.day,
        "seal": covered.seal,
        "rows": covered.rows,
        "content": covered.content,
        "parts": covered.parts,
    }
    upsert(connection, rolled, [values])


def coverage(connection: Connection, table: str, first: int, last: int) -> dict[int, Covered]:
    """Give the days of a range that a generation covers."""
    query = select(rolled).where(rolled.c.table_name == table, rolled.c.day.between(first, last))
    return {
        r.day: Covered(table=table, day=r.day, seal=r.seal, rows=r.rows, content=r.content, parts=r.parts)
        for r in connection.execute(query)
    }


def covering(connection: Connection, stream: str, day: int) -> list[tuple[Generation, Covered]]:
    """Give every generation that covers a day, the newest last."""
    found = ((g, coverage(connection, g.table, day, day)) for g in known(connection, stream))
    return [(g, covered[day]) for g, covered in found if day in covered]


def uncover(connection: Connection, generation: Generation, day: int) -> None:
    """Take a day's figures out of a generation that newer definitions replace.

    That something of it was shown, and with how many people, is kept: nobody must find it out by subtracting.
    """
    for suffix in ("", shapes.PARTS, shapes.ATOMS):
        connection.exec_driver_sql(f'DELETE FROM "{generation.table}{suffix}" WHERE day = ?', (day,))
    connection.execute(delete(rolled).where(rolled.c.table_name == generation.table, rolled.c.day == day))
    mine = (published.c.table_name == generation.table, published.c.day == day)
    connection.execute(delete(published).where(*mine, published.c.state == "withheld"))
    connection.execute(update(published).where(*mine).values(state=DROPPED))


def publish(connection: Connection, shown: Published) -> None:
    """Fix what guarded callers are shown of a day."""
    values = {**vars(shown), "table_name": shown.table, "seen": json.dumps(shown.seen)}
    del values["table"]
    upsert(connection, published, [values])


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


def run(connection: Connection, sql: str, parameters: Sequence[object]) -> Rows:
    """Run a compiled statement over rolled rows."""
    return fetch(connection, sql, tuple(parameters))


def expire(connection: Connection, layout: RollupLayout, before: int) -> int:
    """Delete a generation's figures of days before one; give how many days went."""
    tables = (shapes.rows(layout), shapes.parts(layout), shapes.atoms(layout))
    for table in tables:
        connection.execute(delete(table).where(table.c.day < before))
    connection.execute(delete(published).where(published.c.table_name == layout.table, published.c.day < before))
    gone = connection.execute(delete(rolled).where(rolled.c.table_name == layout.table, rolled.c.day < before))
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


def _insert(connection: Connection, table: Table, rows: pa.Table, constants: Mapping[str, object]) -> None:
    if not rows.num_rows:
        return
    names = [c.name for c in table.columns]
    listed = ", ".join(f'"{n}"' for n in names)
    marks = ", ".join("?" * len(names))
    columns = [[constants[n]] * rows.num_rows if n in constants else rows.column(n).to_pylist() for n in names]
    statement = f'INSERT INTO "{table.name}" ({listed}) VALUES ({marks})'
    connection.exec_driver_sql(statement, list(zip(*columns, strict=True)))
